import {
  deltaChunk,
  finishChunk,
  parseJson,
  type ChatChunk,
  type ChunkHead,
  type Frame,
} from '@turnout/core/adapter'
import { endChoices, readAnswer, usageOf, type AnswerState } from './answer-state.js'
import type { ChoicePiece } from './read-candidate.js'

const NONE: readonly ChatChunk[] = []

/** Each event is a whole response object with new parts. The end is the closed connection, so nothing is held to be last. */
export function step(state: AnswerState, frame: Frame): readonly ChatChunk[] {
  const pieces = readAnswer(state, parseJson(frame.data))
  const { head } = state
  if (head === undefined || pieces.length === 0) return NONE
  const [piece] = pieces
  return pieces.length === 1 && piece
    ? [pieceChunk(head, piece)]
    : pieces.map((each) => pieceChunk(head, each))
}

/** @throws GatewayError `stream_interrupted` when neither a finish reason nor a block came */
export function end(state: AnswerState): readonly ChatChunk[] {
  const ends = endChoices(state, 'stream_interrupted')
  const head = state.head as ChunkHead
  return [
    ...ends.map(({ index, finish, native, delta }) => finishChunk(head, index, finish, native, delta)),
    ...usageOf(state),
  ]
}

function pieceChunk(head: ChunkHead, { index, delta, logprobs }: ChoicePiece): ChatChunk {
  const chunk = deltaChunk(head, index, delta)
  return logprobs === undefined
    ? chunk
    : { ...chunk, choices: [{ index, delta, finish_reason: null, logprobs }] }
}
