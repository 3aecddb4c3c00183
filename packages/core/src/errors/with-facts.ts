import { GatewayError, type GatewayErrorInit } from './gateway-error.js'

/** The same error with more facts. A new object: an adapter may throw one instance twice. */
export function withFacts<Partial>(
  error: GatewayError<Partial>,
  facts: Omit<GatewayErrorInit<Partial>, 'code' | 'message'>,
): GatewayError<Partial> {
  const {
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
    unsupportedSetting,
    quotas,
    requestId,
    attempts,
    partial,
    cause,
  } = error
  const told = new GatewayError({
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
    unsupportedSetting,
    quotas,
    requestId,
    attempts,
    partial,
    cause,
    ...facts,
  })
  if (error.stack !== undefined) told.stack = error.stack
  return told
}
