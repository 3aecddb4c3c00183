/** What a provider states of its limits decides when calls begin, where they go, and what is shown. */
import { createGateway, type GatewayOptions } from '@turnout/core'
import { mockAdapter, virtualTime } from '@turnout/testing'
import { describe, expect, it } from 'vitest'

const messages = [{ role: 'user', content: 'Hello' }] as const
const left = (max: number, remaining: number, reset: string) => ({
  'x-ratelimit-limit-requests': String(max),
  'x-ratelimit-remaining-requests': String(remaining),
  'x-ratelimit-reset-requests': reset,
})

function setUp(headers: readonly Readonly<Record<string, string>>[], more: Partial<GatewayOptions> = {}) {
  const a = mockAdapter(headers.map((one) => ({ text: 'from a', headers: one })))
  const b = mockAdapter('from b')
  const gateway = createGateway({
    providers: { a, b },
    routes: { r: ['a/m', 'b/m'] },
    ...more,
  })
  const ask = async (model = 'a/m') => gateway.chat({ model, messages })
  return { gateway, a, b, ask }
}

describe('a provider that says it has nothing left', () => {
  const nothingLeft = [left(10, 0, '20s'), left(10, 9, '60s')]

  it('is asked again when it has, and calls wait for that in the queue', async () => {
    using time = virtualTime()
    const { gateway, a, ask } = setUp(nothingLeft)
    await time.settle(ask())
    const late = Promise.all([ask(), ask(), gateway.stream({ model: 'a/m', messages }).final()])
    await time.advance(19_000)
    expect(gateway.queue().waiting.normal).toBe(3)
    expect(a.calls).toHaveLength(1)
    await time.settle(late)
    expect(time.elapsedMs()).toBeGreaterThanOrEqual(20_000)
    expect(time.elapsedMs()).toBeLessThan(21_000)
    expect(a.calls).toHaveLength(4)
    await time.settle(gateway.close())
    expect(time.pendingTimers()).toBe(0)
  })

  it('is left for another target meanwhile', async () => {
    using time = virtualTime()
    const { a, ask } = setUp(nothingLeft)
    await time.settle(ask('r'))
    const answers = await time.settle(Promise.all([ask('r'), ask('r')]))
    expect(answers.map(({ gateway: meta }) => meta.provider)).toEqual(['b', 'b'])
    expect(answers[0]?.gateway.trace.candidates.map(({ reason }) => reason)).toEqual([
      'first in order',
      'fallback 1; little is left of what its provider takes',
    ])
    expect(a.calls).toHaveLength(1)
  })

  it('says so in limits(), health() and an event', async () => {
    using time = virtualTime()
    const { gateway, ask } = setUp(nothingLeft)
    const reached: unknown[] = []
    gateway.on('limit-reached', (event) => reached.push(event))
    await time.settle(ask())
    const counter = {
      limit: 'learned',
      scope: ['a/m'],
      windowMs: 60_000,
      used: { requests: 10 },
      max: { requests: 10 },
      learned: 'stated',
    }
    expect(gateway.limits()).toEqual([counter])
    expect(gateway.health().limits).toEqual([counter])
    const late = ask()
    await time.advance(1_000)
    expect(reached).toMatchObject([{ limit: 'learned', scope: ['a/m'], what: 'requests', max: 10 }])
    await time.settle(late)
  })

  it('refuses at once what could not begin before its deadline, and says when', async () => {
    using time = virtualTime()
    const { gateway, ask } = setUp(nothingLeft)
    await time.settle(ask())
    const late = gateway.chat({ model: 'a/m', messages }, { timeout: { totalMs: 5_000 } })
    await expect(time.settle(late)).rejects.toMatchObject({
      code: 'queue_full',
      message: expect.stringContaining('what a/m takes has no room') as string,
    })
    expect(time.elapsedMs()).toBeLessThan(100)
  })

  it('lets go those who wait when it states more, however it learns of it', async () => {
    using time = virtualTime()
    const { gateway, a, ask } = setUp([left(10, 0, '50s'), left(10, 9, '60s')])
    // Two under way at once: the answer of the second tells of more.
    a.setReplies([
      { text: 'x', headers: left(10, 0, '50s') },
      { text: 'y', headers: left(500, 499, '1s'), headersDelayMs: 5_000 },
      { text: 'z', headers: left(500, 498, '1s') },
    ])
    const both = Promise.all([ask(), ask()])
    await time.advance(1_000)
    const late = ask()
    await time.advance(3_000)
    expect(gateway.queue().waiting.normal).toBe(1)
    await time.settle(Promise.all([both, late]))
    expect(time.elapsedMs()).toBeLessThan(6_000)
  })

  it('counts an embedding as any other request', async () => {
    using time = virtualTime()
    const { gateway, ask } = setUp(nothingLeft)
    await time.settle(ask())
    const late = gateway.embed({ model: 'a/m', input: 'x' })
    await time.advance(1_000)
    expect(gateway.queue().waiting.normal).toBe(1)
    await time.settle(late)
    expect(time.elapsedMs()).toBeGreaterThanOrEqual(20_000)
  })

  it('holds calls that others wait before, and leaves no trace of one that gives up', async () => {
    using time = virtualTime()
    const { gateway, ask } = setUp(nothingLeft, { queue: { maxEntries: 2 } })
    await time.settle(ask())
    const controller = new AbortController()
    const first = gateway.chat({ model: 'a/m', messages }, { signal: controller.signal })
    const second = ask()
    const third = ask()
    const ends = Promise.allSettled([first, second, third])
    await time.advance(1_000)
    controller.abort()
    const codes = (await time.settle(ends)).map((end) =>
      end.status === 'fulfilled' ? 'ok' : (end.reason as { code: string }).code,
    )
    expect(codes).toEqual(['aborted', 'ok', 'queue_full'])
    expect(gateway.queue().waiting.normal).toBe(0)
  })
})

it('limits on tokens hold what is too large for what is left, and let go what is not', async () => {
  using time = virtualTime()
  const { a, gateway, ask } = setUp([
    {
      'x-ratelimit-limit-tokens': '10000',
      'x-ratelimit-remaining-tokens': '500',
      'x-ratelimit-reset-tokens': '30s',
    },
    {},
  ])
  await time.settle(ask())
  await time.settle(ask())
  const content = 'word '.repeat(1_000)
  const large = gateway.chat({ model: 'a/m', messages: [{ role: 'user', content }] })
  await time.advance(1_000)
  expect(gateway.queue().waiting.normal).toBe(1)
  expect(a.calls).toHaveLength(2)
  await time.settle(large)
  expect(time.elapsedMs()).toBeGreaterThanOrEqual(30_000)
})
