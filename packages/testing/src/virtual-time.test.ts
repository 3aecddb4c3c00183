import Bottleneck from 'bottleneck'
import CircuitBreaker from 'opossum'
import pRetry from 'p-retry'
import { afterEach, describe, expect, it } from 'vitest'
import { virtualTime, type VirtualTime } from './virtual-time.js'

let time: VirtualTime
afterEach(() => time.restore())

const HOUR = 3_600_000

describe('virtualTime', () => {
  it('stands still until it is moved', async () => {
    time = virtualTime()
    const ran: string[] = []
    setTimeout(() => ran.push('late'), 20)
    setTimeout(() => {
      ran.push('early')
      void Promise.resolve().then(() => setTimeout(() => ran.push('chained'), 5))
    }, 10)
    expect(new Date().toISOString()).toBe('2026-01-01T00:00:00.000Z')
    await time.advance(14)
    expect(ran).toEqual(['early'])
    await time.advance(1)
    expect(ran).toEqual(['early', 'chained'])
    expect(time.pendingTimers()).toBe(1)
    await time.runAll()
    expect(ran).toEqual(['early', 'chained', 'late'])
    expect(time.elapsedMs()).toBe(20)
    expect(Date.now()).toBe(Date.UTC(2026, 0, 1) + 20)
  })

  it('moves performance.now with the timers, and the wall clock apart from both', async () => {
    time = virtualTime({ startMs: 1_000 })
    const before = performance.now()
    let fired = false
    setTimeout(() => {
      fired = true
    }, 100)
    time.setWallClock(HOUR)
    expect(Date.now()).toBe(HOUR)
    await time.advance(99)
    expect([fired, performance.now() - before]).toEqual([false, 99])
    await time.advance(1)
    expect(fired).toBe(true)
  })

  it('settles a promise, with its value or its error', async () => {
    time = virtualTime()
    const later = (ms: number): Promise<number> => new Promise((resolve) => setTimeout(() => resolve(ms), ms))
    expect(await time.settle(later(HOUR))).toBe(HOUR)
    expect(time.elapsedMs()).toBe(HOUR)
    await expect(time.settle(later(5).then(() => Promise.reject(new Error('no'))))).rejects.toThrow('no')
    expect(time.elapsedMs()).toBe(HOUR + 5)
  })

  it('says so when a promise cannot settle', async () => {
    time = virtualTime()
    const never = new Promise<void>(() => {})
    await expect(time.settle(never)).rejects.toThrow('no timer is left')
    setInterval(() => {}, 1_000)
    await expect(time.settle(never, { withinMs: 60_000 })).rejects.toThrow('within 60000 ms')
  })

  it('waits for promises that need turns of the real event loop', async () => {
    time = virtualTime()
    const turns = (async () => {
      for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve))
      return 'done'
    })()
    expect(await time.settle(turns)).toBe('done')
  })

  it('is on once, and gives the clock back', () => {
    const real = setTimeout
    time = virtualTime()
    expect(() => virtualTime()).toThrow('on already')
    expect(setTimeout).not.toBe(real)
    time.restore()
    expect(setTimeout).toBe(real)
    {
      using again = virtualTime()
      expect(setTimeout).not.toBe(real)
      expect(again.pendingTimers()).toBe(0)
    }
    expect(setTimeout).toBe(real)
  })

  it('runs an hour of p-retry', async () => {
    time = virtualTime()
    const startedAt: number[] = []
    const task = pRetry(
      () => {
        startedAt.push(time.elapsedMs())
        if (startedAt.length < 7) throw new Error('again')
        return 'at last'
      },
      { retries: 10, minTimeout: 60_000, factor: 2, randomize: false },
    )
    expect(await time.settle(task)).toBe('at last')
    expect(startedAt).toEqual([0, 1, 3, 7, 15, 31, 63].map((minutes) => minutes * 60_000))
  })

  it('runs the open time of an opossum breaker', async () => {
    time = virtualTime()
    let broken = true
    const breaker = new CircuitBreaker(
      () => (broken ? Promise.reject(new Error('down')) : Promise.resolve('up')),
      {
        timeout: false,
        resetTimeout: HOUR,
        volumeThreshold: 3,
        errorThresholdPercentage: 50,
        rollingPercentilesEnabled: false,
      },
    )
    for (let i = 0; i < 3; i++) await expect(time.settle(breaker.fire())).rejects.toThrow('down')
    expect(breaker.opened).toBe(true)
    broken = false
    await time.advance(HOUR - 1)
    expect(breaker.opened).toBe(true)
    await time.advance(1)
    expect(breaker.halfOpen).toBe(true)
    expect(await time.settle(breaker.fire())).toBe('up')
    expect(breaker.closed).toBe(true)
    breaker.shutdown()
  })

  it('runs a bottleneck of one call a minute', async () => {
    time = virtualTime()
    const limiter = new Bottleneck({ minTime: 60_000, maxConcurrent: 1 })
    const startedAt = await time.settle(
      Promise.all([1, 2, 3, 4].map(() => limiter.schedule(() => Promise.resolve(time.elapsedMs())))),
    )
    const gaps = startedAt.slice(1).map((at, index) => at - (startedAt[index] ?? 0))
    expect(gaps).toEqual([60_000, 60_000, 60_000])
  })

  it('refills the reservoir of a bottleneck', async () => {
    time = virtualTime()
    const limiter = new Bottleneck({
      reservoir: 2,
      reservoirRefreshAmount: 2,
      reservoirRefreshInterval: HOUR,
    })
    const startedAt: number[] = []
    const all = Promise.all(
      [1, 2, 3].map(() => limiter.schedule(() => Promise.resolve(startedAt.push(time.elapsedMs())))),
    )
    await time.settle(all)
    expect(startedAt.slice(0, 2)).toEqual([0, 0])
    expect(startedAt[2]).toBeGreaterThanOrEqual(HOUR)
    await time.settle(limiter.disconnect(false))
  })
})
