/**
 * Remembers what clients of the plain OpenAI shape strip from an answer: signed thinking, encrypted reasoning. Put back
 * when the answer returns as a message of the next request.
 */
import { createHash } from 'node:crypto'
import { textOf } from '../adapter/media.js'
import type { AssistantMessage, ChatMessage, ChatRequest } from '../contract/chat-request.js'
import type { ChatResponse } from '../contract/chat-response.js'

export interface ReplayMemoryOptions {
  /** Answers kept at most; the one used longest ago goes first. Default 1,000. */
  readonly maxEntries?: number
  /** Characters of JSON kept at most, in all. Default 16 million. */
  readonly maxChars?: number
}

export interface ReplayMemory {
  /** Keeps what a client may strip. Nothing is kept of an answer that has nothing to strip. */
  remember(tenant: string | undefined, answer: ChatResponse): void
  /** The request with what its assistant messages lack; the request itself when they lack nothing that is known. */
  restore(tenant: string | undefined, request: ChatRequest): ChatRequest
  /** Answers kept, and their size. */
  size(): { readonly entries: number; readonly chars: number }
}

type Stripped = Pick<AssistantMessage, 'provider_state' | 'reasoning_details' | 'reasoning_content'>
interface Entry {
  readonly stripped: Stripped
  readonly chars: number
}

export function createReplayMemory({
  maxEntries = 1_000,
  maxChars = 16_000_000,
}: ReplayMemoryOptions = {}): ReplayMemory {
  /** In the order of their last use. */
  const entries = new Map<string, Entry>()
  let chars = 0

  const forget = (key: string): void => {
    chars -= entries.get(key)?.chars ?? 0
    entries.delete(key)
  }
  const keep = (key: string, entry: Entry): void => {
    forget(key)
    entries.set(key, entry)
    chars += entry.chars
    for (const oldest of entries.keys()) {
      if (entries.size <= maxEntries && chars <= maxChars) return
      forget(oldest)
    }
  }
  const recall = (tenant: string | undefined, message: ChatMessage): ChatMessage => {
    if (message.role !== 'assistant' || message.provider_state) return message
    const key = keyOf(tenant, message)
    const found = entries.get(key)
    if (!found) return message
    entries.delete(key)
    entries.set(key, found)
    return withMissing(message, found.stripped)
  }

  return {
    remember(tenant, answer) {
      for (const { message } of answer.choices) {
        const { provider_state, reasoning_details, reasoning_content } = message
        if (!provider_state && !reasoning_details && !reasoning_content) continue
        const stripped: Stripped = {
          ...(provider_state && { provider_state }),
          ...(reasoning_details && { reasoning_details }),
          ...(reasoning_content && { reasoning_content }),
        }
        keep(keyOf(tenant, message), { stripped, chars: JSON.stringify(stripped).length })
      }
    },
    restore(tenant, request) {
      if (entries.size === 0) return request
      const messages = request.messages.map((message) => recall(tenant, message))
      return messages.some((message, i) => message !== request.messages[i])
        ? { ...request, messages }
        : request
    },
    size: () => ({ entries: entries.size, chars }),
  }
}

/** What the client kept, it may have changed: its word holds, and the state's digest will tell. */
function withMissing(message: AssistantMessage, stripped: Stripped): AssistantMessage {
  const missing = Object.entries(stripped).filter(
    ([field]) => (message[field as keyof Stripped] ?? null) === null,
  )
  return missing.length === 0 ? message : { ...message, ...(Object.fromEntries(missing) as Stripped) }
}

/** By the ids of its calls, which no two answers share; by its text where it calls nothing. Apart for each tenant. */
function keyOf(tenant = '', { tool_calls: calls, content, refusal }: AssistantMessage): string {
  const ids = calls?.map(({ id }) => id)
  const shown = ids?.length ? ['calls', ...ids] : ['text', textOf(content), refusal ?? '']
  return createHash('sha256')
    .update(JSON.stringify([tenant, ...shown]))
    .digest('base64url')
}
