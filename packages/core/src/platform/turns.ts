// From the module, not the global one: a test that stops the clock stops no turns.
import { setImmediate } from 'node:timers'

/** How long a burst may hold up the event loop before it goes on in turns. */
const SLICE_MS = 10
/** The longer the first has waited, the longer its turn: where the machine has no time to spare, no queue grows here. */
const SHARE_OF_WAIT = 1 / 32

/**
 * Spreads a burst over turns of the event loop, in order: what comes in the first milliseconds of one goes at once, the
 * others when sockets and timers have had their turn.
 *
 * @returns asked by each: `undefined` when it may go on at once
 * @example
 * const turn = turns()
 * if (turn) await turn
 */
export function createTurns(sliceMs = SLICE_MS): () => Promise<void> | undefined {
  const waiting: { readonly go: () => void; readonly since: number }[] = []
  /** A turn is on its way. */
  let isTurning = false
  let sliceEndsAt = 0
  /** Of the CPU that this process has had: on a machine that is busy with others a turn may take ten times its time. */
  let cpuEndsAt = 0

  const begin = (now: number): void => {
    isTurning = true
    sliceEndsAt = now + sliceMs
    setImmediate(turn)
  }
  const turn = (): void => {
    isTurning = false
    const [first] = waiting
    if (!first) return
    const now = performance.now()
    begin(now)
    cpuEndsAt = cpuMs() + Math.max(sliceMs, (now - first.since) * SHARE_OF_WAIT)
    release()
  }
  /** One by one: what each does at first is done before the next goes. */
  const release = (): void => {
    waiting.shift()?.go()
    if (waiting.length > 0 && cpuMs() < cpuEndsAt) queueMicrotask(release)
  }
  return () => {
    const now = performance.now()
    if (!isTurning) begin(now)
    if (waiting.length === 0 && now < sliceEndsAt) return undefined
    return new Promise((go) => {
      waiting.push({ go, since: now })
    })
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
