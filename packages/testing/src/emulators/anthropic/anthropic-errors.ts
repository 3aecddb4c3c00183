/** Anthropic's errors: status and type of each kind, and the headers that come with them. */
import type { ErrorReply, ScriptedErrorCode } from '../../script/reply.js'
import { madeUpId } from '../made-up.js'
import type { JsonRecord } from '../read-json.js'
import type { RefusalFacts, WireAnswer } from '../vendor.js'

interface ErrorRow {
  readonly status: number
  readonly type: string
  readonly message: string
  /** Only the message tells this kind from others of its type: a scripted message is added, not put in its place. */
  readonly marked?: boolean
}

const ERRORS: Readonly<Record<ScriptedErrorCode, ErrorRow>> = {
  invalid_request: { status: 400, type: 'invalid_request_error', message: 'Invalid request.' },
  authentication: { status: 401, type: 'authentication_error', message: 'invalid x-api-key' },
  permission: {
    status: 403,
    type: 'permission_error',
    message: 'Your API key does not have permission to use the specified resource.',
  },
  not_found: { status: 404, type: 'not_found_error', message: 'The requested resource could not be found.' },
  rate_limited: {
    status: 429,
    type: 'rate_limit_error',
    message: 'This request would exceed the rate limit of your organization of 50 requests per minute.',
  },
  quota_exhausted: {
    status: 400,
    type: 'invalid_request_error',
    message:
      'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
    marked: true,
  },
  context_length: {
    status: 400,
    type: 'invalid_request_error',
    message: 'prompt is too long: 208310 tokens > 200000 maximum',
    marked: true,
  },
  content_filtered: {
    status: 400,
    type: 'invalid_request_error',
    message: 'Output blocked by content filtering policy',
    marked: true,
  },
  timeout: {
    status: 504,
    type: 'timeout_error',
    message: 'Request timed out. Try streaming for long requests.',
  },
  overloaded: { status: 529, type: 'overloaded_error', message: 'Overloaded' },
  upstream_error: { status: 500, type: 'api_error', message: 'Internal server error' },
}

export function anthropicErrorBody(error: ErrorReply): {
  readonly type: 'error'
  readonly error: JsonRecord
} {
  const row = ERRORS[error.error]
  const message =
    error.message === undefined ? row.message : row.marked ? `${row.message} ${error.message}` : error.message
  return { type: 'error', error: { type: row.type, message } }
}

export function anthropicErrorAnswer(error: RefusalFacts, random: () => number): WireAnswer {
  const requestId = madeUpId('req_011C', 20, random)
  const status = error.status ?? ERRORS[error.error].status
  return {
    status,
    headers: {
      'request-id': requestId,
      'x-should-retry': String(status === 408 || status === 409 || status === 429 || status >= 500),
      ...retryHeaders(error),
      ...error.headers,
    },
    body: { ...anthropicErrorBody(error), request_id: requestId },
  }
}

function retryHeaders({ error, retryAfterMs }: ErrorReply): Readonly<Record<string, string>> {
  if (retryAfterMs === undefined) return {}
  const seconds = Math.ceil(retryAfterMs / 1_000)
  if (error !== 'rate_limited') return { 'retry-after': String(seconds) }
  return {
    'retry-after': String(seconds),
    'anthropic-ratelimit-requests-limit': '50',
    'anthropic-ratelimit-requests-remaining': '0',
    'anthropic-ratelimit-requests-reset': new Date(Date.now() + retryAfterMs).toISOString(),
  }
}
