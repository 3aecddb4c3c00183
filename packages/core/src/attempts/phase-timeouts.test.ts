import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startPhaseTimeouts, type Expiry, type PhaseTimeouts } from './phase-timeouts.js'

const limits = { connectMs: 100, headersMs: 300, firstTokenMs: 500, idleMs: 200, progressMs: 1_000 }
const TOTAL_MS = 5_000

let expired: (Expiry & { at: number }) | undefined
let startedAt: number

function start(overrides: Partial<typeof limits> = {}): PhaseTimeouts {
  startedAt = performance.now()
  return startPhaseTimeouts({ ...limits, ...overrides }, startedAt, startedAt + TOTAL_MS, (expiry) => {
    expired = { ...expiry, at: performance.now() - startedAt }
  })
}
/** Milliseconds after the start at which the clock expectStruck, within the timer's own millisecond. */
const expectStruck = (phase: string, atMs: number): void => {
  expect(expired?.phase).toBe(phase)
  expect(expired?.at).toBeGreaterThanOrEqual(atMs)
  expect(expired?.at).toBeLessThanOrEqual(atMs + 3)
}

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance', 'Date'],
  })
  expired = undefined
})
afterEach(() => {
  vi.useRealTimers()
})

describe('each clock', () => {
  it('connect: no socket in time', async () => {
    start()
    await vi.advanceTimersByTimeAsync(10_000)
    expectStruck('connect', 100)
    expect(expired?.limitMs).toBe(100)
  })

  it('headers: connected, then silence', async () => {
    const clocks = start()
    await vi.advanceTimersByTimeAsync(50)
    clocks.mark('connected')
    await vi.advanceTimersByTimeAsync(10_000)
    expectStruck('headers', 350)
  })

  it('first token: headers at once, then only signs of life', async () => {
    const clocks = start()
    clocks.mark('connected')
    clocks.mark('headers')
    for (let i = 0; i < 30; i++) {
      await vi.advanceTimersByTimeAsync(50)
      clocks.mark('alive')
    }
    expectStruck('first_token', 500)
  })

  it('idle: silence between two pieces of content', async () => {
    const clocks = start()
    clocks.mark('headers')
    for (let i = 0; i < 5; i++) {
      await vi.advanceTimersByTimeAsync(150)
      clocks.progress()
    }
    await vi.advanceTimersByTimeAsync(10_000)
    expectStruck('idle', 950)
  })

  it('total: content keeps coming, but not for ever', async () => {
    const clocks = start()
    clocks.mark('headers')
    for (let i = 0; i < 60; i++) {
      await vi.advanceTimersByTimeAsync(100)
      clocks.progress()
    }
    expectStruck('total', TOTAL_MS)
  })
})

describe('keep-alives', () => {
  it('extend the idle clock, but not beyond the progress limit', async () => {
    const clocks = start()
    clocks.mark('headers')
    clocks.progress()
    for (let i = 0; i < 40; i++) {
      await vi.advanceTimersByTimeAsync(100)
      clocks.mark('alive')
    }
    expectStruck('idle', 1_000)
  })
})

describe('waiting', () => {
  it('does not blame the upstream for the pause of a reader', async () => {
    const clocks = start()
    clocks.mark('headers')
    clocks.progress()
    clocks.waiting(false)
    await vi.advanceTimersByTimeAsync(1_500)
    expect(expired).toBeUndefined()
    clocks.waiting(true)
    await vi.advanceTimersByTimeAsync(190)
    expect(expired).toBeUndefined()
    await vi.advanceTimersByTimeAsync(10_000)
    expectStruck('idle', 1_700)
  })
})

describe('the timer', () => {
  it('is the only one, and is gone after stop()', async () => {
    const clocks = start()
    clocks.mark('connected')
    clocks.mark('headers')
    clocks.progress()
    expect(vi.getTimerCount()).toBe(1)
    clocks.stop()
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(expired).toBeUndefined()
  })

  it('lets answers in that waited in the socket while the host stood still', async () => {
    const clocks = start()
    clocks.mark('connected')
    clocks.mark('headers')
    // The host wakes up late: the timer is due, and so is the data behind it.
    setTimeout(() => {
      clocks.progress()
    }, 500.6)
    await vi.advanceTimersByTimeAsync(502)
    expect(expired).toBeUndefined()
    clocks.stop()
  })

  it('strikes once', async () => {
    const strike = vi.fn<(expiry: Expiry) => void>()
    const now = performance.now()
    startPhaseTimeouts(limits, now, now + TOTAL_MS, strike)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(strike).toHaveBeenCalledTimes(1)
  })
})
