import type { ChatChunk } from '../contract/chat-response.js'

type Batch = readonly ChatChunk[]

/** Stands between the provider's chunks and the caller: pass, redact or stop. Without guardrails they pass. */
export function guardOutput(next: () => Promise<Batch | undefined>): () => Promise<Batch | undefined> {
  return next
}
