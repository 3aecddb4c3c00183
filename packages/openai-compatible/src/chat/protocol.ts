import type { Protocol } from '@turnout/core/adapter'
import type { ChatDialect } from '../chat-dialect.js'
import { createAnswerState, type AnswerState } from './decode-answer.js'
import { decodeChatError } from './decode-error.js'
import { decodeChatResponse } from './decode-response.js'
import { endChat, stepChat } from './decode-stream.js'
import { encodeChatRequest } from './encode-request.js'
import { createToolNames } from './tool-names.js'

export type { AnswerState } from './decode-answer.js'

/**
 * Chat Completions as spoken by one vendor.
 *
 * @example const protocol = chatProtocol({ ...GENERIC_DIALECT, name: 'acme-chat', textParts: 'keep' })
 */
export function chatProtocol(dialect: ChatDialect): Protocol<AnswerState> {
  const toolNamesOf = createToolNames(dialect.toolNames)
  return {
    name: dialect.name,
    encode: (request, context) => encodeChatRequest(request, context, dialect, toolNamesOf),
    start: (context) => createAnswerState(context, dialect, toolNamesOf(context.request)),
    step: stepChat,
    end: endChat,
    decode: (body, context) => decodeChatResponse(body, context, dialect, toolNamesOf(context.request)),
    decodeError: (answer) => decodeChatError(answer, dialect),
  }
}
