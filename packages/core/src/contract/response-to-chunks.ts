import type { ChatChunk, ChatResponse } from './chat-response.js'

/** The chunks that fold to `response`: one per choice, then the last one with usage. The inverse of collecting. */
export function responseToChunks(response: ChatResponse): readonly ChatChunk[] {
  const head = {
    id: response.id,
    object: 'chat.completion.chunk' as const,
    created: response.created,
    model: response.model,
    ...(response.service_tier !== undefined && { service_tier: response.service_tier }),
    ...(response.system_fingerprint !== undefined && { system_fingerprint: response.system_fingerprint }),
  }
  const chunks: ChatChunk[] = response.choices.map(({ index, message, finish_reason, native_finish_reason, logprobs }) => ({
    ...head,
    choices: [{
      index,
      delta: {
        ...message,
        tool_calls: message.tool_calls?.map((call, at) => ({ index: at, ...call })),
      },
      finish_reason,
      ...(native_finish_reason !== undefined && { native_finish_reason }),
      ...(logprobs && { logprobs }),
    }],
  }))
  return [...chunks, { ...head, choices: [], usage: response.usage, gateway: response.gateway }]
}
