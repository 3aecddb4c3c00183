import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOutcomeWindow } from './outcome-window.js'

const WINDOW = 1_000

describe('the outcome window', () => {
  it('counts all of the last nine tenths and nothing that is older than the whole', () => {
    const events = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.boolean()), { maxLength: 80 })
    fc.assert(
      fc.property(events, fc.integer({ min: 0, max: 2 * WINDOW }), (steps, rest) => {
        const window = createOutcomeWindow(WINDOW)
        const noted: { at: number; failed: boolean }[] = []
        let now = 0
        for (const [gap, failed] of steps) {
          now += gap
          noted.push({ at: now, failed })
          window.note(failed ? 'error' : 'ok', now)
        }
        now += rest
        const count = (limitMs: number, of: (one: { failed: boolean }) => boolean): number =>
          noted.filter((one) => now - one.at < limitMs && of(one)).length
        const { requests, errors } = window.read(now)
        expect(requests).toBeGreaterThanOrEqual(count(0.9 * WINDOW, () => true))
        expect(requests).toBeLessThanOrEqual(count(WINDOW, () => true))
        expect(errors).toBeGreaterThanOrEqual(count(0.9 * WINDOW, ({ failed }) => failed))
        expect(errors).toBeLessThanOrEqual(count(WINDOW, ({ failed }) => failed))
      }),
    )
  })

  it('begins empty', () => {
    expect(createOutcomeWindow().read(0)).toEqual({ requests: 0, errors: 0 })
  })
})
