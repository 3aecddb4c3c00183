// From the module, not the global one: a test that stops the clock stops no turns.
import { setImmediate } from 'node:timers'

/** Some milliseconds of work while the code is new, one when it is warm. */
const MOST_AT_ONCE = 16

/**
 * Spreads a burst over turns of the event loop, in order, so that it does not stand still for the whole of it: so many
 * go at once, the others when sockets and timers have had their turn.
 *
 * @returns asked by each: `undefined` when it may go on at once
 * @example
 * const turn = turns()
 * if (turn) await turn
 */
export function createTurns(most = MOST_AT_ONCE): () => Promise<void> | undefined {
  const waiting: (() => void)[] = []
  /** In this turn; the next one is on its way when it is not 0. */
  let gone = 0
  const turn = (): void => {
    const next = waiting.splice(0, most)
    gone = next.length
    if (gone > 0) setImmediate(turn)
    for (const go of next) go()
  }
  return () => {
    if (gone === 0) setImmediate(turn)
    if (gone < most) {
      gone++
      return undefined
    }
    return new Promise((resolve) => {
      waiting.push(resolve)
    })
  }
}
