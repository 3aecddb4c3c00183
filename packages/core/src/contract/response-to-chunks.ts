import type { ChatChunk, ChatResponse, ChunkChoice } from './chat-response.js'

/** The chunks that fold to `response`: one per choice, then the last one with usage. The inverse of collecting. */
export function responseToChunks(response: ChatResponse): readonly ChatChunk[] {
  const { id, created, model, service_tier, system_fingerprint } = response
  // Own fields first, spreads last: the other way round V8 makes a hidden class for every object (Node 20).
  const chunk = (choices: readonly ChunkChoice[]): ChatChunk => ({
    id,
    object: 'chat.completion.chunk',
    created,
    model,
    choices,
    ...(service_tier !== undefined && { service_tier }),
    ...(system_fingerprint !== undefined && { system_fingerprint }),
  })
  const chunks = response.choices.map(({ index, message, finish_reason, native_finish_reason, logprobs }) => {
    const tool_calls = message.tool_calls?.map((call, at) => ({ index: at, ...call }))
    const delta = tool_calls ? { ...message, tool_calls } : (message as Omit<typeof message, 'tool_calls'>)
    return chunk([
      {
        index,
        delta,
        finish_reason,
        ...(native_finish_reason !== undefined && { native_finish_reason }),
        ...(logprobs && { logprobs }),
      },
    ])
  })
  const { usage, gateway } = response
  return [...chunks, Object.assign(chunk([]), { usage, gateway })]
}
