/** What a model said as Anthropic's content blocks. */
import type { ChatDelta, ProviderState, ReasoningDetail, ToolCall } from '@turnout/core'
import { isRecord, parseJson, readProviderState } from '@turnout/core/adapter'
import { ADAPTER } from './read-content.js'

export interface ContentBlock {
  readonly type: string
  readonly [field: string]: unknown
}

/** A whole answer, or the one delta that holds it all. */
export interface Said {
  readonly content?: string | null
  readonly refusal?: string | null
  readonly tool_calls?: readonly ToolCall[]
  readonly reasoning_content?: string | null
  readonly reasoning_details?: readonly ReasoningDetail[]
  readonly provider_state?: ProviderState
}

/** As the adapter marks thinking that came in these very blocks. */
export const isSigned = ({ format }: ReasoningDetail): boolean => format === 'anthropic-claude-v1'

/**
 * Anthropic's own blocks where they are at hand. Thinking without a signature, which nobody can take back, is only for
 * those who asked to see thinking.
 */
export function contentBlocks(said: Said, showsThinking: boolean): readonly ContentBlock[] {
  const own = ownBlocks(said)
  if (own) return own
  return [
    ...thinkingBlocks(said, showsThinking),
    ...(said.content ? [textBlock(said.content)] : []),
    ...(said.tool_calls ?? []).map(callBlock),
  ]
}

/** Anthropic's blocks of an answer, as long as they still say what it says. */
export function ownBlocks(said: Said): readonly ContentBlock[] | undefined {
  const { provider_state: state } = said
  if (state?.adapter !== ADAPTER) return undefined
  const { adapter, model, origin } = state
  const owner = { adapter, model, origin, provider: '', warn: () => {} }
  const blocks = readProviderState({ role: 'assistant', ...said }, owner)
  return blocks?.every(isBlock) ? blocks.map(asAnswered) : undefined
}

const isBlock = (value: unknown): value is ContentBlock =>
  isRecord(value) && typeof value['type'] === 'string'

/** With the fields that an answer's blocks always have. */
const asAnswered = (block: ContentBlock): ContentBlock =>
  block.type === 'text' && block['citations'] === undefined ? { ...block, citations: null } : block

export const textBlock = (text: string): ContentBlock => ({ type: 'text', text, citations: null })

function thinkingBlocks(said: Said, showsThinking: boolean): ContentBlock[] {
  const { reasoning_details: details, reasoning_content: text } = said
  const blocks: ContentBlock[] = []
  for (const detail of details ?? []) {
    const block = thinkingBlock(detail, showsThinking)
    if (block) blocks.push(block)
  }
  if (blocks.length === 0 && text && showsThinking)
    blocks.push({ type: 'thinking', thinking: text, signature: '' })
  return blocks
}

/** One piece of thinking that is whole; `undefined` for what is not to be seen. */
export function thinkingBlock(detail: ReasoningDetail, showsThinking: boolean): ContentBlock | undefined {
  const signed = isSigned(detail)
  if (detail.type === 'reasoning.encrypted') {
    return signed ? { type: 'redacted_thinking', data: detail.data ?? '' } : undefined
  }
  const thinking = thinkingText(detail)
  if (!signed && (!showsThinking || thinking === '')) return undefined
  // Another vendor's signature would only be refused when it comes back to this one.
  return { type: 'thinking', thinking, signature: signed ? (detail.signature ?? '') : '' }
}

export const thinkingText = ({ text, summary }: ReasoningDetail): string => text ?? summary ?? ''

export const callBlock = ({ id, function: { name, arguments: json } }: ToolCall): ContentBlock => ({
  type: 'tool_use',
  id,
  name,
  input: inputOf(json),
  caller: { type: 'direct' },
})

/** An object is what clients expect: arguments that were cut off are told as text. */
function inputOf(json: string): object {
  if (json.trim() === '') return {}
  try {
    const input = parseJson(json)
    if (isRecord(input)) return input
  } catch {
    // Fall through.
  }
  return { invalid_arguments: json }
}

/** The calls of a delta that holds them whole. */
export const wholeCalls = (delta: ChatDelta): ToolCall[] =>
  (delta.tool_calls ?? []).map(({ id = '', function: call }) => ({
    id,
    type: 'function',
    function: { name: call?.name ?? '', arguments: call?.arguments ?? '' },
  }))
