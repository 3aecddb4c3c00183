/** Options of one call. */

/** The five clocks, in milliseconds. Each has a default in the gateway's options. */
export interface Timeouts {
  /** The whole call, all attempts and waits included. */
  readonly totalMs?: number
  /** Until the socket (TCP and TLS) is ready. */
  readonly connectMs?: number
  /** From the request written to the response headers. */
  readonly headersMs?: number
  /** From the request written to the first content; keep-alives and empty deltas do not count. */
  readonly firstTokenMs?: number
  /** Between two pieces of content of a stream; keep-alives extend it to at most 120 s. */
  readonly idleMs?: number
}

export type Priority = 'critical' | 'high' | 'normal' | 'low' | 'batch'

/** The JSON-safe call options, which may also stand in the request under `gateway`. */
export interface RequestOptions {
  /** Yours, for logs and traces; made up when absent. At most 200 visible ASCII characters. */
  readonly requestId?: string
  /** Sent to providers that know such a header, the same on every attempt. At most 255 visible ASCII characters. */
  readonly idempotencyKey?: string
  /** The most attempts over retries, failovers and hedges together. Default 6. */
  readonly maxAttempts?: number
  readonly timeout?: Timeouts
  readonly priority?: Priority
  readonly tenant?: string
  readonly session?: string
  readonly tags?: Readonly<Record<string, string>>
  /** What to do with a setting that the chosen model does not take: drop it with a warning (default) or refuse. */
  readonly unsupported?: 'warn' | 'error'
  /** How `chat()` asks the provider: for a whole answer (default), or for a stream that is folded. */
  readonly upstream?: 'stream' | 'whole'
}

export interface CallOptions extends RequestOptions {
  /** Aborting it ends the call with code `aborted` and closes the socket. */
  readonly signal?: AbortSignal
}
