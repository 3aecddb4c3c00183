import { GatewayError, type FailedAttempt } from './gateway-error.js'

/** The same error, told of the call it belongs to. A new object: adapters may throw one instance twice. */
export function withCallFacts(
  error: GatewayError,
  facts: { readonly requestId: string; readonly attempts: readonly FailedAttempt[] },
): GatewayError {
  const { code, message, path, phase, provider, model, status, retryable, retryAfterMs, resetsAt, partial, cause } = error
  const told = new GatewayError({
    code, message, path, phase, provider, model, status, retryable, retryAfterMs, resetsAt, partial, cause, ...facts,
  })
  if (error.stack !== undefined) told.stack = error.stack
  return told
}
