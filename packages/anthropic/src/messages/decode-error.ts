import {
  codeForStatus,
  isRecord,
  looksLikeContextLength,
  providerError,
  type ErrorAnswer,
  type ErrorCode,
  type GatewayError,
  type ProtocolContext,
} from '@turnout/core/adapter'
import type { WireError } from './wire-types.js'

/** The class that an error type stands for, and the status it has when it comes first. */
const TYPES: ReadonlyMap<string, { readonly code: ErrorCode; readonly status: number }> = new Map(
  Object.entries({
    invalid_request_error: { code: 'invalid_request', status: 400 },
    authentication_error: { code: 'authentication', status: 401 },
    billing_error: { code: 'quota_exhausted', status: 402 },
    permission_error: { code: 'permission', status: 403 },
    not_found_error: { code: 'not_found', status: 404 },
    request_too_large: { code: 'invalid_request', status: 413 },
    rate_limit_error: { code: 'rate_limited', status: 429 },
    api_error: { code: 'upstream_error', status: 500 },
    timeout_error: { code: 'timeout', status: 504 },
    overloaded_error: { code: 'overloaded', status: 529 },
  }),
)

/** Codes that say more than their type: money, not load. */
const SPENT: ReadonlySet<string> = new Set([
  'enforced_spend_limit_reached',
  'contract_spend_limit_reached',
  'linked_organization_spend_limit_reached',
  'linked_organization_billing_unavailable',
])
const SPENT_TEXT = /credit balance is too low|reached your specified api usage limits/i
const TOO_LONG_TEXT = /exceed context limit|prompt is too long/i
const FILTERED_TEXT = /blocked by content filtering policy/i

/** Never throws, whatever the body is: proxies answer with HTML, arrays and nothing at all. */
export function decodeError(answer: ErrorAnswer): GatewayError {
  const error = errorOf(answer.body)
  if (error) {
    const code = classify(error, answer.status)
    const message = textOf(error)
    const unsupportedSetting = code === 'invalid_request' && message ? refusedSetting(message) : undefined
    return providerError(answer, { code, message, unsupportedSetting })
  }
  const text = typeof answer.body === 'string' && !/^\s*</.test(answer.body) ? answer.body : undefined
  return providerError(answer, { code: codeForStatus(answer.status), message: text })
}

/** An error inside a 200: the body tells what its status would have been. */
export function streamError(event: unknown, { provider, model }: ProtocolContext): GatewayError {
  const type = errorOf(event)?.type ?? ''
  // The headers belong to the answer that had begun well.
  return decodeError({ status: TYPES.get(type)?.status ?? 500, headers: {}, body: event, provider, model })
}

function errorOf(body: unknown): WireError | undefined {
  const error = isRecord(body) ? body['error'] : undefined
  if (isRecord(error)) return error
  return typeof error === 'string' ? { message: error } : undefined
}

/** Fields whose name here is not the request's. */
const SETTING_OF_FIELD: ReadonlyMap<string, string> = new Map([
  ['stop_sequences', 'stop'],
  ['thinking', 'reasoning_effort'],
  ['output_config', 'reasoning_effort'],
  ['tool_choice', 'parallel_tool_calls'],
])
const REFUSED_FIELD =
  /^`?(\w+)(?:\.[\w.]+)?`?(?:: Extra inputs are not permitted|(?::| is)\b.{0,80}\b(?:not supported|deprecated)\b)/i

/** A setting that was refused by name: the request may be sent again without it. */
function refusedSetting(message: string): string | undefined {
  const field = REFUSED_FIELD.exec(message)?.[1]
  return field === undefined ? undefined : (SETTING_OF_FIELD.get(field) ?? field)
}

function textOf({ message, type }: WireError): string | undefined {
  if (typeof message === 'string' && message !== '') return message
  return typeof type === 'string' ? type : undefined
}

function classify(error: WireError, status: number): ErrorCode {
  const message = typeof error.message === 'string' ? error.message : ''
  const detail: unknown = isRecord(error.details) ? error.details['error_code'] : undefined
  if ((typeof detail === 'string' && SPENT.has(detail)) || SPENT_TEXT.test(message)) return 'quota_exhausted'
  const known = typeof error.type === 'string' ? TYPES.get(error.type)?.code : undefined
  const code = known ?? codeForStatus(status)
  if (code !== 'invalid_request' || status === 413) return code
  if (FILTERED_TEXT.test(message)) return 'content_filtered'
  return TOO_LONG_TEXT.test(message) || looksLikeContextLength(message) ? 'context_length' : code
}
