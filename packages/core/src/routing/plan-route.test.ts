import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { about, adapterWith, factsOf, stateOf, tableOf } from '../../test/routing-parts.js'
import type { RequestFacts, RoutingState, StrategyConfig } from '../contract/routing.js'
import type { Standing } from '../contract/target-health.js'
import { isGatewayError, type GatewayError } from '../errors/gateway-error.js'
import type { RouteConfig } from '../gateway/gateway-options.js'
import { planRoute } from './plan-route.js'

const blind = adapterWith(['b'], () => ({ images: false }))
const seeing = adapterWith(['s'], () => ({ images: true }))
const PROVIDERS = { x: seeing, y: blind }

interface Case {
  readonly route?: RouteConfig
  readonly others?: Readonly<Record<string, RouteConfig>>
  readonly facts?: Partial<RequestFacts>
  readonly state?: Partial<RoutingState>
  readonly random?: () => number
}
const plan = ({ route = ['x/s', 'y/b'], others, facts, state, random = () => 0.5 }: Case) =>
  planRoute(factsOf(facts), tableOf(PROVIDERS, { review: route, ...others }), stateOf(state), random)
const order = (one: Case) => plan(one).candidates.map(({ provider, model }) => `${provider}/${model}`)
const errorOf = (one: Case): GatewayError => {
  try {
    plan(one)
  } catch (error) {
    if (isGatewayError(error)) return error
    throw error
  }
  throw new Error('it was expected to fail')
}

describe('planRoute', () => {
  it('keeps the order of the route and says why', () => {
    const made = plan({ route: ['x/s', 'y/b', 'x/new'] })
    expect(made).toMatchObject({ route: 'review', strategy: 'priority' })
    expect(made.candidates).toEqual([
      { provider: 'x', model: 's', adapter: seeing, capabilities: { images: true } },
      { provider: 'y', model: 'b', adapter: blind, capabilities: { images: false } },
      { provider: 'x', model: 'new', adapter: seeing, capabilities: { images: true } },
    ])
    expect(made.verdicts).toEqual([
      { provider: 'x', model: 's', eligible: true, reason: 'first in order' },
      { provider: 'y', model: 'b', eligible: true, reason: 'fallback 1' },
      { provider: 'x', model: 'new', eligible: true, reason: 'fallback 2' },
    ])
  })

  it('asks those last of whose limit little is left, and says so', () => {
    const made = plan({
      route: ['x/s', 'y/b'],
      state: { roomShare: ({ provider }) => (provider === 'x' ? 0.04 : 0.05) },
    })
    expect(made.verdicts).toEqual([
      { provider: 'y', model: 'b', eligible: true, reason: 'first in order' },
      {
        provider: 'x',
        model: 's',
        eligible: true,
        reason: 'fallback 1; little is left of what its provider takes',
      },
    ])
  })

  it('leaves out what cannot take the request, with the reason', () => {
    const made = plan({ route: ['y/b', 'x/s'], facts: { needsImages: true } })
    expect(made.candidates.map(({ provider }) => provider)).toEqual(['x'])
    expect(made.verdicts).toEqual([
      { provider: 'x', model: 's', eligible: true, reason: 'first in order' },
      { provider: 'y', model: 'b', eligible: false, reason: 'the model takes no images' },
    ])
  })

  it('names each target with its reason when none is left', () => {
    const error = errorOf({ route: ['y/b', 'y/c'], facts: { needsImages: true } })
    expect(error).toMatchObject({
      code: 'no_route',
      path: 'model',
      message:
        'no target of "review" can take this request (y/b: the model takes no images; y/c: the model takes no images); add one that can, or change the request',
    })
  })

  it('plans for a model that was named itself', () => {
    expect(plan({ facts: { model: 'x/s' } })).toMatchObject({
      route: null,
      strategy: 'direct',
      candidates: [{ provider: 'x', model: 's' }],
    })
  })

  it('puts what is not healthy behind, says so, and drops nothing', () => {
    const health: Readonly<Record<string, Standing>> = { s: 'unreachable', b: 'degraded' }
    const standing: RoutingState['standing'] = ({ model }) => health[model] ?? 'healthy'
    const made = plan({ route: ['x/s', 'y/b', 'x/t', 'x/u'], state: { standing } })
    expect(made.candidates.map(({ model }) => model)).toEqual(['t', 'u', 'b', 's'])
    expect(made.verdicts.map(({ model, reason }) => [model, reason])).toEqual([
      ['t', 'first in order'],
      ['u', 'fallback 1'],
      ['b', 'fallback 2: it is degraded'],
      ['s', 'fallback 3: it is unreachable'],
    ])
  })

  it('keeps the order where none is healthy', () => {
    const made = plan({ state: { standing: () => 'degraded' } })
    expect(made.verdicts.map(({ model, reason }) => [model, reason])).toEqual([
      ['s', 'first in order, although degraded: none is healthy'],
      ['b', 'fallback 1: it is degraded'],
    ])
  })
})

