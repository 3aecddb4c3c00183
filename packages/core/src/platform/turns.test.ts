import { setImmediate } from 'node:timers'
import { virtualTime } from '@turnout/testing'
import { expect, test } from 'vitest'
import { createTurns } from './turns.js'

const nextTurn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Each that goes notes its number. */
function burst(turns: ReturnType<typeof createTurns>, count: number) {
  const gone: number[] = []
  const go = async (at: number): Promise<void> => {
    const turn = turns()
    if (turn) await turn
    gone.push(at)
  }
  return { gone, go, all: Array.from({ length: count }, async (_, at) => go(at)) }
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at)

test('what comes after the slice goes in later turns, in the order in which it came', async () => {
  const { gone, go, all } = burst(createTurns(0), 40)
  expect(gone).toEqual([])
  await nextTurn()
  expect(gone).not.toHaveLength(0)
  // One that comes while others wait does not overtake them.
  all.push(go(40))
  await Promise.all(all)
  expect(gone).toEqual(upTo(41))
})

test('inside of the slice nobody waits, and who comes in a later turn has a slice of its own', async () => {
  using time = virtualTime()
  const turns = createTurns(5)
  expect(burst(turns, 1_000).gone).toHaveLength(1_000)
  await nextTurn()
  await time.advance(60)
  expect(burst(turns, 1_000).gone).toHaveLength(1_000)
})

test('a burst lets others have their turn in between', async () => {
  const { gone, all } = burst(createTurns(0), 10_000)
  const other = nextTurn().then(() => gone.length)
  await Promise.all(all)
  expect(await other).toBeLessThan(10_000)
})
