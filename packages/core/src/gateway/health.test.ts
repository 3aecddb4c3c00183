import * as z from 'zod'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { delta, good, role, stop, steppedAdapter, text, type Step } from '../../test/stepped-adapter.js'
import {
  createGateway,
  GatewayError,
  isGatewayError,
  type Adapter,
  type Gateway,
  type GatewayEvent,
  type HealthObservation,
  type HealthStore,
  type TargetHealth,
} from '../index.js'

const messages = [{ role: 'user', content: 'Hello?' }] as const
const down: readonly Step[] = [{ fail: { code: 'upstream_error', status: 500 } }]
const empty: readonly Step[] = [[role], [stop]]
const badCall = delta({
  tool_calls: [{ index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":' } }],
})

const heard = (gateway: Gateway): GatewayEvent[] => {
  const events: GatewayEvent[] = []
  gateway.on('health-change', (event) => events.push(event))
  return events
}
const healthOf = (gateway: Gateway, name: string): TargetHealth => {
  const found = gateway.health().find(({ provider, model }) => `${provider}/${model}` === name)
  if (!found) throw new Error(`${name} is not there`)
  return found
}
/** Runs the timers of a call that waits, to its end. */
const settled = async <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => {})
  await vi.advanceTimersByTimeAsync(60_000)
  return promise
}
const repeat = async (times: number, call: () => Promise<unknown>): Promise<void> => {
  for (let at = 0; at < times; at++) await call()
}

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance', 'Date'],
  })
})
afterEach(() => {
  // oxlint-disable-next-line vitest/no-standalone-expect -- holds for every test here: a gateway cleans up after itself
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('gateway.health()', () => {
  it('lists configured targets before anybody has asked them, and others once they were', async () => {
    const gateway = createGateway({
      providers: { a: steppedAdapter([good()]), b: steppedAdapter([good()]) },
      routes: { talk: ['a/m1', 'b/m1'] },
    })
    const names = () =>
      gateway.health().map(({ provider, model, requests }) => `${provider}/${model} ${requests}`)
    expect(names()).toEqual(['a/m1 0', 'b/m1 0'])
    await gateway.chat({ model: 'b/other', messages })
    await gateway.chat({ model: 'talk', messages })
    expect(names()).toEqual(['a/m1 1', 'b/m1 0', 'b/other 1'])
  })

  it('counts what failed, and shows times of answers', async () => {
    const slow: readonly Step[] = [{ waitMs: 200 }, [role], [text('Hi')], { waitMs: 800 }, [stop]]
    const gateway = createGateway({
      providers: { a: steppedAdapter([down, slow]), b: steppedAdapter([good()]) },
      retry: { maxPerTarget: 1 },
      routes: { talk: ['a/m1', 'b/m1'] },
    })
    await gateway.chat({ model: 'talk', messages })
    await settled(gateway.stream({ model: 'talk', messages }).text())
    const { state, requests, errorRate, firstContentMs, totalMs } = healthOf(gateway, 'a/m1')
    expect({ state, requests, errorRate }).toEqual({ state: 'healthy', requests: 2, errorRate: 0.5 })
    expect(firstContentMs?.p50).toBeCloseTo(200, -2)
    expect(totalMs?.p50).toBeCloseTo(1_000, -2)
    expect(healthOf(gateway, 'b/m1')).toMatchObject({ requests: 1, errorRate: 0, firstContentMs: null })
  })

  it("leaves out the caller's abort and faults", async () => {
    const refused: readonly Step[] = [{ fail: { code: 'invalid_request', status: 400 } }]
    const gateway = createGateway({ providers: { a: steppedAdapter([[{ hang: true }], refused]) } })
    const controller = new AbortController()
    const aborted = gateway.chat({ model: 'a/m1', messages }, { signal: controller.signal })
    await vi.advanceTimersByTimeAsync(10)
    controller.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'aborted' })
    await expect(gateway.chat({ model: 'a/m1', messages })).rejects.toMatchObject({ code: 'invalid_request' })
    expect(healthOf(gateway, 'a/m1')).toMatchObject({ requests: 0, errorRate: null })
  })

  it('shows an open breaker and a cooldown', async () => {
    const limited: readonly Step[] = [
      { fail: { code: 'quota_exhausted', status: 429, retryAfterMs: 90_000 } },
    ]
    const gateway = createGateway({
      providers: { a: steppedAdapter([down]), b: steppedAdapter([limited]) },
      retry: { maxPerTarget: 1 },
      breaker: { minRequests: 2, openMs: 10_000, maxOpenMs: 10_000 },
    })
    await repeat(2, () => gateway.chat({ model: 'a/m1', messages }).catch(() => {}))
    await gateway.chat({ model: 'b/m1', messages }).catch(() => {})
    await vi.advanceTimersByTimeAsync(4_000)
    expect(healthOf(gateway, 'a/m1')).toMatchObject({
      state: 'open',
      errorRate: 1,
      breaker: { state: 'open', retryAfterMs: 6_000 },
    })
    expect(healthOf(gateway, 'b/m1')).toMatchObject({
      state: 'cooling',
      cooldown: { retryAfterMs: 86_000, reason: 'quota_exhausted' },
    })
    await vi.advanceTimersByTimeAsync(6_001)
    expect(healthOf(gateway, 'a/m1')).toMatchObject({ state: 'probing', breaker: { state: 'half-open' } })
    await gateway.close()
  })
})

