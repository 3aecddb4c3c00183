/** An earlier answer on its way back, with what its parts carry for the provider that wrote it. */
import { isDeepStrictEqual } from 'node:util'
import type { LanguageModelV3Message, LanguageModelV3ToolCallPart, SharedV3Warning } from '@ai-sdk/provider'
import type { AssistantMessage, ProviderState, ReasoningDetail, ToolCall } from '@turnout/core'
import { cacheControlOf } from './cache-control.js'
import { notesOn } from './part-notes.js'

type AssistantPrompt = Extract<LanguageModelV3Message, { role: 'assistant' }>

export function encodeAssistant(message: AssistantPrompt, warnings: SharedV3Warning[]): AssistantMessage {
  let content = ''
  let refusal = ''
  let reasoning = ''
  let state: ProviderState | undefined
  let mark = cacheControlOf(message)
  const details: ReasoningDetail[] = []
  const calls: ToolCall[] = []
  for (const part of message.content) {
    const notes = notesOn(part)
    if (notes.reasoningDetails) details.push(...notes.reasoningDetails)
    state = notes.providerState ?? state
    mark = cacheControlOf(part) ?? mark
    switch (part.type) {
      case 'text':
        if (notes.refusal) refusal += part.text
        else content += part.text
        break
      case 'reasoning':
        reasoning += part.text
        break
      case 'tool-call':
        calls.push(encodeToolCall(part, notes.arguments))
        break
      case 'file':
      case 'tool-result':
        warnings.push({
          type: 'unsupported',
          feature: `${part.type} in an assistant message`,
          details: 'it was not sent',
        })
        break
    }
  }
  return {
    role: 'assistant',
    content: content === '' && (calls.length > 0 || refusal !== '') ? null : content,
    ...(refusal !== '' && { refusal }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(state && { provider_state: state }),
    ...(mark && { cache_control: mark }),
  }
}

function encodeToolCall(
  { toolCallId, toolName, input }: LanguageModelV3ToolCallPart,
  exact: string | undefined,
): ToolCall {
  const text = exact !== undefined && saysTheSame(exact, input) ? exact : JSON.stringify(input ?? {})
  return { id: toolCallId, type: 'function', function: { name: toolName, arguments: text } }
}

/** The caller may have changed the input since: what it says now counts. */
function saysTheSame(text: string, input: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(text), input)
  } catch {
    return text === input
  }
}
