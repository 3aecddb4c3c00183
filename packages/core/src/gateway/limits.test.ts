import { mockAdapter, virtualTime, type MockReply } from '@turnout/testing'
import { describe, expect, it } from 'vitest'
import { createGateway, isGatewayError, type GatewayOptions, type Limits } from '../index.js'

const messages = [{ role: 'user', content: 'Hello there!' }] as const
const ask = { model: 'r', messages, max_tokens: 50 } as const
const answer: MockReply = { text: 'Fine.', usage: { inputTokens: 10, outputTokens: 40 } }

function setUp(
  limits: Limits,
  replies: { a?: MockReply | MockReply[]; b?: MockReply } = {},
  more: Partial<GatewayOptions> = {},
) {
  const a = mockAdapter(replies.a ?? answer, { name: 'a' })
  const b = mockAdapter(replies.b ?? answer, { name: 'b' })
  const gateway = createGateway({
    providers: { a, b },
    routes: { r: ['a/m', 'b/m'], one: ['a/m'] },
    limits,
    queue: { maxEntries: 0 },
    ...more,
  })
  return { gateway, a, b }
}
const codes = (ends: readonly PromiseSettledResult<unknown>[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const end of ends) {
    const code = end.status === 'fulfilled' ? 'ok' : isGatewayError(end.reason) ? end.reason.code : 'raw'
    counts[code] = (counts[code] ?? 0) + 1
  }
  return counts
}

describe('limits of calls', () => {
  it('let so many run at once, and the next one when one has ended', async () => {
    using time = virtualTime()
    const { gateway, a } = setUp({ all: { concurrent: 5 } }, { a: { ...answer, headersDelayMs: 10 } })
    const burst = await time.settle(
      Promise.allSettled(Array.from({ length: 30 }, async () => gateway.chat(ask))),
    )
    expect(codes(burst)).toEqual({ ok: 5, rate_limited: 25 })
    expect(a.calls).toHaveLength(5)
    await time.settle(gateway.chat(ask))
    expect(gateway.limits()).toMatchObject([
      { limit: 'all', used: { concurrent: 0 }, max: { concurrent: 5 } },
    ])
    await time.settle(gateway.close())
  })

  it('hold a stream until its end, whichever it is', async () => {
    const { gateway } = setUp({ all: { concurrent: 1 } })
    const stream = gateway.stream(ask)
    const iterator = stream[Symbol.asyncIterator]()
    await iterator.next()
    await expect(gateway.chat(ask)).rejects.toMatchObject({ code: 'rate_limited' })
    await iterator.return?.()
    await gateway.chat(ask)
    await gateway.close()
  })

  it('count calls, not their attempts, for each tenant by itself, and say when there is room again', async () => {
    using time = virtualTime()
    const { gateway } = setUp(
      { each: { per: 'tenant', requests: 2, windowMs: 10_000 } },
      { a: { error: 'overloaded' } },
    )
    const chat = async (tenant: string) => gateway.chat(ask, { tenant })
    for (const tenant of ['x', 'x', 'y', 'y']) await time.settle(chat(tenant))
    const refused = await chat('x').catch((error: unknown) => error)
    expect(refused).toMatchObject({
      code: 'rate_limited',
      message: expect.stringContaining('limit "each" of tenant "x"'),
    })
    const { retryAfterMs = 0 } = refused as { retryAfterMs?: number }
    expect(retryAfterMs).toBeGreaterThan(5_000)
    await time.advance(retryAfterMs)
    await time.settle(chat('x'))
    await time.settle(gateway.close())
  })

  it('take the tokens that are expected, and correct them by what it was', async () => {
    const { gateway } = setUp({ all: { outputTokens: 100 } })
    await gateway.chat(ask)
    expect(gateway.limits()).toMatchObject([{ used: { outputTokens: 40 } }])
    await gateway.chat(ask)
    // 80 are taken; another 50 are expected.
    await expect(gateway.chat(ask)).rejects.toMatchObject({ code: 'rate_limited' })
    await gateway.close()
  })

  it('say that a request is larger than they will ever allow', async () => {
    const { gateway } = setUp({ all: { outputTokens: 20 } })
    await expect(gateway.chat(ask)).rejects.toMatchObject({
      code: 'rate_limited',
      retryable: false,
      message: expect.stringContaining('lower max_tokens'),
    })
    await gateway.close()
  })
})