describe('nested routes', () => {
  const others = {
    cheap: ['x/c1', 'x/c2'],
    strong: { targets: ['y/d1', 'x/c1'], strategy: 'priority' },
  } as const

  it('stand as blocks, each in its own order; a target counts where it stands first', () => {
    expect(order({ route: ['cheap', 'x/s', 'strong'], others })).toEqual(['x/c1', 'x/c2', 'x/s', 'y/d1'])
  })

  it('are ordered by what their first target is worth', () => {
    const prices: Readonly<Record<string, number>> = { c1: 3, c2: 1, s: 2, d1: 9 }
    const costUsd: RoutingState['costUsd'] = ({ model }) => about(prices[model] ?? 0)
    const route: RouteConfig = { targets: ['strong', 'cheap', 'x/s'], strategy: 'lowest-cost' }
    expect(order({ route, others, state: { costUsd } })).toEqual(['x/c2', 'x/s', 'y/d1', 'x/c1'])
  })

  it('may be left with nothing', () => {
    const made = plan({
      route: ['strong', 'x/s'],
      others: { strong: ['y/d1'] },
      facts: { needsImages: true },
    })
    expect(made.candidates.map(({ model }) => model)).toEqual(['s'])
    expect(made.verdicts).toHaveLength(2)
  })
})

describe('a route that stands in another one', () => {
  const home = { target: 'x/home', region: 'eu' } as const

  it('holds its own targets to what it requires', () => {
    const others = { eu: { targets: ['x/s', home], require: { region: 'eu' } } }
    const made = plan({ route: ['eu', 'y/b'], others })
    expect(made.candidates.map(({ model }) => model)).toEqual(['home', 'b'])
    expect(made.verdicts.at(-1)).toMatchObject({ model: 's', reason: 'its region is not known' })
  })

  it('adds its requirements to those of the call and of every route on the way', () => {
    const others = {
      outer: { targets: ['inner'], require: { capabilities: ['images'] } },
      inner: { targets: ['y/b', 'x/s', home], require: { region: 'eu' } },
    } as const
    expect(order({ route: ['outer'], others })).toEqual(['x/home'])
    const error = errorOf({ route: ['outer'], others, facts: { require: { region: 'us' } } })
    expect(error.message).toContain('x/home: it is in region eu, not us')
  })

  it('says nothing about its targets where they stand outside of it, before or behind', () => {
    const others = { eu: { targets: ['x/s'], require: { region: 'eu' } } }
    for (const route of [
      ['eu', 'x/s', 'y/b'],
      ['x/s', 'eu', 'y/b'],
    ]) {
      const made = plan({ route, others })
      expect(made.candidates.map(({ model }) => model)).toEqual(['s', 'b'])
      expect(made.verdicts).toHaveLength(2)
    }
  })

  it('lets nobody but the preferred provider answer where it binds', () => {
    const others = { mine: { targets: ['x/s', 'y/b'], preference: 'binding' } } as const
    const route = ['mine', 'x/c']
    expect(order({ route, others, facts: { preferredProvider: 'y' } })).toEqual(['y/b', 'x/c'])
    expect(order({ route, others })).toEqual(['x/s', 'y/b', 'x/c'])
    const own = { mine: { ...others.mine, preferredProvider: 'y' } }
    expect(order({ route, others: own })).toEqual(['y/b', 'x/c'])
  })

  it('pays no more than it says, nor than the call says', () => {
    const costUsd: RoutingState['costUsd'] = ({ model }) => about(model === 's' ? 2 : 1)
    const route = ['thrifty', 'x/c']
    const others = { thrifty: { targets: ['x/s', 'y/b'], maxCostUsd: 1 } }
    const made = plan({ route, others, state: { costUsd } })
    expect(made.candidates.map(({ model }) => model)).toEqual(['b', 'c'])
    expect(made.verdicts.at(-1)?.reason).toBe("it may cost $2, more than its route's maxCostUsd, $1")
    expect(order({ route, others, state: { costUsd }, facts: { maxCostUsd: 5 } })).toEqual(['y/b', 'x/c'])
    const refused = errorOf({
      route: ['thrifty'],
      others: { thrifty: { targets: ['x/s'], maxCostUsd: 1 } },
      state: { costUsd },
    })
    expect(refused).toMatchObject({ code: 'budget_exceeded', path: 'maxCostUsd' })
    expect(refused.message).toContain('can answer for what its route allows')
  })
})

