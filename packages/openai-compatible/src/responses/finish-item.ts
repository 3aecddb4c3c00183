import type { ChatChunk } from '@turnout/core/adapter'
import { call, itemAt, partAt, push, refuse, sayText, think } from './answer-state.js'
import type { AnswerState, ItemProgress, PartProgress } from './answer-state.js'
import { readAnnotation } from './annotations.js'
import { readLogprobs } from './logprobs.js'
import type { WireItem, WirePart } from './wire-types.js'
import { recordsIn, textIn } from './wire-values.js'

/** An item begins: a call is announced at once, with its id and name. */
export function beginItem(state: AnswerState, key: number | string, item: WireItem, out: ChatChunk[]): void {
  const progress = itemAt(state, key)
  if (item.type === 'message') progress.isAside = isAside(state, item)
  if (item.type === 'function_call') call(state, progress, { id: item.call_id, name: item.name }, out)
}

/** An item has ended: hands on what its deltas have not brought. For a whole answer that is all of it. */
export function finishItem(state: AnswerState, key: number | string, item: WireItem, out: ChatChunk[]): void {
  const progress = itemAt(state, key)
  progress.final = item
  switch (item.type ?? '') {
    case 'message':
      if (progress.parts.length === 0) progress.isAside = isAside(state, item)
      return recordsIn(item.content).forEach((part, i) => finishMessagePart(state, progress, i, part, out))
    case 'reasoning':
      finishThoughts(state, progress.summary, item.summary, out)
      return finishThoughts(state, progress.parts, item.content, out)
    case 'function_call':
      return call(
        state,
        progress,
        { id: item.call_id, name: item.name, text: restOfArguments(item, progress) },
        out,
      )
    default:
      warnOfForeignCall(state, item)
  }
}

function finishMessagePart(
  state: AnswerState,
  progress: ItemProgress,
  index: number,
  part: WirePart,
  out: ChatChunk[],
): void {
  if (part.type === 'refusal')
    return refuse(state, progress, index, rest(part.refusal, progress.parts, index), out)
  const known = partAt(progress.parts, index)
  const logprobs = known.chars === 0 ? readLogprobs(part.logprobs) : undefined
  sayText(state, progress, index, rest(part.text, progress.parts, index), out, logprobs)
  const { annotations } = part
  if (!Array.isArray(annotations)) return
  for (let i = known.annotations; i < annotations.length; i++)
    annotate(state, progress, index, annotations[i], out)
}

export function annotate(
  state: AnswerState,
  progress: ItemProgress,
  index: number,
  annotation: unknown,
  out: ChatChunk[],
): void {
  const part = partAt(progress.parts, index)
  part.annotations++
  const read = readAnnotation(annotation, part.start)
  if (read !== undefined && !progress.isAside) push(state, { annotations: [read] }, out)
}

function finishThoughts(
  state: AnswerState,
  parts: PartProgress[],
  final: WireItem['content'],
  out: ChatChunk[],
): void {
  recordsIn(final).forEach((part, i) => think(state, partAt(parts, i), rest(part.text, parts, i), out))
}

/** What the deltas have not brought of a text. */
function rest(text: string | undefined, parts: PartProgress[], index: number): string {
  return textIn(text).slice(partAt(parts, index).chars)
}

/** A call without arguments has an empty object of them; one that was cut keeps what there is. */
function restOfArguments(item: WireItem, { argumentChars }: ItemProgress): string {
  const whole = textIn(item.arguments)
  return whole === '' && argumentChars === 0 && item.status !== 'incomplete'
    ? '{}'
    : whole.slice(argumentChars)
}

/** Commentary before a JSON answer would make it unreadable as JSON: it is shown as reasoning then. */
function isAside(state: AnswerState, item: WireItem): boolean {
  const format = state.context.request.response_format?.type
  return item.phase === 'commentary' && (format === 'json_schema' || format === 'json_object')
}

/** Calls of tools that the caller would have to run, but not as functions: computer, shell, custom tools. */
function warnOfForeignCall({ context }: AnswerState, { type, call_id }: WireItem): void {
  const kind = textIn(type)
  if (call_id === undefined || kind === '' || kind.endsWith('_output')) return
  context.warn({
    code: 'event_skipped',
    message: `the answer holds a ${kind}, which is no function call and cannot be handed on`,
    provider: context.provider,
  })
}
