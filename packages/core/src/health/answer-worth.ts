import type { ChatRequest } from '../contract/chat-request.js'
import type { ChatResponse, Choice } from '../contract/chat-response.js'
import type { ErrorCode } from '../errors/error-code.js'
import { ANSWER_WORTH } from './quality-score.js'

/** What is wrong with an answer. */
export type AnswerFault = Exclude<keyof typeof ANSWER_WORTH, 'good'>

/** The worth of an answer by its worst fault, 0 to 1. */
export const worthOf = (faults: readonly AnswerFault[]): number =>
  Math.min(ANSWER_WORTH.good, ...faults.map((fault) => ANSWER_WORTH[fault]))

/**
 * The faults of a complete answer.
 * @param refusedWith the code under which the answer was found not good enough to be shown
 * @returns `undefined` for an answer that says nothing of its target: filtered, declined, or cut where the caller
 *   wanted it cut
 */
export function answerFaults(
  { choices }: Pick<ChatResponse, 'choices'>,
  request: Pick<ChatRequest, 'max_tokens' | 'max_completion_tokens'>,
  refusedWith?: ErrorCode,
): readonly AnswerFault[] | undefined {
  const wasLimited = (request.max_completion_tokens ?? request.max_tokens ?? undefined) !== undefined
  const telling = choices.filter((choice) => saysSomething(choice, wasLimited))
  if (telling.length === 0 && choices.length > 0) return undefined
  const faults = telling.flatMap((choice) => choiceFault(choice) ?? [])
  if (refusedWith === 'schema_mismatch') return [...faults, 'schema_mismatch']
  // Refused for being empty or cut off, which it shows by itself, or by the caller's own judgement.
  return refusedWith && faults.length === 0 ? ['not_accepted'] : faults
}

const saysSomething = ({ message, finish_reason }: Choice, wasLimited: boolean): boolean =>
  finish_reason !== 'content_filter' && !message.refusal && !(finish_reason === 'length' && wasLimited)

function choiceFault({ message, finish_reason }: Choice): AnswerFault | undefined {
  if (finish_reason === 'length') return 'truncated'
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
