import {
  codeForStatus,
  isRecord,
  looksLikeContextLength,
  parseResetMs,
  providerError,
  type ErrorAnswer,
  type ErrorCode,
  type GatewayError,
  type StatedQuota,
} from '@turnout/core/adapter'
import type { ErrorStatus } from './wire-types.js'

/** Status words of Google's APIs; they hold where the HTTP status says nothing, as inside a stream. */
const CODES: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['INVALID_ARGUMENT', 'invalid_request'],
  ['OUT_OF_RANGE', 'invalid_request'],
  // Location or billing: the key may not do this.
  ['FAILED_PRECONDITION', 'permission'],
  ['UNAUTHENTICATED', 'authentication'],
  ['PERMISSION_DENIED', 'permission'],
  ['NOT_FOUND', 'not_found'],
  ['RESOURCE_EXHAUSTED', 'rate_limited'],
  ['CANCELLED', 'upstream_error'],
  ['ABORTED', 'upstream_error'],
  ['INTERNAL', 'upstream_error'],
  ['UNKNOWN', 'upstream_error'],
  ['DATA_LOSS', 'upstream_error'],
  ['UNIMPLEMENTED', 'not_found'],
  ['UNAVAILABLE', 'overloaded'],
  ['DEADLINE_EXCEEDED', 'timeout'],
])
const KEY_REASONS = new Set([
  'API_KEY_INVALID',
  'API_KEY_EXPIRED',
  'ACCESS_TOKEN_EXPIRED',
  'ACCESS_TOKEN_TYPE_UNSUPPORTED',
  'CREDENTIALS_MISSING',
])

/** Never throws, whatever the body is. */
export function decodeError(answer: ErrorAnswer): GatewayError {
  const error = errorOf(answer.body)
  if (error === undefined)
    return providerError(answer, { code: codeForStatus(answer.status), message: textOfBody(answer.body) })
  const message = typeof error.message === 'string' ? error.message : undefined
  const details = Array.isArray(error.details) ? error.details.filter(isRecord) : []
  const code = classify(answer.status, error, message ?? '', details)
  if (error.status === 'CANCELLED' || answer.status === 499)
    return providerError(answer, { code, message, retryable: false })
  // With a daily quota the provider still names some seconds; they do not help.
  const delayMs = code === 'quota_exhausted' ? undefined : retryDelayMs(details, message ?? '')
  const unsupportedSetting = code === 'invalid_request' ? refusedSetting(message ?? '') : undefined
  const quotas = code === 'rate_limited' ? quotasOf(details) : undefined
  return providerError(answer, { code, message, retryAfterMs: delayMs, unsupportedSetting, quotas })
}

/** Fields whose name here is not the request's, in either spelling. */
const SETTING_OF_FIELD: ReadonlyMap<string, string> = new Map([
  ['topp', 'top_p'],
  ['topk', 'top_k'],
  ['stopsequences', 'stop'],
  ['presencepenalty', 'presence_penalty'],
  ['frequencypenalty', 'frequency_penalty'],
  ['responselogprobs', 'logprobs'],
  ['logprobs', 'logprobs'],
  ['temperature', 'temperature'],
  ['seed', 'seed'],
  ['servicetier', 'service_tier'],
  ['thinkingconfig', 'reasoning_effort'],
  ['thinkinglevel', 'reasoning_effort'],
  ['thinkingbudget', 'reasoning_effort'],
])

/** A setting that was refused by name: the request may be sent again without it. */
function refusedSetting(message: string): string | undefined {
  const field =
    /\bUnknown name "(\w{1,40})"/.exec(message)?.[1] ??
    /^(\w{1,40}(?: (?:level|budget))?) is not (?:supported|enabled) for this model/i.exec(message)?.[1]
  return field === undefined ? undefined : SETTING_OF_FIELD.get(field.replaceAll(/[_ ]/g, '').toLowerCase())
}

type Detail = Record<string, unknown>

function classify(
  status: number,
  error: ErrorStatus,
  message: string,
  details: readonly Detail[],
): ErrorCode {
  const code = CODES.get(String(error.status)) ?? codeForStatus(status)
  if (code === 'rate_limited') return isQuota(details, message) ? 'quota_exhausted' : 'rate_limited'
  if (code !== 'invalid_request') return code
  if (
    details.some((detail) => KEY_REASONS.has(String(detail.reason))) ||
    /^API key (?:not valid|expired)/i.test(message)
  ) {
    return 'authentication'
  }
  if (/\bblocked\b.{0,80}\b(?:safety|policy)\b|Responsible AI practices/i.test(message))
    return 'content_filtered'
  return looksLikeContextLength(message) ? 'context_length' : 'invalid_request'
}

/** A day's allowance, or none at all: waiting a minute does not help. */
function isQuota(details: readonly Detail[], message: string): boolean {
  return (
    /\blimit: 0(?![\d.])/.test(message) ||
    details.some((detail) => {
      const violations = Array.isArray(detail.violations) ? detail.violations.filter(isRecord) : []
      const metadata = isRecord(detail.metadata) ? detail.metadata : {}
      return (
        isQuotaLimit(metadata.quota_limit, metadata.quota_limit_value) ||
        violations.some((violation) => isQuotaLimit(violation.quotaId, violation.quotaValue))
      )
    })
  )
}

function isQuotaLimit(id: unknown, value: unknown): boolean {
  return String(id).includes('PerDay') || value === '0' || value === 0
}

/** The limits per minute that were passed, with their values: no header tells them. */
function quotasOf(details: readonly Detail[]): readonly StatedQuota[] | undefined {
  const quotas = details
    .flatMap(({ violations }) => (Array.isArray(violations) ? violations.filter(isRecord) : []))
    .flatMap(({ quotaId, quotaValue }): readonly StatedQuota[] => {
      const id = String(quotaId)
      const max = /^[1-9]\d{0,9}$/.test(String(quotaValue)) ? Number(quotaValue) : undefined
      if (max === undefined || !id.includes('PerMinute')) return []
      if (id.includes('Request')) return [{ what: 'requests', max, windowMs: 60_000 }]
      if (!id.includes('Token')) return []
      return [{ what: id.includes('InputToken') ? 'inputTokens' : 'tokens', max, windowMs: 60_000 }]
    })
  return quotas.length > 0 ? quotas : undefined
}

/** `retryDelay: "34.4s"`; without it the message may say the same. */
function retryDelayMs(details: readonly Detail[], message: string): number | undefined {
  const info = details.find((detail) => String(detail['@type']).endsWith('RetryInfo'))
  const delay =
    typeof info?.retryDelay === 'string'
      ? info.retryDelay
      : /\bretry in (\d[\d.]{0,20}m?s)\b/.exec(message)?.[1]
  return delay === undefined ? undefined : parseResetMs(delay, 0)
}

/** `{ error }`, the same within an array, or nothing of the kind. */
function errorOf(body: unknown): ErrorStatus | undefined {
  const holder: unknown = Array.isArray(body)
    ? body.find((item) => isRecord(item) && item.error !== undefined)
    : body
  if (!isRecord(holder)) return undefined
  if (isRecord(holder.error)) return holder.error
  return typeof holder.error === 'string' ? { message: holder.error } : undefined
}

function textOfBody(body: unknown): string | undefined {
  if (typeof body !== 'string') return undefined
  return /^\s*</.test(body) ? 'an HTML page; check baseURL and proxies in between' : body
}
