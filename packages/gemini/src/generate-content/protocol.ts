import type { Protocol } from '@turnout/core/adapter'
import { startAnswer, type AnswerState } from './answer-state.js'
import { decodeError } from './decode-error.js'
import { decodeResponse } from './decode-response.js'
import { end, step } from './decode-stream.js'
import { encodeRequest, type GenerateContentOptions } from './encode-request.js'

/** generateContent and streamGenerateContent, the native API of Gemini. */
export function generateContent(options: GenerateContentOptions = {}): Protocol<AnswerState> {
  return {
    name: 'gemini-generate-content',
    encode: (request, context) => encodeRequest(request, context, options),
    start: startAnswer,
    step,
    end,
    decode: decodeResponse,
    decodeError,
  }
}
