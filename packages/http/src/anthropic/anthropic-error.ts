/** Failures as Anthropic words them. */
import type { ErrorCode } from '@turnout/core'
import type { SurfaceAnswer } from '../exchange.js'
import { failureHeaders, type Failure } from '../failure.js'
import { requestIdHeaders } from './headers.js'

const TYPES: Readonly<Partial<Record<ErrorCode, string>>> = {
  invalid_request: 'invalid_request_error',
  context_length: 'invalid_request_error',
  content_filtered: 'invalid_request_error',
  authentication: 'authentication_error',
  permission: 'permission_error',
  blocked: 'permission_error',
  approval_required: 'permission_error',
  not_found: 'not_found_error',
  no_route: 'not_found_error',
  rate_limited: 'rate_limit_error',
  quota_exhausted: 'billing_error',
  budget_exceeded: 'billing_error',
  timeout: 'timeout_error',
  overloaded: 'overloaded_error',
  queue_full: 'overloaded_error',
  breaker_open: 'overloaded_error',
}
/** Where the code says nothing of the kind: of `all_failed`, which has the status of the last attempt. */
const TYPES_BY_STATUS: Readonly<Partial<Record<number, string>>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

function typeOf({ code, status }: Failure): string {
  if (status === 413) return 'request_too_large'
  const known = code === 'internal' ? undefined : TYPES[code]
  return known ?? (code === 'all_failed' ? TYPES_BY_STATUS[status] : undefined) ?? 'api_error'
}

/** Its clients make an error class of its own of 529, and of no other status. */
const statusOf = (failure: Failure): number =>
  failure.status === 503 && typeOf(failure) === 'overloaded_error' ? 529 : failure.status

/**
 * Threads keep a conversation at the server, which a gateway over several providers cannot. Clients that use them unasked
 * (`toolRunner`) know this code, and send the whole conversation instead.
 */
export function threadsRefused(requestId: string): SurfaceAnswer {
  const path = 'thread'
  const error = {
    type: 'invalid_request_error',
    message: `${path}: message threads are not kept here; send the whole conversation`,
    details: { error_code: 'thread_unsupported_request', unsupported: [path], path },
  }
  const failure = { requestId, retryAfterMs: undefined }
  return {
    status: 400,
    headers: { ...failureHeaders(failure), ...requestIdHeaders(requestId) },
    body: JSON.stringify({ type: 'error', error, request_id: requestId }),
  }
}

/** The gateway's own code is where Anthropic's newer errors have theirs, and clients show it as `errorCode`. */
/** @param reason what broke off a stream, in the provider's words for it: the type is of that */
export function anthropicErrorBody(failure: Failure, reason = failure): object {
  const { message, code, path, requestId, gateway } = failure
  return {
    type: 'error',
    error: {
      type: typeOf(reason),
      message,
      details: { error_code: code, ...(path !== undefined && { path }) },
      ...(gateway && { gateway }),
    },
    request_id: requestId === '' ? null : requestId,
  }
}

export const anthropicErrorAnswer = (failure: Failure): SurfaceAnswer => ({
  status: statusOf(failure),
  headers: { ...failureHeaders(failure), ...requestIdHeaders(failure.requestId) },
  body: JSON.stringify(anthropicErrorBody(failure)),
})
