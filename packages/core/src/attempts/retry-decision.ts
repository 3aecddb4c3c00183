/** Pure: what to do after an attempt has failed before its commit. */
import { ERROR_CODES, type ErrorVerdict } from '../errors/error-code.js'
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
  /** Attempts at this target so far, the failed one included. */
  readonly triesHere: number
  /** Attempts that the call may still make. */
  readonly attemptsLeft: number
  readonly hasFallback: boolean
  /** Milliseconds until the call's deadline. */
  readonly remainingMs: number
}

export type RetryDecision =
  | { readonly action: 'same'; readonly delayMs: number }
  | { readonly action: 'next' }
  | { readonly action: 'fail' }

export function decideRetry(facts: FailureFacts, policy: RetryPolicy, random: Random): RetryDecision {
  const verdict = errorVerdict(facts.error)
  if (verdict === 'fail' || facts.attemptsLeft <= 0) return { action: 'fail' }
  const leave: RetryDecision = facts.hasFallback ? { action: 'next' } : { action: 'fail' }
  if (verdict === 'next' || facts.triesHere >= policy.maxPerTarget) return leave
  const delayMs = retryDelayMs(facts, policy, random)
  return delayMs === undefined || delayMs >= facts.remainingMs ? leave : { action: 'same', delayMs }
}

/** The code's verdict, corrected by what this one error says of itself. */
export function errorVerdict(error: GatewayError): ErrorVerdict {
  const { verdict } = ERROR_CODES[error.code]
  // A silent target is left, not asked again; a total clock that ran out ends the call.
  if (error.code === 'timeout') return error.phase === 'total' ? 'fail' : 'next'
  return verdict === 'same' && !error.retryable ? 'next' : verdict
}

/** The wait before the same target is tried again; `undefined` when it asks for more than we wait. */
function retryDelayMs(facts: FailureFacts, policy: RetryPolicy, random: Random): number | undefined {
  const asked = facts.error.retryAfterMs
  if (asked !== undefined) {
    const cap = facts.hasFallback ? policy.maxRetryAfterWaitMs.withFallback : policy.maxRetryAfterWaitMs.last
    // Never early; a little late, so that the callers of one outage do not come back at once.
    return asked > cap ? undefined : asked * (1 + 0.2 * random())
  }
  const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (facts.triesHere - 1))
  return ceiling * (0.5 + 0.5 * random())
}
