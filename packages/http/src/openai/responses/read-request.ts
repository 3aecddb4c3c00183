/** A request to `/responses` as a chat request. */
import type { ChatMessage, ChatRequest, ResponseFormat, Tool, ToolChoice } from '@turnout/core'
import { refuse } from '../../surface-fault.js'

type Body = Readonly<Record<string, unknown>>

/** Same name, same meaning in both. */
const SHARED = [
  'temperature',
  'top_p',
  'top_logprobs',
  'parallel_tool_calls',
  'service_tier',
  'prompt_cache_key',
  'metadata',
  'user',
  'provider_options',
] as const

/** What needs OpenAI's own servers: [field, harmless values, what to do instead]. */
const OUT_OF_REACH = [
  ['background', [false], 'send the request without it and wait for the answer'],
  ['conversation', [], 'send the messages as input'],
  ['prompt', [], 'send its text as input'],
] as const

/**
 * @param messages the conversation, earlier turns included
 * @returns what `gateway.chat` and `gateway.stream` take, without call options
 * @throws SurfaceFault for what only OpenAI's own servers could do
 */
export function readRequest(body: Body, messages: readonly ChatMessage[]): ChatRequest {
  for (const [field, harmless, instead] of OUT_OF_REACH) {
    const value = body[field]
    if (value !== undefined && value !== null && !harmless.some((one) => one === value))
      throw refuse(field, `is kept or run by OpenAI itself; ${instead}`)
  }
  if (typeof body.model !== 'string') throw refuse('model', 'must be a string')
  const request: Record<string, unknown> = { model: body.model, messages }
  for (const name of SHARED) if (body[name] !== undefined && body[name] !== null) request[name] = body[name]
  const { max_output_tokens: most } = body
  if (most !== undefined && most !== null) {
    // Left out in silence, the answer would be as long as it likes.
    if (typeof most !== 'number') throw refuse('max_output_tokens', 'must be a number')
    request.max_completion_tokens = most
  }
  if (Array.isArray(body.include) && body.include.includes('message.output_text.logprobs'))
    request.logprobs = true
  const tools = readTools(body.tools)
  if (tools.length > 0) request.tools = tools
  const choice = readToolChoice(body.tool_choice)
  if (choice !== undefined && tools.length > 0) request.tool_choice = choice
  const { effort } = recordIn(body.reasoning)
  if (typeof effort === 'string') request.reasoning_effort = effort
  const { format, verbosity } = recordIn(body.text)
  if (typeof verbosity === 'string') request.verbosity = verbosity
  const responseFormat = readFormat(recordIn(format))
  if (responseFormat) request.response_format = responseFormat
  return request as unknown as ChatRequest
}

function readTools(tools: unknown): readonly Tool[] {
  if (tools === undefined || tools === null) return []
  if (!Array.isArray(tools)) throw refuse('tools', 'must be a list')
  return tools.map((given: unknown, i) => {
    const { type, name, description, parameters, strict } = recordIn(given)
    if (type !== 'function') {
      const shown = typeof type === 'string' ? `'${type.slice(0, 40)}'` : 'this'
      throw refuse(
        `tools[${i}].type`,
        `${shown} is run by OpenAI itself; only function tools go to every provider`,
      )
    }
    if (typeof name !== 'string') throw refuse(`tools[${i}].name`, 'must be a string')
    return {
      type,
      function: {
        name,
        ...(typeof description === 'string' && { description }),
        ...(typeof parameters === 'object' && parameters !== null && { parameters }),
        ...(typeof strict === 'boolean' && { strict }),
      },
    } as Tool
  })
}

function readToolChoice(choice: unknown): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice
  const { type, name } = recordIn(choice)
  if (type === 'function' && typeof name === 'string') return { type, function: { name } }
  throw refuse('tool_choice', "must be 'auto', 'none', 'required' or { type: 'function', name }")
}

function readFormat({ type, name, description, schema, strict }: Body): ResponseFormat | undefined {
  if (type === undefined || type === 'text') return undefined
  if (type === 'json_object') return { type }
  if (type !== 'json_schema') throw refuse('text.format.type', 'must be text, json_object or json_schema')
  if (typeof name !== 'string') throw refuse('text.format.name', 'must be a string')
  return {
    type,
    json_schema: {
      name,
      ...(typeof description === 'string' && { description }),
      ...(typeof schema === 'object' && schema !== null && { schema }),
      ...(typeof strict === 'boolean' && { strict }),
    },
  } as ResponseFormat
}

const recordIn = (value: unknown): Body =>
  typeof value === 'object' && value !== null ? (value as Body) : {}
