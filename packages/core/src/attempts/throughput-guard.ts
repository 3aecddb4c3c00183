/** Notices a stream that lives but crawls. Only time spent waiting for the provider counts: a slow reader is no fault. */
export interface ThroughputGuard {
  /** @returns true when the last ten seconds of waiting brought too little */
  note(waitedMs: number, tokens: number): boolean
}

const SECONDS = 10

export function createThroughputGuard(minTokensPerSecond: number): ThroughputGuard {
  /** Tokens of each second of waiting, the present one first. */
  const seconds: number[] = [0]
  let intoSecondMs = 0
  return {
    note(waitedMs, tokens) {
      intoSecondMs += waitedMs
      // A pause longer than the window empties it: no need to count its seconds one by one.
      for (let full = Math.min(SECONDS + 1, Math.floor(intoSecondMs / 1_000)); full > 0; full--)
        seconds.unshift(0)
      intoSecondMs %= 1_000
      seconds.length = Math.min(seconds.length, SECONDS + 1)
      seconds[0] = (seconds[0] ?? 0) + tokens
      if (seconds.length <= SECONDS) return false
      const sum = seconds.reduce((total, each) => total + each, 0)
      return sum < minTokensPerSecond * SECONDS
    },
  }
}
