import type { CallSignal } from '../platform/abort.js'
import type { ChatResponse } from './chat-response.js'
import type { RequestOptions } from './request-options.js'

/** Options of one call. */
export interface CallOptions extends RequestOptions {
  /** Aborting it ends the call with code `aborted` and closes the socket. */
  readonly signal?: CallSignal
  /**
   * Looks at a complete answer (of `chat`, `object`, and streams with `rescue: 'hold'`); when it gives `false`, the
   * next target is asked. With no target left the call fails with `bad_response` and the answer as `partial`.
   */
  readonly accept?: (answer: ChatResponse) => boolean | Promise<boolean>
}