describe('what the caller asks for', () => {
  it('moves the preferred provider to the front, where it can answer', () => {
    expect(order({ facts: { preferredProvider: 'y' } })).toEqual(['y/b', 'x/s'])
    expect(order({ facts: { preferredProvider: 'y', needsImages: true } })).toEqual(['x/s'])
    expect(order({ facts: { preferredProvider: 'nobody' } })).toEqual(['x/s', 'y/b'])
  })

  it('lets nobody else answer where the route makes the preference binding', () => {
    const route: RouteConfig = { targets: ['x/s', 'y/b'], preference: 'binding' }
    expect(order({ route, facts: { preferredProvider: 'y' } })).toEqual(['y/b'])
    expect(order({ route })).toEqual(['x/s', 'y/b'])
    expect(errorOf({ route, facts: { preferredProvider: 'z' } }).message).toContain('only z may answer')
  })

  it('prefers the cheap, the good or the quick, whatever the strategy of the route', () => {
    const state: Partial<RoutingState> = {
      costUsd: ({ model }) => about(model === 's' ? 2 : 1),
      quality: ({ model }) => (model === 's' ? 0.9 : 0.5),
      latencyMs: ({ model }) => (model === 's' ? 100 : 300),
    }
    expect(order({ state, facts: { require: { lowCost: true } } })).toEqual(['y/b', 'x/s'])
    expect(order({ state, facts: { require: { highQuality: true } } })).toEqual(['x/s', 'y/b'])
    expect(order({ state, facts: { require: { lowLatency: true } } })).toEqual(['x/s', 'y/b'])
    const both = plan({ state, facts: { require: { lowCost: true, lowLatency: true } } })
    expect(both.strategy).toBe('score')
    expect(both.verdicts[0]).toMatchObject({ model: 's', score: 0.75, terms: { cost: 0.5, latency: 1 } })
  })

  it('leaves out what costs more than maxCostUsd, and says so when nothing is left', () => {
    const costUsd: RoutingState['costUsd'] = ({ model }) => (model === 's' ? about(1) : null)
    const state = { costUsd }
    expect(order({ state, facts: { maxCostUsd: 1 } })).toEqual(['x/s'])
    // With a limit on the answer the upper bound counts.
    const error = errorOf({ state, facts: { maxCostUsd: 1, maxOutputTokens: 100 } })
    expect(error).toMatchObject({ code: 'budget_exceeded', path: 'maxCostUsd' })
    expect(error.message).toContain('x/s: it may cost $2, more than maxCostUsd')
    expect(error.message).toContain('y/b: its price is unknown')
  })
})

describe('as a function', () => {
  const strategies = fc.constantFrom<StrategyConfig>(
    'priority',
    'weighted',
    'lowest-cost',
    'lowest-latency',
    'least-busy',
    'sticky',
    'score',
    'explore',
    'by-complexity',
    { type: 'sticky', base: 'lowest-cost' },
    { type: 'explore', share: 0.5, base: 'least-busy' },
    { type: 'by-task', tasks: { chat: 'x/a' } },
    (targets) => [...targets].toReversed(),
  )
  const known = fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined })
  const standing = fc.constantFrom<Standing>('healthy', 'degraded', 'unreachable')
  const targets = fc.uniqueArray(
    fc.tuple(fc.constantFrom('x', 'y'), fc.constantFrom('a', 'b', 'c', 'd')).map((pair) => pair.join('/')),
    { minLength: 1 },
  )
  const facts = fc.record({
    needsImages: fc.boolean(),
    session: fc.constantFrom(undefined, 's1', 's2'),
    preferredProvider: fc.constantFrom(undefined, 'x', 'y'),
  })

  it('gives every target exactly one verdict, and the same plan for the same input, which it leaves alone', () => {
    fc.assert(
      fc.property(
        targets,
        strategies,
        facts,
        fc.func(fc.record({ images: fc.boolean() }, { requiredKeys: [] })),
        fc.func(known),
        fc.func(standing),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (names, strategy, asked, can, numberOf, standingOf, chance) => {
          const { session, preferredProvider, needsImages } = asked
          const request = Object.freeze(
            factsOf({
              needsImages,
              ...(session !== undefined && { session }),
              ...(preferredProvider !== undefined && { preferredProvider }),
            }),
          )
          const state = Object.freeze(
            stateOf({
              standing: ({ model }) => standingOf(model),
              costUsd: ({ model }) => {
                const cost = numberOf(model, 'cost')
                return cost === undefined ? null : about(cost)
              },
              latencyMs: ({ model }) => numberOf(model, 'ms'),
              inFlight: ({ model }) => numberOf(model, 'load') ?? 0,
              sessionTarget: () => ({ provider: 'x', model: 'b', cacheSavesUsd: 1 }),
            }),
          )
          const providers = { x: adapterWith(['a'], (model) => can(model)), y: adapterWith([]) }
          const half = names.slice(Math.ceil(names.length / 2))
          const table = tableOf(providers, {
            review: {
              targets: half.length > 0 ? [...names.slice(0, 1), 'nested', ...names.slice(1)] : names,
              strategy,
            },
            ...(half.length > 0 && { nested: { targets: half, strategy: 'lowest-cost' as const } }),
          })
          const once = () => {
            let draws = 0
            return planRoute(request, table, state, () => (chance * 7 + draws++ * 0.37) % 1)
          }
          let made
          try {
            made = once()
          } catch (error) {
            if (isGatewayError(error, 'no_route')) return
            throw error
          }
          const named = made.verdicts.map(({ provider, model }) => `${provider}/${model}`)
          expect([...named].sort()).toEqual([...names].sort())
          const eligible = made.verdicts.filter((verdict) => verdict.eligible)
          expect(made.candidates.map(({ provider, model }) => [provider, model])).toEqual(
            eligible.map(({ provider, model }) => [provider, model]),
          )
          expect(once()).toEqual(made)
        },
      ),
      { numRuns: 500 },
    )
  })
})
