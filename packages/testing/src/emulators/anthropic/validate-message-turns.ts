/** The checks that Anthropic makes on `messages`: roles, blocks, and tool calls with their results. */
import { isRecord, textOf, type JsonRecord } from '../read-json.js'
import type { ClaudeFamily } from './anthropic-model-rules.js'
import { refuseMessage } from './refuse-message.js'
import { isThinkingSignature } from './thinking-signature.js'

const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp']

type Blocks = readonly JsonRecord[]

/** @throws Refusal */
export function validateMessageTurns(given: unknown, family: ClaudeFamily): void {
  if (given === undefined) refuseMessage('messages: Field required')
  if (!Array.isArray(given)) refuseMessage('messages: Input should be a valid list')
  if (given.length === 0) refuseMessage('messages: at least one message is required')
  const usedIds = new Set<string>()
  let open: readonly string[] = []
  given.forEach((message: unknown, index) => {
    const path = `messages.${index}`
    if (!isRecord(message)) refuseMessage(`${path}: Input should be an object`)
    const role = textOf(message['role'])
    checkRole(role, index, given as readonly unknown[], family)
    const blocks = readBlocks(message['content'], path, index === given.length - 1 && role === 'assistant')
    if (role === 'user') checkResults(blocks, open, index)
    else if (open.length > 0) refuseOpen(open, index - 1)
    open = role === 'assistant' ? callIds(blocks, path, usedIds) : []
  })
  if (open.length > 0) refuseOpen(open, given.length - 1)
  const last = given.at(-1) as JsonRecord
  if (last['role'] === 'assistant' && !family.prefill) {
    refuseMessage(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    )
  }
}

function checkRole(role: string, index: number, all: readonly unknown[], family: ClaudeFamily): void {
  const previous = all[index - 1]
  const afterUser = isRecord(previous) && previous['role'] === 'user'
  if (role === 'system' && family.laterSystem && afterUser) return
  if (role === 'system') {
    refuseMessage(
      'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.',
    )
  }
  if (role !== 'user' && role !== 'assistant')
    refuseMessage(`messages.${index}.role: Input should be 'user' or 'assistant'`)
  if (index === 0 && role !== 'user') refuseMessage('messages: first message must use the "user" role')
}

function readBlocks(content: unknown, path: string, final: boolean): Blocks {
  if (typeof content === 'string') return readBlocks([{ type: 'text', text: content }], path, final)
  if (!Array.isArray(content)) refuseMessage(`${path}.content: Field required`)
  if (content.length === 0 && !final)
    refuseMessage(
      `${path}: all messages must have non-empty content except for the optional final assistant message`,
    )
  return content.map((block: unknown, index) => {
    const blockPath = `${path}.content.${index}`
    if (!isRecord(block)) refuseMessage(`${blockPath}: Input should be an object`)
    checkBlock(block, blockPath, final && index === content.length - 1)
    return block
  })
}

function checkBlock(block: JsonRecord, path: string, last: boolean): void {
  switch (block['type']) {
    case 'text': {
      const text = block['text']
      if (typeof text !== 'string') refuseMessage(`${path}.text.text: Field required`)
      if (text === '') refuseMessage('messages: text content blocks must be non-empty')
      if (text.trim() === '') refuseMessage('messages: text content blocks must contain non-whitespace text')
      if (last && text.trimEnd() !== text)
        refuseMessage('messages: final assistant content cannot end with trailing whitespace')
      return
    }
    case 'image':
    case 'document':
      return checkSource(block, path)
    case 'tool_use': {
      const id = textOf(block['id'])
      if (!/^[a-zA-Z0-9_-]+$/.test(id))
        refuseMessage(`${path}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`)
      if (!isRecord(block['input']))
        refuseMessage(`${path}.tool_use.input: Input should be a valid dictionary`)
      return
    }
    case 'thinking': {
      const { thinking, signature } = block as { thinking?: unknown; signature?: unknown }
      if (block['cache_control'] !== undefined)
        refuseMessage(`${path}.thinking.cache_control: Extra inputs are not permitted`)
      if (typeof signature !== 'string') refuseMessage(`${path}.thinking.signature: Field required`)
      if (!isThinkingSignature(signature, textOf(thinking)))
        refuseMessage(`${path}: Invalid \`signature\` in \`thinking\` block`)
      return
    }
    case 'redacted_thinking':
    case 'tool_result':
      return
    default:
      refuseMessage(
        `${path}.type: Input tag '${textOf(block['type'])}' found using 'type' does not match any of the expected tags`,
      )
  }
}

function checkSource(block: JsonRecord, path: string): void {
  const type = textOf(block['type'])
  const source = block['source']
  if (!isRecord(source)) refuseMessage(`${path}.${type}.source: Field required`)
  if (source['type'] !== 'base64') return
  const data = textOf(source['data'])
  if (data === '' || data.startsWith('data:'))
    refuseMessage(`${path}.${type}.source.base64.data: invalid base64 data`)
  if (type === 'image' && !IMAGE_TYPES.includes(textOf(source['media_type']))) {
    refuseMessage(
      `${path}.image.source.base64.media_type: Input should be ${IMAGE_TYPES.map((name) => `'${name}'`).join(', ')}`,
    )
  }
}

function callIds(blocks: Blocks, path: string, used: Set<string>): readonly string[] {
  return blocks
    .filter((block) => block['type'] === 'tool_use')
    .map((block) => {
      const id = textOf(block['id'])
      if (used.has(id)) refuseMessage(`${path}: \`tool_use\` ids must be unique`)
      used.add(id)
      return id
    })
}

/** Results stand in the very next user message, all of them, before anything else in it. */
function checkResults(blocks: Blocks, open: readonly string[], index: number): void {
  const results = blocks
    .filter((block) => block['type'] === 'tool_result')
    .map((block) => textOf(block['tool_use_id']))
  const stray = results.find((id) => !open.includes(id))
  if (stray !== undefined) {
    refuseMessage(
      `messages.${index}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
    )
  }
  const inFront = blocks.slice(0, results.length).every((block) => block['type'] === 'tool_result')
  const missing = open.filter((id) => !inFront || !results.includes(id))
  if (missing.length > 0) refuseOpen(missing, index - 1)
}

function refuseOpen(ids: readonly string[], index: number): never {
  refuseMessage(
    `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  )
}