describe('limits of targets', () => {
  it('send a call on to the next target that has room', async () => {
    const { gateway, a, b } = setUp({ each: { per: 'provider', requests: 2 } })
    const served: string[] = []
    for (let i = 0; i < 4; i++) served.push((await gateway.chat(ask)).gateway.provider)
    expect(served).toEqual(['a', 'a', 'b', 'b'])
    await expect(gateway.chat(ask)).rejects.toMatchObject({ code: 'rate_limited' })
    expect([a.calls.length, b.calls.length]).toEqual([2, 2])
    await gateway.close()
  })

  it('count every attempt: retries stop where there is no room for them', async () => {
    using time = virtualTime()
    const { gateway, a } = setUp({ each: { per: 'model', requests: 2 } }, { a: { error: 'overloaded' } })
    const { gateway: meta } = await time.settle(gateway.chat(ask))
    expect(meta.attempts.map(({ provider, kind }) => `${kind} ${provider}`)).toEqual([
      'first a',
      'retry a',
      'failover b',
    ])
    expect(a.calls).toHaveLength(2)
    await time.settle(gateway.close())
  })

  it('are passed over where they have no room', async () => {
    const { gateway } = setUp({ a: { only: { provider: 'a' }, requests: 1 } })
    await gateway.chat(ask)
    const answered = await gateway.chat(ask)
    expect(answered.gateway.provider).toBe('b')
    await gateway.close()
  })
})

it('limits go on over a reload, calls that run included', async () => {
  const { gateway } = setUp({ all: { concurrent: 2 } }, { a: { ...answer, headersDelayMs: 10 } })
  const running = [gateway.chat(ask), gateway.chat(ask)]
  await new Promise((resolve) => setTimeout(resolve, 2))
  gateway.reload({ limits: { all: { concurrent: 3 } } })
  expect(gateway.limits()).toMatchObject([{ used: { concurrent: 2 }, max: { concurrent: 3 } }])
  const more = await Promise.allSettled([gateway.chat(ask), gateway.chat(ask)])
  expect(codes(more)).toEqual({ ok: 1, rate_limited: 1 })
  await Promise.all(running)
  expect(gateway.limits()).toMatchObject([{ used: { concurrent: 0 } }])
  gateway.reload({ limits: {} })
  expect(gateway.limits()).toEqual([])
  await gateway.close()
})

it('nothing is left over when calls fail, are aborted or cannot be routed', async () => {
  const { gateway } = setUp(
    { all: { concurrent: 100, tokens: 1e9 }, each: { per: 'provider', concurrent: 100 } },
    { a: { error: 'overloaded' }, b: { text: 'One two three four', chunkDelayMs: 5 } },
    { retry: { baseDelayMs: 0 }, budgets: { all: { period: 'day', limitTokens: 1e9 } } },
  )
  const calls = Array.from({ length: 60 }, async (_, i) => {
    const controller = new AbortController()
    if (i % 3 === 0) setTimeout(() => controller.abort(), i % 20)
    if (i % 3 === 1) return gateway.stream(ask, { signal: controller.signal }).final()
    return gateway.chat(ask, { signal: controller.signal })
  })
  await Promise.allSettled(calls)
  await expect(gateway.chat(ask, { maxCostUsd: 0 })).rejects.toMatchObject({ code: 'budget_exceeded' })
  for (const { used } of gateway.limits()) expect(used.concurrent).toBe(0)
  expect(gateway.budgets()).toMatchObject([{ reservedTokens: 0 }])
  await gateway.close()
})

it('a limit of a route that there is not is refused', () => {
  expect(() => setUp({ each: { only: { route: 'rr' }, requests: 1 } })).toThrow(/limits\.each\.only\.route/)
})

