/** One call as the stages share it. */
import type { AbortScope } from '../platform/abort.js'
import type { Random } from '../platform/random.js'
import type { AttemptRecord, SkippedTarget, Warning } from './gateway-meta.js'
import type { CallOptions } from './call-options.js'
import type { RequestBounds } from './request-bounds.js'
import type { AllRequirements, Timeouts } from './request-options.js'

/** Call options with every default filled in. */
export interface ResolvedOptions extends Omit<CallOptions, 'timeout' | 'signal' | 'require'> {
  readonly maxAttempts: number
  readonly unsupported: 'warn' | 'error'
  readonly require?: AllRequirements
  readonly timeout: Required<Pick<Timeouts, 'totalMs' | 'connectMs' | 'idleMs'>> &
    Pick<Timeouts, 'headersMs' | 'firstTokenMs' | 'minTokensPerSecond'>
}

export interface CallContext {
  readonly requestId: string
  /** What its attempts are booked under: the request's id, made unique where the caller gave one, perhaps twice. */
  readonly accountId: string
  readonly call: 'chat' | 'stream' | 'object' | 'embed'
  readonly options: ResolvedOptions
  /** How large the request may be; absent: the defaults. */
  readonly bounds?: Required<RequestBounds>
  /** On the clock of `performance.now()`. */
  readonly startedAt: number
  readonly deadlineAt: number
  /** The caller's abort, a stream's `return()` and `close()` alike. */
  readonly scope: AbortScope
  readonly random: Random
  /** Filled as the call goes on. */
  readonly attempts: AttemptRecord[]
  readonly skips: SkippedTarget[]
  readonly warnings: Warning[]
  warn(warning: Warning): void
}
