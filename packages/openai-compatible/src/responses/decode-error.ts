import type { ErrorAnswer, GatewayError, ProtocolContext } from '@turnout/core/adapter'
import { decodeChatError } from '../chat/decode-error.js'
import type { ErrorClass, ErrorRow } from '../chat/error-rows.js'
import type { ProviderFault } from '../chat/read-fault.js'

/** On top of what the two APIs have in common. */
const ERRORS: readonly ErrorRow[] = [
  { words: ['data_residency_mismatch'], code: 'permission' },
  { words: ['tokens', 'requests'], code: 'rate_limited' },
  // xAI: the key is fine, its credits are used up.
  { status: 403, message: /\bcredits\b|spending limit/i, code: 'quota_exhausted' },
]

/** Codes come and go; what they are about stays in their names. */
function classifyError({ words }: ProviderFault, { status }: ErrorAnswer): ErrorClass | undefined {
  if (status >= 500 || status === 401 || status === 403) return undefined
  if (words.some((word) => /quota|billing|credit/.test(word))) return { code: 'quota_exhausted' }
  if (words.some((word) => /policy|moderation/.test(word))) return { code: 'content_filtered' }
  // An image that is too large, of an unknown kind, not to be found …
  if (words.some((word) => /image/.test(word))) return { code: 'invalid_request' }
  return undefined
}

/** An error answer of the API, or of whatever stands in front of it: any body will do. */
export function decodeError(answer: ErrorAnswer): GatewayError {
  return decodeChatError(answer, { errors: ERRORS, classifyError })
}

/** An error inside a 200: an `error` event, a failed response. */
export function errorInside(context: ProtocolContext, body: unknown): GatewayError {
  const { provider, model } = context
  return decodeError({ status: 200, headers: {}, body, provider, model })
}
