/** Events of a gateway, by name. Listeners get facts, never prompts or answers. */
import type { ErrorCode } from '../errors/error-code.js'
import type { BudgetAlert } from './budget.js'
import type { ExperimentStopEvent } from './experiment.js'
import type { AttemptKind, AttemptRecord, DecisionTrace, Warning } from './gateway-meta.js'
import type { Usage } from './chat-response.js'
import type { LimitRefusal, PressureStatus, QueueShedReason } from './limit.js'
import type { Priority } from './request-options.js'
import type { Standing } from './target-health.js'
import type { Target } from './target.js'

export interface GatewayEvents {
  /** A call was accepted. */
  'request-start': {
    readonly requestId: string
    readonly model: string
    readonly call: 'chat' | 'stream' | 'object' | 'embed'
  }
  /** An attempt is about to be sent. */
  'attempt-start': {
    readonly requestId: string
    readonly kind: AttemptKind
    readonly provider: string
    readonly model: string
  }
  /** An attempt has settled, for a stream at its end. */
  'attempt-end': { readonly requestId: string; readonly attempt: AttemptRecord }
  /** A target failed too often: it is not asked until its breaker lets a probe through. */
  'breaker-open': Target & { readonly retryAfterMs: number }
  /** The next call may probe the target. */
  'breaker-half-open': Target
  /** A probe was answered: the target serves again. */
  'breaker-close': Target
  /**
   * A target asked to be left alone, or has to be: it is not asked for so long. With a `key`, the name of one of several,
   * only that one is not used.
   */
  cooldown: Target & { readonly key?: string; readonly code: ErrorCode; readonly retryAfterMs: number }
  /** Routing sees a target differently: by the quality of its answers, or because its provider is (not) within reach. */
  'health-change': Target & { readonly from: Standing; readonly to: Standing; readonly reason: string }
  /** A budget's purse has come to a share of its limit, or has turned an attempt away. */
  'budget-alert': BudgetAlert
  /**
   * The host is under pressure, more or less than before, or no more: calls below `shedBelow` are refused from now on,
   * those that wait included.
   */
  'pressure-change': PressureStatus
  /**
   * A call does not wait for room under the limits, or no longer; it fails with `queue_full`. One event for each: shed
   * calls are what an overload consists of, so listeners must be quick.
   */
  'queue-shed': {
    readonly requestId: string
    readonly priority: Priority
    readonly tenant?: string
    readonly reason: QueueShedReason
    /** How long it has waited. */
    readonly waitedMs: number
    readonly retryAfterMs: number
  }
  /** A limit has no room for a call or an attempt. At most once a second for each value of its scope. */
  'limit-reached': {
    readonly limit: string
    /** Values of the limit's scope, in its order. */
    readonly scope: readonly string[]
    readonly what: LimitRefusal['what']
    readonly max: number
    readonly windowMs: number
    /** Until the window has room; `null` when that depends on calls that are under way. */
    readonly retryAfterMs: number | null
  }
  /** A guard of an experiment was broken: the arm gets nobody any more. */
  'experiment-arm-stopped': ExperimentStopEvent
  /** A call was answered although attempts had failed; `hops` are those attempts. Once a call, with `request-end`. */
  recovered: { readonly requestId: string; readonly by: Target; readonly hops: readonly AttemptRecord[] }
  /** The answer differs from what was asked for. */
  warning: { readonly requestId: string; readonly warning: Warning }
  /** A call has settled: answer, error, cache hit and abort alike, exactly once for every `request-start`. */
  'request-end': {
    readonly requestId: string
    readonly outcome: 'ok' | 'error' | 'aborted'
    readonly trace: DecisionTrace
    readonly usage?: Usage
    readonly estimated: boolean
    readonly costUsd: number | null
    readonly error?: { readonly code: ErrorCode; readonly message: string }
  }
}

export type GatewayEventName = keyof GatewayEvents
export type GatewayEvent = {
  [Name in GatewayEventName]: { readonly type: Name } & GatewayEvents[Name]
}[GatewayEventName]
