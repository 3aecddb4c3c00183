/** Limits on how much may go out, and the queue for what has to wait. */
import type { Priority } from './request-options.js'
import type { ShareStatus } from './shared-limits.js'

/** What has a counter of its own; `key` is an API key of a provider that was given several. */
export type LimitScope =
  'all' | 'provider' | 'model' | 'key' | 'tenant' | 'route' | 'session' | `tag:${string}`

/**
 * One limit. Scopes of targets (`provider`, `model`, `key`) count attempts, retries and hedges included; all others count
 * calls. Several windows are several limits.
 */
export interface Limit {
  /** Default `all`. A list means every combination: `['tenant', 'model']`. What lacks the fact is not counted. */
  readonly per?: LimitScope | readonly LimitScope[]
  /** Only what all of this applies to. */
  readonly only?: {
    readonly tenant?: string
    readonly route?: string
    readonly provider?: string
    readonly model?: string
    readonly tags?: Readonly<Record<string, string>>
  }
  /** The sliding window that the rates below are counted in, in milliseconds. Default 60,000. */
  readonly windowMs?: number
  readonly requests?: number
  /** Estimated before, corrected after the answer. */
  readonly inputTokens?: number
  readonly outputTokens?: number
  /** Input and output together. */
  readonly tokens?: number
  /** At the same time. */
  readonly concurrent?: number
}

/** Limits by a name of your choice. */
export type Limits = Readonly<Record<string, Limit>>

/** Where calls wait for room under the limits. */
export interface QueueOptions {
  /** Calls that may wait at most. Default 1,000; 0: nothing waits, what has no room is refused at once. */
  readonly maxEntries?: number
  /** Text of waiting requests, in UTF-16 units. Default 64 Mi. */
  readonly maxChars?: number
  /** How long a call may wait, in milliseconds. Default 60,000; its own deadline may be nearer. */
  readonly maxWaitMs?: number
  /**
   * Refuse calls by class, those that wait included, while the event loop is late or the heap near its limit for three
   * tenths of a second: at 100 ms or 80 % `batch`, at 250 ms or 85 % `low` too, at 500 ms or 90 % `normal`, at a second or
   * 95 % all but `critical`. Default `false`.
   */
  readonly shedUnderPressure?: boolean
}

/** One counter as it stands. */
export interface LimitStatus {
  readonly limit: string
  /** Values of the scope, in its order; empty for `all`. */
  readonly scope: readonly string[]
  readonly windowMs: number
  /** In the window, or at the same time. */
  readonly used: Readonly<
    Partial<Record<'requests' | 'inputTokens' | 'outputTokens' | 'tokens' | 'concurrent', number>>
  >
  readonly max: LimitStatus['used']
  /**
   * Not one of yours, but one of the provider's for a target and key: `stated` in its answers, or `found` from its
   * refusals. What nobody stated for ten minutes is dropped.
   */
  readonly learned?: 'stated' | 'found'
  /** With `stores.limits`: how this process stands with the others. `used` is what went out of this process. */
  readonly shared?: ShareStatus
}

/** What has no room: which limit, and when there will be some. */
export interface LimitRefusal {
  readonly granted: false
  readonly limit: string
  readonly scope: readonly string[]
  readonly what: 'requests' | 'inputTokens' | 'outputTokens' | 'tokens' | 'concurrent'
  /** Until the window has room; `null` when that depends on calls that are under way. */
  readonly retryAfterMs: number | null
  /** It is more than the limit allows in a whole window: waiting will not help. */
  readonly tooLarge: boolean
  /** It is no limit of yours, but one of the provider's, known from its answers or found out from its refusals. */
  readonly learned?: true
}

/**
 * Why a call does not wait, or no longer. `full`: the queue has as many as it may. `chars`: as much text as it may.
 * `shed`: it made room for another. `late`: it could not start in time. `waited`: it has waited as long as it may.
 * `pressure`: the host is too busy for its class.
 */
export type QueueShedReason = 'full' | 'chars' | 'shed' | 'late' | 'waited' | 'pressure'

export interface QueueStatus {
  readonly waiting: Readonly<Record<Priority, number>>
  readonly chars: number
  /** Since the gateway was made. */
  readonly started: number
  readonly shed: Readonly<Record<Priority, number>>
  /** Of the call that has waited longest of those that wait now, in milliseconds; 0 when none does. */
  readonly longestWaitMs: number
}

/** How the process fares that the gateway is a guest in, as measured last. */
export interface PressureStatus {
  /** Calls below this class are refused; `null`: none are. */
  readonly shedBelow: Priority | null
  /** How late the event loop is, in milliseconds. */
  readonly loopDelayMs: number
  /** Heap in use, of its limit: 0 to 1. */
  readonly heapShare: number
}
