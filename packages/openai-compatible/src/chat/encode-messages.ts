/** Messages on the wire: a small fresh object each, texts shared with the request. */
import {
  dropSetting,
  mapToolCallId,
  textOf,
  type AssistantMessage,
  type ChatMessage,
  type ReasoningDetail,
  type RefusalPart,
  type SystemMessage,
  type ToolCall,
  type ToolMessage,
  type UserMessage,
  type UserPart,
} from '@turnout/core/adapter'
import { encodePart } from './encode-part.js'
import { cacheMark, refuse, systemRole, type Encoding } from './encoding.js'
import type { WireContent, WireMessage, WireToolCall } from './wire-types.js'

export function encodeMessages(messages: readonly ChatMessage[], encoding: Encoding): WireMessage[] {
  const wire: WireMessage[] = []
  /** Media of tool results, which only a user message can carry; it follows the last result of the turn. */
  let carried: object[] = []
  messages.forEach((message, i) => {
    if (message.role !== 'tool' && carried.length > 0) {
      wire.push({ role: 'user', content: carried })
      carried = []
    }
    wire.push(encodeMessage(message, encoding, `messages[${i}]`, carried))
  })
  if (carried.length > 0) wire.push({ role: 'user', content: carried })
  return wire
}

/** Puts an instruction of ours in front, into the caller's own system message where there is one. */
export function addInstruction(messages: WireMessage[], text: string, role: string): void {
  const first = messages[0]
  if (first?.role !== role || role === 'user') messages.unshift({ role, content: text })
  else if (typeof first.content === 'string')
    messages[0] = { ...first, content: `${first.content}\n\n${text}` }
  else messages[0] = { ...first, content: [...(first.content ?? []), { type: 'text', text }] }
}

function encodeMessage(
  message: ChatMessage,
  encoding: Encoding,
  path: string,
  carried: object[],
): WireMessage {
  switch (message.role) {
    case 'system':
    case 'developer':
      return named(message, systemRole(encoding), encodeContent(message, encoding, path), encoding, path)
    case 'user':
      return named(message, 'user', encodeContent(message, encoding, path), encoding, path)
    case 'assistant':
      return encodeAssistant(message, encoding, path)
    case 'tool':
      return encodeTool(message, encoding, path, carried)
    // A role of tomorrow; validation has warned.
    default:
      return message
  }
}

function named(
  { name }: { readonly name?: string },
  role: string,
  content: WireContent,
  { dialect, context }: Encoding,
  path: string,
): WireMessage {
  if (name === undefined) return { role, content }
  if (dialect.speakerNames !== false) return { role, content, name }
  dropSetting(context, `${path}.name`, 'messages carry no names of speakers here')
  return { role, content }
}

function encodeContent(message: UserMessage | SystemMessage, encoding: Encoding, path: string): WireContent {
  const { content } = message
  // A mark on the message is a mark on its last part.
  const mark = cacheMark(message.cache_control, encoding)
  if (typeof content === 'string') return mark ? [{ type: 'text', text: content, ...mark }] : content
  if (isPlainText(content, encoding) && !(mark && content.length > 0)) return textOf(content)
  const parts = content.map((part, j) => encodePart(part, encoding, `${path}.content[${j}]`))
  return mark ? parts.map((part, j) => (j === parts.length - 1 ? { ...part, ...mark } : part)) : parts
}

/** To be sent as one string: only text, and nothing on its parts that a string would lose. */
function isPlainText(content: readonly (UserPart | RefusalPart)[], encoding: Encoding): boolean {
  if (content.length === 0) return true
  return (
    encoding.dialect.textParts === 'join' &&
    content.every((part) => part.type === 'text' && !cacheMark(part.cache_control, encoding))
  )
}

function encodeAssistant(message: AssistantMessage, encoding: Encoding, path: string): WireMessage {
  const calls = message.tool_calls?.length ? message.tool_calls : undefined
  const content = assistantContent(message, encoding, path)
  // Null only beside tool calls: without them servers refuse it.
  const shown = calls && content.length === 0 ? null : content
  return {
    ...named(message, 'assistant', shown, encoding, path),
    ...reasoningOf(message, encoding),
    ...(calls && { tool_calls: calls.map((call) => encodeCall(call, encoding)) }),
  }
}

