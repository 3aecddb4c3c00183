/** close({ drainMs }) with limits and a queue: what runs ends, what comes is refused, what waits is given back. */
import { mockAdapter, virtualTime, type MockReply, type VirtualTime } from '@turnout/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateway, isGatewayError, type GatewayEvent } from '../index.js'

let time: VirtualTime
beforeEach(() => void (time = virtualTime()))
afterEach(() => {
  time.restore()
})

const ask = { model: 'r', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 50 } as const

/** Two run for a second, two wait, of each a chat and a stream. */
async function busy(reply: MockReply = { text: 'Fine.', headersDelayMs: 1_000 }) {
  const a = mockAdapter(reply, { name: 'a' })
  const gateway = createGateway({
    providers: { a },
    routes: { r: { targets: ['a/m'], deadLetter: true } },
    limits: { all: { concurrent: 2 }, each: { per: 'provider', requests: 100 } },
    queue: { maxEntries: 10 },
    budgets: { all: { period: 'day', limitTokens: 1_000_000 } },
  })
  const ends: GatewayEvent[] = []
  gateway.on('request-end', (event) => ends.push(event))
  const endOf = async (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'ok',
      (error: unknown) => (isGatewayError(error) ? error.code : 'raw'),
    )
  const chat = async () => endOf(gateway.chat(ask))
  const stream = async () => endOf(gateway.stream(ask).final())
  const running = [chat(), stream()]
  await time.advance(10)
  const waiting = [chat(), stream()]
  await time.advance(10)
  expect(gateway.health().queue.waiting.normal).toBe(2)
  return { a, gateway, ends, running, waiting, chat, stream }
}

describe('close() of a gateway with limits and a queue', () => {
  it('finishes what runs', async () => {
    const { gateway, running } = await busy()
    const closed = gateway.close({ drainMs: 5_000 })
    expect(await time.settle(Promise.all(running))).toEqual(['ok', 'ok'])
    await time.settle(closed)
    expect(time.elapsedMs()).toBeLessThan(1_100)
  })

  it('refuses what comes with `closed`, at once', async () => {
    const { a, gateway, chat, stream } = await busy()
    const closed = gateway.close({ drainMs: 5_000 })
    const before = time.elapsedMs()
    expect(await Promise.all([chat(), stream()])).toEqual(['closed', 'closed'])
    await expect(gateway.embed({ model: 'r', input: 'Hello' })).rejects.toMatchObject({ code: 'closed' })
    expect(() => {
      gateway.reload({})
    }).toThrow(/closed/)
    expect(time.elapsedMs()).toBe(before)
    expect(a.calls).toHaveLength(2)
    await time.settle(closed)
  })

  it('gives back what waits with `closed`, at once, and none of it is sent', async () => {
    const { a, gateway, waiting } = await busy()
    const closed = gateway.close({ drainMs: 5_000 })
    const before = time.elapsedMs()
    expect(await Promise.all(waiting)).toEqual(['closed', 'closed'])
    expect(time.elapsedMs()).toBe(before)
    await time.settle(closed)
    expect(a.calls).toHaveLength(2)
    expect(gateway.queue().waiting.normal).toBe(0)
  })

  it('ends what still runs after drainMs with `closed`', async () => {
    const { a, gateway, running } = await busy({ text: 'Fine.', headersDelayMs: 60_000 })
    const closed = gateway.close({ drainMs: 500 })
    expect(await time.settle(Promise.all(running))).toEqual(['closed', 'closed'])
    await time.settle(closed)
    expect(time.elapsedMs()).toBeLessThanOrEqual(520 + 1_000)
    expect(a.calls.every(({ aborted }) => aborted)).toBe(true)
  })

  it.each([
    ['in time', 5_000],
    ['too late', 500],
    ['without waiting', 0],
  ])('leaves nothing taken, and counters that balance, when calls end %s', async (_what, drainMs) => {
    const { gateway, ends, running, waiting, chat } = await busy()
    const closed = gateway.close({ drainMs })
    const late = chat()
    const codes = await time.settle(Promise.all([...running, ...waiting, late]))
    await time.settle(closed)
    expect(ends).toHaveLength(codes.length)
    const outcomes = ends.flatMap((event) => (event.type === 'request-end' ? [event.outcome] : []))
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(
      codes.filter((code) => code === 'ok').length,
    )
    expect(outcomes.filter((outcome) => outcome === 'aborted')).toHaveLength(
      codes.filter((code) => code === 'closed').length,
    )
    expect(gateway.limits()).toMatchObject([{ limit: 'all', used: { concurrent: 0 } }, { limit: 'each' }])
    expect(gateway.budgets()).toMatchObject([{ reservedTokens: 0 }])
    expect(await gateway.deadLetters.list()).toEqual([])
    expect(time.pendingTimers()).toBe(0)
  })
})
