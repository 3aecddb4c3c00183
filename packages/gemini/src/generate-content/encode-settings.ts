/** `generationConfig`: sampling, limits, structured output, thinking; by the rules of the model's family. */
import { changeSetting, dropSetting, type ChatRequest, type ProtocolContext } from '@turnout/core/adapter'
import type { ModelRules } from '../models.js'
import { reduceSchema } from './json-schema.js'
import { thinkingConfig } from './thinking-config.js'
import type { GenerationConfig } from './wire-types.js'

const MAX_STOP_SEQUENCES = 5

export function encodeSettings(
  request: ChatRequest,
  rules: ModelRules,
  context: ProtocolContext,
): GenerationConfig {
  const config: GenerationConfig = {}
  encodeSampling(request, rules, context, config)
  encodeLimits(request, rules, context, config)
  encodeFormat(request, rules, context, config)
  if (request.reasoning_effort) {
    const thinking = thinkingConfig(request.reasoning_effort, rules, context)
    if (thinking) config.thinkingConfig = thinking
  }
  return config
}

function encodeSampling(
  request: ChatRequest,
  rules: ModelRules,
  context: ProtocolContext,
  config: GenerationConfig,
): void {
  const { temperature, top_p, top_k, presence_penalty, frequency_penalty, seed } = request
  if (rules.sampling) {
    if (isGiven(temperature)) config.temperature = temperature
    if (isGiven(top_p)) config.topP = top_p
    if (isGiven(top_k)) config.topK = top_k
  } else {
    const why = `${context.model} chooses its own sampling`
    if (isGiven(temperature)) dropSetting(context, 'temperature', why)
    if (isGiven(top_p)) dropSetting(context, 'top_p', why)
    if (isGiven(top_k)) dropSetting(context, 'top_k', why)
  }
  if (rules.penalties) {
    if (isGiven(presence_penalty)) config.presencePenalty = presence_penalty
    if (isGiven(frequency_penalty)) config.frequencyPenalty = frequency_penalty
  } else {
    if (presence_penalty) dropSetting(context, 'presence_penalty', `${context.model} takes no penalties`)
    if (frequency_penalty) dropSetting(context, 'frequency_penalty', `${context.model} takes no penalties`)
  }
  if (isGiven(seed)) config.seed = seed
  if (request.logprobs) {
    config.responseLogprobs = true
    if (request.top_logprobs) config.logprobs = request.top_logprobs
  }
}

function encodeLimits(
  request: ChatRequest,
  rules: ModelRules,
  context: ProtocolContext,
  config: GenerationConfig,
): void {
  const name = isGiven(request.max_completion_tokens) ? 'max_completion_tokens' : 'max_tokens'
  const most = request[name]
  if (isGiven(most)) {
    const limit = rules.maxOutputTokens
    if (limit !== undefined && most > limit)
      changeSetting(context, name, `${context.model} writes at most ${limit} tokens`)
    config.maxOutputTokens = limit === undefined ? most : Math.min(most, limit)
  }
  if (isGiven(request.n) && request.n > 1) {
    const count = Math.min(request.n, rules.maxCandidates)
    if (count < request.n)
      changeSetting(
        context,
        'n',
        `${context.model} gives at most ${count} ${count === 1 ? 'answer' : 'answers'}`,
      )
    if (count > 1) config.candidateCount = count
  }
  const stops = (typeof request.stop === 'string' ? [request.stop] : (request.stop ?? [])).filter(
    (stop) => stop !== '',
  )
  if (stops.length > MAX_STOP_SEQUENCES)
    changeSetting(context, 'stop', `Gemini takes the first ${MAX_STOP_SEQUENCES} only`)
  if (stops.length > 0) config.stopSequences = stops.slice(0, MAX_STOP_SEQUENCES)
}

function encodeFormat(
  request: ChatRequest,
  rules: ModelRules,
  context: ProtocolContext,
  config: GenerationConfig,
): void {
  const format = request.response_format
  if (!format || format.type === 'text') return
  if (request.tools?.length && !rules.jsonWithTools) {
    dropSetting(context, 'response_format', `${context.model} does not take it together with tools`)
    return
  }
  config.responseMimeType = 'application/json'
  if (format.type !== 'json_schema' || !format.json_schema.schema) return
  const path = 'response_format.json_schema.schema'
  const { schema, lost } = reduceSchema(format.json_schema.schema, path)
  if (lost.length > 0) changeSetting(context, path, `Gemini does not know ${lost.join(', ')}`)
  const { description } = format.json_schema
  config.responseJsonSchema =
    description && schema.description === undefined ? { description, ...schema } : schema
}

function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== undefined && value !== null
}
