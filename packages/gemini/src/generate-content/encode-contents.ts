/** The conversation as Gemini contents: who said what, tool calls and their results, thought signatures. */
import {
  GatewayError,
  isRecord,
  parseJson,
  readProviderState,
  textOf,
  type AssistantMessage,
  type ChatMessage,
  type ChatRequest,
  type ProtocolContext,
  type ToolCall,
  type ToolMessage,
  type ToolNameMapper,
} from '@turnout/core/adapter'
import { modelRules, UNKNOWN_GENERATION, type ModelRules } from '../models.js'
import { encodeParts } from './encode-parts.js'
import type { Content, FunctionCall, FunctionResponse, Part } from './wire-types.js'

/**
 * Skips the signature check for function calls that no Gemini model made. Use: on the first call of a step only.
 * Source: the vendor's page on thought signatures, FAQ on history from another model.
 */
export const FOREIGN_CALL_SIGNATURE = 'skip_thought_signature_validator'

/** Gemini's conversations begin with the user. */
const OPENING: Content = { role: 'user', parts: [{ text: '(start)' }] }

export interface EncodedContents {
  readonly contents: readonly Content[]
  readonly systemInstruction?: Content
}

export interface ContentsContext {
  readonly context: ProtocolContext
  readonly rules: ModelRules
  readonly names: ToolNameMapper
}

/** @throws GatewayError `invalid_request` for what Gemini cannot take. */
export function encodeContents(request: ChatRequest, given: ContentsContext): EncodedContents {
  const { messages } = request
  const { context, rules } = given
  const contents: Content[] = []
  const systemTexts: string[] = []
  const turnStart = rules.checksSignatures ? lastUserMessage(messages) : messages.length
  let begun = false
  let i = 0
  while (i < messages.length) {
    const message = messages[i] as ChatMessage
    const path = `messages[${i}]`
    noteName(message, path, context)
    i++
    switch (message.role) {
      case 'system':
      case 'developer': {
        const text = textOf(message.content)
        if (text === '') break
        if (begun) {
          contents.push({ role: 'user', parts: [{ text }] })
          changed(context, path, `a ${message.role} message inside the conversation was sent as the user's`)
        } else systemTexts.push(text)
        break
      }
      case 'user': {
        begun = true
        const parts = encodeParts(message.content, `${path}.content`, rules, context)
        if (parts.length > 0) contents.push({ role: 'user', parts })
        else changed(context, path, 'a message without content was left out')
        break
      }
      case 'assistant': {
        begun = true
        if (contents.length === 0) {
          contents.push(OPENING)
          changed(
            context,
            path,
            'Gemini wants the user to speak first: a short opening was put before this message',
          )
        }
        const parts = modelParts(message, path, i - 1 > turnStart, given)
        if (parts.length > 0) addModelParts(contents, parts)
        else changed(context, path, 'a message without content was left out')
        if (!message.tool_calls?.length) break
        const results: [ToolMessage, number][] = []
        for (let next = messages[i]; next?.role === 'tool'; next = messages[++i]) results.push([next, i])
        if (results.length > 0 || i < messages.length) {
          contents.push({ role: 'user', parts: resultParts(message.tool_calls, parts, results, path, given) })
        }
        break
      }
      case 'tool':
        throw refusal(
          path,
          'a tool result must follow the assistant message with its tool_calls, with nothing between',
        )
      default:
        throw refusal(
          `${path}.role`,
          `"${String((message as { role: unknown }).role)}" is no role that Gemini knows; use system, user, assistant or tool`,
        )
    }
  }
  if (contents.length === 0)
    throw refusal('messages', 'hold no content besides system text; add a user message')
  if (!rules.prefill && contents.at(-1)?.role === 'model') {
    throw refusal(
      `messages[${messages.length - 1}]`,
      `${context.model} does not continue an assistant message; end with a user message or tool results`,
    )
  }
  if (systemTexts.length === 0) return { contents }
  return { contents, systemInstruction: { parts: [{ text: systemTexts.join('\n\n') }] } }
}

/** A call must follow the user: two messages of the model in a row are one content. */
function addModelParts(contents: Content[], parts: readonly unknown[]): void {
  const last = contents.at(-1)
  if (last?.role !== 'model') contents.push({ role: 'model', parts })
  else contents[contents.length - 1] = { role: 'model', parts: [...(last.parts ?? []), ...parts] }
}

