import {
  codeForStatus,
  looksLikeContextLength,
  parseResetMs,
  providerError,
  type ErrorAnswer,
  type GatewayError,
} from '@turnout/core/adapter'
import type { ChatDialect, SettingRules } from '../chat-dialect.js'
import { COMMON_ERROR_ROWS, ERROR_ROWS_WITHOUT_STATUS, type ErrorClass, type ErrorRow } from './error-rows.js'
import { readFault, type ProviderFault } from './read-fault.js'

/** An error answer, or an error found inside a 200, as a `GatewayError`. Takes any body. */
export function decodeChatError(
  answer: ErrorAnswer,
  dialect: Pick<ChatDialect, 'errors' | 'classifyError' | 'settings'>,
): GatewayError {
  const fault = readFault(answer.body)
  const { code, retryable, untilReset } =
    dialect.classifyError?.(fault, answer) ?? classify(fault, answer, dialect.errors ?? [])
  const headers = fault.headers ? { ...fault.headers, ...answer.headers } : answer.headers
  // Inside a 200 the status that the body names tells more than the one on the wire.
  const status = answer.status < 400 ? (fault.status ?? answer.status) : answer.status
  return providerError(
    { ...answer, status, headers },
    {
      code,
      message: fault.message,
      retryable,
      retryAfterMs: untilReset
        ? parseResetMs(headers['x-ratelimit-reset'] ?? '', Date.now())
        : code === 'rate_limited'
          ? waitInText(fault, headers)
          : undefined,
      unsupportedSetting: code === 'invalid_request' ? refusedSetting(fault, dialect.settings) : undefined,
    },
  )
}

const REFUSALS = ['unsupported_parameter', 'unsupported_value', 'unknown_parameter', 'extra_forbidden']
/** Fields whose name on the wire is not the request's. */
const SETTING_OF_FIELD: ReadonlyMap<string, string> = new Map([
  ['reasoning', 'reasoning_effort'],
  ['reasoning.effort', 'reasoning_effort'],
  ['text.verbosity', 'verbosity'],
  ['safety_identifier', 'user'],
])

/** A setting that was refused by name: the request may be sent again without it. */
function refusedSetting({ words, param }: ProviderFault, settings: SettingRules = {}): string | undefined {
  // Reasoning of earlier turns that the provider no longer accepts, after a change of keys for one.
  if (words.includes('invalid_encrypted_content')) return 'provider_state'
  if (param === undefined || !words.some((word) => REFUSALS.includes(word))) return undefined
  const renamed = Object.entries(settings).find(([, rule]) => rule.field === param)?.[0]
  return renamed ?? SETTING_OF_FIELD.get(param) ?? param
}

function classify(fault: ProviderFault, answer: ErrorAnswer, rows: readonly ErrorRow[]): ErrorClass {
  const status = answer.status < 400 ? fault.status : answer.status
  const found = findRow(rows, fault, status) ??
    findRow(COMMON_ERROR_ROWS, fault, status) ??
    (mayBeContextLength(status) && looksLikeContextLength(fault.message) ? CONTEXT_LENGTH : undefined) ??
    (status === undefined ? findRow(ERROR_ROWS_WITHOUT_STATUS, fault, status) : undefined) ?? {
      code: status === undefined ? 'upstream_error' : codeForStatus(status),
    }
  // One request beyond the whole limit of a minute: it fails again however long one waits.
  return isBeyondLimit(found, fault, status) ? { code: 'rate_limited', retryable: false } : found
}

const CONTEXT_LENGTH: ErrorClass = { code: 'context_length' }

function mayBeContextLength(status: number | undefined): boolean {
  return status !== 401 && status !== 402 && status !== 403 && status !== 429
}

function findRow(
  rows: readonly ErrorRow[],
  fault: ProviderFault,
  status: number | undefined,
): ErrorRow | undefined {
  return rows.find(
    (row) =>
      (row.status === undefined || row.status === status) &&
      (row.words === undefined || row.words.some((word) => fault.words.includes(word))) &&
      (row.message === undefined || row.message.test(fault.message)),
  )
}

function isBeyondLimit(found: ErrorClass, { message }: ProviderFault, status: number | undefined): boolean {
  if (found.code !== 'rate_limited' && status !== 413) return false
  const [, limit, requested] =
    /\blimit:? ([\d,]{1,16})\b.{0,80}?\brequested:? ([\d,]{1,16})/i.exec(message) ?? []
  if (limit !== undefined && requested !== undefined) return numberIn(requested) > numberIn(limit)
  return found.code === 'rate_limited' && /\brequest too large\b/i.test(message)
}

function numberIn(digits: string): number {
  return Number(digits.replaceAll(',', ''))
}

/** "Please try again in 1m13.5s": the only hint when the headers have none. */
function waitInText(
  { message }: ProviderFault,
  headers: Readonly<Record<string, string>>,
): number | undefined {
  if (headers['retry-after'] !== undefined || headers['retry-after-ms'] !== undefined) return undefined
  const wait = /\b(?:try again|retry) (?:in|after) (\d[\d.hms]{0,20})(?! ?min)/i.exec(message)?.[1]
  // A full stop may end the sentence.
  return wait === undefined ? undefined : parseResetMs(wait.replace(/\.$/, ''), 0)
}