describe('a model that gets worse', () => {
  it('is left for the next one, is told of, and comes back', async () => {
    const first = steppedAdapter([...Array.from({ length: 10 }, () => empty), good()])
    const second = steppedAdapter([good()])
    const gateway = createGateway({
      providers: { first, second },
      routes: { talk: ['first/m1', 'second/m1'] },
    })
    const events = heard(gateway)
    const ask = () => gateway.chat({ model: 'talk', messages })
    await repeat(10, ask)
    expect(second.calls).toHaveLength(0)
    const { gateway: meta } = await ask()
    expect(meta.provider).toBe('second')
    expect(meta.trace.candidates.map(({ provider, reason }) => `${provider}: ${reason}`)).toEqual([
      'second: first in order',
      'first: fallback 1: it is degraded',
    ])
    expect(healthOf(gateway, 'first/m1')).toMatchObject({ state: 'degraded', errorRate: 0 })
    await vi.advanceTimersByTimeAsync(7 * 60_000)
    expect((await ask()).gateway.provider).toBe('first')
    expect(events).toMatchObject([
      { type: 'health-change', provider: 'first', model: 'm1', from: 'healthy', to: 'degraded' },
      { type: 'health-change', provider: 'first', model: 'm1', from: 'degraded', to: 'healthy' },
    ])
  })

  const score = async (
    steps: readonly Step[],
    call: (gateway: Gateway) => Promise<unknown>,
  ): Promise<number> => {
    const gateway: Gateway = createGateway({
      providers: { a: steppedAdapter([steps]) },
      retry: { maxPerTarget: 1 },
    })
    await call(gateway).catch(() => {})
    const { score: seen, samples } = healthOf(gateway, 'a/m1').quality
    return samples === 0 ? NaN : seen
  }
  const chat = (gateway: Gateway) => gateway.chat({ model: 'a/m1', messages })
  const cut: readonly Step[] = [[role], [text('Once')], [delta({}, 'length')]]
  const schema = z.object({ title: z.string() })

  it.each<[string, readonly Step[], (gateway: Gateway) => Promise<unknown>, number]>([
    ['a good answer', good(), chat, 1],
    ['a good stream', good(), (gateway) => gateway.stream({ model: 'a/m1', messages }).text(), 1],
    ['an empty answer', empty, chat, 0],
    ['an answer cut off', cut, chat, 0.5],
    [
      'an answer cut off where the caller wanted it',
      cut,
      (gateway) => gateway.chat({ model: 'a/m1', messages, max_tokens: 3 }),
      NaN,
    ],
    ['a call with half its arguments', [[role], [badCall], [delta({}, 'tool_calls')]], chat, 0],
    [
      'an answer that was not accepted',
      good(),
      (gateway) => gateway.chat({ model: 'a/m1', messages }, { accept: () => false }),
      0,
    ],
    [
      'an answer that was accepted',
      good(),
      (gateway) => gateway.chat({ model: 'a/m1', messages }, { accept: () => true }),
      1,
    ],
    [
      'an object that does not match',
      good('{"name":1}'),
      (gateway) => gateway.object({ model: 'a/m1', messages, schema }),
      0,
    ],
    [
      'an object that matches',
      good('{"title":"x"}'),
      (gateway) => gateway.object({ model: 'a/m1', messages, schema }),
      1,
    ],
    ['no answer at all', down, chat, NaN],
  ])('%s counts', async (_name, steps, call, expected) => {
    expect(await score(steps, call)).toBe(expected)
  })

  it("takes the provider's default limit for the caller's", async () => {
    const gateway = createGateway({
      providers: { a: { adapter: steppedAdapter([cut]), defaults: { max_tokens: 3 } } },
    })
    await gateway.chat({ model: 'a/m1', messages })
    expect(healthOf(gateway, 'a/m1').quality.samples).toBe(0)
  })
})

