/** From whatever a caller handed in to a `ChatRequest`: the caller's own object, checked, never copied. */
import { quote } from '../platform/quote.js'
import { suggest } from '../platform/suggest.js'
import type { CallContext } from './call-context.js'
import { checkJson, MAX_JSON_DEPTH } from './check-json.js'
import type { RequestBounds } from './request-bounds.js'
import type { ChatRequest } from './chat-request.js'
import { checkSchema, invalidRequest } from './describe-issue.js'
import type { EmbeddingRequest } from './embedding.js'
import { guardReading } from './guard-reading.js'
import { embeddingSchema, FIELD_SCHEMAS } from './request-schema.js'
import { checkMessages } from './validate-messages.js'

export const REQUEST_BOUNDS: Required<RequestBounds> = { maxTools: 512, maxJsonDepth: MAX_JSON_DEPTH }

/** @throws GatewayError `invalid_request` with the path of the first fault. */
export function validateRequest(
  input: unknown,
  { call, warn, bounds = REQUEST_BOUNDS }: Pick<CallContext, 'call' | 'warn' | 'bounds'>,
): ChatRequest {
  return guardReading(input, [], () => {
    const request = plainObject(input, 'model and messages', bounds)
    checkToolCount(request['tools'], bounds.maxTools)
    for (const key of Object.keys(request)) {
      const schema = FIELD_SCHEMAS.get(key)
      if (schema) checkSchema(schema, request[key], [key])
      else if (request[key] !== undefined) warnOfField(key, warn)
    }
    requireField(request, 'model')
    requireField(request, 'messages')
    checkMessages(request.messages as readonly unknown[], warn)

    const checked = request as unknown as ChatRequest
    if (call !== 'stream' && checked.stream === true) {
      throw invalidRequest('stream', 'whole answers do not stream; call stream(), or leave this field out')
    }
    checkToolChoice(checked, toolNames(checked))
    return checked
  })
}

/** @throws GatewayError `invalid_request` with the path of the first fault. */
export function validateEmbeddingRequest(
  input: unknown,
  { bounds = REQUEST_BOUNDS }: Pick<CallContext, 'bounds'> = {},
): EmbeddingRequest {
  return guardReading(input, [], () => {
    checkSchema(embeddingSchema, plainObject(input, 'model and input', bounds), [])
    return input as EmbeddingRequest
  })
}

function plainObject(
  input: unknown,
  fields: string,
  { maxJsonDepth }: Required<RequestBounds>,
): Readonly<Record<string, unknown>> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw invalidRequest('request', `must be an object with ${fields}`)
  }
  checkJson(input, [], maxJsonDepth)
  return input as Record<string, unknown>
}

/** Before each of them is looked at. */
function checkToolCount(tools: unknown, maxTools: number): void {
  if (!Array.isArray(tools) || tools.length <= maxTools) return
  throw invalidRequest(
    'tools',
    `must have at most ${maxTools} entries; send those that the model needs, or raise \`bounds.maxTools\` of the gateway`,
  )
}

function requireField(request: Readonly<Record<string, unknown>>, key: 'model' | 'messages'): void {
  const schema = FIELD_SCHEMAS.get(key)
  if (schema && request[key] === undefined) checkSchema(schema, undefined, [key])
}

function warnOfField(key: string, warn: CallContext['warn']): void {
  const meant = suggest(key, FIELD_SCHEMAS.keys())
  const advice = meant ? `did you mean ${quote(meant)}?` : `use provider_options for a provider's own fields`
  warn({
    code: 'unknown_field',
    path: key,
    message: `${quote(key)} is no field of the request and is not sent; ${advice}`,
  })
}

const NO_NAMES: ReadonlySet<string> = new Set()

function toolNames({ tools }: ChatRequest): ReadonlySet<string> {
  if (!tools?.length) return NO_NAMES
  const names = new Set<string>()
  tools.forEach(({ function: { name } }, i) => {
    if (names.has(name))
      throw invalidRequest(
        `tools[${i}].function.name`,
        `${quote(name)} is given twice; tool names must be unique`,
      )
    names.add(name)
  })
  return names
}

function checkToolChoice({ tool_choice: choice }: ChatRequest, names: ReadonlySet<string>): void {
  if (choice === undefined || choice === 'none' || choice === 'auto') return
  if (names.size === 0)
    throw invalidRequest(
      'tool_choice',
      'asks for a tool call, but the request has no tools; add them or leave it out',
    )
  if (typeof choice === 'object' && !names.has(choice.function.name)) {
    throw invalidRequest(
      'tool_choice.function.name',
      `${quote(choice.function.name)} is not among the tools of this request`,
    )
  }
}
