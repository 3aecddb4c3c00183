/** The AI SDK's call in the gateway's words. */
import type { LanguageModelV3CallOptions, SharedV3Warning } from '@ai-sdk/provider'
import type { CallOptions, ChatRequest, JsonSchema, ResponseFormat, Tool, ToolChoice } from '@turnout/core'
import { cacheControlOf } from './cache-control.js'
import { readCallSettings } from './call-settings.js'
import { encodePrompt } from './encode-prompt.js'

export interface EncodedCall<Model extends string> {
  readonly request: ChatRequest<Model>
  readonly options: CallOptions
  /** What was left out before the gateway saw the call. */
  readonly warnings: SharedV3Warning[]
}

export function encodeCall<Model extends string>(
  model: Model,
  call: LanguageModelV3CallOptions,
): EncodedCall<Model> {
  const { options, fields, strictJsonSchema, warnings } = readCallSettings(call)
  const tools = encodeTools(call.tools, warnings)
  const format = encodeFormat(call.responseFormat, strictJsonSchema)
  const { maxOutputTokens, temperature, topP, topK, presencePenalty, frequencyPenalty, seed } = call
  const request: ChatRequest<Model> = {
    model,
    messages: encodePrompt(call.prompt, warnings),
    ...(maxOutputTokens !== undefined && { max_completion_tokens: maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(seed !== undefined && { seed }),
    ...(call.stopSequences?.length && { stop: call.stopSequences }),
    ...(tools && { tools }),
    ...(tools && call.toolChoice && { tool_choice: encodeChoice(call.toolChoice) }),
    ...(format && { response_format: format }),
    ...fields,
  }
  return { request, options, warnings }
}

function encodeTools(
  tools: LanguageModelV3CallOptions['tools'],
  warnings: SharedV3Warning[],
): readonly Tool[] | undefined {
  const encoded: Tool[] = []
  for (const tool of tools ?? []) {
    if (tool.type === 'provider') {
      const details = 'a tool of one provider cannot be called through a route; use a function tool'
      warnings.push({ type: 'unsupported', feature: `provider tool ${tool.id}`, details })
      continue
    }
    const { name, description, inputSchema, strict } = tool
    const mark = cacheControlOf(tool)
    encoded.push({
      type: 'function',
      function: {
        name,
        ...(description !== undefined && { description }),
        parameters: inputSchema as JsonSchema,
        ...(strict !== undefined && { strict }),
      },
      ...(mark && { cache_control: mark }),
    })
  }
  return encoded.length > 0 ? encoded : undefined
}

function encodeChoice(choice: NonNullable<LanguageModelV3CallOptions['toolChoice']>): ToolChoice {
  return choice.type === 'tool' ? { type: 'function', function: { name: choice.toolName } } : choice.type
}

function encodeFormat(
  format: LanguageModelV3CallOptions['responseFormat'],
  strict: boolean,
): ResponseFormat | undefined {
  if (format?.type !== 'json') return undefined
  const { schema, name = 'response', description } = format
  if (schema === undefined) return { type: 'json_object' }
  return {
    type: 'json_schema',
    json_schema: {
      name,
      ...(description !== undefined && { description }),
      schema: schema as JsonSchema,
      strict,
    },
  }
}
