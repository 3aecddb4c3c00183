import {
  isRecord,
  parseJson,
  partsOf,
  readProviderState,
  textOf,
  type AssistantMessage,
  type ChatMessage,
  type ChatRequest,
  type ProtocolContext,
  type SystemMessage,
  type ToolMessage,
  type ToolNameMapper,
} from '@turnout/core/adapter'
import type { ModelRules } from '../models.js'
import type { CacheMarks } from './cache-marks.js'
import { contentBlocks, isBlank, isBlock, refuse, textBlocks } from './encode-content.js'
import { createTurns, type Turns } from './turns.js'
import { createToolIds, type ToolIds } from './tool-ids.js'
import type { WireBlock } from './wire-types.js'

export interface EncodingParts {
  readonly request: ChatRequest
  readonly context: ProtocolContext
  readonly rules: ModelRules
  readonly marks: CacheMarks
  readonly names: ToolNameMapper
  /** Whether the blocks that another model of ours wrote may be replayed to this one. */
  readonly sameFamily: (model: string) => boolean
}

export interface Conversation {
  readonly system: readonly WireBlock[]
  readonly turns: Turns
}

const THINKING: ReadonlySet<string> = new Set(['thinking', 'redacted_thinking'])

/** The conversation in turns: system text apart, roles alternating, tool results first and all in one user turn. */
export function encodeMessages(parts: EncodingParts): Conversation {
  const { context, marks } = parts
  const { messages } = parts.request
  const system: WireBlock[] = []
  const turns = createTurns()
  const ids = createToolIds()

  let first = 0
  for (; first < messages.length; first++) {
    const message = messages[first]
    if (!message || !isSystem(message)) break
    system.push(
      ...contentBlocks(message.content, `messages[${first}]`, message.cache_control, context, marks),
    )
  }
  for (let at = first; at < messages.length; at++) {
    const message = messages[at] as ChatMessage
    const path = `messages[${at}]`
    switch (message.role) {
      case 'system':
      case 'developer':
        laterSystem(message, at, path, parts, turns)
        break
      case 'user':
        turns.user(contentBlocks(message.content, path, message.cache_control, context, marks))
        break
      case 'tool':
        turns.result(toolResult(message, path, parts, ids))
        break
      case 'assistant':
        closeCalls(ids, path, context)
        turns.assistant(assistantBlocks(message, path, parts, ids))
        break
      default:
        throw refuse(context, `${path}.role`, `unknown role "${String((message as { role: unknown }).role)}"`)
    }
  }
  closeCalls(ids, 'messages', context)
  return { system, turns }
}

const isSystem = (message: ChatMessage): message is SystemMessage =>
  message.role === 'system' || message.role === 'developer'

/** A system message inside the conversation: its own turn where the model knows that, user text elsewhere. */
function laterSystem(
  message: SystemMessage,
  at: number,
  path: string,
  parts: EncodingParts,
  turns: Turns,
): void {
  const { context, marks, rules, request } = parts
  const { content, cache_control: control } = message
  const text = textOf(content)
  if (isBlank(text)) return
  // Right after a user turn and before an assistant's: the one place where every such model takes it.
  const next = request.messages.slice(at + 1).find((other) => !isSystem(other))
  const role = turns.role()
  if (
    rules.systemInMessages &&
    role !== undefined &&
    role !== 'assistant' &&
    (!next || next.role === 'assistant')
  ) {
    turns.system(contentBlocks(content, path, control, context, marks))
    return
  }
  const block: WireBlock = { type: 'text', text: `<system>\n${text}\n</system>` }
  marks.add(block, control ?? partsOf(content).findLast((part) => part.cache_control)?.cache_control, path)
  turns.user([block])
  context.warn({
    code: 'content_changed',
    path,
    message: `${path}: ${context.model} takes no system message here; it was sent as user text in <system> tags`,
    provider: context.provider,
  })
}

