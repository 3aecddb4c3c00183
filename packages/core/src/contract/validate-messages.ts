/** The messages of a request, role by role and part by part. */
import { quote } from '../platform/quote.js'
import type { ChatRequest } from './chat-request.js'
import { checkSchema, formatPath, invalidRequest, type Path } from './describe-issue.js'
import type { Warning } from './gateway-meta.js'
import { MESSAGE_SCHEMAS, PART_SCHEMAS, UNKNOWN_ROLE_SCHEMA } from './request-schema.js'

type Warn = (warning: Warning) => void
type Loose = Readonly<Record<string, unknown>>

const ROLES = 'system, developer, user, assistant or tool'
const PART_TYPES = 'text, image_url, input_audio or file'

/** @param messages plain data already; anything else about them is open. */
export function checkMessages(
  messages: readonly unknown[],
  warn: Warn,
): asserts messages is ChatRequest['messages'] {
  const callIds = new Set<string>()
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i]
    if (!isRecord(message)) throw invalidRequest(`messages[${i}]`, 'must be an object with role and content')
    const { role } = message
    if (typeof role !== 'string') throw invalidRequest(`messages[${i}].role`, `must be ${ROLES}`)
    if (!isUsual(message, role)) checkMessage(message, role, i, warn)
    if (Array.isArray(message.content)) checkParts(message.content, ['messages', i, 'content'], warn)

    if (role === 'assistant') noteCalls(message, callIds)
    else if (role === 'tool' && !callIds.has(message.tool_call_id as string)) {
      throw invalidRequest(
        `messages[${i}].tool_call_id`,
        'answers no tool call of an earlier assistant message; keep the assistant message with its tool_calls before its results',
      )
    }
  }
}

/**
 * True for the messages that most conversations consist of, so that the schemas are asked only about the others:
 * ten times cheaper, and never true for what a schema would refuse (a property test holds the two together).
 */
function isUsual(message: Loose, role: string): boolean {
  if (!MESSAGE_SCHEMAS.has(role)) return false
  const isAssistant = role === 'assistant'
  if (!isAssistant && message.content === undefined) return false
  if (role === 'tool' && message.tool_call_id === undefined) return false
  for (const key in message) {
    const value = message[key]
    if (key === 'role' || (key === 'content' && (typeof value === 'string' || Array.isArray(value)))) continue
    if (key === 'tool_call_id' && role === 'tool' && isName(value)) continue
    if (isAssistant && value === null && (key === 'content' || key === 'refusal')) continue
    if (isAssistant && key === 'tool_calls' && Array.isArray(value) && value.every(isUsualCall)) continue
    return false
  }
  return true
}

function isUsualCall(call: unknown): boolean {
  if (!isRecord(call) || call.type !== 'function' || !isName(call.id) || !isRecord(call.function))
    return false
  return isName(call.function.name) && typeof call.function.arguments === 'string'
}

const isName = (value: unknown): boolean => typeof value === 'string' && value !== ''

function checkMessage(message: Loose, role: string, i: number, warn: Warn): void {
  const schema = MESSAGE_SCHEMAS.get(role)
  if (!schema) {
    warn({
      code: 'unknown_field',
      path: `messages[${i}].role`,
      message: `role ${quote(role)} is not known (there are ${ROLES}) and is passed on as it is`,
    })
  }
  checkSchema(schema ?? UNKNOWN_ROLE_SCHEMA, message, ['messages', i])
}

function noteCalls(message: Loose, callIds: Set<string>): void {
  for (const { id } of (message.tool_calls ?? []) as readonly { readonly id: string }[]) callIds.add(id)
}

function checkParts(parts: readonly unknown[], base: Path, warn: Warn): void {
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]
    if (!isRecord(part))
      throw invalidRequest(formatPath([...base, i]), `must be an object with type ${PART_TYPES}`)
    const { type } = part
    if (typeof type !== 'string')
      throw invalidRequest(formatPath([...base, i, 'type']), `must be ${PART_TYPES}`)
    const schema = PART_SCHEMAS.get(type)
    if (!schema) {
      warn({
        code: 'unknown_field',
        path: formatPath([...base, i, 'type']),
        message: `part type ${quote(type)} is not known (there are ${PART_TYPES}) and is passed on as it is`,
      })
      continue
    }
    if (type === 'text' && typeof part.text === 'string' && part.cache_control === undefined) continue
    const path = [...base, i]
    checkSchema(schema, part, path)
    if (type === 'image_url') checkUrl((part.image_url as { url: string }).url, [...path, 'image_url', 'url'])
    else if (type === 'file') checkFile(part.file as Loose, [...path, 'file'])
  }
}

function checkFile(file: Loose, path: Path): void {
  if (typeof file.file_url === 'string') checkUrl(file.file_url, [...path, 'file_url'])
  else if (typeof file.file_data !== 'string' && typeof file.file_id !== 'string') {
    throw invalidRequest(formatPath(path), 'needs one of file_data (a data URI), file_id or file_url')
  }
}

/** gs and fileid name files that the provider itself reads (Google Cloud Storage, Qwen). */
const SCHEMES = /^(?:data:|gs:\/\/.|fileid:\/\/.)/i

function checkUrl(url: string, path: Path): void {
  if (SCHEMES.test(url) || (/^https?:\/\//i.test(url) && URL.canParse(url))) return
  throw invalidRequest(
    formatPath(path),
    'must be an https URL or a data URI (data:<type>;base64,…); local files are never read for you',
  )
}

const isRecord = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
