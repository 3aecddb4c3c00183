/** A request in the AI SDK's words. */
import type { LanguageModelV3CallOptions, SharedV3ProviderOptions } from '@ai-sdk/provider'
import {
  dropSetting,
  type AttemptContext,
  type ChatRequest,
  type ResponseFormat,
  type Tool,
  type ToolChoice,
} from '@turnout/core/adapter'
import { encodeMessages } from './encode-messages.js'
import type { ModelCall } from './model-call.js'

/** What the AI SDK has no name for. */
const UNNAMED = [
  'n',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'parallel_tool_calls',
  'verbosity',
  'service_tier',
  'prompt_cache_key',
  'store',
  'metadata',
  'user',
] as const satisfies readonly (keyof ChatRequest)[]

/** @throws GatewayError `invalid_request` for content that cannot be said in the AI SDK's words */
export async function encodeOptions(
  call: ModelCall,
  signal: AbortSignal,
): Promise<LanguageModelV3CallOptions> {
  const { model, request, attempt } = call
  // A specification without our setting has it under the provider's own options, if at all.
  const hasReasoning = (model.specificationVersion as string) === 'v4'
  const unnamed: readonly (keyof ChatRequest)[] = hasReasoning ? UNNAMED : [...UNNAMED, 'reasoning_effort']
  for (const setting of unnamed) {
    const value = request[setting]
    if (value === undefined || value === null || (setting === 'n' && value === 1)) continue
    dropSetting(attempt, setting, `the AI SDK has no name for it; see provider_options.${attempt.provider}`)
  }
  const maxOutputTokens = request.max_completion_tokens ?? request.max_tokens
  const stop = typeof request.stop === 'string' ? [request.stop] : request.stop
  const format = request.response_format && encodeFormat(request.response_format)
  const providerOptions = optionsOf(call)
  const { tools, tool_choice: choice, reasoning_effort: effort } = request
  return {
    prompt: await encodeMessages(call),
    abortSignal: signal,
    ...(isGiven(maxOutputTokens) && { maxOutputTokens }),
    ...(isGiven(request.temperature) && { temperature: request.temperature }),
    ...(isGiven(request.top_p) && { topP: request.top_p }),
    ...(isGiven(request.top_k) && { topK: request.top_k }),
    ...(isGiven(request.presence_penalty) && { presencePenalty: request.presence_penalty }),
    ...(isGiven(request.frequency_penalty) && { frequencyPenalty: request.frequency_penalty }),
    ...(isGiven(request.seed) && { seed: request.seed }),
    ...(stop?.length && { stopSequences: [...stop] }),
    ...(tools?.length && { tools: tools.map(encodeTool) }),
    ...(tools?.length && choice && { toolChoice: encodeChoice(choice) }),
    ...(format && { responseFormat: format }),
    ...(attempt.headers && { headers: { ...attempt.headers } }),
    ...(providerOptions && { providerOptions }),
    ...(hasReasoning && isGiven(effort) && { reasoning: effort }),
  }
}

/** Under the name by which the model's own package looks for them. */
export function optionsOf({
  model,
  adapter,
  request,
  attempt,
}: {
  readonly model: { readonly provider: string }
  readonly adapter: string
  readonly attempt: Pick<AttemptContext, 'provider'>
  readonly request: Pick<ChatRequest, 'provider_options'>
}): SharedV3ProviderOptions | undefined {
  // A whole provider of the AI SDK does not tell its name: its place in the gateway's `providers` will do.
  const own = request.provider_options?.[adapter] ?? request.provider_options?.[attempt.provider]
  return own && ({ [model.provider.split('.')[0]?.trim() ?? adapter]: own } as SharedV3ProviderOptions)
}

const isGiven = <Value>(value: Value | null | undefined): value is Value =>
  value !== undefined && value !== null

function encodeTool({ function: tool }: Tool): NonNullable<LanguageModelV3CallOptions['tools']>[number] {
  return {
    type: 'function',
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    inputSchema: tool.parameters ?? { type: 'object', properties: {} },
    ...(isGiven(tool.strict) && { strict: tool.strict }),
  }
}

function encodeChoice(choice: ToolChoice): LanguageModelV3CallOptions['toolChoice'] {
  return typeof choice === 'string' ? { type: choice } : { type: 'tool', toolName: choice.function.name }
}

function encodeFormat(format: ResponseFormat): LanguageModelV3CallOptions['responseFormat'] {
  if (format.type === 'text') return undefined
  if (format.type === 'json_object') return { type: 'json' }
  const { schema, name, description } = format.json_schema
  return { type: 'json', name, ...(schema && { schema }), ...(description !== undefined && { description }) }
}
