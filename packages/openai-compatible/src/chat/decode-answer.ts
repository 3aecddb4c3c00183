/** State of one answer and the steps that streams and whole answers share. */
import {
  GatewayError,
  deltaChunk,
  finishChunk,
  isRecord,
  usageChunk,
  type ChatChunk,
  type ChoiceLogprobs,
  type ChunkHead,
  type ProtocolContext,
  type StreamState,
  type ToolNameMapper,
} from '@turnout/core/adapter'
import type { ChatDialect } from '../chat-dialect.js'
import { decodeChatError } from './decode-error.js'
import { finishReason, settleFinish } from './finish-reason.js'
import {
  closeCalls,
  createChoiceReader,
  hasCalls,
  readDelta,
  readLogprobs,
  type ChoiceReader,
  type MutableDelta,
} from './read-choice.js'
import { mergeUsage, readChatUsage } from './usage.js'
import type { WireAnswer, WireChoice } from './wire-types.js'

export interface AnswerState extends StreamState {
  readonly context: ProtocolContext
  readonly dialect: ChatDialect
  readonly names: ToolNameMapper | undefined
  /** Fixed by the first piece with choices: what comes before is not the answer yet (Azure's preamble). */
  head: ChunkHead | undefined
  /** By index; with holes until each has begun. */
  readonly choices: ChoiceReader[]
  usage: Readonly<Record<string, unknown>> | undefined
  /** An error that came together with usage: thrown once that has been handed on. */
  failure: GatewayError | undefined
}

export function createAnswerState(
  context: ProtocolContext,
  dialect: ChatDialect,
  names: ToolNameMapper | undefined,
): AnswerState {
  return {
    done: false,
    context,
    dialect,
    names,
    head: undefined,
    choices: [],
    usage: undefined,
    failure: undefined,
  }
}

/** One choice of one piece: its reader, what it adds and its logprobs. */
export interface ChoicePiece {
  readonly reader: ChoiceReader
  readonly delta: MutableDelta | undefined
  readonly logprobs: ChoiceLogprobs | undefined
}

/** @throws GatewayError for an error in the choice. */
export function readChoice(
  state: AnswerState,
  head: ChunkHead,
  wire: unknown,
  position: number,
): ChoicePiece | undefined {
  if (!isRecord(wire)) return undefined
  const choice: WireChoice = wire
  if (isRecord(choice.error)) throw answerError(state, wire)
  const reader = readerAt(state, choice.index, position)
  const piece = choice.delta ?? choice.message
  const delta = isRecord(piece) ? readDelta(reader, piece, head.id, state.names) : undefined
  if (delta && !reader.started) {
    reader.started = true
    delta.role = 'assistant'
  }
  noteFinish(state, reader, choice)
  noteUsage(state, choice.usage)
  return { reader, delta, logprobs: choice.logprobs ? readLogprobs(choice) : undefined }
}

/** Id, time and model of the answer; the same for all of its chunks. */
export function headOf(state: AnswerState, answer: WireAnswer): ChunkHead {
  if (state.head) return state.head
  const { id, created, model, service_tier, system_fingerprint } = answer
  return (state.head = {
    id: typeof id === 'string' ? id : '',
    created: typeof created === 'number' ? created : 0,
    model: typeof model === 'string' && model !== '' ? model : state.context.model,
    ...(typeof service_tier === 'string' && { service_tier }),
    ...(typeof system_fingerprint === 'string' && { system_fingerprint }),
  })
}

export function noteUsage(state: AnswerState, usage: unknown): void {
  if (isRecord(usage)) state.usage = mergeUsage(state.usage, usage)
}

export function pieceChunk(head: ChunkHead, { reader, delta, logprobs }: ChoicePiece): ChatChunk {
  const chunk = deltaChunk(head, reader.index, delta ?? {})
  return logprobs ? withLogprobs(chunk, logprobs) : chunk
}

/** The last chunk of a choice, with what still has to go out. */
export function closeChoice(
  state: AnswerState,
  head: ChunkHead,
  { reader, delta, logprobs }: ChoicePiece,
): ChatChunk {
  const holds = { toolCalls: hasCalls(reader), refusal: reader.refused }
  const reason = settleFinish(reader.finish ?? 'stop', holds)
  const rest = closeCalls(reader, reason === 'length' || reason === 'content_filter', state.names)
  const last: MutableDelta = delta ?? {}
  if (!reader.started) last.role = 'assistant'
  if (rest.length > 0) last.tool_calls = [...(last.tool_calls ?? []), ...rest]
  const chunk = finishChunk(head, reader.index, reason, reader.native, last)
  return logprobs ? withLogprobs(chunk, logprobs) : chunk
}

/** Nothing when the provider counted nothing. */
export function usageChunks(state: AnswerState, head: ChunkHead): readonly ChatChunk[] {
  const usage = readChatUsage(state.usage, state.dialect)
  return usage ? [usageChunk(head, usage)] : []
}

/** An error found inside an answer with status 200. */
export function answerError({ context, dialect }: AnswerState, body: unknown): GatewayError {
  const { provider, model } = context
  return decodeChatError({ status: 200, headers: {}, body, provider, model }, dialect)
}

/** The answer is not one. @param what to follow the provider's name. */
export function badResponse({ context }: Pick<AnswerState, 'context'>, what: string): GatewayError {
  const { provider, model } = context
  return new GatewayError({
    code: 'bad_response',
    message: `${provider} (${model}) ${what}`,
    provider,
    model,
  })
}

/** Once known, the reason stays: with the usage, servers send `null` or the word again. */
function noteFinish(
  state: AnswerState,
  reader: ChoiceReader,
  { finish_reason: word, native_finish_reason: native }: WireChoice,
): void {
  if (typeof word !== 'string' || word === '' || reader.finish !== undefined) return
  const reason = finishReason(word, state.dialect.finishReasons)
  if (reason === 'error')
    throw answerError(state, { error: { message: `the answer ended with finish_reason "${word}"` } })
  reader.finish = reason
  reader.native = typeof native === 'string' && native !== '' ? native : word
}

/** Some servers leave the index out; one far outside would cost memory. */
function readerAt({ choices, context }: AnswerState, index: unknown, position: number): ChoiceReader {
  const at =
    typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < 1_024 ? index : position
  return (choices[at] ??= createChoiceReader(at, context.bounds?.maxToolArgumentChars))
}

function withLogprobs(chunk: ChatChunk, logprobs: ChoiceLogprobs): ChatChunk {
  return { ...chunk, choices: chunk.choices.map((choice) => ({ ...choice, logprobs })) }
}
