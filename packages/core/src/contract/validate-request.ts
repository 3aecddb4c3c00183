/** From whatever a caller handed in to a `ChatRequest`: the caller's own object, checked, never copied. */
import type * as z from 'zod'
import { GatewayError, isGatewayError } from '../errors/gateway-error.js'
import { checkJson } from './check-json.js'
import type { CallOptions, RequestOptions } from './call-options.js'
import type { ChatRequest } from './chat-request.js'
import { formatPath, invalidRequest, schemaError } from './describe-issue.js'
import type { EmbeddingRequest } from './embedding.js'
import type { Warning } from './gateway-meta.js'
import { embeddingSchema, MESSAGE_SCHEMAS, optionsSchema, PART_SCHEMAS, requestSchema } from './request-schema.js'

type Warn = (warning: Warning) => void
type Loose = Record<string, unknown>

const REQUEST_KEYS = new Set(Object.keys(requestSchema.shape))
const OPTION_KEYS = Object.keys(optionsSchema.shape)
const TIMEOUT_KEYS = ['totalMs', 'connectMs', 'headersMs', 'firstTokenMs', 'idleMs']

/** @throws GatewayError `invalid_request` with the path of the first fault. */
export function validateRequest(input: unknown, warn: Warn): ChatRequest {
  return guarded(() => {
    const request = checked<ChatRequest & Loose>(requestSchema, input, [])
    noPrototypeKeys(input as object, [])
    if (request.stream === true) throw invalidRequest('stream', 'chat() gives whole answers; call stream() and leave this field out')
    for (const key of Object.keys(request)) {
      if (!REQUEST_KEYS.has(key)) {
        warn({ code: 'unknown_field', path: key, message: `"${key}" is no field of the request and is not sent; use provider_options for a provider's own fields` })
      }
    }
    const toolNames = checkTools(request)
    checkMessages(request.messages, warn)
    checkToolChoice(request, toolNames)
    if (request.response_format) checkJson(request.response_format, ['response_format'])
    if (request.provider_options) {
      noPrototypeKeys(request.provider_options, ['provider_options'])
      checkJson(request.provider_options, ['provider_options'])
    }
    return request
  })
}

/** @throws GatewayError `invalid_request` with the path of the first fault. */
export function validateEmbeddingRequest(input: unknown): EmbeddingRequest {
  return guarded(() => {
    const request = checked<EmbeddingRequest>(embeddingSchema, input, [])
    noPrototypeKeys(input as object, [])
    if (typeof request.input === 'string') checkText(request.input, ['input'])
    else request.input.forEach((text, i) => checkText(text, ['input', i]))
    return request
  })
}

/** Checks call options, wherever they stand. @param base path of the options in messages. */
export function validateOptions<T extends RequestOptions | CallOptions>(options: T | undefined, base: string): T | undefined {
  if (options === undefined) return undefined
  return guarded(() => {
    const result = optionsSchema.safeParse(options)
    if (!result.success) {
      throw schemaError(result.error, [base], result.error.issues[0]?.path[0] === 'timeout' ? TIMEOUT_KEYS : OPTION_KEYS)
    }
    noPrototypeKeys(options, [base])
    return options
  })
}

function checked<T>(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): T {
  const result = schema.safeParse(value)
  if (!result.success) throw schemaError(result.error, path)
  return value as T
}

/** Getters may throw, proxies may lie: whatever escapes becomes an `invalid_request`. */
function guarded<T>(check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (isGatewayError(error)) throw error
    throw new GatewayError({
      code: 'invalid_request',
      message: 'reading the request threw an error; pass plain data, without getters or proxies',
      cause: error,
    })
  }
}

function noPrototypeKeys(value: object, path: readonly PropertyKey[]): void {
  if (Object.hasOwn(value, '__proto__')) {
    throw invalidRequest(formatPath([...path, '__proto__']), 'is not a field; remove it')
  }
}

