import { redactSecrets } from '../platform/redact.js'
import { describeCause } from './describe-cause.js'
import { ERROR_CODES, type ErrorCode, type TimeoutPhase } from './error-code.js'

/** Registered, so that two copies of this package in one process recognise each other's errors. */
const BRAND = Symbol.for('turnout.GatewayError')
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** One attempt as an error reports it: facts only, no prompt, no key. */
export interface FailedAttempt {
  readonly provider: string
  readonly model: string
  readonly code: ErrorCode
  readonly message: string
  readonly status?: number
  readonly durationMs: number
}

/** A limit of the provider's that its refusal names, as a whole: how much of it is left is not said. */
export interface StatedQuota {
  readonly what: 'requests' | 'tokens' | 'inputTokens' | 'outputTokens'
  readonly max: number
  readonly windowMs: number
}

export interface GatewayErrorInit<Partial = unknown> {
  readonly code: ErrorCode
  /** What happened, where, and what to do; secrets in it are masked. */
  readonly message: string
  /** Where in the request or config the fault lies, such as `messages[2].content`. */
  readonly path?: string
  readonly phase?: TimeoutPhase
  readonly provider?: string
  readonly model?: string
  /** HTTP status of the provider's answer. */
  readonly status?: number
  /** Defaults to the code's entry in the error table. */
  readonly retryable?: boolean
  readonly retryAfterMs?: number
  readonly resetsAt?: Date
  /** On `invalid_request`: the setting that the provider refused by name, as the request spells it. */
  readonly unsupportedSetting?: string
  /** On `rate_limited`: the limits that the provider names. */
  readonly quotas?: readonly StatedQuota[]
  readonly requestId?: string
  readonly attempts?: readonly FailedAttempt[]
  readonly partial?: Partial
  readonly cause?: unknown
}

/**
 * The only error class that Turnout throws. Test for it with {@link isGatewayError}, not `instanceof`.
 *
 * `message`, `toJSON()` and `util.inspect()` never hold a prompt, a key or a request body.
 */
export class GatewayError<Partial = unknown> extends Error {
  readonly code: ErrorCode
  // Declared, not defined: a field that does not apply is absent, and `partial` stays out of enumeration.
  declare readonly path?: string
  /** On `timeout`: the clock that ran out. */
  declare readonly phase?: TimeoutPhase
  declare readonly provider?: string
  declare readonly model?: string
  /** HTTP status of the provider's answer, when there was one. */
  declare readonly status?: number
  /** The same request to the same provider may succeed later. */
  readonly retryable: boolean
  /** How long the provider (or our limiter) asks to wait, in milliseconds. */
  declare readonly retryAfterMs?: number
  declare readonly resetsAt?: Date
  /** On `invalid_request`: the setting that the provider refused by name, as the request spells it. */
  declare readonly unsupportedSetting?: string
  /** On `rate_limited`: the limits that the provider names. */
  declare readonly quotas?: readonly StatedQuota[]
  /** Empty when the error has nothing to do with a call, such as one about the configuration. */
  readonly requestId: string
  /** Every attempt that failed before this error was thrown, in order. */
  readonly attempts: readonly FailedAttempt[]
  /** The answer so far, usage included, when a stream had begun. Reachable by name, absent from logs and dumps. */
  declare readonly partial?: Partial

  static {
    hide(this.prototype, 'name', 'GatewayError')
  }

  constructor(init: GatewayErrorInit<Partial>) {
    super(redactSecrets(init.message), init.cause === undefined ? undefined : { cause: init.cause })
    if (init.code === 'aborted') hide(this, 'name', 'AbortError')
    this.code = init.code
    this.retryable = init.retryable ?? ERROR_CODES[init.code].retryable
    this.requestId = init.requestId ?? ''
    this.attempts = init.attempts ?? []
    if (init.path !== undefined) this.path = redactSecrets(init.path)
    if (init.phase !== undefined) this.phase = init.phase
    if (init.provider !== undefined) this.provider = init.provider
    if (init.model !== undefined) this.model = init.model
    if (init.status !== undefined) this.status = init.status
    if (init.retryAfterMs !== undefined) this.retryAfterMs = init.retryAfterMs
    if (init.resetsAt !== undefined) this.resetsAt = init.resetsAt
    if (init.unsupportedSetting !== undefined) this.unsupportedSetting = init.unsupportedSetting
    if (init.quotas !== undefined) this.quotas = init.quotas
    if (init.partial !== undefined) hide(this, 'partial', init.partial)
    hide(this, BRAND, true)
  }

  toJSON(): Record<string, unknown> {
    const { name, code, message, path, phase, provider, model, status, retryable, retryAfterMs } = this
    const { resetsAt, requestId, attempts } = this
    return {
      name,
      code,
      message,
      path,
      phase,
      provider,
      model,
      status,
      retryable,
      retryAfterMs,
      resetsAt,
      requestId: requestId || undefined,
      attempts: attempts.length > 0 ? attempts : undefined,
      cause: describeCause(this.cause),
    }
  }

  [INSPECT](depth: number, options: object, inspect: (value: unknown, options?: object) => string): string {
    const { name, message, ...facts } = this.toJSON()
    if (depth < 0) return `[${String(name)}: ${this.code}]`
    const known = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
    // Six levels: as deep as a described chain of causes goes.
    return `${this.stack ?? `${String(name)}: ${String(message)}`} ${inspect(known, { ...options, depth: 6 })}`
  }
}

/** As native errors have their `message`: readable, but no loop over the error's fields meets it. */
function hide(error: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: false })
}

/**
 * True for errors of any copy of Turnout in this process; with codes, only for those.
 *
 * @example
 * try { await gateway.chat(request) } catch (error) {
 *   if (isGatewayError(error, 'rate_limited')) await wait(error.retryAfterMs ?? 1_000)
 *   else throw error
 * }
 */
export function isGatewayError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is GatewayError & { readonly code: Code } {
  if (typeof error !== 'object' || error === null || !Object.hasOwn(error, BRAND)) return false
  return codes.length === 0 || (codes as readonly ErrorCode[]).includes((error as GatewayError).code)
}