describe('gateway.feedback()', () => {
  it('counts for the target that answered, once', async () => {
    const gateway = createGateway({
      providers: { a: steppedAdapter([down]), b: steppedAdapter([good()]) },
      retry: { maxPerTarget: 1 },
      routes: { talk: ['a/m1', 'b/m1'] },
    })
    const answer = await gateway.chat({ model: 'talk', messages })
    expect(gateway.feedback(answer.gateway.requestId, 'bad')).toBe(true)
    expect(gateway.feedback(answer.gateway.requestId, 'bad')).toBe(false)
    expect(gateway.feedback('req_unknown', 'good')).toBe(false)
    expect(healthOf(gateway, 'b/m1').quality).toEqual({ score: 0.5, samples: 2 })
    expect(healthOf(gateway, 'a/m1').quality.samples).toBe(0)
  })

  it('works for streams by the id in their last chunk', async () => {
    const gateway = createGateway({ providers: { a: steppedAdapter([good()]) } })
    await gateway.stream({ model: 'a/m1', messages }, { requestId: 'mine' }).text()
    expect(gateway.feedback('mine', { score: 0.5 })).toBe(true)
  })

  it('refuses what is no feedback', () => {
    const gateway = createGateway({ providers: { a: steppedAdapter([good()]) } })
    expect(() => gateway.feedback('x', 'meh' as never)).toThrow(
      /^feedback: must be 'good', 'bad' or \{ score \}/,
    )
  })
})

describe('hedging', () => {
  it('learns from the answers how long to wait', async () => {
    const after = (waitMs: number): readonly Step[] => [
      { mark: 'connected' },
      { waitMs },
      [role],
      [text('Hi')],
      [stop],
    ]
    const first = steppedAdapter([...Array.from({ length: 40 }, () => after(100)), after(20_000)])
    const second = steppedAdapter([good()])
    const gateway = createGateway({
      providers: { first, second },
      routes: { talk: { targets: ['first/m1', 'second/m1'], hedge: { maxExtraLoad: 1 } } },
    })
    const ask = async () => {
      const stream = gateway.stream({ model: 'talk', messages })
      const startedAt = performance.now()
      const final = stream.final().then((answer) => ({ answer, tookMs: performance.now() - startedAt }))
      await vi.advanceTimersByTimeAsync(1_000)
      return final
    }
    await repeat(40, ask)
    expect(second.calls).toHaveLength(0)
    const { answer, tookMs } = await ask()
    expect(answer.gateway.provider).toBe('second')
    expect(tookMs).toBeGreaterThan(90)
    expect(tookMs).toBeLessThan(110)
    await vi.advanceTimersByTimeAsync(20_000) // the script of the loser
  })
})

