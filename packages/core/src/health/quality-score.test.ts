import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createQualityTracker, isDegraded, QUALITY_RULES } from './quality-score.js'

const worth = fc.double({ min: 0, max: 1, noNaN: true })
const steps = fc.array(fc.tuple(worth, fc.integer({ min: 0, max: 120_000 })), { minLength: 1, maxLength: 80 })
const { halfLifeMs, forgetAfterMs, minSamples } = QUALITY_RULES

const after = (worths: readonly number[]) => {
  const tracker = createQualityTracker()
  for (const one of worths) tracker.note(one, 0)
  return tracker
}
const times = (count: number, value: number): number[] => Array.from({ length: count }, () => value)

describe('the score', () => {
  it('stays between 0 and 1, whatever comes when', () => {
    fc.assert(
      fc.property(steps, (noted) => {
        const tracker = createQualityTracker()
        let now = 0
        for (const [value, gap] of noted) {
          now += gap
          tracker.note(value, now)
          const { score, samples } = tracker.read(now)
          expect(score).toBeGreaterThanOrEqual(-1e-12)
          expect(score).toBeLessThanOrEqual(1)
          expect(samples).toBeGreaterThan(0)
        }
        expect(tracker.read(now).samples).toBe(noted.length)
      }),
    )
  })

  it('is the plain mean of the first answers', () => {
    fc.assert(
      fc.property(fc.array(worth, { minLength: 1, maxLength: QUALITY_RULES.memory }), (worths) => {
        const mean = worths.reduce((sum, one) => sum + one, 0) / worths.length
        expect(after(worths).read(0).score).toBeCloseTo(mean, 9)
      }),
    )
  })

  it('never rises when one answer is worse', () => {
    fc.assert(
      fc.property(steps, fc.nat(), worth, (noted, pick, other) => {
        const at = pick % noted.length
        const [value] = noted[at] as [number, number]
        const run = (changed: number): number => {
          const tracker = createQualityTracker()
          let now = 0
          for (const [index, [original, gap]] of noted.entries()) {
            now += gap
            tracker.note(index === at ? changed : original, now)
          }
          return tracker.read(now).score
        }
        expect(run(Math.min(value, other))).toBeLessThanOrEqual(run(Math.max(value, other)) + 1e-12)
      }),
    )
  })

  it('weighs what came last the most', () => {
    const counts = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }))
    fc.assert(
      fc.property(counts, ([good, bad]) => {
        const turnedBad = after([...times(good, 1), ...times(bad, 0)]).read(0).score
        const turnedGood = after([...times(bad, 0), ...times(good, 1)]).read(0).score
        expect(turnedBad).toBeLessThanOrEqual(turnedGood + 1e-12)
      }),
    )
    expect(after([...times(100, 1), ...times(20, 0)]).read(0).score).toBeLessThan(0.4)
  })

  it('recovers with time alone, and is whole and blank again in the end', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.nat(300_000), { maxLength: 20 }), (noted, waits) => {
        const tracker = after(noted.map(([value]) => value))
        let now = 0
        let last = tracker.read(now).score
        for (const wait of waits) {
          now += wait
          const { score } = tracker.read(now)
          expect(score).toBeGreaterThanOrEqual(last)
          last = score
        }
        expect(tracker.read(forgetAfterMs)).toEqual({ score: 1, samples: 0 })
      }),
    )
    const broken = after(times(20, 0))
    expect(broken.read(0).score).toBe(0)
    expect(broken.read(halfLifeMs).score).toBeCloseTo(0.5)
    expect(broken.read(2 * halfLifeMs).score).toBeCloseTo(0.75)
  })

  it('starts anew after a long silence', () => {
    const tracker = after(times(50, 0))
    tracker.note(1, forgetAfterMs)
    expect(tracker.read(forgetAfterMs)).toEqual({ score: 1, samples: 1 })
  })

  it('is perfect, of nothing, before anything is known', () => {
    expect(createQualityTracker().read(0)).toEqual({ score: 1, samples: 0 })
    expect(createQualityTracker().read(1e9)).toEqual({ score: 1, samples: 0 })
  })
})

describe('degraded', () => {
  it.each([
    ['nine bad answers prove nothing', times(minSamples - 1, 0), false],
    ['ten do', times(minSamples, 0), true],
    ['half of them bad is too many', [...times(10, 1), ...times(10, 0)], true],
    ['a third of them bad is not', [...times(10, 0), ...times(20, 1)], false],
    ['half of them cut off is not', [...times(10, 1), ...times(10, 0.5)], false],
    ['all of them cut off is', times(10, 0.5), true],
  ])('%s', (_name, worths, degraded) => {
    expect(isDegraded(after(worths).read(0))).toBe(degraded)
  })

  it('ends at the score, not above it', () => {
    expect(isDegraded({ score: 0.6, samples: 10 })).toBe(false)
    expect(isDegraded({ score: 0.599, samples: 10 })).toBe(true)
  })

  it('passes within seven minutes at a target that nobody asks any more', () => {
    const tracker = after(times(40, 0))
    expect(isDegraded(tracker.read(6 * 60_000))).toBe(true)
    expect(isDegraded(tracker.read(7 * 60_000))).toBe(false)
  })

  it('is back soon when the first answers after that are bad too', () => {
    const tracker = after(times(40, 0))
    tracker.note(0, 7 * 60_000)
    expect(isDegraded(tracker.read(7 * 60_000))).toBe(true)
  })
})