function toolResult(message: ToolMessage, path: string, parts: EncodingParts, ids: ToolIds): WireBlock {
  const { context, marks } = parts
  const wireId = ids.result(message.tool_call_id)
  if (wireId === undefined) {
    throw refuse(
      context,
      `${path}.tool_call_id`,
      'no tool call of the assistant message before it is waiting for this result',
    )
  }
  const plain = typeof message.content === 'string' ? message.content : undefined
  const content = plain ?? contentBlocks(message.content, path, undefined, context, marks)
  const block: WireBlock = {
    type: 'tool_result',
    tool_use_id: wireId,
    ...(content.length > 0 && !(plain !== undefined && isBlank(plain)) && { content }),
    ...(message.is_error === true && { is_error: true }),
  }
  marks.add(block, message.cache_control, path)
  return block
}

/** Every call wants its result before the assistant speaks again. */
function closeCalls(ids: ToolIds, path: string, context: ProtocolContext): void {
  const missing = ids.beginTurn()
  if (missing === undefined) return
  throw refuse(
    context,
    path,
    `the tool call "${missing.slice(0, 64)}" has no result. Add a tool message with its tool_call_id`,
  )
}

function assistantBlocks(
  message: AssistantMessage,
  path: string,
  parts: EncodingParts,
  ids: ToolIds,
): WireBlock[] {
  const blocks = replayedBlocks(message, path, parts, ids) ?? rebuiltBlocks(message, path, parts, ids)
  const last = blocks.at(-1)
  if (message.cache_control && last && !THINKING.has(last.type)) {
    // A replayed block is the caller's own object: mark a copy.
    const marked = { ...last }
    blocks[blocks.length - 1] = marked
    parts.marks.add(marked, message.cache_control, path)
  }
  return blocks
}

/** The provider's own blocks, as long as they still belong to the message. */
function replayedBlocks(
  message: AssistantMessage,
  path: string,
  parts: EncodingParts,
  ids: ToolIds,
): WireBlock[] | undefined {
  const { context } = parts
  const state = readProviderState(message, context)
  if (!state || !message.provider_state || !state.every(isBlock)) return undefined
  const kept = parts.sameFamily(message.provider_state.model)
    ? [...state]
    : state.filter((block) => !THINKING.has(block.type))
  if (kept.length < state.length) {
    context.warn({
      code: 'state_dropped',
      path,
      message: `${path}: its thinking was left out: another model wrote it`,
      provider: context.provider,
    })
  }
  for (const block of kept)
    if (block.type === 'tool_use' && typeof block['id'] === 'string') ids.replayed(block['id'])
  return kept.length === 0 ? undefined : kept
}

function rebuiltBlocks(
  message: AssistantMessage,
  path: string,
  parts: EncodingParts,
  ids: ToolIds,
): WireBlock[] {
  const blocks = contentText(message)
  message.tool_calls?.forEach((call, at) => {
    blocks.push({
      type: 'tool_use',
      id: ids.call(call.id),
      name: parts.names.toWire(call.function.name),
      input: toolInput(
        call.function.arguments,
        `${path}.tool_calls[${at}].function.arguments`,
        parts.context,
      ),
    })
  })
  return blocks
}

function contentText(message: AssistantMessage): WireBlock[] {
  const { content, refusal } = message
  if (typeof content === 'string') return textBlocks(content || refusal || '')
  const blocks: WireBlock[] = []
  for (const part of content ?? [])
    blocks.push(...textBlocks(part.type === 'refusal' ? part.refusal : textOf([part])))
  return blocks.length === 0 && refusal ? textBlocks(refusal) : blocks
}

/** `input` must be an object; an argument string that was cut off or is no object travels inside one. */
function toolInput(text: string, path: string, context: ProtocolContext): object {
  if (isBlank(text)) return {}
  try {
    const input = parseJson(text)
    if (isRecord(input)) return input
  } catch {
    // Fall through: the model shall see what it wrote.
  }
  context.warn({
    code: 'content_changed',
    path,
    message: `${path} is no JSON object; it was sent as { "invalid_arguments": … }`,
    provider: context.provider,
  })
  return { invalid_arguments: text }
}
