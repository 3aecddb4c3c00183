import {
  isRecord,
  makeProviderState,
  parseJson,
  type ProviderState,
  type ToolCall,
} from '@turnout/core/adapter'
import { isAnswerTool, type Answer, type OpenBlock } from './answer.js'
import type { AnswerBlock } from './wire-types.js'

/** The calls that the caller is to run. */
export function toolCalls(answer: Answer): ToolCall[] {
  const calls: ToolCall[] = []
  for (const { wire, callId, json } of answer.blocks.values()) {
    if (wire.type !== 'tool_use' || isAnswerTool(answer, wire)) continue
    calls.push({
      id: callId,
      type: 'function',
      function: { name: answer.callerName(wire.name ?? ''), arguments: json },
    })
  }
  return calls
}

/** The blocks as they must go back, when the standard fields would lose something of them. */
export function stateOf(
  answer: Answer,
  refusal: string | undefined,
  calls: readonly ToolCall[],
): ProviderState | undefined {
  // A made-up tool's call would wait for a result for ever.
  if (answer.answerBlock) return undefined
  const blocks: AnswerBlock[] = []
  let lossy = false
  for (const block of answer.blocks.values()) {
    const wire = replayable(block)
    if (wire === 'broken') return undefined
    if (!wire) continue
    blocks.push(wire)
    lossy ||= isLossy(wire)
  }
  if (!lossy) return undefined
  const { content, reasoning } = answer
  return makeProviderState(answer.context, blocks, {
    content,
    reasoning_content: reasoning,
    tool_calls: calls,
    ...(refusal !== undefined && { refusal }),
  })
}

/** `undefined` for blocks that the API would refuse; `broken` when the message cannot go back at all. */
function replayable(block: OpenBlock): AnswerBlock | undefined | 'broken' {
  const { wire, text, json, signature, citations } = block
  switch (wire.type) {
    case 'text': {
      if (text.trim() === '') return undefined
      const { citations: _citations, ...rest } = wire
      return { ...rest, text, ...(citations.length > 0 && { citations }) }
    }
    case 'thinking':
      return signature === '' ? undefined : { ...wire, thinking: text, signature }
    default:
      if (json === '') return wire
      try {
        const input = parseJson(json)
        return isRecord(input) ? { ...wire, input } : 'broken'
      } catch {
        return 'broken'
      }
  }
}

function isLossy(wire: AnswerBlock): boolean {
  if (wire.type === 'text') return wire.citations !== undefined
  if (wire.type === 'tool_use')
    return wire.caller !== undefined && wire.caller !== null && wire.caller.type !== 'direct'
  return true
}
