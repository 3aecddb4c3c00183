/** What the AI SDK's packages throw, as the gateway's errors. */
import { AISDKError, APICallError } from '@ai-sdk/provider'
import {
  codeForStatus,
  GatewayError,
  isGatewayError,
  looksLikeContextLength,
  providerError,
  type AttemptContext,
  type ErrorCode,
} from '@turnout/core/adapter'

/** By the name of the error: an installation may hold several copies of its class. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  AI_LoadAPIKeyError: 'authentication',
  AI_LoadSettingError: 'invalid_request',
  AI_NoSuchModelError: 'not_found',
  AI_UnsupportedFunctionalityError: 'invalid_request',
  AI_InvalidPromptError: 'invalid_request',
  AI_InvalidArgumentError: 'invalid_request',
  AI_TooManyEmbeddingValuesForCallError: 'invalid_request',
}

/** @param begun content had come: what is no answer of the provider then is the end of the stream */
export function classifyError(error: unknown, attempt: AttemptContext, begun: boolean): GatewayError {
  if (isGatewayError(error)) return error
  const { provider, model } = attempt
  if (APICallError.isInstance(error)) return classifyAnswer(error, attempt, begun)
  if (typeof error === 'string') return reported(error, attempt)
  const name = AISDKError.isInstance(error) ? error.name : undefined
  const code: ErrorCode = name === undefined ? networkCode(error) : (CODES[name] ?? 'bad_response')
  if (code === 'upstream_error' || code === 'bad_response') {
    if (begun) {
      return new GatewayError({
        code: 'stream_interrupted',
        message: `the stream of ${provider} broke off`,
        provider,
        model,
        cause: error,
      })
    }
  }
  const text = code === 'bad_response' ? 'answered with something that could not be read' : messageOf(error)
  return new GatewayError({ code, message: `${provider} (${model}): ${text}`, provider, model, cause: error })
}

function classifyAnswer(error: APICallError, attempt: AttemptContext, begun: boolean): GatewayError {
  const { provider, model } = attempt
  // Another gateway's, through its own provider for the AI SDK.
  if (isGatewayError(error.cause)) return error.cause
  const { statusCode: status, responseHeaders: headers = {}, responseBody = '', message } = error
  if (status === undefined || status < 400) {
    // Without a status the connection failed; with a good one the body was no answer.
    const code = begun ? 'stream_interrupted' : status === undefined ? 'upstream_error' : 'bad_response'
    const text = status === undefined ? 'cannot be reached' : 'answered with something that is no answer'
    return new GatewayError({ code, message: `${provider} ${text}`, provider, model, status, cause: error })
  }
  const answer = { provider, model, status, headers, body: undefined }
  return providerError(answer, {
    code: codeOf(status, `${message} ${responseBody.slice(0, 4_000)}`),
    message: responseBody.trimStart().startsWith('<') ? undefined : message,
    cause: error,
  })
}

/** Some packages put no more than the provider's text into their streams. */
function reported(text: string, { provider, model }: AttemptContext): GatewayError {
  const answer = { provider, model, status: 200, headers: {}, body: undefined }
  const code = codeOf(400, text)
  return providerError(answer, { code: code === 'invalid_request' ? 'upstream_error' : code, message: text })
}

/** Words that vendors share, where the status alone says too little. */
function codeOf(status: number, text: string): ErrorCode {
  const code = codeForStatus(status)
  if (code === 'rate_limited' && /insufficient_quota|quota_exceeded|billing|credit balance/i.test(text))
    return 'quota_exhausted'
  if (code !== 'invalid_request') return code
  if (looksLikeContextLength(text)) return 'context_length'
  if (/content_policy|content_filter|content management policy/i.test(text)) return 'content_filtered'
  return /invalid_api_key|incorrect api key/i.test(text) ? 'authentication' : code
}

/** `fetch` throws TypeErrors with a cause for what the network does; other errors are a bug in some package. */
const networkCode = (error: unknown): ErrorCode =>
  error instanceof TypeError || (error instanceof Error && 'code' in error)
    ? 'upstream_error'
    : 'bad_response'

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'failed')
