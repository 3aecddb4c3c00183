/** Reads one candidate of one event. Shared by streams and whole answers, so that both fold to the same response. */
import {
  checkToolArguments,
  GatewayError,
  madeUpToolCallId,
  makeProviderState,
  type Annotation,
  type ChatDelta,
  type ChoiceLogprobs,
  type ProtocolContext,
  type TokenLogprob,
  type ToolCall,
  type ToolCallDelta,
  type ToolNameMapper,
} from '@turnout/core/adapter'
import { annotationsOf } from './annotations.js'
import { isFinishWord } from './finish-reason.js'
import { createPartialArgs, type PartialArgs } from './partial-args.js'
import type {
  Candidate,
  Citation,
  FunctionCall,
  GroundingMetadata,
  LogprobsResult,
  Part,
  ScoredToken,
} from './wire-types.js'

/** One choice of the answer so far. */
export interface ChoiceState {
  readonly index: number
  /** The first delta, with the role, went out. */
  opened: boolean
  /** The last finish word; some models repeat it on every event. */
  finishWord: string | undefined
  content: string
  reasoning: string
  readonly toolCalls: ToolCall[]
  /** The model's own parts; neighbouring plain texts are joined, nothing else is touched. */
  readonly parts: Part[]
  /** The standard fields would lose something of the parts. */
  keepParts: boolean
  readonly citations: Citation[]
  grounding: GroundingMetadata | undefined
  urlContext: object | undefined
  /** A call whose arguments are still coming in pieces. */
  partialCall:
    | { readonly call: FunctionCall; readonly part: Part; readonly args: PartialArgs; chars: number }
    | undefined
}

/** What all choices of an answer share. */
export interface AnswerFacts {
  readonly names: ToolNameMapper | undefined
  /** Makes ids for calls to which the API gave none. */
  readonly idSeed: string
  /** Ids given out, over all events and choices. */
  readonly callIds: Set<string>
  /** Of one tool call; absent: the toolkit's own bound. */
  readonly maxArgumentChars?: number | undefined
}

export interface ChoicePiece {
  readonly index: number
  readonly delta: ChatDelta
  readonly logprobs?: ChoiceLogprobs
}

export function createChoice(index: number): ChoiceState {
  return {
    index,
    opened: false,
    finishWord: undefined,
    content: '',
    reasoning: '',
    toolCalls: [],
    parts: [],
    keepParts: false,
    citations: [],
    grounding: undefined,
    urlContext: undefined,
    partialCall: undefined,
  }
}

/** What this event adds to the choice; `undefined` when there is nothing to tell. */
export function readCandidate(
  choice: ChoiceState,
  candidate: Candidate,
  facts: AnswerFacts,
): ChoicePiece | undefined {
  if (isFinishWord(candidate.finishReason)) choice.finishWord = candidate.finishReason
  if (candidate.citationMetadata) addCitations(choice.citations, candidate.citationMetadata)
  if (candidate.groundingMetadata) choice.grounding = candidate.groundingMetadata
  if (candidate.urlContextMetadata) choice.urlContext = candidate.urlContextMetadata
  let content = ''
  let reasoning = ''
  let calls: ToolCallDelta[] | undefined
  let notes: Annotation[] | undefined
  const parts = candidate.content?.parts
  if (Array.isArray(parts)) {
    for (const part of parts as Part[]) {
      if (typeof part !== 'object' || part === null) continue
      if (typeof part.text === 'string') {
        if (part.thought) reasoning += part.text
        else content += part.text
        keepText(choice, part, part.text)
      } else if (part.functionCall) {
        const call = readCall(choice, part, part.functionCall, facts)
        if (call) (calls ??= []).push(call)
      } else {
        const note = keepOther(choice, part)
        if (note) (notes ??= []).push(note)
      }
    }
  }
  const logprobs = candidate.logprobsResult ? readLogprobs(candidate.logprobsResult) : undefined
  if (content === '' && reasoning === '' && !calls && !notes && !logprobs) return undefined
  choice.content += content
  choice.reasoning += reasoning
  const { index, opened } = choice
  choice.opened = true
  // Nearly every event of a stream.
  if (opened && reasoning === '' && !calls && !notes && !logprobs) return { index, delta: { content } }
  const delta: ChatDelta = {
    ...(!opened && { role: 'assistant' }),
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(content !== '' && { content }),
    ...(calls && { tool_calls: calls }),
    ...(notes && { annotations: notes }),
  }
  return logprobs ? { index, delta, logprobs } : { index, delta }
}

/** What can only be told at the end of a choice. */
export function closingDelta(choice: ChoiceState, context: ProtocolContext): ChatDelta {
  const { content, reasoning, toolCalls, citations, grounding, urlContext } = choice
  const annotations =
    citations.length > 0 || grounding || urlContext
      ? annotationsOf({ citations, grounding, urlContext }, content)
      : []
  return {
    ...(!choice.opened && { role: 'assistant' as const }),
    ...(annotations.length > 0 && { annotations }),
    ...(choice.keepParts && {
      provider_state: makeProviderState(context, choice.parts, {
        content,
        reasoning_content: reasoning,
        tool_calls: toolCalls,
      }),
    }),
  }
}

