import { virtualTime, type VirtualTime } from '@turnout/testing'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRetryBudget, RETRY_BUDGET_DEFAULTS } from './retry-budget.js'

let time: VirtualTime
beforeEach(() => {
  time = virtualTime()
})
afterEach(() => {
  time.restore()
})

const takeAll = (budget: ReturnType<typeof createRetryBudget>): number => {
  let taken = 0
  while (budget.take()) taken++
  return taken
}

describe('a retry budget', () => {
  it('grants a tenth of the fresh attempts and its reserve, to within one, under frozen time', () => {
    fc.assert(
      fc.property(fc.nat(900), fc.nat(10), (fresh, every) => {
        const budget = createRetryBudget()
        let taken = 0
        for (let i = 1; i <= fresh; i++) {
          budget.noteFresh()
          if (i % (every + 1) === 0) taken += takeAll(budget)
        }
        taken += takeAll(budget)
        const allowed = 0.1 * fresh + RETRY_BUDGET_DEFAULTS.reserve
        expect(Math.abs(taken - allowed)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('saves no more than a hundred for an outage', () => {
    const budget = createRetryBudget()
    for (let i = 0; i < 100_000; i++) budget.noteFresh()
    expect(takeAll(budget)).toBe(110)
  })

  it('gives a spent reserve back over its time, and never more than it', async () => {
    const budget = createRetryBudget()
    expect(takeAll(budget)).toBe(10)
    await time.advance(999)
    expect(takeAll(budget)).toBe(0)
    await time.advance(1)
    expect(takeAll(budget)).toBe(1)
    await time.advance(5_000)
    expect(takeAll(budget)).toBe(5)
    await time.advance(60_000)
    expect(takeAll(budget)).toBe(10)
  })

  it('can be without a limit, and without any retry', () => {
    const unlimited = createRetryBudget({ ...RETRY_BUDGET_DEFAULTS, ratio: Infinity })
    unlimited.noteFresh()
    expect(takeAll(unlimited)).toBeGreaterThanOrEqual(100)
    const none = createRetryBudget({ ratio: 0, reserve: 0, refillMs: 1_000 })
    none.noteFresh()
    expect(takeAll(none)).toBe(0)
  })
})
