import type { ErrorCode, FinishReason } from '@turnout/core/adapter'

/** What one of the provider's finish words means: an end of the answer, or a failure that has no answer. */
export type FinishReading =
  | { readonly finish: FinishReason }
  | { readonly error: ErrorCode; readonly retryable: boolean; readonly meaning: string }

const STOP: FinishReading = { finish: 'stop' }
const LENGTH: FinishReading = { finish: 'length' }
const FILTERED: FinishReading = { finish: 'content_filter' }
const fault = (error: ErrorCode, retryable: boolean, meaning: string): FinishReading => ({
  error,
  retryable,
  meaning,
})

const READINGS: ReadonlyMap<string, FinishReading> = new Map([
  ['STOP', STOP],
  ['MAX_TOKENS', LENGTH],
  // Gemini 4: the answer is longer than one request may be, and goes on with a token in the next one.
  ['CONTINUATION', LENGTH],
  ['SAFETY', FILTERED],
  ['RECITATION', FILTERED],
  ['LANGUAGE', FILTERED],
  ['BLOCKLIST', FILTERED],
  ['PROHIBITED_CONTENT', FILTERED],
  ['SPII', FILTERED],
  ['MODEL_ARMOR', FILTERED],
  ['IMAGE_SAFETY', FILTERED],
  ['IMAGE_PROHIBITED_CONTENT', FILTERED],
  ['IMAGE_RECITATION', FILTERED],
  ['MALFORMED_FUNCTION_CALL', fault('bad_response', true, 'the model wrote a tool call that cannot be read')],
  ['MALFORMED_RESPONSE', fault('bad_response', true, 'the model wrote an answer that cannot be read')],
  [
    'UNEXPECTED_TOOL_CALL',
    fault('bad_response', true, 'the model called a tool that the request does not have'),
  ],
  ['TOO_MANY_TOOL_CALLS', fault('bad_response', false, 'the model called too many tools in a row')],
  [
    'MISSING_THOUGHT_SIGNATURE',
    fault('invalid_request', false, 'an assistant message came back without its provider_state'),
  ],
  ['OTHER', fault('upstream_error', true, 'the provider gives no reason')],
  ['NO_IMAGE', fault('upstream_error', true, 'the model made no image')],
  ['IMAGE_OTHER', fault('upstream_error', true, 'the model made no image')],
])

/** `undefined` for a word that is not known yet. */
export function readFinishReason(word: string): FinishReading | undefined {
  return READINGS.get(word)
}

/** The provider's "nothing to say about the end": the answer goes on. */
export function isFinishWord(word: unknown): word is string {
  return typeof word === 'string' && word !== '' && word !== 'FINISH_REASON_UNSPECIFIED'
}
