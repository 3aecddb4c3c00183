import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Standing } from '../contract/target-health.js'
import { byStanding } from './by-standing.js'

const RANK: Readonly<Record<Standing, number>> = { healthy: 0, degraded: 1, unreachable: 2 }
const standing = fc.constantFrom<Standing[]>('healthy', 'degraded', 'unreachable')

it('is a stable sort by standing, then by room', () => {
  const target = fc.record({ standing, isFull: fc.boolean() })
  fc.assert(
    fc.property(fc.array(target, { minLength: 2, maxLength: 12 }), (targets) => {
      const rankOf = ({ standing: one, isFull }: (typeof targets)[number]): number =>
        2 * RANK[one] + (isFull ? 1 : 0)
      const expected = targets
        .map((one, at) => ({ ...one, one: at }))
        .toSorted((a, b) => rankOf(a) - rankOf(b) || a.one - b.one)
      const ranked = byStanding(
        targets.map((_, at) => at),
        (at) => targets[at]?.standing as Standing,
        (at) => targets[at]?.isFull === true,
      )
      expect(ranked).toEqual(expected)
    }),
  )
})

it('does not ask for the room of the only one', () => {
  const asked = (): boolean => {
    throw new Error('asked')
  }
  expect(byStanding(['x'], () => 'healthy', asked)).toEqual([
    { one: 'x', standing: 'healthy', isFull: false },
  ])
})
