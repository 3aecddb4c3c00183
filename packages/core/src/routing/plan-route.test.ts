import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Adapter, ModelCapabilities } from '../contract/adapter.js'
import type { Standing } from '../contract/target-health.js'
import { isGatewayError } from '../errors/gateway-error.js'
import { planRoute } from './plan-route.js'
import { embeddingFacts, type RequestFacts } from './request-facts.js'
import { parseTarget, type RoutingTable } from './routing-table.js'

const FACTS: RequestFacts = { ...embeddingFacts('review'), needsEmbeddings: false }
const adapter = (models: readonly string[], can?: (model: string) => ModelCapabilities): Adapter => ({
  name: 'fake',
  models,
  chat: () => ({ next: () => Promise.resolve(undefined), cancel: () => {} }),
  ...(can && { capabilities: can }),
})
const table = (targets: readonly string[], adapters: Readonly<Record<string, Adapter>>): RoutingTable => ({
  adapters: new Map(Object.entries(adapters)),
  routes: new Map([
    [
      'review',
      { name: 'review', strategy: 'priority', targets: targets.flatMap((one) => parseTarget(one) ?? []) },
    ],
  ]),
})
const blind = adapter(['b'], () => ({ images: false }))
const seeing = adapter(['s'], () => ({ images: true }))

describe('planRoute', () => {
  it('keeps the order of the route and says why', () => {
    const plan = planRoute(FACTS, table(['x/s', 'y/b', 'x/new'], { x: seeing, y: blind }))
    expect(plan).toMatchObject({ route: 'review', strategy: 'priority' })
    expect(plan.candidates).toEqual([
      { provider: 'x', model: 's', adapter: seeing, unknownModel: false },
      { provider: 'y', model: 'b', adapter: blind, unknownModel: false },
      { provider: 'x', model: 'new', adapter: seeing, unknownModel: true },
    ])
    expect(plan.verdicts).toEqual([
      { provider: 'x', model: 's', eligible: true, reason: 'first in order' },
      { provider: 'y', model: 'b', eligible: true, reason: 'fallback 1' },
      { provider: 'x', model: 'new', eligible: true, reason: 'fallback 2' },
    ])
  })

  it('leaves out what cannot take the request, with the reason', () => {
    const facts = { ...FACTS, needsImages: true }
    const plan = planRoute(facts, table(['y/b', 'gone/z', 'x/s'], { x: seeing, y: blind }))
    expect(plan.candidates.map(({ provider }) => provider)).toEqual(['x'])
    expect(plan.verdicts).toEqual([
      { provider: 'x', model: 's', eligible: true, reason: 'first in order' },
      { provider: 'y', model: 'b', eligible: false, reason: 'the model takes no images' },
      { provider: 'gone', model: 'z', eligible: false, reason: 'the provider is not configured' },
    ])
  })

  it('names each target with its reason when none is left', () => {
    let error: unknown
    try {
      planRoute({ ...FACTS, needsImages: true }, table(['y/b', 'gone/z'], { y: blind }))
    } catch (thrown) {
      error = thrown
    }
    expect(isGatewayError(error, 'no_route')).toBe(true)
    expect(error).toMatchObject({
      path: 'model',
      message:
        'no target of "review" can take this request (y/b: the model takes no images; gone/z: the provider is not configured); add one that can, or change the request',
    })
  })

  it('plans for a model that was named itself', () => {
    const plan = planRoute({ ...FACTS, model: 'x/s' }, table([], { x: seeing }))
    expect(plan).toMatchObject({
      route: null,
      strategy: 'direct',
      candidates: [{ provider: 'x', model: 's' }],
    })
  })

  it('puts what is not healthy behind, says so, and drops nothing', () => {
    const health: Readonly<Record<string, Standing>> = { s: 'unreachable', b: 'degraded' }
    const of = table(['x/s', 'y/b', 'x/t', 'x/u'], { x: seeing, y: blind })
    const plan = planRoute(FACTS, of, ({ model }) => health[model] ?? 'healthy')
    expect(plan.candidates.map(({ model }) => model)).toEqual(['t', 'u', 'b', 's'])
    expect(plan.verdicts.map(({ model, reason }) => [model, reason])).toEqual([
      ['t', 'first in order'],
      ['u', 'fallback 1'],
      ['b', 'fallback 2: it is degraded'],
      ['s', 'fallback 3: it is unreachable'],
    ])
    expect(plan.verdicts.every(({ eligible }) => eligible)).toBe(true)
  })

  it('keeps the order where none is healthy', () => {
    const plan = planRoute(FACTS, table(['x/s', 'y/b'], { x: seeing, y: blind }), () => 'degraded')
    expect(plan.verdicts.map(({ model, reason }) => [model, reason])).toEqual([
      ['s', 'first in order, although degraded: none is healthy'],
      ['b', 'fallback 1: it is degraded'],
    ])
  })

  it('gives every target exactly one verdict, and the same plan for the same facts', () => {
    const target = fc
      .tuple(fc.constantFrom('x', 'y', 'gone'), fc.constantFrom('a', 'b', 'c'))
      .map((pair) => pair.join('/'))
    const targets = fc.uniqueArray(target, { minLength: 1 })
    const can = fc.func(fc.record({ tools: fc.boolean(), images: fc.boolean() }, { requiredKeys: [] }))
    const facts = fc
      .record({ needsTools: fc.boolean(), needsImages: fc.boolean() })
      .map((needs) => ({ ...FACTS, ...needs }))
    fc.assert(
      fc.property(targets, can, facts, (names, capabilities, asked) => {
        const of = table(names, { x: adapter(['a'], capabilities), y: adapter([]) })
        let plan
        try {
          plan = planRoute(asked, of)
        } catch (error) {
          if (isGatewayError(error, 'no_route')) return
          throw error
        }
        const named = plan.verdicts.map(({ provider, model }) => `${provider}/${model}`)
        expect([...named].sort()).toEqual([...names].sort())
        const eligible = plan.verdicts
          .filter((verdict) => verdict.eligible)
          .map(({ provider, model }) => `${provider}/${model}`)
        expect(plan.candidates.map(({ provider, model }) => `${provider}/${model}`)).toEqual(eligible)
        expect(eligible).toEqual(names.filter((name) => eligible.includes(name)))
        expect(planRoute(asked, of)).toEqual(plan)
      }),
    )
  })
})
