/** The rules that every stream of chunks keeps, as a checker for tests: of adapters and of the whole gateway. */
import type { ChatChunk, ChunkChoice, FinishReason, ToolCallDelta } from './chat-response.js'

/** A rule that was broken: its number in the list of {@link checkChunkInvariants}, and where. */
export interface ChunkViolation {
  readonly rule: 1 | 2 | 3 | 4 | 5 | 6
  /** Index of the chunk; the length of the list when something is missing at the end. */
  readonly at: number
  readonly message: string
}

export interface ChunkInvariantOptions {
  /**
   * Who made the chunks: the whole gateway (default), whose last chunk has `usage` and `gateway`; or an adapter,
   * whose last chunk has `usage` when the provider sent any, and never `gateway`.
   */
  readonly from?: 'gateway' | 'adapter'
  /** `false`: the stream ended in an error, so that finish reasons and the last chunk may be missing. */
  readonly complete?: boolean
}

interface ChoiceSoFar {
  finish: FinishReason | null
  /** Id and name of each tool call, by index. */
  readonly calls: { readonly id: string; readonly name: string }[]
}

/** An answer: all chunks of a stream, or those between two restarts. */
interface Segment {
  readonly head: ChatChunk
  readonly choices: Map<number, ChoiceSoFar>
}

type Report = (rule: ChunkViolation['rule'], at: number, message: string) => void

/**
 * Checks the chunks of one stream. Returns every violation, in order; an empty list is a good stream.
 *
 * 1. `id`, `created` and `model` stay the same.
 * 2. The first delta of a choice has the role; each choice gets exactly one finish reason and nothing after it.
 * 3. Tool calls count from 0 without gaps; the first delta of a call has its id and name, which never change.
 * 4. Usage comes once, on the last chunk, which has no choices; its total is the sum of its parts.
 * 5. An error is thrown, never a chunk.
 * 6. A restart is marked by `gateway.event`; the other rules hold for each answer by itself.
 *
 * @example
 * expect(checkChunkInvariants(chunks, { from: 'adapter' })).toEqual([])
 */
export function checkChunkInvariants(
  chunks: readonly ChatChunk[],
  options: ChunkInvariantOptions = {},
): readonly ChunkViolation[] {
  const violations: ChunkViolation[] = []
  const report: Report = (rule, at, message) => violations.push({ rule, at, message })
  const fromAdapter = options.from === 'adapter'
  let segment: Segment | undefined
  chunks.forEach((chunk, at) => {
    if (chunk.gateway && 'event' in chunk.gateway) {
      if (fromAdapter) report(6, at, 'an adapter restarted its answer')
      if (chunk.gateway.event !== 'restart') report(6, at, `unknown event "${String(chunk.gateway.event)}"`)
      segment = undefined
    }
    segment ??= { head: chunk, choices: new Map() }
    checkHead(chunk, segment.head, at, report)
    for (const choice of chunk.choices) checkChoice(choice, segment.choices, at, report)
    checkUsage(chunk, at, at === chunks.length - 1, report)
  })
  if (options.complete ?? true) checkEnd(chunks, segment, fromAdapter, report)
  return violations
}

function checkHead(chunk: ChatChunk, head: ChatChunk, at: number, report: Report): void {
  if (chunk.object !== 'chat.completion.chunk') report(1, at, `object is "${String(chunk.object)}"`)
  for (const key of ['id', 'created', 'model'] as const) {
    if (chunk[key] !== head[key])
      report(1, at, `${key} changed from ${JSON.stringify(head[key])} to ${JSON.stringify(chunk[key])}`)
  }
  if ('error' in chunk) report(5, at, 'an error came as a chunk instead of being thrown')
}

function checkChoice(choice: ChunkChoice, known: Map<number, ChoiceSoFar>, at: number, report: Report): void {
  let state = known.get(choice.index)
  if (!state) {
    state = { finish: null, calls: [] }
    known.set(choice.index, state)
    if (choice.delta.role !== 'assistant')
      report(2, at, `the first delta of choice ${choice.index} has no role`)
  }
  if (state.finish !== null) {
    const what = choice.finish_reason === null ? 'a delta' : 'a second finish reason'
    report(2, at, `choice ${choice.index} got ${what} after its finish reason`)
  }
  if (choice.finish_reason !== null) state.finish = choice.finish_reason
  for (const piece of choice.delta.tool_calls ?? [])
    checkToolCall(piece, state, `choice ${choice.index}`, at, report)
}

function checkToolCall(
  piece: ToolCallDelta,
  { calls }: ChoiceSoFar,
  where: string,
  at: number,
  report: Report,
): void {
  const name = piece.function?.name
  const call = calls[piece.index]
  if (call) {
    if (piece.id !== undefined && piece.id !== call.id)
      report(3, at, `${where}: tool call ${piece.index} changed its id`)
    if (name !== undefined && name !== call.name)
      report(3, at, `${where}: tool call ${piece.index} changed its name`)
    return
  }
  if (piece.index !== calls.length) {
    report(3, at, `${where}: tool call ${piece.index} came where ${calls.length} is next`)
    return
  }
  if (!piece.id || !name)
    report(
      3,
      at,
      `${where}: the first delta of tool call ${piece.index} lacks its ${piece.id ? 'name' : 'id'}`,
    )
  if (piece.id && calls.some(({ id }) => id === piece.id))
    report(3, at, `${where}: tool call ${piece.index} repeats an id`)
  calls.push({ id: piece.id ?? '', name: name ?? '' })
}

function checkUsage(chunk: ChatChunk, at: number, last: boolean, report: Report): void {
  const { usage } = chunk
  if (chunk.choices.length === 0 && !last && !(chunk.gateway && 'event' in chunk.gateway)) {
    report(4, at, 'a chunk without choices is not the last one')
  }
  if (!usage) return
  if (!last || chunk.choices.length > 0) report(4, at, 'usage is not on a last chunk without choices')
  if (usage.total_tokens !== usage.prompt_tokens + usage.completion_tokens) {
    report(
      4,
      at,
      `total_tokens is ${usage.total_tokens}, not ${usage.prompt_tokens} + ${usage.completion_tokens}`,
    )
  }
}

function checkEnd(
  chunks: readonly ChatChunk[],
  segment: Segment | undefined,
  fromAdapter: boolean,
  report: Report,
): void {
  const end = chunks.length
  if (!segment || segment.choices.size === 0) report(2, end, 'the stream has no choice')
  for (const [index, { finish }] of segment?.choices ?? []) {
    if (finish === null) report(2, end, `choice ${index} has no finish reason`)
  }
  const last = chunks.at(-1)
  const meta = last?.gateway && !('event' in last.gateway) ? last.gateway : undefined
  if (fromAdapter) {
    if (meta) report(4, end - 1, 'an adapter wrote `gateway`')
    return
  }
  if (!last || last.choices.length > 0 || !last.usage)
    report(4, end, 'there is no last chunk with usage and without choices')
  else if (!meta) report(4, end - 1, 'the last chunk has no `gateway`')
}
