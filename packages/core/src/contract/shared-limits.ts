/** Rates that several processes keep together: who grants them stands behind this, such as `@turnout/redis`. */
import type { Logger } from './logger.js'

/** What keeps the rates of `limits` for several processes. `concurrent` stays with each process. */
export interface SharedLimits {
  /** Begins to ask for leases for one gateway. */
  open(host: { readonly logger: Logger }): SharedCounters
}

export interface SharedCounters {
  /** Between so many processes `concurrent` is divided; 1 where that was not said. */
  readonly processes: number
  /**
   * A process's part in one counter.
   *
   * @param onRoom called when there may be more than there was, never inside another method
   */
  share(counter: SharedCounter, onRoom: () => void): LimitShare
  /** Gives back what is left, and ends all timers. */
  close(): Promise<void>
}

/** What the same counter is to all processes. */
export interface SharedCounter {
  /** The limit's name. */
  readonly limit: string
  /** Its scopes, and the values of this counter, in the same order; no values for `all`. */
  readonly per: readonly string[]
  readonly scope: readonly string[]
  readonly windowMs: number
  readonly max: SharedRates
}

/** Of one window. `Infinity`: not limited. */
export interface SharedRates {
  readonly requests: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly tokens: number
}

/**
 * `leased`: what goes out was granted before, and all processes together keep to the limit. Otherwise leases cannot be
 * had. `local`: this process keeps to its part of the limit; `open`: to the whole limit; `closed`: nothing goes out.
 */
export type ShareMode = 'leased' | 'local' | 'open' | 'closed'

/** All of it is synchronous; times are of the monotonic clock, in milliseconds. */
export interface LimitShare {
  /**
   * Whether one request may go out as far as leases go. Asks for more where there are none. In the modes `local` and
   * `open` nothing has to be leased, and the caller keeps to `portion` of the limit.
   */
  fits(inputTokens: number, outputTokens: number, nowMs: number): boolean
  /** What the process may send by itself in any window, as a part of the limit: more than 0, and 1 while leases are had. */
  portion(nowMs: number): number
  /** Counts one request. @returns what `correct` is told */
  take(inputTokens: number, outputTokens: number, nowMs: number): number
  /** Adds what was taken beyond what was counted, or gives back (negative). Does nothing when that window has passed. */
  correct(window: number, requests: number, inputTokens: number, outputTokens: number): void
  /** Whether an answer is waited for. */
  isAsking(): boolean
  /** Until it is worth asking `fits` again, if nothing is heard before. */
  waitMs(nowMs: number): number
  status(nowMs: number): ShareStatus
  /** The limit is another one from now on. */
  resize(max: SharedRates): void
  /** The counter is forgotten: what is left is given back. */
  release(): void
}

export interface ShareStatus {
  readonly mode: ShareMode
  /** Granted to this process and not yet spent. */
  readonly leased: Partial<SharedRates>
}
