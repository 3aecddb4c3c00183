import type { FinishReason } from '@turnout/core/adapter'

const FINISH: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  // Not an end, but the adapter does not loop: the answer goes back as assistant message to go on.
  ['pause_turn', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'content_filter'],
])

/** @param hasCalls whether the answer holds tool calls for the caller */
export function finishReason(stopReason: string | null | undefined, hasCalls: boolean): FinishReason {
  const reason = FINISH.get(stopReason ?? '')
  // A tool that only carried the answer is no call.
  if (reason === 'tool_calls' && !hasCalls) return 'stop'
  return reason ?? (hasCalls ? 'tool_calls' : 'stop')
}
