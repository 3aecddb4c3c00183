import { setImmediate } from 'node:timers'
import { expect, test } from 'vitest'
import { createTurns } from './turns.js'

const nextTurn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a few go at once, the others turn by turn, in the order in which they came', async () => {
  const turns = createTurns(2)
  const gone: number[] = []
  const go = async (at: number): Promise<void> => {
    const turn = turns()
    if (turn) await turn
    gone.push(at)
  }
  const all = [0, 1, 2, 3, 4].map(go)
  expect(gone).toEqual([0, 1])
  await nextTurn()
  expect(gone).toEqual([0, 1, 2, 3])
  // One that comes while others wait does not overtake them.
  all.push(go(5))
  expect(gone).toEqual([0, 1, 2, 3])
  await Promise.all(all)
  expect(gone).toEqual([0, 1, 2, 3, 4, 5])
})

test('who comes in a later turn does not wait', async () => {
  const turns = createTurns(1)
  for (let at = 0; at < 3; at++) {
    expect(turns()).toBeUndefined()
    await nextTurn()
  }
})

test('a burst lets timers ring in between', async () => {
  const turns = createTurns(1)
  let rang = false
  setTimeout(() => (rang = true), 0)
  const go = async (): Promise<void> => {
    const turn = turns()
    if (turn) await turn
  }
  const [first, ...others] = Array.from({ length: 2_000 }, go)
  await first
  const before = rang
  await Promise.all(others)
  expect([before, rang]).toEqual([false, true])
})
