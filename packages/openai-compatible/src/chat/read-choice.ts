/** Reads one choice, piece by piece or whole: the one place where answers of this dialect are understood. */
import {
  createToolCallAssembler,
  isRecord,
  type Annotation,
  type ChatDelta,
  type ChoiceLogprobs,
  type FinishReason,
  type ReasoningDetail,
  type ToolCallAssembler,
  type ToolCallDelta,
  type ToolNameMapper,
} from '@turnout/core/adapter'
import type { WireChoice, WireDelta } from './wire-types.js'

export interface ChoiceReader {
  readonly index: number
  /** Of one tool call; absent: the toolkit's own bound. */
  readonly maxArgumentChars: number | undefined
  /** The role has been sent. */
  started: boolean
  finish: FinishReason | undefined
  /** The provider's own word for it. */
  native: string | undefined
  refused: boolean
  calls: ToolCallAssembler | undefined
  /** Identity of the call that a piece without index and id continues. */
  lastCall: string | number | undefined
  /** By the index of the call: some argument text has come. */
  readonly hasArguments: boolean[]
}

export type MutableDelta = { -readonly [Field in keyof ChatDelta]: ChatDelta[Field] }

export function createChoiceReader(index: number, maxArgumentChars: number | undefined): ChoiceReader {
  return {
    index,
    maxArgumentChars,
    started: false,
    finish: undefined,
    native: undefined,
    refused: false,
    calls: undefined,
    lastCall: undefined,
    hasArguments: [],
  }
}

/** What a piece adds; `undefined` when it adds nothing that a caller could see. */
export function readDelta(
  reader: ChoiceReader,
  wire: WireDelta,
  answerId: string,
  names: ToolNameMapper | undefined,
): MutableDelta | undefined {
  let delta: MutableDelta | undefined
  const { content, refusal } = wire
  if (typeof content === 'string') {
    if (content !== '') delta = { content }
  } else if (Array.isArray(content)) delta = readParts(content)
  const reasoning = wire.reasoning_content || wire.reasoning
  if (typeof reasoning === 'string' && reasoning !== '') (delta ??= {}).reasoning_content = reasoning
  if (typeof refusal === 'string' && refusal !== '') {
    reader.refused = true
    ;(delta ??= {}).refusal = refusal
  }
  if (Array.isArray(wire.reasoning_details)) delta = addDetails(delta, wire.reasoning_details)
  if (Array.isArray(wire.annotations) && wire.annotations.length > 0)
    (delta ??= {}).annotations = wire.annotations as Annotation[]
  if (Array.isArray(wire.tool_calls)) delta = addCalls(delta, reader, wire.tool_calls, answerId, names)
  if (isRecord(wire.function_call))
    delta = addCalls(delta, reader, [{ index: 0, function: wire.function_call }], answerId, names)
  return delta
}

/** What is left at the end of a choice: calls held back, and `{}` for calls without arguments. */
export function closeCalls(
  reader: ChoiceReader,
  cutOff: boolean,
  names: ToolNameMapper | undefined,
): ToolCallDelta[] {
  if (!reader.calls) return []
  const rest = reader.calls.flush().map((call) => noted(reader, call, names))
  // Of an answer that was cut off nobody knows what the arguments would have been.
  if (cutOff) return rest
  for (let index = 0; index < reader.calls.count(); index++) {
    if (!reader.hasArguments[index]) rest.push({ index, function: { arguments: '{}' } })
  }
  return rest
}

export function hasCalls(reader: ChoiceReader): boolean {
  return reader.calls !== undefined && reader.calls.count() > 0
}

export function readLogprobs({ logprobs }: WireChoice): ChoiceLogprobs | undefined {
  if (!isRecord(logprobs)) return undefined
  const { content, refusal } = logprobs as ChoiceLogprobs
  return content?.length || refusal?.length
    ? { content: content ?? null, refusal: refusal ?? null }
    : undefined
}

/** Content as a list of parts: texts are text, thinking is reasoning, of others there is nothing to show. */
function readParts(parts: readonly unknown[]): MutableDelta | undefined {
  const delta: MutableDelta = {}
  for (const part of parts) {
    if (!isRecord(part)) continue
    if (part.type === 'thinking') {
      const thoughts = Array.isArray(part.thinking) ? part.thinking : [part.thinking]
      const text = thoughts.map((thought) => (isRecord(thought) ? thought.text : thought)).join('')
      if (text !== '') delta.reasoning_content = (delta.reasoning_content ?? '') + text
    } else if (typeof part.text === 'string' && part.text !== '')
      delta.content = (delta.content ?? '') + part.text
  }
  return delta.content === undefined && delta.reasoning_content === undefined ? undefined : delta
}

function addDetails(delta: MutableDelta | undefined, details: readonly unknown[]): MutableDelta | undefined {
  const known = details.flatMap((detail) =>
    isRecord(detail) && typeof detail.type === 'string'
      ? [withoutNulls(detail) as unknown as ReasoningDetail]
      : [],
  )
  if (known.length === 0) return delta
  const into = delta ?? {}
  into.reasoning_details = known
  return into
}

/** A field that is `null` says no more than one that is missing, but would end up in a text that is joined. */
function withoutNulls(detail: Record<string, unknown>): Record<string, unknown> {
  for (const field in detail) {
    if (detail[field] === null)
      return Object.fromEntries(Object.entries(detail).filter(([, value]) => value !== null))
  }
  return detail
}

function addCalls(
  delta: MutableDelta | undefined,
  reader: ChoiceReader,
  pieces: readonly unknown[],
  answerId: string,
  names: ToolNameMapper | undefined,
): MutableDelta | undefined {
  // The answer's id makes ids of our own repeatable; without one they must at least differ from turn to turn.
  const calls = (reader.calls ??= createToolCallAssembler(answerId || undefined, reader.maxArgumentChars))
  let deltas: ToolCallDelta[] | undefined
  for (const piece of pieces) {
    if (!isRecord(piece)) continue
    const call = isRecord(piece.function) ? piece.function : {}
    const id = textOrNull(piece.id)
    const name = textOrNull(call.name)
    const key = callKey(reader, calls, piece.index, id, name)
    const added = calls.push(key, { id, name, arguments: argumentText(call.arguments) })
    if (added) (deltas ??= []).push(noted(reader, added, names))
  }
  if (!deltas) return delta
  const known = delta ?? {}
  known.tool_calls = deltas
  return known
}

/**
 * Which call a piece belongs to. The index says it where there is one. Without: an id, else a name, begins a call,
 * anything else continues the last one.
 */
function callKey(
  reader: ChoiceReader,
  calls: ToolCallAssembler,
  index: unknown,
  id: string | null,
  name: string | null,
): string | number {
  if (typeof index === 'number') return (reader.lastCall = index)
  if (id) return (reader.lastCall = `id ${id}`)
  if (name || reader.lastCall === undefined) return (reader.lastCall = `call ${calls.count()}`)
  return reader.lastCall
}

/** Notes that arguments have come and gives the tool its own name back. */
function noted(reader: ChoiceReader, call: ToolCallDelta, names: ToolNameMapper | undefined): ToolCallDelta {
  const added = call.function
  if (added?.arguments) reader.hasArguments[call.index] = true
  if (!names || added?.name === undefined) return call
  return { ...call, function: { ...added, name: names.fromWire(added.name) } }
}

/** Arguments are text; some servers send the object itself. */
function argumentText(value: unknown): string | null {
  if (typeof value === 'string') return value
  return isRecord(value) ? JSON.stringify(value) : null
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
