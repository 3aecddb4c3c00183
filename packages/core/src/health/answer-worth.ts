import type { ChatRequest } from '../contract/chat-request.js'
import type { ChatResponse, Choice } from '../contract/chat-response.js'
import { ANSWER_WORTH } from './quality-score.js'

/** What is wrong with an answer, as far as it can be seen from outside. */
export type AnswerFault = Exclude<keyof typeof ANSWER_WORTH, 'good'>

/** The worth of an answer by its worst fault, 0 to 1. */
export const worthOf = (faults: readonly AnswerFault[]): number =>
  Math.min(ANSWER_WORTH.good, ...faults.map((fault) => ANSWER_WORTH[fault]))

/** The faults that an answer shows by itself, without a schema and without the caller's word. */
export function answerFaults(
  { choices }: Pick<ChatResponse, 'choices'>,
  request: Pick<ChatRequest, 'max_tokens' | 'max_completion_tokens'>,
): readonly AnswerFault[] {
  const wasLimited = (request.max_completion_tokens ?? request.max_tokens ?? undefined) !== undefined
  return choices.flatMap((choice) => choiceFault(choice, wasLimited) ?? [])
}

/** @param wasLimited by the caller: then a cut answer, tool arguments included, is what was asked for */
function choiceFault({ message, finish_reason }: Choice, wasLimited: boolean): AnswerFault | undefined {
  // A filter or a refusal says something of the request.
  if (finish_reason === 'content_filter' || message.refusal) return undefined
  if (finish_reason === 'length') return wasLimited ? undefined : 'truncated'
  const calls = message.tool_calls ?? []
  if (calls.length === 0) return message.content?.trim() ? undefined : 'empty'
  return calls.every((call) => isJson(call.function.arguments)) ? undefined : 'invalid_tool_arguments'
}

/** No arguments at all are fine: a tool may take none. */
function isJson(text: string): boolean {
  if (text.trim() === '') return true
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
