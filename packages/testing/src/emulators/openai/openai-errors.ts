/** OpenAI's errors: status, type and code of each kind, and the headers that come with them. */
import type { ErrorReply, ScriptedErrorCode } from '../../script/reply.js'
import { madeUpHex } from '../made-up.js'
import type { JsonRecord } from '../read-json.js'
import type { RefusalFacts, WireAnswer } from '../vendor.js'

export interface ErrorRow {
  readonly status: number
  readonly type: string
  readonly code: string | null
  readonly message: string
}

export const OPENAI_ERRORS: Readonly<Record<ScriptedErrorCode, ErrorRow>> = {
  invalid_request: { status: 400, type: 'invalid_request_error', code: null, message: 'Invalid request.' },
  authentication: {
    status: 401,
    type: 'invalid_request_error',
    code: 'invalid_api_key',
    message: 'Incorrect API key provided.',
  },
  permission: {
    status: 403,
    type: 'invalid_request_error',
    code: 'unsupported_country_region_territory',
    message: 'Country, region, or territory not supported',
  },
  not_found: {
    status: 404,
    type: 'invalid_request_error',
    code: 'model_not_found',
    message: 'The model does not exist or you do not have access to it.',
  },
  rate_limited: {
    status: 429,
    type: 'requests',
    code: 'rate_limit_exceeded',
    message: 'Rate limit reached on requests per min (RPM): Limit 500, Used 500, Requested 1.',
  },
  quota_exhausted: {
    status: 429,
    type: 'insufficient_quota',
    code: 'insufficient_quota',
    message: 'You exceeded your current quota, please check your plan and billing details.',
  },
  context_length: {
    status: 400,
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
    message: 'Your input exceeds the context window of this model. Please adjust your input and try again.',
  },
  content_filtered: {
    status: 400,
    type: 'invalid_request_error',
    code: 'content_policy_violation',
    message: 'Your request was rejected as a result of our safety system.',
  },
  timeout: { status: 408, type: 'timeout', code: null, message: 'Request timed out.' },
  overloaded: {
    status: 503,
    type: 'server_error',
    code: 'server_is_overloaded',
    message: 'Our servers are currently overloaded. Please try again later.',
  },
  upstream_error: {
    status: 500,
    type: 'server_error',
    code: null,
    message: 'The server had an error while processing your request. Sorry about that!',
  },
}

export function openaiErrorBody(error: RefusalFacts): { readonly error: JsonRecord } {
  const row = OPENAI_ERRORS[error.error]
  return {
    error: {
      message: error.message ?? row.message,
      type: row.type,
      param: error.param ?? null,
      code: error.code === undefined ? row.code : error.code,
    },
  }
}

export function openaiErrorAnswer(error: RefusalFacts, random: () => number): WireAnswer {
  return {
    status: error.status ?? OPENAI_ERRORS[error.error].status,
    headers: { 'x-request-id': `req_${madeUpHex(32, random)}`, ...retryHeaders(error), ...error.headers },
    body: openaiErrorBody(error),
  }
}

/** A limit that tells when to come back says so three times, in three units. */
export function retryHeaders({ error, retryAfterMs }: ErrorReply): Readonly<Record<string, string>> {
  if (retryAfterMs === undefined) return {}
  const limits: Record<string, string> =
    error === 'rate_limited'
      ? { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': durationText(retryAfterMs) }
      : {}
  return {
    'retry-after': String(Math.ceil(retryAfterMs / 1_000)),
    'retry-after-ms': String(retryAfterMs),
    ...limits,
  }
}

/** The vendor's duration strings: `12ms`, `16.601s`, `1m13.588s`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`
  const minutes = Math.floor(ms / 60_000)
  const seconds = `${Number(((ms - minutes * 60_000) / 1_000).toFixed(3))}s`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}

export function openaiKeyRefusal(key: string | undefined): WireAnswer {
  if (key === undefined) {
    const message =
      "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
    return {
      status: 401,
      body: { error: { message, type: 'invalid_request_error', param: null, code: null } },
    }
  }
  const shown = `${key.slice(0, 3)}${'*'.repeat(8)}${key.slice(-2)}`
  const message = `Incorrect API key provided: ${shown}. You can find your API key at https://platform.openai.com/account/api-keys.`
  return {
    status: 401,
    body: { error: { message, type: 'invalid_request_error', param: null, code: 'invalid_api_key' } },
  }
}

export function openaiUnknownPath(method: string, path: string): WireAnswer {
  const message = `Invalid URL (${method} ${path})`
  return { status: 404, body: { error: { message, type: 'invalid_request_error', param: null, code: null } } }
}