function checkMessages(messages: readonly unknown[], warn: Warn): void {
  const callIds = new Set<string>()
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i] as Loose | null | undefined
    if (typeof message !== 'object' || message === null) throw invalidRequest(`messages[${i}]`, 'must be an object with role and content')
    const role = message.role
    if (typeof role !== 'string') throw invalidRequest(`messages[${i}].role`, 'must be system, developer, user, assistant or tool')
    noPrototypeKeys(message, ['messages', i])
    const schema = MESSAGE_SCHEMAS.get(role)
    if (!schema) {
      warn({ code: 'unknown_field', path: `messages[${i}].role`, message: `role "${role}" is not known and passed on as it is` })
      continue
    }
    checked(schema, message, ['messages', i])
    checkContent(message.content, ['messages', i, 'content'], warn)
    if (role === 'assistant') checkToolCalls(message.tool_calls as ToolCalls, i, callIds)
    else if (role === 'tool' && !callIds.has(message.tool_call_id as string)) {
      throw invalidRequest(
        `messages[${i}].tool_call_id`,
        'answers no tool call of an earlier assistant message; keep the assistant message with its tool_calls before its results',
      )
    }
  }
}

type ToolCalls = readonly { id: string; function: { name: string; arguments: string } }[] | null | undefined

function checkToolCalls(calls: ToolCalls, i: number, callIds: Set<string>): void {
  if (!calls) return
  for (let j = 0; j < calls.length; j++) {
    const call = calls[j]
    if (!call) continue
    checkText(call.function.arguments, ['messages', i, 'tool_calls', j, 'function', 'arguments'])
    callIds.add(call.id)
  }
}

function checkContent(content: unknown, path: readonly PropertyKey[], warn: Warn): void {
  if (typeof content === 'string') return checkText(content, path)
  if (!Array.isArray(content)) return
  for (let i = 0; i < content.length; i++) {
    const part = content[i] as Loose
    const schema = PART_SCHEMAS.get(part.type as string)
    if (!schema) {
      warn({ code: 'unknown_field', path: formatPath([...path, i, 'type']), message: `part type "${String(part.type)}" is not known and passed on as it is` })
      continue
    }
    checked(schema, part, [...path, i])
    if (part.type === 'text') checkText(part.text as string, [...path, i, 'text'])
    else if (part.type === 'image_url') checkUrl((part.image_url as { url: string }).url, [...path, i, 'image_url', 'url'])
    else if (part.type === 'file') checkFile(part.file as Loose, [...path, i, 'file'])
  }
}

function checkFile(file: Loose, path: readonly PropertyKey[]): void {
  if (typeof file.file_url === 'string') checkUrl(file.file_url, [...path, 'file_url'])
  else if (typeof file.file_data !== 'string' && typeof file.file_id !== 'string') {
    throw invalidRequest(formatPath(path), 'needs one of file_data (a data URI), file_id or file_url')
  }
}

function checkUrl(url: string, path: readonly PropertyKey[]): void {
  if (url.startsWith('data:') || url.startsWith('https://') || url.startsWith('http://')) return
  // Providers' own schemes (Google Cloud Storage, Qwen's fileid) name files that the provider itself reads.
  if (url.startsWith('gs://') || url.startsWith('fileid://')) return
  throw invalidRequest(formatPath(path), 'must be an https URL or a data URI (data:<type>;base64,…); local files are never read for you')
}

/** NUL and lone surrogates are refused by some providers and silently changed by others. */
function checkText(text: string, path: readonly PropertyKey[]): void {
  if (text.includes('\u0000')) throw invalidRequest(formatPath(path), 'contains a NUL character; remove it')
  if (!text.isWellFormed()) {
    throw invalidRequest(formatPath(path), 'contains half of a surrogate pair (text cut inside an emoji?); use text.toWellFormed()')
  }
}

function checkTools(request: ChatRequest): ReadonlySet<string> {
  const names = new Set<string>()
  request.tools?.forEach((tool, i) => {
    const { name, parameters } = tool.function
    if (names.has(name)) throw invalidRequest(`tools[${i}].function.name`, `"${name}" is given twice; tool names must be unique`)
    names.add(name)
    if (parameters) checkJson(parameters, ['tools', i, 'function', 'parameters'])
  })
  return names
}

function checkToolChoice(request: ChatRequest, names: ReadonlySet<string>): void {
  const choice = request.tool_choice
  if (choice === undefined || choice === 'none' || choice === 'auto') return
  if (names.size === 0) throw invalidRequest('tool_choice', 'asks for a tool call, but the request has no tools')
  if (typeof choice === 'object' && !names.has(choice.function.name)) {
    throw invalidRequest('tool_choice.function.name', `"${choice.function.name}" is not among the tools of this request`)
  }
}
