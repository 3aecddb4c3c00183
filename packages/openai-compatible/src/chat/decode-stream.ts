import { GatewayError, isRecord, parseJson, type ChatChunk, type Frame } from '@turnout/core/adapter'
import {
  answerError,
  closeChoice,
  headOf,
  noteUsage,
  pieceChunk,
  readChoice,
  usageChunks,
  type AnswerState,
} from './decode-answer.js'
import { holdsFault } from './read-fault.js'
import type { WireAnswer } from './wire-types.js'

const NOTHING: readonly ChatChunk[] = []

/** @throws GatewayError for an error in the stream; SyntaxError for data that is not JSON. */
export function stepChat(state: AnswerState, frame: Frame): readonly ChatChunk[] {
  const { data } = frame
  if (data.length < 16 && data.trim() === '[DONE]') {
    state.done = true
    return NOTHING
  }
  const parsed = parseJson(data)
  // Some servers send the error as a list of one.
  const body = Array.isArray(parsed) ? parsed[0] : parsed
  if (!isRecord(body)) return skip(state, frame)
  if (frame.event === 'error' || holdsFault(body)) return fail(state, body)
  const answer: WireAnswer = body
  if (answer.usage) noteUsage(state, answer.usage)
  const { choices } = answer
  if (!Array.isArray(choices) || choices.length === 0) return NOTHING
  const head = headOf(state, answer)
  if (choices.length === 1) {
    const piece = readChoice(state, head, choices[0], 0)
    return piece && (piece.delta || piece.logprobs) ? [pieceChunk(head, piece)] : NOTHING
  }
  const chunks: ChatChunk[] = []
  choices.forEach((choice, position) => {
    const piece = readChoice(state, head, choice, position)
    if (piece && (piece.delta || piece.logprobs)) chunks.push(pieceChunk(head, piece))
  })
  return chunks
}

/**
 * Finish chunks go out here, behind the last piece of every choice: a reason may come before the last piece, twice,
 * or be undone by a `null`.
 */
export function endChat(state: AnswerState): readonly ChatChunk[] {
  if (state.failure) throw state.failure
  const { head, choices, context } = state
  // `some` and `forEach` skip the holes of choices that never began.
  if (!head || choices.some((reader) => reader.finish === undefined)) throw interrupted(state)
  if (!state.done) {
    const message = 'the stream ended with a finish_reason, but without [DONE]'
    context.warn({ code: 'stream_end_unmarked', message, provider: context.provider })
  }
  const chunks: ChatChunk[] = []
  choices.forEach((reader) =>
    chunks.push(closeChoice(state, head, { reader, delta: undefined, logprobs: undefined })),
  )
  return [...chunks, ...usageChunks(state, head)]
}

function fail(state: AnswerState, body: Readonly<Record<string, unknown>>): readonly ChatChunk[] {
  const failure = answerError(state, body)
  noteUsage(state, body.usage)
  const paid = state.head && usageChunks(state, state.head)
  if (!paid || paid.length === 0) throw failure
  // What was used is told before the error is: it has been paid for.
  state.failure = failure
  state.done = true
  return paid
}

function skip({ context }: AnswerState, { event }: Frame): readonly ChatChunk[] {
  const message = `an event of the stream${event === undefined ? '' : ` ("${event}")`} is no object and was left out`
  context.warn({ code: 'event_skipped', message, provider: context.provider })
  return NOTHING
}

function interrupted({ context, done }: AnswerState): GatewayError {
  const { provider, model } = context
  const how = done
    ? 'ended the stream with [DONE], but gave no finish_reason'
    : 'closed the stream before its end'
  return new GatewayError({
    code: 'stream_interrupted',
    message: `${provider} (${model}) ${how}`,
    provider,
    model,
  })
}
