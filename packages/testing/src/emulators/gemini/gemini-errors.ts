/** Gemini's errors: status, status word and details of each kind. Delays stand in the body, not in headers. */
import type { ErrorReply, ScriptedErrorCode } from '../../script/reply.js'
import type { JsonRecord } from '../read-json.js'
import type { WireAnswer } from '../vendor.js'

interface ErrorRow {
  readonly code: number
  readonly status: string
  readonly message: string
  readonly details?: readonly JsonRecord[]
  /** Only the message tells this kind from others of its status: a scripted message is added, not put in its place. */
  readonly marked?: boolean
}

const TYPE = 'type.googleapis.com/google.rpc'
const quota = (quotaId: string): JsonRecord => ({
  '@type': `${TYPE}.QuotaFailure`,
  violations: [
    { quotaMetric: 'generativelanguage.googleapis.com/generate_content_requests', quotaId, quotaValue: '10' },
  ],
})

const ERRORS: Readonly<Record<ScriptedErrorCode, ErrorRow>> = {
  invalid_request: {
    code: 400,
    status: 'INVALID_ARGUMENT',
    message: 'Request contains an invalid argument.',
  },
  authentication: {
    code: 400,
    status: 'INVALID_ARGUMENT',
    message: 'API key not valid. Please pass a valid API key.',
    details: [
      {
        '@type': `${TYPE}.ErrorInfo`,
        reason: 'API_KEY_INVALID',
        domain: 'googleapis.com',
        metadata: { service: 'generativelanguage.googleapis.com' },
      },
    ],
  },
  permission: { code: 403, status: 'PERMISSION_DENIED', message: 'The caller does not have permission' },
  not_found: { code: 404, status: 'NOT_FOUND', message: 'Requested entity was not found.' },
  rate_limited: {
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    message: 'You exceeded your current quota, please check your plan and billing details.',
    details: [quota('GenerateRequestsPerMinutePerProjectPerModel')],
  },
  quota_exhausted: {
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    message: 'You exceeded your current quota, please check your plan and billing details.',
    details: [quota('GenerateRequestsPerDayPerProjectPerModel-FreeTier')],
  },
  context_length: {
    code: 400,
    status: 'INVALID_ARGUMENT',
    marked: true,
    message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  },
  content_filtered: {
    code: 400,
    status: 'INVALID_ARGUMENT',
    message: 'The request was blocked by the safety policy.',
    marked: true,
  },
  timeout: { code: 504, status: 'DEADLINE_EXCEEDED', message: 'The request timed out. Please try again.' },
  overloaded: {
    code: 503,
    status: 'UNAVAILABLE',
    message: 'The model is overloaded. Please try again later.',
  },
  upstream_error: { code: 500, status: 'INTERNAL', message: 'An internal error has occurred.' },
}

export function geminiErrorBody(error: ErrorReply): { readonly error: JsonRecord } {
  const row = ERRORS[error.error]
  const told =
    error.message === undefined ? row.message : row.marked ? `${row.message} ${error.message}` : error.message
  const seconds =
    error.retryAfterMs === undefined ? undefined : `${Number((error.retryAfterMs / 1_000).toFixed(3))}s`
  const details = [
    ...(row.details ?? []),
    ...(seconds === undefined ? [] : [{ '@type': `${TYPE}.RetryInfo`, retryDelay: seconds }]),
  ]
  return {
    error: {
      code: error.status ?? row.code,
      message: seconds === undefined ? told : `${told}\nPlease retry in ${seconds}.`,
      status: row.status,
      ...(details.length > 0 ? { details } : {}),
    },
  }
}

export function geminiErrorAnswer(error: ErrorReply): WireAnswer {
  return {
    status: error.status ?? ERRORS[error.error].code,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...error.headers },
    body: geminiErrorBody(error),
  }
}

export function geminiKeyRefusal(key: string | undefined): WireAnswer {
  if (key !== undefined) return geminiErrorAnswer({ error: 'authentication' })
  const message =
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API."
  return geminiErrorAnswer({ error: 'permission', message })
}

/** A path that does not exist is answered by the front end, in HTML. */
export function geminiUnknownPath(): WireAnswer {
  const body =
    '<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not Found)!!1</title>\n<p><b>404.</b> <ins>That’s an error.</ins>\n'
  return { status: 404, headers: { 'content-type': 'text/html; charset=UTF-8' }, body }
}
