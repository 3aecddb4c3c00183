import { mockAdapter, virtualTime, type MockReply } from '@turnout/testing'
import { describe, expect, it } from 'vitest'
import {
  createGateway,
  type GatewayEvent,
  type GatewayOptions,
  type Limits,
  type ReloadOptions,
} from '../index.js'

const messages = [{ role: 'user', content: 'Hello there!' }] as const
const ask = { model: 'r', messages, max_tokens: 50 } as const
const slow: MockReply = { text: 'Fine.', headersDelayMs: 100 }

function setUp(limits: Limits, more: Partial<GatewayOptions> = {}) {
  const a = mockAdapter(slow, { name: 'a' })
  const gateway = createGateway({ providers: { a }, routes: { r: ['a/m'] }, limits, ...more })
  const heard: GatewayEvent[] = []
  for (const name of ['queue-shed', 'limit-reached', 'pressure-change'] as const)
    gateway.on(name, (event) => heard.push(event as GatewayEvent))
  return { gateway, heard }
}

describe('what the limits do is seen', () => {
  it('by health(): limits, use, queue by class, who was sent away', async () => {
    using time = virtualTime()
    const { gateway } = setUp({ all: { concurrent: 2 } }, { queue: { maxEntries: 3 } })
    const calls = (['low', 'low', 'low', 'normal', 'high', 'high'] as const).map(async (priority) =>
      gateway.chat(ask, { priority }).catch(() => {}),
    )
    await time.advance(10)
    const health = gateway.health()
    expect(health.map(({ provider, model }) => `${provider}/${model}`)).toEqual(['a/m'])
    expect(health.limits).toEqual(gateway.limits())
    expect(health.limits).toMatchObject([{ limit: 'all', used: { concurrent: 2 }, max: { concurrent: 2 } }])
    expect(health.queue).toMatchObject({
      waiting: { critical: 0, high: 2, normal: 1, low: 0, batch: 0 },
      shed: { critical: 0, high: 0, normal: 0, low: 1, batch: 0 },
      longestWaitMs: 10,
    })
    expect(health.pressure).toBeNull()
    expect(JSON.parse(JSON.stringify(health))).toMatchObject({
      targets: [{ provider: 'a' }],
      limits: [{ limit: 'all' }],
      queue: { waiting: { high: 2 } },
      pressure: null,
    })
    await time.settle(Promise.all(calls))
    await time.settle(gateway.close())
  })

  it('by health(): how the host fares, where that is measured', async () => {
    const { gateway } = setUp({ all: { concurrent: 2 } }, { queue: { shedUnderPressure: true } })
    expect(gateway.health().pressure).toEqual({ shedBelow: null, loopDelayMs: 0, heapShare: 0 })
    gateway.reload({ queue: {} })
    expect(gateway.health().pressure).toBeNull()
    await gateway.close()
  })

  it('as an event for each call that is shed, with its reason', async () => {
    using time = virtualTime()
    const { gateway, heard } = setUp({ all: { concurrent: 1 } }, { queue: { maxEntries: 1, maxWaitMs: 50 } })
    const call = async (requestId: string, priority: 'low' | 'high', tenant?: string) =>
      gateway.chat(ask, { requestId, priority, ...(tenant !== undefined && { tenant }) }).catch(() => {})
    const calls = [call('runs', 'high'), call('first', 'low', 'acme')]
    await time.advance(10)
    calls.push(call('second', 'low', 'acme'), call('third', 'high'))
    await time.advance(60)
    const shed = heard.filter(({ type }) => type === 'queue-shed')
    expect(shed).toEqual([
      {
        type: 'queue-shed',
        requestId: 'second',
        priority: 'low',
        tenant: 'acme',
        reason: 'full',
        waitedMs: 0,
        retryAfterMs: expect.any(Number) as number,
      },
      expect.objectContaining({ requestId: 'first', reason: 'shed', waitedMs: 10 }),
      expect.objectContaining({ requestId: 'third', reason: 'waited', waitedMs: 50, priority: 'high' }),
    ])
    await time.settle(Promise.all(calls))
    await time.settle(gateway.close())
  })

  it('as an event when a limit has no room, once a second for each', async () => {
    using time = virtualTime()
    const { gateway, heard } = setUp(
      { each: { per: 'tenant', requests: 1, windowMs: 10_000 }, model: { per: 'model', concurrent: 2 } },
      { queue: { maxEntries: 0 } },
    )
    const call = async (tenant: string) => gateway.chat(ask, { tenant }).catch(() => {})
    await time.settle(call('acme'))
    await Promise.all(Array.from({ length: 100 }, async () => call('acme')))
    const told = () => heard.filter(({ type }) => type === 'limit-reached')
    expect(told()).toMatchObject([
      { limit: 'each', scope: ['acme'], what: 'requests', max: 1, windowMs: 10_000, retryAfterMs: 9_900 },
    ])
    await time.settle(Promise.all(['x', 'y', 'z'].map(call)))
    expect(told()[1]).toMatchObject({
      limit: 'model',
      scope: ['a/m'],
      what: 'concurrent',
      retryAfterMs: null,
    })
    await time.advance(1_000)
    await call('acme')
    expect(told()).toHaveLength(3)
    await time.settle(gateway.close())
  })

  it('of a request that is larger than a limit ever allows nothing is told: its error says it', async () => {
    const { gateway, heard } = setUp({ all: { outputTokens: 10 } })
    await expect(gateway.chat(ask)).rejects.toMatchObject({ code: 'rate_limited' })
    expect(heard).toEqual([])
    await gateway.close()
  })
})

