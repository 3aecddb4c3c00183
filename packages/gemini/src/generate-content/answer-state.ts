/** What is known of one answer while it is read: the part that streams and whole answers have in common. */
import { randomUUID } from 'node:crypto'
import {
  GatewayError,
  isRecord,
  usageChunk,
  type ChatChunk,
  type ChatDelta,
  type ChunkHead,
  type ErrorCode,
  type FinishReason,
  type ProtocolContext,
  type StreamState,
} from '@turnout/core/adapter'
import { decodeError } from './decode-error.js'
import { readFinishReason } from './finish-reason.js'
import {
  createChoice,
  closingDelta,
  readCandidate,
  type AnswerFacts,
  type ChoicePiece,
  type ChoiceState,
} from './read-candidate.js'
import { geminiToolNames } from './tool-names.js'
import { mergeUsage, toUsage } from './usage.js'
import type { Candidate, GenerateContentAnswer, UsageMetadata } from './wire-types.js'

export interface AnswerState extends StreamState {
  readonly context: ProtocolContext
  head: ChunkHead | undefined
  facts: AnswerFacts | undefined
  readonly choices: ChoiceState[]
  usage: UsageMetadata | undefined
  /** The prompt was refused: there is no candidate. */
  blockReason: string | undefined
}

export interface ChoiceEnd {
  readonly index: number
  readonly finish: FinishReason
  readonly native: string
  readonly delta: ChatDelta
}

export function startAnswer(context: ProtocolContext): AnswerState {
  return {
    done: false,
    context,
    head: undefined,
    facts: undefined,
    choices: [],
    usage: undefined,
    blockReason: undefined,
  }
}

/**
 * Takes one response object: a whole answer or an event of a stream.
 *
 * @throws GatewayError for an error object in place of an answer
 */
export function readAnswer(state: AnswerState, answer: unknown): readonly ChoicePiece[] {
  // Without `alt=sse` a stream is one JSON array, and errors may come in one too.
  if (Array.isArray(answer)) return answer.flatMap((item) => readAnswer(state, item))
  if (!isRecord(answer)) return []
  const { context } = state
  if (answer.error !== undefined) {
    const code = isRecord(answer.error) ? Number(answer.error.code) : Number.NaN
    throw decodeError({
      status: code >= 400 && code < 600 ? code : 500,
      headers: {},
      body: answer,
      provider: context.provider,
      model: context.model,
    })
  }
  const { candidates, usageMetadata, promptFeedback } = answer as GenerateContentAnswer
  const facts = state.facts ?? begin(state, answer)
  if (usageMetadata) state.usage = mergeUsage(state.usage, usageMetadata)
  if (promptFeedback?.blockReason) state.blockReason = promptFeedback.blockReason
  const pieces: ChoicePiece[] = []
  if (!Array.isArray(candidates)) return pieces
  for (let i = 0; i < candidates.length; i++) {
    const candidate = candidates[i] as Candidate | null | undefined
    if (typeof candidate !== 'object' || candidate === null) continue
    const choice = choiceAt(state, candidate.index ?? i)
    const piece = readCandidate(choice, candidate, facts)
    if (piece) pieces.push(piece)
  }
  return pieces
}

/** Made from the first event: id, model and time must not change afterwards. */
function begin(state: AnswerState, answer: GenerateContentAnswer): AnswerFacts {
  const { context } = state
  const id = answer.responseId ?? `gemini-${randomUUID()}`
  const created = Date.parse(answer.createTime ?? '')
  const tier = answer.usageMetadata?.serviceTier
  state.head = {
    id,
    created: Number.isNaN(created) ? 0 : Math.floor(created / 1_000),
    model: answer.modelVersion ?? context.model,
    ...(tier !== undefined && { service_tier: tier }),
  }
  state.facts = {
    names: context.request.tools?.length ? geminiToolNames(context.request) : undefined,
    idSeed: id,
    maxArgumentChars: state.context.bounds?.maxToolArgumentChars,
    callIds: new Set(),
  }
  return state.facts
}

function choiceAt(state: AnswerState, index: number): ChoiceState {
  for (const choice of state.choices) if (choice.index === index) return choice
  const choice = createChoice(index)
  state.choices.push(choice)
  return choice
}

/**
 * The ends of all choices, proven: each has a finish word, or the prompt was blocked.
 *
 * @param unproven the error code for an answer without an end
 */
export function endChoices(state: AnswerState, unproven: ErrorCode): readonly ChoiceEnd[] {
  const { context, blockReason } = state
  if (blockReason !== undefined && state.choices.length === 0) choiceAt(state, 0)
  if (state.choices.length === 0) throw noEnd(context, unproven)
  return state.choices.map((choice): ChoiceEnd => {
    const { index, finishWord } = choice
    if (finishWord === undefined) {
      if (blockReason === undefined) throw noEnd(context, unproven)
      return { index, finish: 'content_filter', native: blockReason, delta: closingDelta(choice, context) }
    }
    return {
      index,
      finish: finishOf(choice, finishWord, context),
      native: finishWord,
      delta: closingDelta(choice, context),
    }
  })
}

function finishOf(choice: ChoiceState, word: string, context: ProtocolContext): FinishReason {
  const reading = readFinishReason(word)
  if (reading === undefined) {
    context.warn({
      code: 'event_skipped',
      message: `the finish reason ${word.slice(0, 64)} is not known: the answer is passed on as ended`,
      provider: context.provider,
    })
    return choice.toolCalls.length > 0 ? 'tool_calls' : 'stop'
  }
  if ('error' in reading) {
    const { provider, model } = context
    throw new GatewayError({
      code: reading.error,
      message: `${provider} (${model}) ended with ${word}: ${reading.meaning}`,
      retryable: reading.retryable,
      provider,
      model,
    })
  }
  return reading.finish === 'stop' && choice.toolCalls.length > 0 ? 'tool_calls' : reading.finish
}

/** The last chunk, when the provider counted. */
export function usageOf(state: AnswerState): readonly ChatChunk[] {
  const usage = toUsage(state.usage)
  return usage && state.head ? [usageChunk(state.head, usage)] : []
}

function noEnd({ provider, model }: ProtocolContext, code: ErrorCode): GatewayError {
  return new GatewayError({
    code,
    message: `${provider} (${model}) sent an answer without a finish reason: it may be cut off`,
    provider,
    model,
  })
}
