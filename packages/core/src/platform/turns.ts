// From the module, not the global one: a test that stops the clock stops no turns.
import { setImmediate } from 'node:timers'

/** How long a burst may hold up the event loop before it goes on in turns. */
const SLICE_MS = 5
/** In each later turn: some milliseconds of work while the code is new, one when it is warm. */
const MOST_AT_ONCE = 16

/**
 * Spreads a burst over turns of the event loop, in order: what comes in the first milliseconds of one goes at once, the
 * others a few at a time when sockets and timers have had their turn.
 *
 * @returns asked by each: `undefined` when it may go on at once
 * @example
 * const turn = turns()
 * if (turn) await turn
 */
export function createTurns(sliceMs = SLICE_MS): () => Promise<void> | undefined {
  const waiting: (() => void)[] = []
  /** `undefined` when no turn is on its way. */
  let sliceEndsAt: number | undefined
  const begin = (): void => {
    sliceEndsAt = performance.now() + sliceMs
    setImmediate(turn)
  }
  const turn = (): void => {
    sliceEndsAt = undefined
    const next = waiting.splice(0, MOST_AT_ONCE)
    if (next.length > 0) begin()
    for (const go of next) go()
  }
  return () => {
    if (sliceEndsAt === undefined) begin()
    if (waiting.length === 0 && performance.now() < (sliceEndsAt ?? 0)) return undefined
    return new Promise((resolve) => {
      waiting.push(resolve)
    })
  }
}
