import type { FinishReason } from '@turnout/core/adapter'

/** Finish words of all the servers that speak this dialect, their upstreams' words included. */
const WORDS: ReadonlyMap<string, FinishReason | 'error'> = new Map(
  Object.entries({
    stop: 'stop',
    end_turn: 'stop',
    stop_sequence: 'stop',
    eos: 'stop',
    eos_token: 'stop',
    length: 'length',
    max_tokens: 'length',
    model_length: 'length',
    max_output_tokens: 'length',
    tool_calls: 'tool_calls',
    function_call: 'tool_calls',
    tool_use: 'tool_calls',
    content_filter: 'content_filter',
    refusal: 'content_filter',
    safety: 'content_filter',
    error: 'error',
    insufficient_system_resource: 'error',
  } as const),
)

/** The unified reason for a provider's word. An unknown word is an end of the model's own choosing. */
export function finishReason(
  word: string,
  vendorWords?: Readonly<Record<string, FinishReason | 'error'>>,
): FinishReason | 'error' {
  const key = word.toLowerCase()
  const own = vendorWords && Object.hasOwn(vendorWords, key) ? vendorWords[key] : undefined
  return own ?? WORDS.get(key) ?? 'stop'
}

/** A forced tool choice answers `stop` although there are calls, and a refusal does: what the message holds decides. */
export function settleFinish(
  reason: FinishReason,
  holds: { readonly toolCalls: boolean; readonly refusal: boolean },
): FinishReason {
  if (reason !== 'stop') return reason
  if (holds.toolCalls) return 'tool_calls'
  return holds.refusal ? 'content_filter' : 'stop'
}
