import type { Protocol } from '@turnout/core/adapter'
import { startAnswer } from './answer-state.js'
import type { AnswerState } from './answer-state.js'
import { decodeError } from './decode-error.js'
import { decodeResponse } from './decode-response.js'
import { endAnswer, stepAnswer } from './decode-stream.js'
import { encodeRequest } from './encode-request.js'
import type { ResponsesModelRules } from './model-rules.js'

/**
 * The Responses dialect, of OpenAI and of those who speak it too.
 *
 * @param rules what a model takes; asked once for each request
 * @example responsesProtocol((model) => (model.startsWith('o') ? reasoningRules : plainRules))
 */
export function responsesProtocol(rules: (model: string) => ResponsesModelRules): Protocol<AnswerState> {
  return {
    name: 'openai-responses',
    encode: (request, context) => encodeRequest(request, rules(context.model), context),
    start: startAnswer,
    step: stepAnswer,
    end: endAnswer,
    decode: decodeResponse,
    decodeError,
  }
}
