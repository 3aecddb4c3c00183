/** Messages as a prompt of the AI SDK. */
import type {
  LanguageModelV3Message,
  LanguageModelV3Prompt,
  LanguageModelV3ToolResultPart,
} from '@ai-sdk/provider'
import {
  partsOf,
  readProviderState,
  textOf,
  type AssistantMessage,
  type CacheControl,
  type ToolMessage,
} from '@turnout/core/adapter'
import { createContentEncoder, type ContentEncoder } from './encode-content.js'
import type { ModelCall } from './model-call.js'

type AssistantPart = Extract<LanguageModelV3Message, { role: 'assistant' }>['content'][number]

export async function encodeMessages(call: ModelCall): Promise<LanguageModelV3Prompt> {
  const content = await createContentEncoder(call)
  const prompt: LanguageModelV3Prompt = []
  const toolNames = new Map<string, string>()
  for (const [index, message] of call.request.messages.entries()) {
    const marked = markOf(message.cache_control)
    switch (message.role) {
      case 'system':
      case 'developer':
        prompt.push({ role: 'system', content: textOf(message.content), ...marked })
        break
      case 'user': {
        const parts = partsOf(message.content).map((part, at) => ({
          ...content.encode(part, `messages[${index}].content[${at}]`),
          ...markOf(part.cache_control),
        }))
        prompt.push({ role: 'user', content: parts, ...marked })
        break
      }
      case 'assistant':
        for (const { id, function: called } of message.tool_calls ?? []) toolNames.set(id, called.name)
        prompt.push({ role: 'assistant', content: encodeAnswer(message, call), ...marked })
        break
      case 'tool': {
        const result = encodeResult(message, toolNames, content, `messages[${index}].content`)
        // All results of one step are one message.
        const last = prompt.at(-1)
        if (last?.role === 'tool') last.content.push(result)
        else prompt.push({ role: 'tool', content: [result], ...marked })
        break
      }
    }
  }
  return prompt
}

/** The parts as the model's own package wrote them, where they still belong to the message. */
function encodeAnswer(message: AssistantMessage, call: ModelCall): AssistantPart[] {
  const { adapter, attempt, model } = call
  const kept = readProviderState(message, {
    adapter,
    provider: attempt.provider,
    model: attempt.model,
    origin: model.provider,
    warn: (warning) => attempt.warn(warning),
  })
  if (kept) return [...(kept as readonly AssistantPart[])]
  const text = textOf(message.content) + (message.refusal ?? '')
  return [
    ...(message.reasoning_content ? [{ type: 'reasoning' as const, text: message.reasoning_content }] : []),
    ...(text === '' ? [] : [{ type: 'text' as const, text }]),
    ...(message.tool_calls ?? []).map(({ id, function: called }) => ({
      type: 'tool-call' as const,
      toolCallId: id,
      toolName: called.name,
      input: inputOf(called.arguments),
    })),
  ]
}

/** Parsed; text that is no JSON stays text, for the model to see what it wrote. */
export function inputOf(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function encodeResult(
  { tool_call_id: id, content, is_error: isError }: ToolMessage,
  toolNames: ReadonlyMap<string, string>,
  encoder: ContentEncoder,
  path: string,
): LanguageModelV3ToolResultPart {
  const isText = typeof content === 'string' || content.every((part) => part.type === 'text')
  const output: LanguageModelV3ToolResultPart['output'] = isText
    ? { type: isError ? 'error-text' : 'text', value: textOf(content) }
    : { type: 'content', value: content.map((part, at) => encoder.encodeOutput(part, `${path}[${at}]`)) }
  return { type: 'tool-result', toolCallId: id, toolName: toolNames.get(id) ?? 'unknown', output }
}

/** Only Anthropic's package reads such marks. */
const markOf = (mark: CacheControl | undefined) =>
  mark && { providerOptions: { anthropic: { cacheControl: { ...mark } } } }
