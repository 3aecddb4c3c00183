/** Keeps an outage from being multiplied: retries are a share of what is tried anyway, plus a small reserve. */
export interface RetryBudgetOptions {
  /** Retries allowed for each attempt that is none. 0.1 is one in ten. */
  readonly ratio: number
  /** Retries allowed besides, so that a host that calls seldom can retry at all. */
  readonly reserve: number
  /** Over this time a spent reserve comes back. */
  readonly refillMs: number
}

export const RETRY_BUDGET_DEFAULTS: RetryBudgetOptions = { ratio: 0.1, reserve: 10, refillMs: 10_000 }

export interface RetryBudget {
  /** Counts an attempt that is no retry. */
  noteFresh(): void
  /** Takes one retry; false when there is none left. */
  take(): boolean
}

/** The most that quiet times may save up for an outage, in retries. */
const MAX_SAVED = 100

export function createRetryBudget(options: RetryBudgetOptions = RETRY_BUDGET_DEFAULTS): RetryBudget {
  const { ratio, reserve, refillMs } = options
  let earned = 0
  let spare = reserve
  let refilledAt = performance.now()

  return {
    noteFresh() {
      earned = Math.min(MAX_SAVED, earned + ratio)
    },
    take() {
      // A hair, so that ten tenths are one.
      if (earned + 1e-9 >= 1) {
        earned -= 1
        return true
      }
      const now = performance.now()
      spare = Math.min(reserve, spare + (reserve * (now - refilledAt)) / refillMs)
      refilledAt = now
      if (spare + 1e-9 < 1) return false
      spare -= 1
      return true
    },
  }
}
