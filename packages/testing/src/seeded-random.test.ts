import { describe, expect, it } from 'vitest'
import { seededRandom } from './seeded-random.js'

const draw = (seed: number | string, count = 1_000): number[] =>
  Array.from({ length: count }, seededRandom(seed))

describe('seededRandom', () => {
  it('repeats for the same seed and differs for another', () => {
    expect(draw(42)).toEqual(draw(42))
    expect(draw('run-7')).toEqual(draw('run-7'))
    expect(draw(42)).not.toEqual(draw(43))
  })

  it('stays in [0, 1) and fills it evenly', () => {
    const values = draw(1, 100_000)
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
    const buckets = Array.from({ length: 10 }, () => 0)
    for (const value of values) buckets[Math.floor(value * 10)] = (buckets[Math.floor(value * 10)] ?? 0) + 1
    expect(Math.min(...buckets)).toBeGreaterThan(9_600)
    expect(new Set(values).size).toBeGreaterThan(99_990)
  })
})
