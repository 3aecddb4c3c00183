/** Token counts as Anthropic splits them: what was read from and written to the cache is not in `input_tokens`. */
import type { Usage } from '@turnout/core'

export interface WrittenUsage {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_creation_input_tokens: number
  readonly cache_read_input_tokens: number
  readonly cache_creation: {
    readonly ephemeral_5m_input_tokens: number
    readonly ephemeral_1h_input_tokens: number
  }
  readonly output_tokens_details: { readonly thinking_tokens: number } | null
  readonly server_tool_use: null
  readonly service_tier: string | null
  readonly inference_geo: null
  readonly speed: null
}

const NOTHING: Usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }

/** @param usage `null` at the beginning of a stream: then nothing is known yet */
export function writeUsage(usage: Usage | null | undefined, serviceTier: string | undefined): WrittenUsage {
  const { prompt_tokens, completion_tokens, prompt_tokens_details, completion_tokens_details } =
    usage ?? NOTHING
  const read = prompt_tokens_details?.cached_tokens ?? 0
  const written = prompt_tokens_details?.cache_write_tokens ?? 0
  const hour = prompt_tokens_details?.cache_write_1h_tokens ?? 0
  const thinking = completion_tokens_details?.reasoning_tokens
  return {
    input_tokens: Math.max(prompt_tokens - read - written, 0),
    output_tokens: completion_tokens,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    cache_creation: {
      ephemeral_5m_input_tokens: Math.max(written - hour, 0),
      ephemeral_1h_input_tokens: hour,
    },
    output_tokens_details: thinking === undefined ? null : { thinking_tokens: thinking },
    server_tool_use: null,
    service_tier: serviceTier ?? null,
    inference_geo: null,
    speed: null,
  }
}
