/**
 * Answers that a later request may name (`previous_response_id`, `item_reference`), in this process and for a while: the
 * protocol of `store: true`, which is what clients ask for unless told otherwise.
 */
import type { ChatMessage } from '@turnout/core'
import type { OutputItem } from './wire-types.js'

export interface RememberedResponse {
  /** The conversation up to the answer, the answer included. */
  readonly messages: readonly ChatMessage[]
  readonly output: readonly OutputItem[]
}

export interface ResponseMemory {
  /** @param owner only the same one finds it again */
  keep(owner: string, id: string, response: RememberedResponse): void
  find(owner: string, id: string): RememberedResponse | undefined
  findItem(owner: string, id: string): OutputItem | undefined
}

interface Kept {
  readonly response: RememberedResponse
  readonly chars: number
  readonly itemKeys: readonly string[]
}

const MAX_CHARS = 64 * 1024 * 1024

/** @param maxResponses the oldest gives way; 0 keeps none */
export function createResponseMemory(maxResponses: number, maxChars = MAX_CHARS): ResponseMemory {
  /** The oldest first. */
  const responses = new Map<string, Kept>()
  const items = new Map<string, OutputItem>()
  let chars = 0
  const drop = (key: string, { chars: freed, itemKeys }: Kept): void => {
    responses.delete(key)
    chars -= freed
    for (const itemKey of itemKeys) items.delete(itemKey)
  }
  return {
    keep(owner, id, response) {
      const size = JSON.stringify(response).length
      if (maxResponses === 0 || size > maxChars) return
      const itemKeys = response.output.map((item) => keyOf(owner, item.id))
      const key = keyOf(owner, id)
      responses.set(key, { response, chars: size, itemKeys })
      response.output.forEach((item) => items.set(keyOf(owner, item.id), item))
      chars += size
      for (const [oldest, kept] of responses) {
        if (responses.size <= maxResponses && chars <= maxChars) break
        drop(oldest, kept)
      }
    },
    find: (owner, id) => responses.get(keyOf(owner, id))?.response,
    findItem: (owner, id) => items.get(keyOf(owner, id)),
  }
}

/** No owner's name can be mistaken for another's. */
const keyOf = (owner: string, id: string): string => `${owner.length}:${owner}${id}`
