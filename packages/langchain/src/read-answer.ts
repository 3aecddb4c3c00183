/** A whole answer as LangChain's. */
import { AIMessage, type InvalidToolCall, type ToolCall } from '@langchain/core/messages'
import type { ChatResult } from '@langchain/core/outputs'
import type { ChatResponse, Choice, ResponseMessage } from '@turnout/core'
import { KEY, notesOf } from './message-notes.js'
import { readResponseMetadata, readUsage } from './read-metadata.js'

export function readAnswer({ id, model, choices, usage, gateway }: ChatResponse): ChatResult {
  const { message, finish_reason: finish, native_finish_reason: native } = choices[0] as Choice
  const response_metadata = readResponseMetadata({ model, usage, gateway, finish, native })
  const { valid, invalid } = readToolCalls(message)
  const answer = new AIMessage({
    id,
    content: readContent(message),
    tool_calls: valid,
    invalid_tool_calls: invalid,
    additional_kwargs: readKwargs(message),
    usage_metadata: readUsage(usage),
    response_metadata,
  })
  return {
    generations: [
      { text: message.content ?? '', message: answer, generationInfo: { finish_reason: finish } },
    ],
    llmOutput: { tokenUsage: response_metadata.tokenUsage },
  }
}

/** A plain string where there is only text; blocks where there is reasoning to tell from it. */
function readContent({ content, reasoning_content: reasoning }: ResponseMessage) {
  if (!reasoning) return content ?? ''
  return [{ type: 'reasoning', reasoning }, ...(content ? [{ type: 'text', text: content }] : [])]
}

export function readKwargs(message: ResponseMessage) {
  const notes = notesOf(message)
  return {
    ...(message.refusal !== null && { refusal: message.refusal }),
    ...(message.annotations && { annotations: message.annotations }),
    ...(notes && { [KEY]: notes }),
  }
}

function readToolCalls({ tool_calls: calls = [] }: ResponseMessage) {
  const valid: ToolCall[] = []
  const invalid: InvalidToolCall[] = []
  for (const { id, function: called } of calls) {
    const { name, arguments: text } = called
    try {
      const args = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
      valid.push({ type: 'tool_call', id, name, args })
    } catch {
      invalid.push({ type: 'invalid_tool_call', id, name, args: text, error: 'the arguments are no JSON' })
    }
  }
  return { valid, invalid }
}
