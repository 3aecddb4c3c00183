/** An answer of a script, worked out: pieces in the order in which they are sent, ids, counts, finish reason. */
import type { FinishReason } from '@turnout/core/adapter'
import type { AnswerReply, ScriptedToolCall, ScriptedUsage } from './reply.js'

/** What one chunk carries. `call` counts the tool calls from 0. */
export type Piece =
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'refusal'; readonly text: string }
  | { readonly type: 'tool-start'; readonly call: number }
  | { readonly type: 'tool-arguments'; readonly call: number; readonly text: string }
  | { readonly type: 'tool-call'; readonly call: number }

export interface AnsweredCall {
  readonly id: string
  readonly name: string
  /** The exact argument string. */
  readonly arguments: string
}

export interface Answer {
  readonly model: string
  readonly pieces: readonly Piece[]
  readonly text: string
  readonly reasoning: string
  readonly refusal: string
  readonly toolCalls: readonly AnsweredCall[]
  readonly finishReason: FinishReason
  /** `null`: none is sent. */
  readonly usage: Required<ScriptedUsage> | null
}

export interface AnswerFacts {
  /** The model that was asked. */
  readonly model: string
  /** Estimated size of the request. */
  readonly promptTokens: number
  /** An id in the vendor's form. */
  readonly makeToolCallId: () => string
  /** Tool calls come whole, one piece each, as at Gemini. */
  readonly wholeToolCalls?: boolean
}

export function resolveAnswer(reply: AnswerReply, facts: AnswerFacts): Answer {
  const cut = (text: string | readonly string[] | undefined): readonly string[] =>
    typeof text === 'string' ? chunksOf(text, reply.chunkSize) : (text ?? [])
  const reasoning = cut(reply.reasoning)
  const text = cut(reply.text)
  const refusal = cut(reply.refusal)
  const toolCalls = (reply.toolCalls ?? []).map((call) => ({
    id: call.id ?? facts.makeToolCallId(),
    name: call.name,
    arguments: argumentText(call),
  }))
  const pieces: Piece[] = [
    ...reasoning.map((part): Piece => ({ type: 'reasoning', text: part })),
    ...text.map((part): Piece => ({ type: 'text', text: part })),
    ...refusal.map((part): Piece => ({ type: 'refusal', text: part })),
    ...toolCalls.flatMap((call, index): Piece[] =>
      facts.wholeToolCalls
        ? [{ type: 'tool-call', call: index }]
        : [
            { type: 'tool-start', call: index },
            ...chunksOf(call.arguments, reply.chunkSize ?? 12).map((part): Piece => ({
              type: 'tool-arguments',
              call: index,
              text: part,
            })),
          ],
    ),
  ]
  const answer = { reasoning: reasoning.join(''), text: text.join(''), refusal: refusal.join(''), toolCalls }
  return {
    ...answer,
    model: reply.model ?? facts.model,
    pieces,
    finishReason:
      reply.finishReason ??
      (toolCalls.length > 0 ? 'tool_calls' : answer.refusal ? 'content_filter' : 'stop'),
    usage: reply.usage === null ? null : resolveUsage(reply.usage ?? {}, answer, facts.promptTokens),
  }
}

/** A rough count, four characters a token: enough to have figures that move with the text. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4)
}

/** Words with the white space before them; or pieces of `size` characters, never through a surrogate pair. */
export function chunksOf(text: string, size?: number): readonly string[] {
  if (size === undefined) return text.match(/\s*\S+|\s+$/g) ?? []
  const chunks: string[] = []
  for (let start = 0; start < text.length;) {
    let end = Math.min(start + Math.max(1, size), text.length)
    const last = text.charCodeAt(end - 1)
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end++
    chunks.push(text.slice(start, end))
    start = end
  }
  return chunks
}

function argumentText(call: ScriptedToolCall): string {
  if (typeof call.arguments === 'string') return call.arguments
  return JSON.stringify(call.arguments ?? {})
}

function resolveUsage(
  given: ScriptedUsage,
  answer: Pick<Answer, 'reasoning' | 'text' | 'refusal' | 'toolCalls'>,
  promptTokens: number,
): Required<ScriptedUsage> {
  const callText = answer.toolCalls.map((call) => call.name + call.arguments).join('')
  const reasoningTokens = given.reasoningTokens ?? estimateTokens(answer.reasoning)
  const visibleTokens = estimateTokens(answer.text + answer.refusal + callText)
  return {
    inputTokens:
      given.inputTokens ?? Math.max(promptTokens, (given.cachedTokens ?? 0) + (given.cacheWriteTokens ?? 0)),
    outputTokens: given.outputTokens ?? visibleTokens + reasoningTokens,
    cachedTokens: given.cachedTokens ?? 0,
    cacheWriteTokens: given.cacheWriteTokens ?? 0,
    reasoningTokens,
  }
}
