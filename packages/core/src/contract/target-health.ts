/** How well a target has been doing lately, and the seam through which processes may share what they saw. */
import type { ErrorCode } from '../errors/error-code.js'
import type { LimitStatus, PressureStatus, QueueStatus } from './limit.js'
import type { Target } from './target.js'

/** What routing prefers: `degraded` and `unreachable` targets are asked after the healthy ones. */
export type Standing = 'healthy' | 'degraded' | 'unreachable'

/** Of some durations in milliseconds; never less than exact, and at most 3 % more. */
export interface LatencyQuantiles {
  readonly p50: number
  readonly p95: number
  /** How many durations these are quantiles of. */
  readonly samples: number
}

/** What a user thought of an answer; `score` from 0 (useless) to 1. */
export type Feedback = 'good' | 'bad' | { readonly score: number }

export interface QualityScore {
  /** From 0 (no answer of use) to 1 (nothing found wrong). */
  readonly score: number
  /** Answers and feedback that went into it; begins anew after half an hour without any. */
  readonly samples: number
}

/** The last active check of a target's provider. */
export interface HealthCheck {
  /** The provider answered, be it with a refusal: a wrong key or a missing endpoint is not an outage. */
  readonly reachable: boolean
  readonly at: Date
  readonly durationMs: number
  readonly error?: { readonly code: ErrorCode; readonly message: string }
}

/** What was seen of a target: counts and times of the last five minutes, and its quality. */
export interface ObservedHealth extends Target {
  /** Attempts that say something of the target: aborted ones and the caller's own faults are left out. */
  readonly requests: number
  /** The share of `requests` that failed, 0 to 1; `null` without requests. */
  readonly errorRate: number | null
  /** From the start of a streamed attempt to its first content. */
  readonly firstContentMs: LatencyQuantiles | null
  /** From the start of an attempt to its complete answer. */
  readonly totalMs: LatencyQuantiles | null
  readonly quality: QualityScore
}

/** `reason`: the code of the error that began it. */
export interface CooldownStatus {
  readonly retryAfterMs: number
  readonly reason: ErrorCode
}

/** One of several API keys of a target's provider, by its name, never the key itself. */
export interface KeyHealth {
  /** `key-1` and so on, in the order of the list. */
  readonly key: string
  /** It is not used at this target. */
  readonly cooldown?: CooldownStatus
}

/** The health of one target, as `gateway.health()` gives it. Plain data, a snapshot. */
export interface TargetHealth extends ObservedHealth {
  /**
   * The one word for it. `cooling`, `open` (breaker) and `probing` (breaker half-open) keep calls away from the target;
   * `unreachable` (by the active checks) and `degraded` (by its quality) move it behind the others; else `healthy`.
   */
  readonly state: Standing | 'cooling' | 'open' | 'probing'
  readonly breaker: { readonly state: 'closed' | 'open' | 'half-open'; readonly retryAfterMs?: number }
  /** With several keys: when all of them are cooling, as the first one comes back. */
  readonly cooldown?: CooldownStatus
  /** Where its provider has several, and once the target was asked. */
  readonly keys?: readonly KeyHealth[]
  /** Absent without active checks, and before the first one. */
  readonly lastCheck?: HealthCheck
}

/**
 * How a gateway is, as `gateway.health()` gives it: a list of its targets, with what holds for all of them beside. As JSON
 * it is `{ targets, limits, queue, pressure }`. Plain data, a snapshot.
 */
export interface GatewayHealth extends ReadonlyArray<TargetHealth> {
  /** Every counter of the limits: what is used, and what may be. */
  readonly limits: readonly LimitStatus[]
  /** Who waits for room under them, and who was sent away. */
  readonly queue: QueueStatus
  /** `null` without `queue.shedUnderPressure`. */
  readonly pressure: PressureStatus | null
}

/** One thing seen of a target. */
export type HealthObservation = Target &
  (
    | {
        readonly kind: 'attempt'
        /** Absent for attempts that count as neither: aborted ones, and the caller's own faults. */
        readonly outcome?: 'ok' | 'error'
        /** Of streamed attempts only: a whole answer has its first content when it is complete. */
        readonly firstContentMs?: number
        readonly totalMs?: number
        /** Instead of those two, when we left before the target was done: so long it would have taken at least. */
        readonly firstContentAtLeastMs?: number
        readonly totalAtLeastMs?: number
      }
    | {
        readonly kind: 'quality'
        /** What the answer was worth, 0 to 1. */
        readonly worth: number
      }
  )

/**
 * Keeps what was seen. The default keeps it in memory; one of your own may also publish it to other processes and take
 * in what they publish. The methods are on a call's path: they answer at once, from memory. A promise given back by
 * `record` is not waited for, and nothing they throw reaches a call: it is logged.
 *
 * `nowMs` is this process's monotonic clock (`performance.now()`), which means nothing elsewhere: what is published
 * needs a time of its own.
 */
export interface HealthStore {
  record(observation: HealthObservation, nowMs: number): void | Promise<void>
  /** Asked for every target of every plan: keep it cheap. */
  qualityOf(target: Target, nowMs: number): QualityScore
  /** `undefined` for a target that nothing is known of. */
  read(target: Target, nowMs: number): ObservedHealth | undefined
  readAll(nowMs: number): readonly ObservedHealth[]
  close?(): void | Promise<void>
}
