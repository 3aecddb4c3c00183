import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLatencyWindow } from './latency-window.js'

const WINDOW = 1_000
const durations = fc.array(fc.double({ min: 1, max: 3_600_000, noNaN: true }), {
  minLength: 1,
  maxLength: 300,
})
const exact = (values: readonly number[], q: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] as number
}
const filled = (values: readonly number[]) => {
  const window = createLatencyWindow(WINDOW)
  for (const value of values) window.note(value, 0)
  return window
}

describe('quantiles', () => {
  it('are the exact ones or up to 3 % more', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const truth = exact(values, q)
        const got = filled(values).quantile(q, 0) as number
        expect(got / truth).toBeGreaterThanOrEqual(1 - 1e-9)
        expect(got / truth).toBeLessThanOrEqual(1.03 + 1e-9)
      }),
    )
  })

  it('never fall as q grows', () => {
    const rising = fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    fc.assert(
      fc.property(durations, rising, (values, pair) => {
        const window = filled(values)
        const [low, high] = pair.toSorted((a, b) => a - b) as [number, number]
        expect(window.quantile(low, 0) as number).toBeLessThanOrEqual(window.quantile(high, 0) as number)
      }),
    )
  })

  it('come together, with how many durations they stand on', () => {
    const window = filled(Array.from({ length: 100 }, (_, at) => at + 1))
    expect(window.quantiles(0)).toEqual({
      p50: window.quantile(0.5, 0),
      p95: window.quantile(0.95, 0),
      samples: 100,
    })
    expect(createLatencyWindow().quantiles(0)).toBeNull()
    expect(createLatencyWindow().quantile(0.5, 0)).toBeUndefined()
  })

  it.each([
    ['what is shorter than a millisecond counts as one', 0.02, 1],
    ['nothing at all counts as one too', 0, 1],
  ])('%s', (_name, value, expected) => {
    expect(filled([value]).quantile(0.5, 0)).toBe(expected)
  })

  it('ends at an hour', () => {
    const longest = filled([Infinity]).quantile(1, 0) as number
    expect(longest).toBeGreaterThan(3_600_000)
    expect(longest).toBeLessThan(3_700_000)
    expect(filled([longest * 10]).quantile(1, 0)).toBe(longest)
  })

  it.each([NaN, -1, -Infinity])('takes no notice of %d', (value) => {
    expect(filled([value]).count(0)).toBe(0)
  })
})

describe('the window', () => {
  it('holds all of the last half and nothing that is older than the whole', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 800 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 3 * WINDOW }), (gaps, rest) => {
        const window = createLatencyWindow(WINDOW)
        const noted: number[] = []
        let now = 0
        for (const gap of gaps) {
          now += gap
          noted.push(now)
          window.note(5, now)
        }
        now += rest
        const younger = (limitMs: number): number => noted.filter((at) => now - at < limitMs).length
        const count = window.count(now)
        expect(count).toBeGreaterThanOrEqual(younger(WINDOW / 2))
        expect(count).toBeLessThanOrEqual(younger(WINDOW))
      }),
    )
  })

  it('follows a target that has become slow', () => {
    const window = createLatencyWindow(WINDOW)
    for (let now = 0; now < 500; now++) window.note(10, now)
    for (let now = 500; now < 1_500; now++) window.note(1_000, now)
    expect(window.quantile(0.05, 1_500)).toBeGreaterThan(900)
  })

  it('reads the same from either half', () => {
    const window = createLatencyWindow(WINDOW)
    window.note(10, 0)
    window.note(1_000, 600)
    expect(window.quantile(0, 600)).toBeCloseTo(10, 0)
    expect(window.quantile(1, 600)).toBeGreaterThan(900)
  })
})