describe('active checks', () => {
  const listing = (
    list: NonNullable<Adapter['listModels']>,
  ): Adapter & ReturnType<typeof steppedAdapter> => ({
    ...steppedAdapter([good()]),
    listModels: list,
  })
  const fails = () => Promise.reject(new GatewayError({ code: 'upstream_error', message: 'a: refused' }))

  it('put a provider that cannot be reached behind, until it is back', async () => {
    let isUp = false
    const a = listing(() => (isUp ? Promise.resolve([]) : fails()))
    const logged: string[] = []
    const gateway = createGateway({
      providers: { a, b: steppedAdapter([good()]) },
      routes: { talk: ['a/m1', 'b/m1'] },
      health: { checks: { intervalMs: 10_000 } },
      logger: {
        warn: (_facts, message) => void logged.push(`warn ${message}`),
        info: (_facts, message) => void logged.push(`info ${message}`),
      },
      random: () => 0.5,
    })
    const events = heard(gateway)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(healthOf(gateway, 'a/m1')).toMatchObject({
      state: 'healthy',
      lastCheck: { reachable: false, error: { code: 'upstream_error', message: 'a: refused' } },
    })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(healthOf(gateway, 'a/m1').state).toBe('unreachable')
    expect(healthOf(gateway, 'b/m1')).not.toHaveProperty('lastCheck')
    expect((await gateway.chat({ model: 'talk', messages })).gateway.provider).toBe('b')
    isUp = true
    await vi.advanceTimersByTimeAsync(10_000)
    expect((await gateway.chat({ model: 'talk', messages })).gateway.provider).toBe('a')
    expect(events).toMatchObject([
      { provider: 'a', from: 'healthy', to: 'unreachable', reason: 'checks of a fail: a: refused' },
      { provider: 'a', from: 'unreachable', to: 'healthy', reason: 'a answers again' },
    ])
    expect(logged).toEqual([
      'warn turnout: a/m1 is unreachable: checks of a fail: a: refused',
      'info turnout: a/m1 is healthy: a answers again',
    ])
    await gateway.close()
  })

  it("ask with the provider's own headers, within the limit, and stop with close()", async () => {
    const contexts: { provider: string; headers: unknown; signal: AbortSignal }[] = []
    const adapter = listing(({ provider, headers, signal }) => {
      contexts.push({ provider, headers, signal })
      return new Promise(() => {})
    })
    const gateway = createGateway({
      providers: { a: { adapter, defaults: { headers: { 'x-team': 'red' } } } },
      health: { checks: { intervalMs: 60_000, timeoutMs: 200 } },
      random: () => 0,
    })
    await vi.advanceTimersByTimeAsync(200)
    expect(contexts).toMatchObject([
      { provider: 'a', headers: { 'x-team': 'red' }, signal: { aborted: true } },
    ])
    await vi.advanceTimersByTimeAsync(54_000)
    expect(contexts).toHaveLength(2)
    const closed = gateway.close()
    expect(contexts[1]?.signal.aborted).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
    await closed
    await vi.advanceTimersByTimeAsync(600_000)
    expect(contexts).toHaveLength(2)
  })
})

describe('a health store of the host', () => {
  it('is told of everything, is asked for everything, and is closed', async () => {
    const told: HealthObservation[] = []
    let closed = 0
    const store: HealthStore = {
      async record(observation) {
        told.push(observation)
        return Promise.resolve()
      },
      qualityOf: ({ provider }) =>
        provider === 'a' ? { score: 0.1, samples: 99 } : { score: 1, samples: 9 },
      read: () => undefined,
      readAll: () => [],
      close: () => void closed++,
    }
    const gateway = createGateway({
      providers: { a: steppedAdapter([good()]), b: steppedAdapter([good()]) },
      routes: { talk: ['a/m1', 'b/m1'] },
      health: { store },
    })
    expect((await gateway.chat({ model: 'talk', messages })).gateway.provider).toBe('b')
    expect(told).toMatchObject([
      { kind: 'attempt', provider: 'b', model: 'm1', outcome: 'ok' },
      { kind: 'quality', provider: 'b', model: 'm1', worth: 1 },
    ])
    await gateway.close()
    expect(closed).toBe(1)
  })

  it('that fails harms no call', async () => {
    const boom = (): never => {
      throw new Error('redis is gone')
    }
    const logged: string[] = []
    const gateway = createGateway({
      providers: { a: steppedAdapter([good()]) },
      health: { store: { record: boom, qualityOf: boom, read: boom, readAll: boom } },
      logger: { error: (_facts, message) => void logged.push(message) },
    })
    expect((await gateway.chat({ model: 'a/m1', messages })).choices).toHaveLength(1)
    expect(gateway.health()).toMatchObject([{ provider: 'a', model: 'm1', state: 'healthy', requests: 0 }])
    expect(logged).toEqual(['turnout: the health store failed'])
  })
})

it.each<[string, unknown, string]>([
  ['an interval that would be a flood', { checks: { intervalMs: 10 } }, 'health.checks.intervalMs'],
  ['no interval', { checks: {} }, 'health.checks.intervalMs'],
  ['a misspelt option', { checks: { intervalMs: 1_000, timeout: 5 } }, 'health.checks.timeout'],
  ['half a store', { store: { record() {} } }, 'health.store'],
  ['a misspelt part', { check: {} }, 'health.check'],
])('refuses %s', (_name, health, path) => {
  let error: unknown
  try {
    createGateway({ providers: { a: steppedAdapter([good()]) }, health: health as never })
  } catch (thrown) {
    error = thrown
  }
  expect(isGatewayError(error, 'invalid_request')).toBe(true)
  expect(error).toMatchObject({ path })
})
