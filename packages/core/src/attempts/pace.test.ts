import { describe, expect, it } from 'vitest'
import { createPace } from './pace.js'

/** Sends at even distances; `refuse` says which. @returns the moment of the last one */
function send(
  pace: ReturnType<typeof createPace>,
  from: number,
  count: number,
  everyMs: number,
  refused: boolean,
) {
  for (let i = 0; i < count; i++) {
    const at = from + i * everyMs
    pace.take(at)
    pace.note(refused, at, at + 1)
  }
  return from + count * everyMs
}

/** Refusals, a hundred a second, until the rate is lowered. @returns the moment after the last one */
function refuse(pace: ReturnType<typeof createPace>, from: number): number {
  let at = from
  while (pace.rate() === undefined) at = send(pace, at, 1, 10, true)
  return at
}

describe('createPace', () => {
  it('lets everything go while nothing is refused, and after one refusal or two', () => {
    const pace = createPace()
    const at = send(pace, 0, 1_000, 1, false)
    send(pace, at, 2, 1, true)
    expect(pace.rate()).toBeUndefined()
    expect(pace.waitMs(at + 10)).toBe(0)
  })

  it('takes refusals here and there for chance, before it has begun and after', () => {
    const pace = createPace()
    let at = 0
    for (let i = 0; i < 5_000; i++) {
      at += Math.max(1, pace.waitMs(at))
      pace.take(at)
      pace.note(i % 20 === 0, at, at + 1)
    }
    expect(pace.rate()).toBeUndefined()
  })

  it('forgets refusals that are far from each other', () => {
    const pace = createPace()
    for (let i = 0; i < 10; i++) send(pace, i * 3_000, 1, 1, true)
    expect(pace.rate()).toBeUndefined()
  })

  it('takes back what was not sent after all, and does not count it', () => {
    const pace = createPace()
    const at = refuse(pace, send(pace, 0, 500, 10, false)) + 1_000
    const burst = (): number => {
      let count = 0
      while (pace.waitMs(at) === 0 && ++count < 1_000) pace.take(at)
      return count
    }
    for (let i = 0; i < 100; i++) {
      pace.take(at)
      pace.cancel(at, at)
    }
    const count = burst()
    expect(count).toBeGreaterThan(1)
    expect(count).toBeLessThan(100)
    // Given back twice as much as there is room for.
    for (let i = 0; i < 2 * count; i++) pace.cancel(at, at)
    expect(burst()).toBe(count)
  })

  it('takes nothing back of what went out before it counted', () => {
    const pace = createPace()
    const from = send(pace, 0, 500, 10, false)
    for (let i = 0; i < 50; i++) pace.take(from)
    // When the last refusal came.
    const at = refuse(pace, from + 1) - 9
    for (let i = 0; i < 50; i++) pace.cancel(from, at)
    expect(pace.waitMs(at)).toBeGreaterThan(0)
  })

  it('falls to 0.7 of what was sent when a fifth is refused, and makes who comes wait for it', () => {
    const pace = createPace()
    // A hundred a second.
    const from = send(pace, 0, 500, 10, false)
    const at = refuse(pace, from)
    expect(at - from).toBeGreaterThan(200)
    expect(at - from).toBeLessThan(1_000)
    expect(pace.rate()).toBeGreaterThan(60)
    expect(pace.rate()).toBeLessThan(80)
    expect(pace.waitMs(at - 8)).toBeGreaterThan(0)
    expect(pace.waitMs(at - 8)).toBeLessThanOrEqual(17)
    expect(pace.waitMs(at + 30)).toBe(0)
  })

  it('takes a burst of refusals for one: those sent before say nothing of the lower rate', () => {
    const pace = createPace()
    const at = send(pace, 0, 500, 10, false)
    for (let i = 0; i < 50; i++) pace.take(at + i / 10)
    for (let i = 0; i < 50; i++) pace.note(true, at + i / 10, at + 20 + i / 10)
    expect(pace.rate()).toBeGreaterThan(60)
  })

  it('never falls below one in two seconds, and never waits longer for one attempt', () => {
    const pace = createPace()
    for (let i = 0; i < 50; i++) send(pace, i * 1_000, 1, 1, true)
    expect(pace.rate()).toBe(0.5)
    pace.take(50_000)
    expect(pace.waitMs(50_000)).toBeLessThanOrEqual(4_000)
  })

  it('comes back to the old rate, and forgets after a minute without a refusal', () => {
    const pace = createPace()
    let at = refuse(pace, send(pace, 0, 500, 10, false))
    for (let i = 0; i < 1_000; i++) {
      at += Math.max(10, pace.waitMs(at))
      pace.take(at)
      pace.note(false, at, at)
    }
    expect(pace.rate()).toBeGreaterThan(95)
    send(pace, at + 60_001, 1, 1, false)
    expect(pace.rate()).toBeUndefined()
    expect(pace.waitMs(at + 60_002)).toBe(0)
  })

  it('keeps close below a limit that lasts, and goes on when it is gone', () => {
    const pace = createPace()
    let tokens = 20
    let filledAt = 0
    let perSecond = 20
    const got = { sent: 0, refused: 0 }
    /** As many as may go, until then. */
    const sendUntil = (from: number, to: number): number => {
      let at = from
      let wait = 0
      for (; at < to; at += Math.max(10, wait)) {
        wait = pace.waitMs(at)
        if (wait > 0) continue
        tokens = Math.min(20, tokens + ((at - filledAt) / 1_000) * perSecond)
        filledAt = at
        const refused = tokens < 1
        if (!refused) tokens--
        got.sent++
        if (refused) got.refused++
        pace.take(at)
        pace.note(refused, at, at)
      }
      return at
    }
    let at = sendUntil(0, 30_000)
    Object.assign(got, { sent: 0, refused: 0 })
    at = sendUntil(at, 330_000)
    expect(got.sent - got.refused).toBeGreaterThan(0.9 * 300 * 20)
    expect(got.refused / got.sent).toBeLessThan(0.01)
    perSecond = 1_000
    at = sendUntil(at, 420_000)
    Object.assign(got, { sent: 0, refused: 0 })
    sendUntil(at, 430_000)
    expect(got.sent).toBeGreaterThan(800)
  })

  it('does not take chance for a limit that lasts', () => {
    const pace = createPace()
    let count = 0
    const sendUntil = (from: number, to: number, isRefused: (at: number) => boolean): number => {
      let at = from
      for (; at < to; at += Math.max(10, pace.waitMs(at))) {
        if (pace.waitMs(at) > 0) continue
        count++
        pace.take(at)
        pace.note(isRefused(at), at, at)
      }
      return at
    }
    let limited = 0
    // Twenty a second pass for a minute; then all but each twentieth.
    let at = sendUntil(0, 60_000, (now) => {
      const isOver = Math.floor(now / 50) === limited
      limited = Math.floor(now / 50)
      return isOver
    })
    at = sendUntil(at, 120_000, () => count % 20 === 0)
    count = 0
    sendUntil(at, 180_000, () => count % 20 === 0)
    expect(count / 60).toBeGreaterThan(80)
  })
})
