import { describe, expect, it } from 'vitest'
import { createLearnedLimits, NO_NEED, type LearnedLimits } from './learned-limits.js'

const requests = (max: number | string, remaining: number | string, reset?: string) => ({
  'x-ratelimit-limit-requests': String(max),
  'x-ratelimit-remaining-requests': String(remaining),
  ...(reset !== undefined && { 'x-ratelimit-reset-requests': reset }),
})
const input = (max: number, remaining: number, reset: string) => ({
  'anthropic-ratelimit-input-tokens-limit': String(max),
  'anthropic-ratelimit-input-tokens-remaining': String(remaining),
  'anthropic-ratelimit-input-tokens-reset': reset,
})
const tokens = (inputTokens: number, outputTokens = 0) => ({ inputTokens, outputTokens })

/** An attempt that is answered at once. */
function answer(learned: LearnedLimits, headers: Record<string, string>, at: number, need = NO_NEED): void {
  learned.hear(learned.take(need, at), headers, false, at)
}
/** How many go out before one would wait. */
function sendAll(learned: LearnedLimits, at: number): number {
  let count = 0
  while (count < 10_000 && !learned.fault(NO_NEED, at)) {
    learned.take(NO_NEED, at)
    count++
  }
  return count
}

describe('learned limits', () => {
  it('are none where nothing is stated', () => {
    const learned = createLearnedLimits()
    answer(learned, { 'content-type': 'x' }, 0)
    expect(learned.isEmpty()).toBe(true)
    expect(learned.fault(NO_NEED, 0)).toBeUndefined()
    expect(learned.usedShare(0)).toBe(0)
  })

  it('let out what is left, and nothing more before the reset', () => {
    const learned = createLearnedLimits()
    answer(learned, requests(10, 4, '30s'), 0)
    expect(sendAll(learned, 1_000)).toBe(4)
    expect(learned.fault(NO_NEED, 1_000)).toEqual({
      what: 'requests',
      max: 10,
      windowMs: 60_000,
      retryAt: 30_000,
    })
    expect(learned.status(1_000)).toEqual([{ what: 'requests', max: 10, used: 10, windowMs: 60_000 }])
  })

  it('let one attempt out when the provider said that it may come back, and no more', () => {
    const learned = createLearnedLimits()
    answer(learned, requests(50, 0, '2.6s'), 0)
    learned.hearRetryAfter(2_000, 0)
    expect(learned.fault(NO_NEED, 1_000)).toMatchObject({ retryAt: 2_000 })
    expect(learned.fault(NO_NEED, 2_000)).toBeUndefined()
    learned.take(NO_NEED, 2_000)
    expect(learned.fault(NO_NEED, 2_000)).toMatchObject({ retryAt: 2_600 })
  })

  it('let one attempt out of a quota that nobody tells the use of, when the provider said so', () => {
    const learned = createLearnedLimits()
    learned.hearQuota({ what: 'requests', max: 10, windowMs: 60_000 }, 0)
    learned.hearRetryAfter(2_000, 0)
    expect(sendAll(learned, 1_999)).toBe(0)
    expect(sendAll(learned, 2_000)).toBe(1)
  })

  it('hold at nothing left, and begin anew at the reset, but for what is still under way', () => {
    const learned = createLearnedLimits()
    const early = [learned.take(NO_NEED, 0), learned.take(NO_NEED, 0)]
    answer(learned, requests(10, 0, '30s'), 0)
    expect(learned.fault(NO_NEED, 29_999)).toMatchObject({ retryAt: 30_000 })
    // Two are unheard: they may count in the new window.
    expect(sendAll(learned, 30_000)).toBe(8)
    expect(early).toHaveLength(2)
  })

  it('believe the answer to what was sent last, not the one that comes last', () => {
    const learned = createLearnedLimits()
    const slow = learned.take(NO_NEED, 0)
    for (let left = 8; left > 3; left--) answer(learned, requests(10, left, '60s'), 100)
    learned.hear(slow, requests(10, 9, '60s'), false, 5_000)
    expect(sendAll(learned, 5_000)).toBe(4)
  })

  it('count what has been sent since', () => {
    const learned = createLearnedLimits()
    const first = learned.take(NO_NEED, 0)
    learned.take(NO_NEED, 0)
    learned.take(NO_NEED, 0)
    learned.hear(first, requests(10, 9, '60s'), false, 50)
    expect(sendAll(learned, 50)).toBe(7)
  })

  it('see a bucket fill little by little, once the moment of the reset moves on', () => {
    const learned = createLearnedLimits()
    // 60 a minute: what is used comes back one a second.
    answer(learned, requests(60, 29, '31s'), 0)
    answer(learned, requests(60, 20, '40s'), 1_000)
    expect(sendAll(learned, 1_000)).toBe(20)
    const fault = learned.fault(NO_NEED, 1_000)
    expect(fault?.retryAt).toBeGreaterThan(2_000)
    expect(fault?.retryAt).toBeLessThan(2_100)
    expect(learned.fault(NO_NEED, 2_100)).toBeUndefined()
  })

  it('take a window whose end stays for one that begins anew at once', () => {
    const learned = createLearnedLimits()
    answer(learned, requests(60, 29, '31s'), 0)
    answer(learned, requests(60, 0, '30s'), 1_000)
    expect(learned.fault(NO_NEED, 30_000)).toMatchObject({ retryAt: 31_000 })
    expect(sendAll(learned, 31_000)).toBe(60)
  })

  it('wait no longer than a minute from the first sight of a window that nobody says the end of', () => {
    const learned = createLearnedLimits()
    answer(learned, requests(5, 4), 0)
    for (let left = 3; left >= 0; left--) answer(learned, requests(5, left), (5 - left) * 10_000)
    expect(learned.fault(NO_NEED, 50_000)).toMatchObject({ retryAt: 60_000 })
    // It began anew earlier than that, as an answer tells.
    answer(learned, requests(5, 4), 55_000)
    expect(sendAll(learned, 55_000)).toBe(4)
    expect(learned.fault(NO_NEED, 56_000)).toMatchObject({ retryAt: 115_000 })
  })

  it('count tokens as they are expected, and let go alone what is larger than the limit', () => {
    const learned = createLearnedLimits()
    answer(learned, input(1_000, 900, '2026-01-01T00:01:00Z'), 0, tokens(100))
    expect(learned.countsTokens()).toBe(true)
    expect(learned.fault(tokens(900), 0)).toBeUndefined()
    expect(learned.fault(tokens(901), 0)).toMatchObject({ what: 'inputTokens' })
    expect(learned.fault(tokens(0, 5_000), 0)).toBeUndefined()
    const whole = createLearnedLimits()
    answer(whole, input(1_000, 1_000, '2026-01-01T00:01:00Z'), 0)
    expect(whole.fault(tokens(50_000), 0)).toBeUndefined()
  })

  it('follow a limit that is raised, or lowered', () => {
    const learned = createLearnedLimits()
    answer(learned, requests(10, 0, '60s'), 0)
    answer(learned, requests(1_000, 999, '60ms'), 10)
    for (let left = 998; left > 900; left--) answer(learned, requests(1_000, left, '60ms'), 10)
    expect(learned.fault(NO_NEED, 10)).toBeUndefined()
    answer(learned, requests(5, 5, '60s'), 20)
    expect(sendAll(learned, 20)).toBe(5)
  })

  it('forget what was not stated again for ten minutes, a reset that is still to come excepted', () => {
    const learned = createLearnedLimits()
    answer(learned, requests(10, 9, '60s'), 0)
    expect(learned.status(599_999)).toHaveLength(1)
    expect(learned.status(600_000)).toEqual([])
    answer(learned, requests(10, 0, '1h0m0s'), 600_000)
    expect(learned.fault(NO_NEED, 600_000 + 1_800_000)).toMatchObject({ retryAt: 4_200_000 })
    expect(learned.fault(NO_NEED, 4_200_000)).toBeUndefined()
  })

  it('keep to a quota that was only named: no minute has more than all of it', () => {
    const learned = createLearnedLimits()
    learned.hearQuota({ what: 'requests', max: 100, windowMs: 60_000 }, 0)
    const sent: number[] = []
    for (let at = 0; at < 300_000; at += 10) {
      if (learned.fault(NO_NEED, at)) continue
      learned.take(NO_NEED, at)
      sent.push(at)
    }
    const inWindow = (from: number): number => sent.filter((at) => at >= from && at < from + 60_000).length
    const windows = Array.from({ length: 240 }, (_, second) => inWindow(second * 1_000))
    expect(Math.max(...windows)).toBeLessThanOrEqual(100)
    expect(windows.at(-1)).toBeGreaterThanOrEqual(90)
  })

  it('begin anew at the reset also for one that needs more than the half that was left', () => {
    const learned = createLearnedLimits()
    answer(learned, input(10_000, 6_000, '30s'), 0)
    expect(learned.fault(tokens(8_000), 29_999)).toMatchObject({ retryAt: 30_000 })
    expect(learned.fault(tokens(8_000), 30_000)).toBeUndefined()
    expect(learned.fault(tokens(1_000_000), 30_000)).toBeUndefined()
  })

  it('have plenty while more than half of every limit on tokens is left after it and what is under way', () => {
    const learned = createLearnedLimits()
    expect(learned.hasPlenty(tokens(1e9), 0)).toBe(true)
    answer(learned, { ...requests(10, 0, '60s'), ...input(0, 0, '') }, 0)
    expect(learned.hasPlenty(tokens(1e9), 0)).toBe(true)
    const claude = createLearnedLimits()
    answer(claude, input(1_000, 900, '2026-01-01T00:00:30Z'), 0)
    expect(claude.hasPlenty(tokens(400), 0)).toBe(true)
    expect(claude.hasPlenty(tokens(401), 0)).toBe(false)
    claude.take(tokens(300), 0)
    expect(claude.hasPlenty(tokens(100), 0)).toBe(true)
    expect(claude.hasPlenty(tokens(101), 0)).toBe(false)
    claude.hearQuota({ what: 'tokens', max: 1_000_000, windowMs: 60_000 }, 0)
    expect(claude.hasPlenty(tokens(1), 60_000)).toBe(false)
  })

  it('have room again for what was cancelled, also where nobody tells of it', () => {
    const learned = createLearnedLimits()
    const early = learned.take(tokens(5), 0)
    learned.hearQuota({ what: 'requests', max: 100, windowMs: 60_000 }, 0)
    learned.hearQuota({ what: 'inputTokens', max: 10_000, windowMs: 60_000 }, 0)
    for (let i = 0; i < 100; i++) learned.cancel(learned.take(tokens(100), 20_000), 20_000)
    learned.cancel(early, 20_000)
    expect(learned.status(20_000)).toMatchObject([{ used: 92 }, { used: 9_200 }])
    expect(sendAll(learned, 20_000)).toBe(8)
  })

  it('try a little more of a quota that was named long ago, and drop it in the end', () => {
    const learned = createLearnedLimits()
    learned.hearQuota({ what: 'requests', max: 60, windowMs: 60_000 }, 0)
    /** A second, in the minute from there. */
    const rateFrom = (from: number): number => {
      let sent = 0
      for (let at = from; at < from + 60_000; at += 10) {
        if (learned.fault(NO_NEED, at)) continue
        learned.take(NO_NEED, at)
        sent++
      }
      return sent / 60
    }
    rateFrom(0)
    expect(rateFrom(540_000)).toBeLessThanOrEqual(1)
    expect(rateFrom(1_200_000)).toBeGreaterThan(1.5)
    expect(learned.isEmpty()).toBe(false)
    expect(learned.fault(NO_NEED, 2_000_000)).toBeUndefined()
    expect(learned.isEmpty()).toBe(true)
  })

  it.each([1, 2, 5])('let a quota of %i a minute have its use, and no more', (max) => {
    const learned = createLearnedLimits()
    learned.hearQuota({ what: 'requests', max, windowMs: 60_000 }, 0)
    let sent = 0
    for (let at = 0; at < 590_000; at += 100) {
      if (learned.fault(NO_NEED, at)) continue
      learned.take(NO_NEED, at)
      sent++
    }
    expect(sent).toBeGreaterThanOrEqual(max * 8.5)
    expect(sent).toBeLessThanOrEqual(max * 10)
  })
})
