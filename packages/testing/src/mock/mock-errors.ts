/** The errors that an adapter would make of what went wrong. */
import { GatewayError, type ErrorCode } from '@turnout/core/adapter'
import type { ErrorReply, FaultReply, ScriptedErrorCode } from '../script/reply.js'

export interface Asked {
  readonly provider: string
  readonly model: string
}

/** The status that most providers answer with. */
const STATUS: Readonly<Record<ScriptedErrorCode, number>> = {
  invalid_request: 400,
  authentication: 401,
  permission: 403,
  not_found: 404,
  rate_limited: 429,
  quota_exhausted: 429,
  context_length: 400,
  content_filtered: 400,
  timeout: 504,
  overloaded: 503,
  upstream_error: 500,
}

export function mockError(reply: ErrorReply, asked: Asked): GatewayError {
  return new GatewayError({
    code: reply.error,
    message: reply.message ?? `${asked.provider} answered with ${reply.error}, as scripted`,
    status: reply.status ?? STATUS[reply.error],
    retryAfterMs: reply.retryAfterMs,
    ...asked,
  })
}

export function faultError(reply: FaultReply, asked: Asked): GatewayError {
  const [code, what]: [ErrorCode, string] =
    reply.fault === 'reset'
      ? ['upstream_error', 'broke the connection']
      : reply.fault === 'html' && (reply.status ?? 200) >= 500
        ? ['upstream_error', 'answered with a page']
        : reply.fault === 'html'
          ? ['bad_response', 'answered with a page']
          : reply.fault === 'empty'
            ? ['bad_response', 'answered with an empty body']
            : ['bad_response', 'answered with something that is not JSON']
  return new GatewayError({
    code,
    message: `${asked.provider} ${what}, as scripted`,
    status: reply.status,
    ...asked,
  })
}
