/** One call as the stages share it. */
import type { AbortScope } from '../platform/abort.js'
import type { Random } from '../platform/random.js'
import type { AttemptRecord, Warning } from './gateway-meta.js'
import type { RequestOptions, Timeouts } from './call-options.js'

/** Call options with every default filled in. */
export interface ResolvedOptions extends Omit<RequestOptions, 'timeout'> {
  readonly maxAttempts: number
  readonly unsupported: 'warn' | 'error'
  readonly timeout: Required<Pick<Timeouts, 'totalMs' | 'connectMs' | 'idleMs'>> &
    Pick<Timeouts, 'headersMs' | 'firstTokenMs'>
}

export interface CallContext {
  readonly requestId: string
  readonly call: 'chat' | 'stream' | 'object' | 'embed'
  readonly options: ResolvedOptions
  /** On the clock of `performance.now()`. */
  readonly startedAt: number
  readonly deadlineAt: number
  /** The caller's abort, a stream's `return()` and `close()` alike. */
  readonly scope: AbortScope
  readonly random: Random
  /** Filled as the call goes on. */
  readonly attempts: AttemptRecord[]
  readonly warnings: Warning[]
  warn(warning: Warning): void
}