/** The model's own parts when they still belong to this message, else parts made from the standard fields. */
function modelParts(
  message: AssistantMessage,
  path: string,
  inTurn: boolean,
  given: ContentsContext,
): readonly unknown[] {
  const own = ownParts(message, given)
  if (own) return own
  const parts: Part[] = []
  if (typeof message.content === 'string') {
    if (message.content !== '') parts.push({ text: message.content })
  } else {
    for (const part of message.content ?? []) {
      const text = part.type === 'refusal' ? part.refusal : part.text
      if (text) parts.push({ text })
    }
  }
  if (parts.length === 0 && message.refusal) parts.push({ text: message.refusal })
  message.tool_calls?.forEach((call, j) => {
    const functionCall = {
      name: given.names.toWire(call.function.name),
      args: callArguments(call, `${path}.tool_calls[${j}]`, given.context),
    }
    parts.push(
      j === 0 && inTurn ? { functionCall, thoughtSignature: FOREIGN_CALL_SIGNATURE } : { functionCall },
    )
  })
  return parts
}

function ownParts(
  message: AssistantMessage,
  { context, rules }: ContentsContext,
): readonly unknown[] | undefined {
  const blocks = readProviderState(message, context)
  if (blocks === undefined || blocks.length === 0) return undefined
  const state = message.provider_state
  const source = typeof state?.model === 'string' ? state.model : ''
  const { generation } = modelRules(source)
  if (source === context.model || (generation === rules.generation && generation !== UNKNOWN_GENERATION))
    return blocks
  context.warn({
    code: 'state_dropped',
    message: `provider_state of an assistant message was left out: ${context.model} does not read what ${source} signed`,
    provider: context.provider,
  })
  return undefined
}

function callArguments(call: ToolCall, path: string, context: ProtocolContext): Record<string, unknown> {
  const text = call.function.arguments
  if (text === '' || text === '{}') return {}
  let value: unknown
  try {
    value = parseJson(text)
  } catch {
    // Cut off, as a rule; the model still should see what it wrote.
    value = text
  }
  if (isRecord(value)) return value
  changed(
    context,
    `${path}.function.arguments`,
    'arguments that are no JSON object were put into one, under "value"',
  )
  return { value }
}

/** All results of one step in one content: as many as there were calls, in the order of the calls. */
function resultParts(
  calls: readonly ToolCall[],
  sentParts: readonly unknown[],
  results: readonly (readonly [ToolMessage, number])[],
  path: string,
  { context, rules, names }: ContentsContext,
): Part[] {
  const open = [...results]
  const sentCalls = sentParts.flatMap((part) =>
    isRecord(part) && isRecord(part.functionCall) ? [part.functionCall as FunctionCall] : [],
  )
  const responses: Part[] = []
  const media: Part[] = []
  calls.forEach((call, j) => {
    const at = open.findIndex(([result]) => result.tool_call_id === call.id)
    const [found] = at < 0 ? [] : open.splice(at, 1)
    if (!found) {
      throw refusal(
        `${path}.tool_calls[${j}]`,
        `no tool message answers call "${call.id}" of ${call.function.name}; each call needs its result right after the assistant message`,
      )
    }
    const [result, index] = found
    const sent = sentCalls[j]
    const functionResponse: FunctionResponse = {
      // The API's own id goes back with its call; where it gave none, it wants none.
      ...(sent?.id && { id: sent.id }),
      name: sent?.name ?? names.toWire(call.function.name),
      response: { [result.is_error ? 'error' : 'result']: textOf(result.content) },
    }
    const files =
      typeof result.content === 'string' ? [] : result.content.filter((part) => part.type !== 'text')
    if (files.length > 0) {
      const parts = encodeParts(files, `messages[${index}].content`, rules, context)
      if (rules.toolResultMedia) functionResponse.parts = parts
      else media.push(...parts)
    }
    responses.push({ functionResponse })
  })
  const [extra] = open
  if (extra)
    throw refusal(`messages[${extra[1]}].tool_call_id`, 'answers no call of the assistant message before it')
  return [...responses, ...media]
}

/** The current turn begins with the last thing a person (or the program in their place) said. */
function lastUserMessage(messages: readonly ChatMessage[]): number {
  const begin = messages.findIndex((message) => !isSystem(message))
  return messages.findLastIndex((message, i) => message.role === 'user' || (isSystem(message) && i > begin))
}

function isSystem(message: ChatMessage): boolean {
  return message.role === 'system' || message.role === 'developer'
}

function noteName(message: ChatMessage, path: string, context: ProtocolContext): void {
  if (!('name' in message) || !message.name) return
  changed(context, `${path}.name`, 'Gemini knows no names of speakers: left out')
}

function changed(context: ProtocolContext, path: string, message: string): void {
  context.warn({ code: 'content_changed', path, message, provider: context.provider })
}

function refusal(path: string, message: string): GatewayError {
  return new GatewayError({ code: 'invalid_request', path, message: `${path}: ${message}` })
}