function keepText(choice: ChoiceState, part: Part, text: string): void {
  if (part.thoughtSignature !== undefined) {
    choice.keepParts = true
    choice.parts.push(part)
    return
  }
  const last = choice.parts.at(-1)
  const joins =
    last?.text !== undefined && last.thoughtSignature === undefined && last.thought === part.thought
  // Ours, made below: the provider's object is never written to.
  if (joins) last.text += text
  else if (text !== '') choice.parts.push(part.thought ? { text, thought: part.thought } : { text })
}

/** A part that is neither text nor call: what the model was shown or ran itself, or a signature alone. */
function keepOther(choice: ChoiceState, part: Part): Annotation | undefined {
  const kind = Object.keys(part).find((key) => key !== 'thought' && key !== 'thoughtSignature')
  if (kind === undefined) {
    // A part needs content to be taken back.
    if (part.thoughtSignature !== undefined) keepText(choice, { text: '', ...part }, '')
    return undefined
  }
  choice.parts.push(part)
  choice.keepParts = true
  if (part.thought) return undefined
  // The message has no field for it (images, code, the provider's own tools): it is told as an annotation.
  const type = kind.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return { type, [type]: part[kind as keyof Part] }
}

function readCall(
  choice: ChoiceState,
  part: Part,
  call: FunctionCall,
  facts: AnswerFacts,
): ToolCallDelta | undefined {
  if (choice.partialCall || call.partialArgs || call.willContinue)
    return readPartialCall(choice, part, call, facts)
  // What closes a call that came in pieces may come after its last piece.
  if (!call.name && !call.args) return undefined
  if (part.thoughtSignature !== undefined) choice.keepParts = true
  choice.parts.push(part)
  return deliverCall(choice, call, facts)
}

function readPartialCall(
  choice: ChoiceState,
  part: Part,
  call: FunctionCall,
  facts: AnswerFacts,
): ToolCallDelta | undefined {
  if (choice.partialCall && call.name) throw badCall('began a tool call before the one before it had ended')
  const open = (choice.partialCall ??= { call, part, args: createPartialArgs(), chars: 0 })
  for (const piece of call.partialArgs ?? []) {
    open.args.add(piece)
    open.chars += piece.stringValue?.length ?? 1
    checkToolArguments(open.call.name ?? '', open.chars, facts.maxArgumentChars)
  }
  if (call.willContinue) return undefined
  choice.partialCall = undefined
  const { id, name } = open.call
  const whole: FunctionCall = { ...(id && { id }), name, args: open.args.value() }
  const { thoughtSignature } = open.part
  if (thoughtSignature !== undefined) choice.keepParts = true
  choice.parts.push({ functionCall: whole, ...(thoughtSignature !== undefined && { thoughtSignature }) })
  return deliverCall(choice, whole, facts)
}

function deliverCall(choice: ChoiceState, call: FunctionCall, facts: AnswerFacts): ToolCallDelta {
  const index = choice.toolCalls.length
  const id =
    call.id && !facts.callIds.has(call.id) ? call.id : madeUpToolCallId(facts.idSeed, facts.callIds.size)
  facts.callIds.add(id)
  const wireName = call.name
  if (!wireName) throw badCall('sent a tool call without a name')
  const text = JSON.stringify(call.args ?? {})
  checkToolArguments(wireName, text.length, facts.maxArgumentChars)
  const toolCall: ToolCall = {
    id,
    type: 'function',
    function: { name: facts.names?.fromWire(wireName) ?? wireName, arguments: text },
  }
  choice.toolCalls.push(toolCall)
  return { index, ...toolCall }
}

function badCall(what: string): GatewayError {
  return new GatewayError({ code: 'bad_response', message: `the provider ${what}` })
}

function addCitations(known: Citation[], more: NonNullable<Candidate['citationMetadata']>): void {
  for (const citation of more.citations ?? more.citationSources ?? []) {
    const repeated = known.some(
      ({ uri, startIndex, endIndex }) =>
        uri === citation.uri && startIndex === citation.startIndex && endIndex === citation.endIndex,
    )
    if (!repeated) known.push(citation)
  }
}

function readLogprobs({ chosenCandidates, topCandidates }: LogprobsResult): ChoiceLogprobs | undefined {
  if (!chosenCandidates?.length) return undefined
  return {
    content: chosenCandidates.map((chosen, i): TokenLogprob => {
      const top = topCandidates?.[i]?.candidates
      return { ...score(chosen), ...(top && { top_logprobs: top.map(score) }) }
    }),
  }
}

function score({ token = '', logProbability = 0 }: ScoredToken): { token: string; logprob: number } {
  return { token, logprob: logProbability }
}
