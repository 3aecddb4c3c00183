/** What the gateway tells about a call: on every answer, last chunk, partial answer and `request-end` event. */
import type { ErrorCode, TimeoutPhase } from '../errors/error-code.js'
import type { AssignedArm } from './experiment.js'
import type { Target, Verdict } from './target.js'
import type { Usage } from './usage.js'

/** What an attempt used, and what that costs. */
export interface AttemptBill {
  /** `null` when the price is unknown; 0 for attempts that the provider does not bill. */
  readonly costUsd: number | null
  /** Absent for attempts that the provider does not bill. */
  readonly usage?: Usage
  /** The usage is our estimate. */
  readonly estimated?: boolean
}

/** Why an attempt was started. */
export type AttemptKind = 'first' | 'retry' | 'failover' | 'hedge'

export interface AttemptRecord extends AttemptBill {
  readonly kind: AttemptKind
  /** Name of the provider in the gateway's config. */
  readonly provider: string
  readonly model: string
  /** Which of the provider's API keys it used, by its name (`key-2`), where there are several. */
  readonly key?: string
  readonly outcome: 'ok' | 'error' | 'aborted'
  /** Milliseconds from the start of the call to the start of this attempt. */
  readonly startedAfterMs: number
  readonly durationMs: number
  /** Milliseconds from the start of the attempt to its first content; absent when none came. */
  readonly firstContentMs?: number
  /** HTTP status, the provider's request id and its response headers (credentials and cookies left out). */
  readonly status?: number
  readonly providerRequestId?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly error?: { readonly code: ErrorCode; readonly message: string; readonly phase?: TimeoutPhase }
  /** What the engine decided when this attempt had failed before its commit. */
  readonly verdict?: AttemptVerdict
}

export interface AttemptVerdict {
  /** The same target again, the next one, the end, or the answer so far carried on by another attempt. */
  readonly action: 'retry' | 'failover' | 'give_up' | 'rescue'
  readonly reason: string
  /** The wait before a retry, in milliseconds. */
  readonly delayMs?: number
}

/** A target that was passed over although it was in the plan: nothing was sent to it. */
export interface SkippedTarget extends Target {
  readonly code: 'breaker_open' | 'cooldown' | 'limit' | 'context_too_small' | 'budget_exceeded'
  readonly reason: string
  /** Milliseconds from the start of the call. */
  readonly afterMs: number
  /** Milliseconds until the target may be asked again; absent when waiting would not help. */
  readonly retryAfterMs?: number
}

/** Something was done differently from what the request asked for, or deserves a look. */
export interface Warning {
  readonly code:
    | 'setting_dropped'
    | 'setting_changed'
    | 'content_changed'
    | 'unknown_field'
    | 'unknown_model'
    | 'state_dropped'
    | 'usage_estimated'
    | 'stream_end_unmarked'
    | 'event_skipped'
  /** Where in the request, when it is about one place: `temperature`, `tools[3].function.parameters`. */
  readonly path?: string
  readonly message: string
  readonly provider?: string
}

/** The decisions of one call in order: what was planned, what was tried, what came of it. */
export interface DecisionTrace {
  readonly requestId: string
  /** The `model` of the request. */
  readonly requested: string
  readonly route: string | null
  readonly strategy: string
  /** Every candidate once: eligible ones in the order planned, then those left out. */
  readonly candidates: readonly Verdict[]
  readonly attempts: readonly AttemptRecord[]
  /** Targets whose breaker or cooldown, or whose cost, kept them from being asked. */
  readonly skipped: readonly SkippedTarget[]
  readonly outcome: 'ok' | 'error' | 'aborted'
  readonly error?: { readonly code: ErrorCode; readonly message: string }
  /** The arms of experiments that the call was sent to, outer routes first. */
  readonly experiments?: readonly AssignedArm[]
  /** Milliseconds from the call to its end. */
  readonly durationMs: number
}

/**
 * The lists are copies of the call's own: yours to keep, and as they were when the answer was made. The records in them
 * are shared with events and traces: read them, do not write.
 */
export interface GatewayMeta {
  readonly requestId: string
  /** The route that was asked for; `null` when the request named a model itself. */
  readonly route: string | null
  readonly provider: string
  /** The model id that was asked of the provider. */
  readonly model: string
  readonly attempts: readonly AttemptRecord[]
  /** All attempts together; `null` when a price is unknown. */
  readonly costUsd: number | null
  /** Usage, and therefore cost, is our estimate: the provider sent none. */
  readonly estimated: boolean
  readonly cache: 'hit' | 'miss' | 'off'
  readonly warnings: readonly Warning[]
  readonly trace: DecisionTrace
}

/** A chunk that is an event of the stream rather than content. */
export interface StreamEventMark {
  /** `restart`: what was delivered before is void, the answer begins anew. */
  readonly event: 'restart'
}
