/** The settings of a request that are one field each, and those that this API has no place for. */
import { createHash } from 'node:crypto'
import { changeSetting, dropSetting, mapToolCallId } from '@turnout/core/adapter'
import type { ChatRequest, ProtocolContext } from '@turnout/core/adapter'
import type { ResponsesModelRules } from './model-rules.js'

const MIN_OUTPUT_TOKENS = 16
const MAX_KEY_CHARS = 64

export function setOutputLimit(
  body: Record<string, unknown>,
  request: ChatRequest,
  context: ProtocolContext,
): void {
  const isNewName = request.max_completion_tokens !== null && request.max_completion_tokens !== undefined
  const limit = isNewName ? request.max_completion_tokens : request.max_tokens
  if (limit === null || limit === undefined) return
  if (limit < MIN_OUTPUT_TOKENS) {
    const path = isNewName ? 'max_completion_tokens' : 'max_tokens'
    changeSetting(
      context,
      path,
      `${limit} was raised to ${MIN_OUTPUT_TOKENS}, the least that the Responses API takes`,
    )
  }
  body.max_output_tokens = Math.max(limit, MIN_OUTPUT_TOKENS)
}

/** A reasoning model refuses even the default value of a sampling setting: what changes nothing is left out in silence. */
export function setSampling(
  body: Record<string, unknown>,
  include: string[],
  request: ChatRequest,
  rules: ResponsesModelRules,
  reasons: boolean,
  context: ProtocolContext,
): void {
  const taken = !reasons || rules.samplingWhileReasoning
  const why = `${context.model} does not take it while it reasons`
  for (const name of ['temperature', 'top_p'] as const) {
    const value = request[name]
    if (value === null || value === undefined) continue
    if (taken) body[name] = value
    else if (value !== 1) dropSetting(context, name, why)
  }
  if (!request.logprobs) return
  if (!taken) return dropSetting(context, 'logprobs', why)
  include.push('message.output_text.logprobs')
  if (request.top_logprobs) body.top_logprobs = request.top_logprobs
}

export function setRest(
  body: Record<string, unknown>,
  request: ChatRequest,
  rules: ResponsesModelRules,
  context: ProtocolContext,
): void {
  const { metadata, service_tier, prompt_cache_key, user } = request
  if (metadata) body.metadata = metadata
  if (service_tier) body.service_tier = service_tier
  if (prompt_cache_key) body.prompt_cache_key = short(prompt_cache_key, 'prompt_cache_key', context)
  if (user) body[rules.userField] = short(user, 'user', context)
}

/** Digested the same way every time, and as in Chat Completions, so that users and caches are still told apart. */
function short(value: string, path: 'user' | 'prompt_cache_key', context: ProtocolContext): string {
  if (value.length <= MAX_KEY_CHARS) return value
  changeSetting(context, path, `it is longer than ${MAX_KEY_CHARS} characters; a digest of it was sent`)
  if (path === 'user') return createHash('sha256').update(value).digest('hex')
  return mapToolCallId(value, { maxLength: MAX_KEY_CHARS })
}

/** The request fields that have a place in this API, or belong to us. */
const FIELDS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'temperature',
  'top_p',
  'max_completion_tokens',
  'max_tokens',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
  'verbosity',
  'service_tier',
  'prompt_cache_key',
  'store',
  'metadata',
  'user',
  'stream',
  'stream_options',
  'provider_options',
  'gateway',
  'logprobs',
  'top_logprobs',
])

export function dropUnknown(request: ChatRequest, context: ProtocolContext): void {
  for (const name of Object.keys(request)) {
    if (FIELDS.has(name) || !asksForSomething(name, request[name as keyof ChatRequest])) continue
    dropSetting(
      context,
      name,
      `the Responses API has no such setting; fields of its own go into provider_options.${context.adapter}`,
    )
  }
}

/** Values that only say what happens anyway. */
function asksForSomething(name: string, value: unknown): boolean {
  if (value === null || value === undefined) return false
  if (name === 'n') return value !== 1
  if (name === 'presence_penalty' || name === 'frequency_penalty') return value !== 0
  if (Array.isArray(value)) return value.length > 0
  return typeof value !== 'object' || Object.keys(value).length > 0
}
