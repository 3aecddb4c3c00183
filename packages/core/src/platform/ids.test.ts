import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createId } from './ids.js'

const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

it('is the prefix and 20 characters of [0-9a-z], whatever is drawn', () => {
  fc.assert(
    fc.property(fc.array(draw, { minLength: 5, maxLength: 5 }), (draws) => {
      let at = 0
      expect(createId('req_', () => draws[at++] ?? 0)).toMatch(/^req_[0-9a-z]{20}$/)
      expect(at).toBe(5)
    }),
  )
})

it('is decided by the draws alone, and each draw counts', () => {
  const id = (...draws: number[]) => createId('', () => draws.shift() ?? 0)
  expect(id()).toBe('0'.repeat(20))
  expect(id(0.999_999_999)).toBe(`zzzz${'0'.repeat(16)}`)
  expect(id(0, 0, 0, 0, 0.999_999_999)).toBe(`${'0'.repeat(16)}zzzz`)
})

it('does not repeat itself', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => createId('', Math.random))).size).toBe(10_000)
})
