export interface BreakerOptions {
  /** Outcomes older than this are forgotten. */
  readonly windowMs: number
  /** Below this number of outcomes in the window the breaker stays closed. */
  readonly minRequests: number
  /** The share of failures, 0 to 1, that opens it. */
  readonly failureRatio: number
  /** How long it stays open at first; twice as long each time that a probe fails. */
  readonly openMs: number
  readonly maxOpenMs: number
  /** A probe that has not ended by then no longer keeps others from probing. */
  readonly probeTimeoutMs: number
}

export const BREAKER_DEFAULTS: BreakerOptions = {
  windowMs: 30_000,
  minRequests: 10,
  failureRatio: 0.5,
  openMs: 5_000,
  maxOpenMs: 20_000,
  probeTimeoutMs: 10_000,
}
