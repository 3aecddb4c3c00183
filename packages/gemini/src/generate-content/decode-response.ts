import {
  finishChunk,
  GatewayError,
  isRecord,
  type ChatChunk,
  type ChatDelta,
  type ChoiceLogprobs,
  type ChunkHead,
  type ProtocolContext,
} from '@turnout/core/adapter'
import { endChoices, readAnswer, startAnswer, usageOf } from './answer-state.js'
import type { ChoicePiece } from './read-candidate.js'

/**
 * A whole answer: one chunk per choice, then the usage.
 *
 * @throws GatewayError for an error inside a 200, `bad_response` for anything that is no whole answer
 */
export function decodeResponse(body: unknown, context: ProtocolContext): readonly ChatChunk[] {
  if (!isRecord(body) && !Array.isArray(body)) {
    const { provider, model } = context
    throw new GatewayError({
      code: 'bad_response',
      message: `${provider} (${model}) answered 200 with something that is not a JSON object; check baseURL and proxies in between`,
      provider,
      model,
    })
  }
  const state = startAnswer(context)
  const pieces = readAnswer(state, body)
  const ends = endChoices(state, 'bad_response')
  const head = state.head as ChunkHead
  const chunks = ends.map(({ index, finish, native, delta }) => {
    const own = pieces.filter((piece) => piece.index === index)
    return withLogprobs(finishChunk(head, index, finish, native, own.reduce(joinDeltas, delta)), own)
  })
  return [...chunks, ...usageOf(state)]
}

/** One choice's pieces in one delta; there is more than one only when the answer came as an array of events. */
function joinDeltas(last: ChatDelta, { delta }: ChoicePiece): ChatDelta {
  return {
    ...last,
    ...delta,
    ...joinText('content', last, delta),
    ...joinText('reasoning_content', last, delta),
    ...((last.tool_calls || delta.tool_calls) && {
      tool_calls: [...(last.tool_calls ?? []), ...(delta.tool_calls ?? [])],
    }),
    ...((last.annotations || delta.annotations) && {
      annotations: [...(delta.annotations ?? []), ...(last.annotations ?? [])],
    }),
  }
}

function joinText(field: 'content' | 'reasoning_content', a: ChatDelta, b: ChatDelta): ChatDelta {
  return a[field] && b[field] ? { [field]: a[field] + b[field] } : {}
}

function withLogprobs(chunk: ChatChunk, pieces: readonly ChoicePiece[]): ChatChunk {
  const content = pieces.flatMap((piece) => piece.logprobs?.content ?? [])
  const [choice] = chunk.choices
  if (content.length === 0 || !choice) return chunk
  const logprobs: ChoiceLogprobs = { content }
  return { ...chunk, choices: [{ ...choice, logprobs }] }
}
