import type { ErrorCode } from '../errors/error-code.js'
import { GatewayError, type StatedQuota } from '../errors/gateway-error.js'
import { redactSecrets } from '../platform/redact.js'
import type { ErrorAnswer } from './protocol.js'
import { exhaustedLimitResetMs, retryAfterMs } from './retry-after.js'

const MESSAGE_LIMIT = 500

/** What a protocol has read out of an error answer. */
export interface ProviderErrorFacts {
  readonly code: ErrorCode
  /** The provider's own text: masked and cut at 500 characters. */
  readonly message?: string
  /** Default: the provider's `x-should-retry`, else the code's entry in the error table. */
  readonly retryable?: boolean
  /** Default: from the headers. */
  readonly retryAfterMs?: number
  /** The setting that was refused by name, as the request spells it; `provider_state` for blocks of earlier turns. */
  readonly unsupportedSetting?: string
  /** Limits that a refusal names as a whole, where headers do not tell. */
  readonly quotas?: readonly StatedQuota[]
  readonly cause?: unknown
}

/**
 * An error answer as a `GatewayError`: provider, model, status and the time to come back are filled in.
 *
 * @example providerError(answer, { code: codeForStatus(answer.status), message: 'Overloaded' })
 */
export function providerError(answer: ErrorAnswer, facts: ProviderErrorFacts): GatewayError {
  const { provider, model, status, headers } = answer
  const text = facts.message === undefined ? '' : shorten(facts.message)
  // An error in a stream, or in the body of a 200, is no answer with status 200.
  const what = status < 400 ? 'reported an error' : `answered ${status}`
  const advice = facts.code === 'not_found' ? '; check the model id and baseURL' : ''
  return new GatewayError({
    code: facts.code,
    message: `${provider} (${model}) ${what}${text === '' ? '' : `: ${text}`}${advice}`,
    provider,
    model,
    status,
    retryable: facts.retryable ?? shouldRetry(headers),
    retryAfterMs: facts.retryAfterMs ?? waitFor(facts.code, headers),
    unsupportedSetting: facts.unsupportedSetting,
    quotas: facts.quotas,
    cause: facts.cause,
  })
}

/** The code that an HTTP status stands for when the body says nothing better. */
export function codeForStatus(status: number): ErrorCode {
  switch (status) {
    case 401:
      return 'authentication'
    case 402:
      return 'quota_exhausted'
    case 403:
    case 451:
      return 'permission'
    case 404:
    case 405:
    case 410:
      return 'not_found'
    case 408:
    case 504:
    case 524:
      return 'timeout'
    case 409:
    case 425:
    case 499:
      return 'upstream_error'
    case 429:
      return 'rate_limited'
    case 503:
    case 529:
      return 'overloaded'
  }
  return status >= 400 && status < 500 ? 'invalid_request' : 'upstream_error'
}

const CONTEXT_LENGTH = new RegExp(
  [
    'context[ _-]?length', // OpenAI, DeepSeek, vLLM: "maximum context length is …", "context_length_exceeded"
    'context[ _-]?window', // OpenAI Responses, Anthropic
    'prompt is too long', // Anthropic
    'exceeds? the maximum number of tokens', // Gemini
    'range of input length', // Qwen
    'too large for model', // Mistral
    'maximum prompt length', // xAI
    "exceeds? (?:the )?(?:available |model's )?context", // llama.cpp, Ollama
    'input (?:is )?too long',
    'reduce the length of (?:the |your )?(?:messages|prompt|input)',
  ].join('|'),
  'i',
)

/** The provider's text says that the conversation does not fit into the model's window. */
export function looksLikeContextLength(message: string): boolean {
  return CONTEXT_LENGTH.test(message.length > 4_000 ? message.slice(0, 4_000) : message)
}

function shouldRetry(headers: Readonly<Record<string, string>>): boolean | undefined {
  const verdict = headers['x-should-retry']
  return verdict === 'true' ? true : verdict === 'false' ? false : undefined
}

function waitFor(code: ErrorCode, headers: Readonly<Record<string, string>>): number | undefined {
  const nowMs = Date.now()
  const hint = retryAfterMs(headers, nowMs)
  return hint === undefined && code === 'rate_limited' ? exhaustedLimitResetMs(headers, nowMs) : hint
}

/** Masked before it is cut: half a key would no longer look like one. */
function shorten(text: string): string {
  const masked = redactSecrets(text.slice(0, 8 * MESSAGE_LIMIT)).trim()
  return masked.length > MESSAGE_LIMIT ? `${masked.slice(0, MESSAGE_LIMIT)}…` : masked
}