describe('the queue', () => {
  const queue = { maxEntries: 100 }
  const slow: MockReply = { ...answer, headersDelayMs: 10 }

  it('holds what has no room until there is some, the urgent first', async () => {
    using time = virtualTime()
    const { gateway, a } = setUp({ all: { concurrent: 2 } }, { a: slow }, { queue })
    const order: string[] = []
    const calls = (['low', 'low', 'low', 'normal', 'critical'] as const).map(async (priority, i) => {
      const { gateway: meta } = await gateway.chat(ask, { priority, requestId: `${priority}-${i}` })
      order.push(meta.requestId)
    })
    await time.advance(1)
    expect(a.calls).toHaveLength(2)
    expect(gateway.queue()).toMatchObject({ waiting: { low: 1, normal: 1, critical: 1, high: 0 } })
    await time.settle(Promise.all(calls))
    expect(order).toEqual(['low-0', 'low-1', 'critical-4', 'normal-3', 'low-2'])
    expect(gateway.queue()).toMatchObject({ waiting: { low: 0, normal: 0, critical: 0 }, started: 3 })
    await time.settle(gateway.close())
  })

  it('waits for a window to open', async () => {
    using time = virtualTime()
    const { gateway } = setUp({ all: { requests: 2, windowMs: 1_000 } }, {}, { queue })
    const began = performance.now()
    await time.settle(Promise.all([gateway.chat(ask), gateway.chat(ask), gateway.chat(ask)]))
    expect(performance.now() - began).toBeGreaterThanOrEqual(1_000)
    expect(performance.now() - began).toBeLessThan(1_100)
    await time.settle(gateway.close())
  })

  it('waits for a target, too, where each of the route has no room', async () => {
    using time = virtualTime()
    const { gateway } = setUp({ each: { per: 'provider', concurrent: 1 } }, { a: slow, b: slow }, { queue })
    const served = await time.settle(
      Promise.all([0, 1, 2, 3].map(async () => (await gateway.chat(ask)).gateway.provider)),
    )
    expect(served).toHaveLength(4)
    expect(served.slice(0, 2)).toEqual(['a', 'b'])
    await time.settle(gateway.close())
  })

  it('lets go of a call that is aborted, or whose deadline passes, without a trace', async () => {
    using time = virtualTime()
    const { gateway, a } = setUp(
      { all: { concurrent: 1 } },
      { a: { ...answer, headersDelayMs: 5_000 } },
      { queue },
    )
    const running = gateway.chat(ask)
    await time.advance(1)
    const controller = new AbortController()
    const aborted = gateway.chat(ask, { signal: controller.signal }).catch((error: unknown) => error)
    const late = gateway.chat(ask, { timeout: { totalMs: 1_000 } }).catch((error: unknown) => error)
    await time.advance(10)
    controller.abort()
    expect(await aborted).toMatchObject({ code: 'aborted', name: 'AbortError' })
    await time.advance(1_000)
    expect(await late).toMatchObject({ code: expect.stringMatching(/^(?:queue_full|timeout)$/) })
    expect(gateway.queue()).toMatchObject({ waiting: { normal: 0 }, chars: 0 })
    await time.settle(running)
    expect(a.calls).toHaveLength(1)
    await time.settle(gateway.close())
  })

  it('is bounded: what does not fit is refused at once, the lowest class first', async () => {
    using time = virtualTime()
    const { gateway } = setUp({ all: { concurrent: 1 } }, { a: slow }, { queue: { maxEntries: 2 } })
    const ends = (['normal', 'low', 'low', 'high'] as const).map(async (priority) =>
      gateway.chat(ask, { priority }).then(
        () => `${priority} ok`,
        (error: unknown) => `${priority} ${isGatewayError(error) ? error.code : 'raw'}`,
      ),
    )
    await time.advance(0)
    expect(await Promise.race([ends[2], Promise.resolve('waits')])).toBe('low queue_full')
    expect(await time.settle(Promise.all(ends))).toEqual(['normal ok', 'low ok', 'low queue_full', 'high ok'])
    await time.settle(gateway.close())
  })

  it('gives back what waits when the gateway closes', async () => {
    const { gateway } = setUp({ all: { concurrent: 1 } }, { a: slow }, { queue })
    const running = gateway.chat(ask)
    const waiting = gateway.chat(ask).catch((error: unknown) => error)
    const stream = gateway
      .stream(ask)
      .final()
      .catch((error: unknown) => error)
    await new Promise((resolve) => setTimeout(resolve, 2))
    const closed = gateway.close()
    expect(await waiting).toMatchObject({ code: 'closed' })
    expect(await stream).toMatchObject({ code: 'closed' })
    await running
    await closed
  })

  it('serves three hundred calls at fifty places, each of them', async () => {
    const { gateway, a } = setUp(
      { all: { concurrent: 50 } },
      { a: { ...answer, headersDelayMs: 3 } },
      { queue: {} },
    )
    let most = 0
    const ends = await Promise.allSettled(
      Array.from({ length: 300 }, async () => {
        const made = await gateway.chat(ask)
        most = Math.max(most, gateway.limits()[0]?.used.concurrent ?? 0)
        return made
      }),
    )
    expect(codes(ends)).toEqual({ ok: 300 })
    expect(a.calls).toHaveLength(300)
    expect(most).toBeLessThanOrEqual(50)
    expect(gateway.limits()).toMatchObject([{ used: { concurrent: 0 } }])
    await gateway.close()
  })
})

describe('under pressure', () => {
  it('refuses the lower classes while the host is late, and takes them again after', async () => {
    const told: string[] = []
    const { gateway } = setUp(
      { all: { concurrent: 10 } },
      { a: [{ ...answer, headersDelayMs: 2_200 }, answer] },
      {
        queue: { shedUnderPressure: true },
        logger: { warn: (_facts, message) => void told.push(message) },
      },
    )
    const running = gateway.chat(ask)
    // The event loop is kept busy, for longer than three samples take.
    const busyUntil = performance.now() + 1_800
    while (performance.now() < busyUntil) {
      const stallEnd = performance.now() + 400
      while (performance.now() < stallEnd) Math.sqrt(stallEnd)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await expect(gateway.chat(ask, { priority: 'batch' })).rejects.toMatchObject({ code: 'queue_full' })
    await running
    expect(told[0]).toContain('the host is under pressure')
    await gateway.chat(ask, { priority: 'critical' })
    await gateway.close()
  })
})
