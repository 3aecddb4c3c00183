/** What is known of one answer while it is read, and the makers of its chunks. Stream and whole answer share both. */
import { createToolCallAssembler, deltaChunk } from '@turnout/core/adapter'
import type {
  ChatChunk,
  ChatDelta,
  ChoiceLogprobs,
  ChunkHead,
  ProtocolContext,
  StreamState,
  ToolCallAssembler,
  ToolCallDelta,
  ToolNameMapper,
  Usage,
} from '@turnout/core/adapter'
import { toolNames } from './tool-names.js'
import type { WireItem, WireResponse } from './wire-types.js'

/** One part of an item: how much of it has been handed on. */
export interface PartProgress {
  chars: number
  annotations: number
  /** Where its text begins in the joined content. */
  start: number
}

/** One item of the output. */
export interface ItemProgress {
  readonly key: number | string
  readonly parts: PartProgress[]
  /** Parts of a reasoning item's summary. */
  readonly summary: PartProgress[]
  isCall: boolean
  /** Characters of a call's arguments. */
  argumentChars: number
  /** Text of this message is a remark on the way, not part of the answer. */
  isAside: boolean
  /** The item as it was at its end. */
  final?: WireItem
}

/** State of one answer. */
export interface AnswerState extends StreamState {
  readonly context: ProtocolContext
  /** The number of the last event, and how often the numbers have grown. */
  lastNumber: number
  growths: number
  head: ChunkHead
  /** The first chunk, with the role, is out. */
  begun: boolean
  readonly items: Map<number | string, ItemProgress>
  /** Both are created with the first call. */
  assembler?: ToolCallAssembler
  names?: ToolNameMapper
  /** The message so far, as a reader of the chunks folds it. */
  content: string
  refusal: string
  reasoning: string
  readonly calls: { id: string; name: string; text: string }[]
  usage?: Usage
}

export function startAnswer(context: ProtocolContext): AnswerState {
  return {
    done: false,
    context,
    lastNumber: -Infinity,
    growths: 0,
    head: { id: '', created: 0, model: context.model },
    begun: false,
    items: new Map(),
    content: '',
    refusal: '',
    reasoning: '',
    calls: [],
  }
}

/** Names the answer. Once a chunk is out its id, time and model stay. */
export function nameAnswer(state: AnswerState, response: WireResponse): void {
  if (state.begun) return
  const { id, created_at, model } = response
  state.head = {
    id: typeof id === 'string' ? id : state.head.id,
    created: typeof created_at === 'number' ? Math.floor(created_at) : state.head.created,
    model: typeof model === 'string' ? model : state.head.model,
  }
}

export function itemAt(state: AnswerState, key: number | string): ItemProgress {
  let item = state.items.get(key)
  if (item === undefined) {
    item = { key, parts: [], summary: [], isCall: false, argumentChars: 0, isAside: false }
    state.items.set(key, item)
  }
  return item
}

export function partAt(parts: PartProgress[], index: number): PartProgress {
  return (parts[index] ??= { chars: 0, annotations: 0, start: 0 })
}

/** Text of a message. Messages are set apart by a blank line; parts of one message are not. */
export function sayText(
  state: AnswerState,
  item: ItemProgress,
  index: number,
  text: string,
  out: ChatChunk[],
  logprobs?: ChoiceLogprobs,
): void {
  const part = partAt(item.parts, index)
  if (item.isAside) return think(state, part, text, out)
  if (text === '' && !logprobs) return
  let said = text
  if (part.chars === 0) {
    const isFirstOfMessage = item.parts.every((other) => other.chars === 0)
    if (isFirstOfMessage && state.content !== '') said = `\n\n${text}`
    part.start = state.content.length + said.length - text.length
  }
  part.chars += text.length
  state.content += said
  push(state, { content: said }, out, logprobs)
}

export function refuse(
  state: AnswerState,
  item: ItemProgress,
  index: number,
  text: string,
  out: ChatChunk[],
): void {
  if (text === '') return
  partAt(item.parts, index).chars += text.length
  state.refusal += text
  push(state, { refusal: text }, out)
}

/** Reasoning, or its summary: parts are set apart by a blank line. */
export function think(state: AnswerState, part: PartProgress, text: string, out: ChatChunk[]): void {
  if (text === '') return
  const said = part.chars === 0 && state.reasoning !== '' ? `\n\n${text}` : text
  part.chars += text.length
  state.reasoning += said
  push(state, { reasoning_content: said }, out)
}

/** A fragment of a function call; name and id with the first, arguments with the others. */
export function call(
  state: AnswerState,
  item: ItemProgress,
  piece: { id?: string; name?: string; text?: string },
  out: ChatChunk[],
): void {
  const { id, name, text } = piece
  item.isCall = true
  item.argumentChars += text?.length ?? 0
  state.assembler ??= createToolCallAssembler(state.head.id, state.context.bounds?.maxToolArgumentChars)
  pushCall(
    state,
    state.assembler.push(item.key, { id, name: name && callerName(state, name), arguments: text }),
    out,
  )
}

export function pushCall(state: AnswerState, delta: ToolCallDelta | undefined, out: ChatChunk[]): void {
  if (delta === undefined) return
  const known = (state.calls[delta.index] ??= {
    id: delta.id ?? '',
    name: delta.function?.name ?? '',
    text: '',
  })
  known.text += delta.function?.arguments ?? ''
  push(state, { tool_calls: [delta] }, out)
}

function callerName(state: AnswerState, name: string): string {
  state.names ??= toolNames(state.context.request)
  return state.names.fromWire(name)
}

/** The first chunk of an answer carries the role. */
export function push(
  state: AnswerState,
  delta: ChatDelta,
  out: ChatChunk[],
  logprobs?: ChoiceLogprobs,
): void {
  const chunk = deltaChunk(state.head, 0, withRole(state, delta))
  if (logprobs === undefined) out.push(chunk)
  else out.push({ ...chunk, choices: chunk.choices.map((choice) => ({ ...choice, logprobs })) })
}

export function withRole(state: AnswerState, delta: ChatDelta): ChatDelta {
  if (state.begun) return delta
  state.begun = true
  return { role: 'assistant', ...delta }
}
