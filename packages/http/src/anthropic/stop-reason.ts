/** Why an answer ended, in Anthropic's words. */
import type { FinishReason } from '@turnout/core'

export interface StopFields {
  readonly stop_reason: string
  readonly stop_sequence: string | null
  readonly stop_details: { type: 'refusal'; category: null; explanation: string | null } | null
}

/** What ended it, as far as it is known. */
export interface Ending {
  readonly finish: FinishReason
  /** The provider's own word. */
  readonly native: string | undefined
  readonly refusal: string | null | undefined
  /** Those of the request. */
  readonly stopSequences: readonly string[]
}

/** The word for each reason, and Anthropic's other words for the same. */
const WORDS: Readonly<Record<FinishReason, readonly [string, ...string[]]>> = {
  stop: ['end_turn', 'stop_sequence', 'pause_turn'],
  length: ['max_tokens', 'model_context_window_exceeded'],
  tool_calls: ['tool_use'],
  content_filter: ['refusal'],
}

export function stopFields(ending: Ending): StopFields {
  const { refusal, stopSequences } = ending
  const reason = stopReason(ending)
  return {
    stop_reason: reason,
    // Which of several it was nobody tells.
    stop_sequence:
      reason === 'stop_sequence' && stopSequences.length === 1 ? (stopSequences[0] ?? null) : null,
    stop_details:
      reason === 'refusal' ? { type: 'refusal', category: null, explanation: refusal ?? null } : null,
  }
}

function stopReason({ finish, native, refusal }: Ending): string {
  // OpenAI's models refuse in an answer that ends like any other.
  if (finish === 'stop' && refusal) return 'refusal'
  const words = WORDS[finish]
  return native !== undefined && words.includes(native) ? native : words[0]
}
