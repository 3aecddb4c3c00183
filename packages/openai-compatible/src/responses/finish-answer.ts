import { finishChunk, isRecord } from '@turnout/core/adapter'
import type { ChatChunk, ToolCall } from '@turnout/core/adapter'
import { call, pushCall, withRole } from './answer-state.js'
import type { AnswerState } from './answer-state.js'
import { finishReason } from './finish-reason.js'
import { replayState } from './replay.js'
import { readUsage } from './usage.js'
import type { WireItem, WireResponse } from './wire-types.js'

/** The answer is complete, or cut by a limit: what was held back goes out, the chunk with the reason is returned. */
export function finishAnswer(state: AnswerState, response: WireResponse, out: ChatChunk[]): ChatChunk {
  state.done = true
  if (isRecord(response.usage)) state.usage = readUsage(response.usage)
  // The tier that was really used; the one in the first event is only what was asked for.
  if (response.service_tier) state.head = { ...state.head, service_tier: response.service_tier }
  endOpenCalls(state, response, out)
  for (const delta of state.assembler?.flush() ?? []) pushCall(state, delta, out)
  const { finish, native } = finishReason(response, {
    calls: state.calls.length > 0,
    refused: state.refusal !== '',
  })
  const provider_state = stateOf(state)
  return finishChunk(state.head, 0, finish, native, withRole(state, provider_state ? { provider_state } : {}))
}

/** A call that was announced and never ended had no arguments, unless the answer was cut there. */
function endOpenCalls(state: AnswerState, response: WireResponse, out: ChatChunk[]): void {
  if (response.status === 'incomplete' || state.assembler === undefined) return
  for (const item of state.items.values()) {
    if (item.isCall && item.final === undefined && item.argumentChars === 0)
      call(state, item, { text: '{}' }, out)
  }
}

function stateOf(state: AnswerState): ReturnType<typeof replayState> {
  const items: WireItem[] = []
  for (const { final } of state.items.values()) {
    // An item without its end cannot be sent back.
    if (final === undefined) return undefined
    items.push(final)
  }
  const tool_calls = state.calls.map(({ id, name, text }): ToolCall => ({
    id,
    type: 'function',
    function: { name, arguments: text },
  }))
  const { content, refusal, reasoning } = state
  return replayState(items, { content, refusal, tool_calls, reasoning_content: reasoning }, state.context)
}
