import { isRecord, type ChatChunk, type ProtocolContext, type ToolNameMapper } from '@turnout/core/adapter'
import type { ChatDialect } from '../chat-dialect.js'
import {
  answerError,
  badResponse,
  closeChoice,
  createAnswerState,
  headOf,
  noteUsage,
  readChoice,
  usageChunks,
} from './decode-answer.js'
import { holdsFault } from './read-fault.js'
import type { WireAnswer } from './wire-types.js'

/** @throws GatewayError for an error inside the 200, and `bad_response` for what is no answer. */
export function decodeChatResponse(
  body: unknown,
  context: ProtocolContext,
  dialect: ChatDialect,
  names: ToolNameMapper | undefined,
): readonly ChatChunk[] {
  const state = createAnswerState(context, dialect, names)
  const only = Array.isArray(body) ? body[0] : body
  if (!isRecord(only))
    throw badResponse(state, 'answered with something that is no JSON object; check baseURL')
  if (holdsFault(only)) throw answerError(state, only)
  const answer: WireAnswer = only
  const { choices } = answer
  if (!Array.isArray(choices) || choices.length === 0) throw badResponse(state, 'answered without choices')
  const head = headOf(state, answer)
  noteUsage(state, answer.usage)
  const chunks: ChatChunk[] = []
  choices.forEach((choice, position) => {
    const piece = readChoice(state, head, choice, position)
    if (piece) chunks.push(closeChoice(state, head, piece))
  })
  if (chunks.length === 0) throw badResponse(state, 'answered without choices')
  return [...chunks, ...usageChunks(state, head)]
}
