import type { AttemptRecord } from '../contract/gateway-meta.js'
import type { HealthObservation } from '../contract/target-health.js'
import type { ErrorCode } from '../errors/error-code.js'

/** What was wrong with the request, the key or the configuration says nothing of the target. */
const CALLERS_FAULT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'invalid_request',
  'authentication',
  'permission',
  'not_found',
  'context_length',
  'content_filtered',
])
/** A call's own deadline may leave its last attempt next to nothing; so long is a fair chance. */
const FAIR_CHANCE_MS = 5_000

/**
 * What an attempt says of its target.
 * @param streamed a stream was asked for, so that the first content came ahead of the rest
 */
export function observeAttempt(attempt: AttemptRecord, streamed: boolean): HealthObservation {
  const { provider, model, durationMs, firstContentMs } = attempt
  const weLeft = attempt.outcome === 'aborted' || attempt.error?.code === 'timeout'
  // Every field in every record, absent or not: one hidden class on the path of every attempt.
  return {
    kind: 'attempt',
    provider,
    model,
    outcome: outcomeOf(attempt),
    firstContentMs: streamed ? firstContentMs : undefined,
    firstContentAtLeastMs: streamed && weLeft && firstContentMs === undefined ? durationMs : undefined,
    totalMs: attempt.outcome === 'ok' ? durationMs : undefined,
    totalAtLeastMs: weLeft ? durationMs : undefined,
  }
}

function outcomeOf({
  outcome,
  error,
  durationMs,
  firstContentMs,
}: AttemptRecord): 'ok' | 'error' | undefined {
  if (outcome === 'ok') return 'ok'
  if (outcome === 'aborted' || (error && CALLERS_FAULT.has(error.code))) return undefined
  if (error?.phase !== 'total') return 'error'
  return firstContentMs === undefined && durationMs >= FAIR_CHANCE_MS ? 'error' : undefined
}
