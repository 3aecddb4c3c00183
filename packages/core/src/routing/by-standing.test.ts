import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Standing } from '../contract/target-health.js'
import { byStanding } from './by-standing.js'

const RANK: Readonly<Record<Standing, number>> = { healthy: 0, degraded: 1, unreachable: 2 }
const standing = fc.constantFrom<Standing[]>('healthy', 'degraded', 'unreachable')

it('is a stable sort by standing', () => {
  fc.assert(
    fc.property(fc.array(standing, { maxLength: 12 }), (standings) => {
      const places = standings.map((_, at) => at)
      const expected = places.toSorted(
        (a, b) => RANK[standings[a] as Standing] - RANK[standings[b] as Standing] || a - b,
      )
      const ranked = byStanding(places, (at) => standings[at] as Standing)
      expect(ranked).toEqual(expected.map((one) => ({ one, standing: standings[one] })))
    }),
  )
})
