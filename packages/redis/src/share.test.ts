import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RedisLink } from './redis-link.js'
import { createShare } from './share.js'

/** Redis, asked by hand: each question is answered when the test says so. */
function openShare() {
  const state = { isWell: true }
  const asked: {
    readonly window: number
    readonly held: number
    readonly answer: (lease: readonly unknown[]) => void
    readonly onLate: () => void
  }[] = []
  const link: RedisLink = {
    run: async (_script, _key, args, onLate = () => {}) =>
      new Promise((resolve) => {
        asked.push({ window: Number(args[3]), held: Number(args[6]), answer: resolve, onLate })
      }),
    isWell: () => state.isWell,
    mayAsk: () => state.isWell,
    pending: () => 0,
    close() {},
  }
  const max = { requests: 100, inputTokens: Infinity, outputTokens: Infinity, tokens: Infinity }
  const onRoom = vi.fn<() => void>()
  const share = createShare({ limit: 'l', per: [], scope: [], windowMs: 1_000, max }, 'k', onRoom, {
    link,
    process: 'p',
    fail: 'local',
    answerMs: 50,
    processes: () => 2,
    isClosed: () => false,
  })
  /** As many go out as may. */
  const send = (most: number): number => {
    let sent = 0
    while (sent < most && share.fits(0, 0, performance.now())) {
      share.take(0, 0, performance.now())
      sent++
    }
    return sent
  }
  return { state, asked, share, send, onRoom }
}

describe('the share of a process', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('tells what went out without leases, also when an answer of an earlier window comes in between', async () => {
    const { state, asked, share, send, onRoom } = openShare()
    expect(send(1)).toBe(0)
    asked[0]?.answer([0, '5', '5100.000', '10', '90'])
    await vi.advanceTimersByTimeAsync(0)
    expect(send(10)).toBe(10)
    // Of the next window's lease nothing is heard for long.
    expect(asked).toHaveLength(2)
    state.isWell = false
    await vi.advanceTimersByTimeAsync(1_200)
    expect(send(20)).toBe(20)
    state.isWell = true
    onRoom.mockClear()
    asked[1]?.answer([0, '5', '5110.000', '10', '80'])
    await vi.advanceTimersByTimeAsync(0)
    expect(asked.at(-1)).toMatchObject({ window: 6, held: 20 })
    expect(asked).toHaveLength(3)
    await share.end()
  })

  it('is a part of the limit while its own question hangs, also where Redis answers others', async () => {
    const { asked, share, send } = openShare()
    expect(send(1)).toBe(0)
    expect([share.isAsking(), share.status(performance.now()).mode]).toEqual([true, 'leased'])
    asked[0]?.onLate()
    await vi.advanceTimersByTimeAsync(10_000)
    const now = performance.now()
    expect([share.isAsking(), share.status(now).mode, share.portion(now)]).toEqual([false, 'local', 0.5])
    expect(share.waitMs(now)).toBe(1_000)
    expect(send(3)).toBe(3)
    asked[0]?.answer([0, '5', '5100.000', '10', '90'])
    await vi.advanceTimersByTimeAsync(0)
    expect(share.status(performance.now()).mode).toBe('leased')
    expect(asked.at(-1)?.held).toBe(3)
    expect(asked.at(-1)?.window).toBeLessThan(0)
  })

  it('does not hold what went out before Redis ever answered against a later window', async () => {
    const { state, asked, share, send } = openShare()
    state.isWell = false
    expect(send(50)).toBe(50)
    const first = share.take(0, 0, performance.now())
    await vi.advanceTimersByTimeAsync(2_500)
    expect(send(7)).toBe(7)
    share.correct(first, -1, 0, 0)
    state.isWell = true
    expect(send(1)).toBe(0)
    expect(asked.at(-1)?.held).toBe(7)
    expect(asked.at(-1)?.window).toBeLessThan(0)
  })
})
