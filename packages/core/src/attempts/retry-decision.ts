/** Pure: what to do after an attempt has failed before its commit. */
import { ERROR_CODES, type ErrorCode, type ErrorVerdict } from '../errors/error-code.js'
import type { GatewayError } from '../errors/gateway-error.js'
import type { Random } from '../platform/random.js'

export interface RetryPolicy {
  /** The most attempts at one target. */
  readonly maxPerTarget: number
  readonly baseDelayMs: number
  readonly maxDelayMs: number
  /** The longest `Retry-After` that is waited for: with another candidate at hand, and on the last one. */
  readonly maxRetryAfterWaitMs: { readonly withFallback: number; readonly last: number }
}

export const RETRY_POLICY: RetryPolicy = {
  maxPerTarget: 3,
  baseDelayMs: 400,
  maxDelayMs: 8_000,
  maxRetryAfterWaitMs: { withFallback: 3_000, last: 60_000 },
}

export interface FailureFacts {
  readonly error: GatewayError
  /** The error is about the key, and the target has another one that this call has not used. */
  readonly hasOtherKey?: boolean
  /** Attempts at this target so far, the failed one included. */
  readonly triesHere: number
  /** Attempts that the call may still make. */
  readonly attemptsLeft: number
  readonly hasFallback: boolean
  /** Milliseconds until the call's deadline. */
  readonly remainingMs: number
  /** Codes that end a call by default, but that its route wants to be routed around. */
  readonly routedAround?: ReadonlySet<ErrorCode> | undefined
}

/** `reason` is for the trace: a few words. */
export type RetryDecision =
  | { readonly action: 'same'; readonly delayMs: number; readonly reason: string }
  | { readonly action: 'next'; readonly reason: string }
  | { readonly action: 'fail'; readonly reason: string }

export function decideRetry(facts: FailureFacts, policy: RetryPolicy, random: Random): RetryDecision {
  const verdict = errorVerdict(facts.error, facts.routedAround)
  if (verdict === 'fail') return { action: 'fail', reason: `${facts.error.code} ends the call` }
  if (facts.attemptsLeft <= 0) return { action: 'fail', reason: 'no attempts left (maxAttempts)' }
  if (facts.hasOtherKey)
    return { action: 'same', delayMs: 0, reason: `${facts.error.code}: with another key` }
  if (verdict === 'next') return leave(facts, `${facts.error.code} is not retried here`)
  // Nobody listens there, and waiting for somebody is worth less than an answer.
  if (facts.hasFallback && isRefused(facts.error)) return leave(facts, 'the connection was refused')
  if (facts.triesHere >= mostTries(facts.error, policy))
    return leave(facts, `tried ${facts.triesHere} times here`)
  const asked = facts.error.retryAfterMs
  const patience = facts.hasFallback
    ? policy.maxRetryAfterWaitMs.withFallback
    : policy.maxRetryAfterWaitMs.last
  if (asked !== undefined && asked > patience) {
    return leave(facts, `asked to wait ${Math.round(asked)} ms, longer than ${patience}`)
  }
  const delayMs = retryDelayMs(facts, policy, random)
  if (delayMs >= facts.remainingMs) return leave(facts, 'the wait would pass the deadline')
  return { action: 'same', delayMs, reason: `${facts.error.code} may pass` }
}

/** The decision when a retry was granted by everything but the target's retry budget. */
export const withoutBudget = (facts: FailureFacts): RetryDecision => leave(facts, 'the retry budget is spent')

function leave({ hasFallback }: FailureFacts, reason: string): RetryDecision {
  return hasFallback ? { action: 'next', reason } : { action: 'fail', reason: `${reason}; no target left` }
}

const ABOUT_THE_KEY: ReadonlySet<ErrorCode> = new Set(['authentication', 'permission', 'quota_exhausted'])

/** The code's verdict, corrected by what this one error says of itself. */
export function errorVerdict(error: GatewayError, routedAround?: ReadonlySet<ErrorCode>): ErrorVerdict {
  const { verdict } = ERROR_CODES[error.code]
  // A silent target is left, not asked again; a total clock that ran out ends the call.
  if (error.code === 'timeout') return error.phase === 'total' ? 'fail' : 'next'
  if (verdict === 'fail') return routedAround?.has(error.code) ? 'next' : 'fail'
  // The adapter has another key to try.
  if (error.retryable && ABOUT_THE_KEY.has(error.code)) return 'same'
  return verdict === 'same' && !error.retryable ? 'next' : verdict
}

/** What cannot be read is mostly what is always sent there: once more, in case it was cut on its way. */
function mostTries({ code }: GatewayError, { maxPerTarget }: RetryPolicy): number {
  return code === 'bad_response' ? Math.min(2, maxPerTarget) : maxPerTarget
}

function isRefused({ cause }: GatewayError): boolean {
  return cause instanceof Error && (cause as NodeJS.ErrnoException).code === 'ECONNREFUSED'
}

/** Back-off that doubles, spread over its upper half; a provider's own wait is a floor, and never early. */
function retryDelayMs({ triesHere, error }: FailureFacts, policy: RetryPolicy, random: Random): number {
  const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (triesHere - 1))
  const backOff = ceiling * (0.5 + 0.5 * random())
  // A little late, so that the callers of one outage do not come back at once.
  return Math.max(backOff, (error.retryAfterMs ?? 0) * (1 + 0.2 * random()))
}
