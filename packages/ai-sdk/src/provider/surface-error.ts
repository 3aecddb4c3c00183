/** The gateway's errors as the AI SDK's. */
import { APICallError } from '@ai-sdk/provider'
import { ERROR_CODES, isGatewayError } from '@turnout/core'

/**
 * An `APICallError` that the SDK does not retry: the gateway has, as far as that could help. Its `cause` is the
 * `GatewayError`, its `data` what may be logged of it. An abort is the caller's own reason again, which the SDK knows
 * by its name.
 */
export function surfaceError(error: unknown, model: string): unknown {
  if (!isGatewayError(error)) return error
  if (error.code === 'aborted') return isAbort(error.cause) ? error.cause : error
  const { code, message, status, retryAfterMs } = error
  return new APICallError({
    message,
    url: `turnout:${model}`,
    requestBodyValues: { model }, // no prompt: errors end in logs
    statusCode: status !== undefined && status >= 400 ? status : ERROR_CODES[code].status,
    ...(retryAfterMs !== undefined && {
      responseHeaders: {
        'retry-after-ms': String(retryAfterMs),
        'retry-after': String(Math.ceil(retryAfterMs / 1_000)),
      },
    }),
    isRetryable: false,
    data: error.toJSON(),
    cause: error,
  })
}

/** As the SDK tests for it. */
function isAbort(reason: unknown): boolean {
  const { name } = (reason ?? {}) as { readonly name?: unknown }
  return reason instanceof Error && (name === 'AbortError' || name === 'TimeoutError')
}