function assistantContent(
  message: AssistantMessage,
  encoding: Encoding,
  path: string,
): string | readonly object[] {
  const { content, refusal } = message
  const { refusalParts } = encoding.dialect
  if (content && typeof content !== 'string' && !isPlainText(content, encoding)) {
    return content.map((part, j) =>
      part.type === 'refusal'
        ? refusalPart(part.refusal, refusalParts)
        : encodePart(part, encoding, `${path}.content[${j}]`),
    )
  }
  const text = textOf(content)
  if (!refusal) return text
  if (refusalParts) return [...(text === '' ? [] : [{ type: 'text', text }]), refusalPart(refusal, true)]
  return text === '' ? refusal : `${text}\n${refusal}`
}

function refusalPart(refusal: string, known: boolean | undefined): object {
  return known ? { type: 'refusal', refusal } : { type: 'text', text: refusal }
}

function reasoningOf(message: AssistantMessage, encoding: Encoding): object | undefined {
  const replay = encoding.rules.replayReasoning ?? encoding.dialect.replayReasoning
  if (!replay) return undefined
  const { field, textField, whenMissing } = replay
  if (field === 'reasoning_details') {
    const details = ownDetails(message, encoding)
    if (details) return { reasoning_details: details }
  }
  const text = message.reasoning_content ?? whenMissing
  const place = field === 'reasoning_details' ? textField : field
  return text === undefined || place === undefined ? undefined : { [place]: text }
}

/** Details that came from a server of this kind. `provider_state` tells when they came from another. */
function ownDetails(
  { reasoning_details: details, provider_state: state }: AssistantMessage,
  { context }: Encoding,
): readonly ReasoningDetail[] | undefined {
  if (!details || details.length === 0) return undefined
  if (!state || state.adapter === context.adapter) return details
  context.warn({
    code: 'state_dropped',
    message: `reasoning_details of an assistant message were left out: they belong to the ${state.adapter} adapter`,
    provider: context.provider,
  })
  return undefined
}

function encodeCall(call: ToolCall, encoding: Encoding): WireToolCall {
  const { name, arguments: text } = call.function
  return {
    id: wireCallId(call.id, encoding),
    type: 'function',
    function: { name: encoding.toolNames?.toWire(name) ?? name, arguments: text === '' ? '{}' : text },
  }
}

function wireCallId(id: string, { dialect, rules }: Encoding): string {
  const rule = rules.toolCallIds ?? dialect.toolCallIds
  return rule ? mapToolCallId(id, rule) : id
}

function encodeTool(message: ToolMessage, encoding: Encoding, path: string, carried: object[]): WireMessage {
  const tool_call_id = wireCallId(message.tool_call_id, encoding)
  const { content } = message
  if (typeof content === 'string') return { role: 'tool', tool_call_id, content }
  if (isPlainText(content, encoding)) return { role: 'tool', tool_call_id, content: textOf(content) }
  const texts: object[] = []
  content.forEach((part, j) => {
    const partPath = `${path}.content[${j}]`
    if (part.type === 'text') return texts.push(encodePart(part, encoding, partPath))
    noteMoved(partPath, encoding)
    carried.push(
      { type: 'text', text: `From the result of tool call ${tool_call_id}:` },
      encodePart(part, encoding, partPath),
    )
  })
  if (texts.length === 0)
    return { role: 'tool', tool_call_id, content: 'The result is in the next user message.' }
  const joined = encoding.dialect.textParts === 'join'
  return { role: 'tool', tool_call_id, content: joined ? textOf(content) : texts }
}

function noteMoved(path: string, encoding: Encoding): void {
  const { context } = encoding
  const message =
    'tool results carry only text here: the part was moved into a user message behind the results'
  if (context.unsupported === 'error') throw refuse(message, path, encoding)
  context.warn({ code: 'content_changed', path, message, provider: context.provider })
}
