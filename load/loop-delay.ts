/** How late things are that the event loop should do at a certain moment. */
export interface LoopDelay {
  /** Ends measuring. Gives milliseconds: one sample for each 10 ms that went by. */
  stop(): readonly number[]
}

const EVERY_MS = 10

/**
 * Watches a timer that should ring every 10 ms. Where the loop stood still for longer, all the rings count that should
 * have been meanwhile, each as late as it would have been: Node's own histogram counts a stall once, however long it was,
 * so that a second in one piece looks better than a second in fifty.
 */
export function watchLoop(): LoopDelay {
  const late: number[] = []
  let dueAt = performance.now() + EVERY_MS
  const ring = (): void => {
    const now = performance.now()
    for (let lateMs = Math.max(0, now - dueAt); ; lateMs -= EVERY_MS) {
      late.push(lateMs)
      dueAt += EVERY_MS
      if (lateMs < EVERY_MS) break
    }
    timer = setTimeout(ring, Math.max(1, dueAt - now))
  }
  let timer = setTimeout(ring, EVERY_MS)
  return {
    stop() {
      clearTimeout(timer)
      return late
    },
  }
}
