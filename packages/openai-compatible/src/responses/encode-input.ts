import { dropSetting, GatewayError, mapToolCallId, partsOf } from '@turnout/core/adapter'
import type {
  AssistantMessage,
  CacheControl,
  ChatMessage,
  ChatRequest,
  FilePart,
  ProtocolContext,
  RefusalPart,
  TextPart,
  SystemMessage,
  ToolMessage,
  ToolNameMapper,
  UserMessage,
  UserPart,
} from '@turnout/core/adapter'
import type { ResponsesModelRules } from './model-rules.js'
import { replayItems } from './replay.js'
import type { CacheBreakpoint, InputItem, InputPart, OutputPart } from './wire-types.js'

const CALL_ID_RULE = { maxLength: 64 }

/** What the encoding of one message needs to know. */
interface Encoding {
  readonly context: ProtocolContext
  readonly rules: ResponsesModelRules
  readonly names: ToolNameMapper
  readonly items: InputItem[]
}

/**
 * The messages as input items, in order. System texts go in as messages too, not as `instructions`: that keeps their
 * place, their cache marks and the word "JSON" that `json_object` looks for in the input alone.
 *
 * @throws GatewayError `invalid_request` for content that the model or the API cannot take
 */
export function encodeInput(
  request: ChatRequest,
  rules: ResponsesModelRules,
  context: ProtocolContext,
  names: ToolNameMapper,
): readonly InputItem[] {
  const encoding: Encoding = { context, rules, names, items: [] }
  const { messages } = request
  messages.forEach((message, i) => encodeMessage(encoding, message, `messages[${i}]`))
  const named = messages.findIndex((message) => 'name' in message && message.name)
  if (named >= 0)
    dropSetting(context, `messages[${named}].name`, 'the Responses API has no names on messages')
  return encoding.items
}

function encodeMessage(encoding: Encoding, message: ChatMessage, path: string): void {
  switch (message.role) {
    case 'assistant':
      return encodeAssistant(encoding, message)
    case 'tool':
      return encodeToolResult(encoding, message, path)
    case 'system':
    case 'developer':
      return encodeInputMessage(encoding, encoding.rules.systemRole, message, path)
    case 'user':
    default:
      return encodeInputMessage(encoding, message.role, message, path)
  }
}

function encodeInputMessage(
  encoding: Encoding,
  role: string,
  message: SystemMessage | UserMessage,
  path: string,
): void {
  const content = inputParts(encoding, message.content, message.cache_control, path)
  encoding.items.push({ type: 'message', role, content })
}

function encodeAssistant({ context, rules, names, items }: Encoding, message: AssistantMessage): void {
  const replayed = replayItems(message, rules, context)
  if (replayed !== undefined) {
    for (const item of replayed) items.push(withCallId(item))
    return
  }
  const calls = message.tool_calls ?? []
  const content = outputParts(message)
  // An empty turn is still a turn, and some servers refuse one without any part.
  if (content.length === 0 && calls.length === 0) content.push({ type: 'output_text', text: '' })
  if (content.length > 0) items.push({ type: 'message', role: 'assistant', content })
  for (const call of calls) {
    items.push({
      type: 'function_call',
      call_id: mapToolCallId(call.id, CALL_ID_RULE),
      name: names.toWire(call.function.name),
      arguments: call.function.arguments || '{}',
    })
  }
}

/** Ids of a replayed call go through the same rule as its result's. */
function withCallId(item: Readonly<Record<string, unknown>>): InputItem {
  const { call_id: id } = item
  return typeof id === 'string' && id.length > CALL_ID_RULE.maxLength
    ? { ...item, call_id: mapToolCallId(id, CALL_ID_RULE) }
    : item
}

function outputParts(message: AssistantMessage): OutputPart[] {
  const parts: OutputPart[] = []
  for (const part of partsOf<TextPart | RefusalPart>(message.content)) {
    if (part.type === 'refusal') parts.push({ type: 'refusal', refusal: part.refusal })
    else if (part.text !== '') parts.push({ type: 'output_text', text: part.text })
  }
  if (message.refusal) parts.push({ type: 'refusal', refusal: message.refusal })
  return parts
}

function encodeToolResult(encoding: Encoding, message: ToolMessage, path: string): void {
  const { content, cache_control, tool_call_id } = message
  encoding.items.push({
    type: 'function_call_output',
    call_id: mapToolCallId(tool_call_id, CALL_ID_RULE),
    output: typeof content === 'string' ? content : inputParts(encoding, content, cache_control, path),
  })
}

/** A mark on the message counts for its last part. */
function inputParts(
  encoding: Encoding,
  content: string | readonly UserPart[],
  cacheControl: CacheControl | undefined,
  path: string,
): readonly InputPart[] {
  const marks = encoding.rules.cacheBreakpoints
  if (typeof content === 'string')
    return [{ type: 'input_text', text: content, ...markIf(marks && cacheControl) }]
  const last = content.length - 1
  return content.map((part, i) => {
    const mark = markIf(marks && (part.cache_control ?? (i === last ? cacheControl : undefined)))
    return inputPart(encoding, part, mark, `${path}.content[${i}]`)
  })
}

type Mark = { readonly prompt_cache_breakpoint?: CacheBreakpoint } | undefined

function markIf(wanted: unknown): Mark {
  return wanted ? { prompt_cache_breakpoint: { mode: 'explicit' } } : undefined
}

function inputPart({ rules, context }: Encoding, part: UserPart, mark: Mark, path: string): InputPart {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text, ...mark }
    case 'image_url': {
      if (!rules.images)
        throw unfit(context, path, `${context.model} takes no images: send text, or choose another model`)
      const { url, detail } = part.image_url
      return { type: 'input_image', image_url: url, ...(detail && { detail }), ...mark }
    }
    case 'file':
      if (!rules.files)
        throw unfit(context, path, `${context.model} takes no files: send text, or choose another model`)
      return { type: 'input_file', ...fileSource(part, context, path), ...mark }
    case 'input_audio':
      throw unfit(
        context,
        path,
        'the Responses API takes no audio: use a model over Chat Completions, or send a transcript',
      )
    default:
      // A part of the API's own, written by a caller who knows it.
      return part
  }
}

function fileSource(
  { file }: FilePart,
  context: ProtocolContext,
  path: string,
): Omit<InputPart & { type: 'input_file' }, 'type'> {
  const { file_id, file_url, file_data, filename } = file
  if (file_id) return { file_id }
  if (file_url) return { file_url }
  if (!file_data?.startsWith('data:')) {
    throw unfit(
      context,
      `${path}.file`,
      'a file needs file_id, file_url, or file_data as a data URI (data:application/pdf;base64,…)',
    )
  }
  // The API refuses data without a name; PDF is the kind that every model with files reads.
  return { filename: filename ?? 'file.pdf', file_data }
}

function unfit(context: ProtocolContext, path: string, message: string): GatewayError {
  const { provider, model } = context
  return new GatewayError({ code: 'invalid_request', message: `${path}: ${message}`, path, provider, model })
}
