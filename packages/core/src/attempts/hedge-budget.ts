/** Keeps hedges a bounded share of the load: each call earns a fraction of one, saved up to a small burst. */
export interface HedgeBudget {
  /**
   * Counts a call that could be hedged.
   * @param maxExtraLoad hedges per call, 0 to 1
   */
  noteCall(maxExtraLoad: number): void
  take(): boolean
}

const MAX_SAVED = 5

export function createHedgeBudget(): HedgeBudget {
  let saved = 0
  return {
    noteCall(maxExtraLoad) {
      saved = Math.min(MAX_SAVED, saved + maxExtraLoad)
    },
    take() {
      if (saved + 1e-9 < 1) return false
      saved -= 1
      return true
    },
  }
}

/** When to hedge, from what the target usually takes: late enough that one in twenty is, never after three medians. */
export function hedgeDelayMs(p50Ms: number, p95Ms: number): number {
  return Math.min(p95Ms, 3 * p50Ms)
}