/** A thousand calls take a second of a machine that has nothing else to do. */
describe('reload and the queue', { timeout: 60_000 }, () => {
  it('loses none of 1,000 waiting calls, and lets them out by the new limits (F46)', async () => {
    using time = virtualTime()
    const { gateway } = setUp({ all: { concurrent: 10 } }, { queue: { maxEntries: 2_000 } })
    const calls = Promise.allSettled(Array.from({ length: 1_010 }, async () => gateway.chat(ask)))
    await time.advance(10)
    expect(gateway.queue().waiting.normal).toBe(1_000)
    const b = mockAdapter(slow, { name: 'b' })
    gateway.reload({ providers: { b }, routes: { r: ['b/m'] }, limits: { all: { concurrent: 500 } } })
    await time.advance(50)
    expect(gateway.limits()).toMatchObject([{ used: { concurrent: 500 }, max: { concurrent: 500 } }])
    const ends = await time.settle(calls)
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1_010)
    expect(time.elapsedMs()).toBeLessThan(500)
    expect(gateway.limits()).toMatchObject([{ used: { concurrent: 0 } }])
    expect((await time.settle(gateway.chat(ask))).gateway.provider).toBe('b')
    await time.settle(gateway.close())
  })

  it.each<[string, ReloadOptions]>([
    ['all limits go', { limits: {} }],
    ['a limit of another name counts', { limits: { other: { concurrent: 50 } } }],
    ['a limit counts by another scope', { limits: { all: { per: 'tenant', concurrent: 50 } } }],
    ['a limit counts by rate', { limits: { all: { requests: 400, windowMs: 1_000 } } }],
    ['only the queue changes', { queue: { maxEntries: 1_500, maxWaitMs: 500_000 } }],
  ])('waiting calls go on when %s', async (_what, changes) => {
    using time = virtualTime()
    const { gateway } = setUp({ all: { concurrent: 10 } }, { queue: { maxEntries: 2_000 } })
    const calls = Promise.allSettled(
      Array.from({ length: 1_010 }, async (_, i) => gateway.chat(ask, { tenant: `t${i % 3}` })),
    )
    await time.advance(10)
    expect(gateway.queue().waiting.normal).toBe(1_000)
    gateway.reload(changes)
    const ends = await time.settle(calls)
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1_010)
    await time.settle(gateway.close())
  })

  it('a lower bound sheds the lowest classes, the newest first', async () => {
    using time = virtualTime()
    const { gateway, heard } = setUp({ all: { concurrent: 1 } }, { queue: { maxEntries: 10 } })
    const calls = ['high', 'high', 'low', 'low', 'normal', 'normal', 'batch'].map(async (priority, i) =>
      gateway.chat(ask, { priority: priority as 'low', requestId: `${priority}-${i}` }).catch(() => {}),
    )
    await time.advance(10)
    gateway.reload({ queue: { maxEntries: 3 } })
    expect(gateway.queue().waiting).toEqual({ critical: 0, high: 1, normal: 2, low: 0, batch: 0 })
    expect(heard.map((event) => 'requestId' in event && event.requestId)).toEqual([
      false, // the limit itself
      'batch-6',
      'low-3',
      'low-2',
    ])
    await time.settle(Promise.all(calls))
    await time.settle(gateway.close())
  })
})
