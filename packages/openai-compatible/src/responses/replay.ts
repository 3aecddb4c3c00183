import { isRecord, makeProviderState, readProviderState } from '@turnout/core/adapter'
import type { AssistantMessage, ProtocolContext, ProviderState, StateSubject } from '@turnout/core/adapter'
import type { ResponsesModelRules } from './model-rules.js'
import type { WireItem } from './wire-types.js'
import { recordsIn } from './wire-values.js'

type Item = Readonly<Record<string, unknown>>

/**
 * The answer's items as `provider_state`, where messages and calls alone would lose something: encrypted reasoning, the
 * `phase` of a message, several messages, their order. `undefined` when the standard fields say it all.
 */
export function replayState(
  items: readonly WireItem[],
  message: StateSubject,
  context: ProtocolContext,
): ProviderState | undefined {
  const blocks: Item[] = []
  let reasoning: Item[] = []
  let messages = 0
  let calls = 0
  let isNeeded = false
  for (const item of items) {
    if (item.type === 'reasoning') {
      if (item.encrypted_content) reasoning.push(reasoningBlock(item))
    } else if (item.type === 'message' || item.type === 'function_call') {
      isNeeded ||= reasoning.length > 0 || !!item.phase || (item.type === 'message' && messages + calls > 0)
      if (item.type === 'message') messages++
      else calls++
      blocks.push(...reasoning, item.type === 'message' ? messageBlock(item) : plainBlock(item))
      reasoning = []
    } else {
      // Tools that the provider ran cannot be sent back without stored ids, and reasoning without the item it led to is
      // refused: both are left out, which is allowed. The same goes for reasoning at the very end.
      reasoning = []
    }
  }
  return isNeeded ? makeProviderState(context, blocks, message) : undefined
}

/** The items of a message that may be sent back as they came; `undefined` when it must be rebuilt. */
export function replayItems(
  message: AssistantMessage,
  rules: ResponsesModelRules,
  context: ProtocolContext,
): readonly Item[] | undefined {
  const items = readProviderState(message, context)?.filter(isRecord)
  // A model that never reasons refuses reasoning items.
  return rules.reasoning === false ? items?.filter((item) => item.type !== 'reasoning') : items
}

/** Ids name what the provider stored; we store nothing, and they would be looked up and not found. */
function plainBlock(item: WireItem): Item {
  const { id: _id, status: _status, ...block } = item as Item
  return block
}

/** `summary` is required, though it may be empty; reasoning in the clear is refused beside the encrypted one. */
function reasoningBlock(item: WireItem): Item {
  const { content: _content, ...block } = plainBlock(item)
  return { ...block, summary: item.summary ?? [] }
}

function messageBlock(item: WireItem): Item {
  const content = recordsIn(item.content).map(({ logprobs: _logprobs, ...part }) => part)
  return { ...plainBlock(item), content }
}
