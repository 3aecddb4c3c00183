/** LangChain's messages as the gateway's. */
import { isDeepStrictEqual } from 'node:util'
import type { AIMessage, BaseMessage, ToolMessage } from '@langchain/core/messages'
import {
  GatewayError,
  type AssistantMessage,
  type ChatMessage,
  type ToolCall,
  type ToolMessage as ToolResult,
} from '@turnout/core'
import { encodeContent } from './encode-content.js'
import { KEY, type MessageNotes } from './message-notes.js'

export const encodeMessages = (messages: readonly BaseMessage[]): readonly ChatMessage[] =>
  messages.map((message, index) => encodeMessage(message, `messages[${index}]`))

function encodeMessage(message: BaseMessage, path: string): ChatMessage {
  const type: string = message.type
  const name = message.name === undefined ? {} : { name: message.name }
  switch (type) {
    case 'system':
    case 'developer':
      return { role: 'system', content: message.text, ...name }
    case 'human':
      return { role: 'user', content: encodeContent(message.content, path), ...name }
    case 'ai':
      return { ...encodeAnswer(message as AIMessage), ...name }
    case 'tool':
      return encodeResult(message as ToolMessage, path)
    case 'generic': {
      const { role } = message as BaseMessage & { readonly role: string }
      if (role === 'system' || role === 'developer') return { role, content: message.text, ...name }
      if (role === 'user') return { role, content: encodeContent(message.content, path), ...name }
      if (role === 'assistant') return { role, content: message.text, ...name }
      break
    }
  }
  throw new GatewayError({
    code: 'invalid_request',
    message: `${path}: a message of type "${type}" cannot be sent; use system, human, ai or tool messages`,
    path,
  })
}

function encodeAnswer(message: AIMessage): AssistantMessage {
  const notes = (message.additional_kwargs[KEY] ?? {}) as MessageNotes
  const { refusal } = message.additional_kwargs
  const calls: ToolCall[] = [
    ...(message.tool_calls ?? []).map(({ id = '', name, args }) =>
      call(id, name, textOf(args, notes.arguments?.[id])),
    ),
    ...(message.invalid_tool_calls ?? []).map(({ id = '', name = '', args = '' }) => call(id, name, args)),
  ]
  const { reasoning_details, provider_state } = notes
  const { text } = message
  const reasoning = reasoningOf(message)
  const isRefusal = typeof refusal === 'string' && refusal !== ''
  return {
    role: 'assistant',
    content: text === '' && (calls.length > 0 || isRefusal) ? null : text,
    ...(isRefusal && { refusal }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(reasoning_details && { reasoning_details }),
    ...(provider_state && { provider_state }),
  }
}

const call = (id: string, name: string, text: string): ToolCall => ({
  id,
  type: 'function',
  function: { name, arguments: text },
})

/** The exact text as long as it says what the message says now. */
function textOf(args: unknown, exact: string | undefined): string {
  return exact !== undefined && saysTheSame(exact, args) ? exact : JSON.stringify(args ?? {})
}

/** Messages come back from databases and browsers: what stands there may be anything. */
function saysTheSame(exact: string, args: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(exact), args)
  } catch {
    return false
  }
}

/** Ours and those of LangChain's other models. */
function reasoningOf({ content, additional_kwargs: { reasoning_content: beside } }: AIMessage): string {
  if (typeof content === 'string') return typeof beside === 'string' ? beside : ''
  let reasoning = ''
  for (const block of content as readonly { readonly type?: string; readonly [field: string]: unknown }[]) {
    const text =
      block.type === 'reasoning'
        ? block['reasoning']
        : block.type === 'thinking'
          ? block['thinking']
          : undefined
    if (typeof text === 'string') reasoning += text
  }
  return reasoning
}

function encodeResult(message: ToolMessage, path: string): ToolResult {
  return {
    role: 'tool',
    tool_call_id: message.tool_call_id,
    content: encodeContent(message.content, path),
    ...(message.status === 'error' && { is_error: true }),
  }
}
