/** Chat Completions with OpenAI's own rules. */
import { createHash } from 'node:crypto'
import {
  changeSetting,
  dropSetting,
  GatewayError,
  mapToolCallId,
  type ChatRequest,
  type JsonSchema,
  type ProtocolContext,
} from '@turnout/core/adapter'
import type { ChatBody, ChatDialect, ErrorClass, ProviderFault } from '@turnout/openai-compatible'
import { willReason } from './choose-api.js'
import type { OpenAIModelRules } from './models.js'
import { schemaName, withStrictness } from '@turnout/openai-compatible/responses'

const MAX_KEY_CHARS = 64

export function openaiChatDialect(rulesFor: (model: string) => OpenAIModelRules): ChatDialect {
  return {
    name: 'openai-chat',
    maxTokensField: 'max_completion_tokens',
    streamUsage: true,
    textParts: 'keep',
    systemRole: 'system',
    refusalParts: true,
    needsJsonWord: true,
    audioFormats: ['wav', 'mp3'],
    toolCallIds: { maxLength: 40 },
    toolNames: { maxLength: 64, allowed: /[A-Za-z0-9_-]/ },
    settings: {
      top_k: { drop: 'OpenAI has no such setting' },
      stop: { maxItems: 4 },
      user: { field: 'safety_identifier' },
    },
    rulesFor,
    classifyError,
    amendBody(body, request, context) {
      keepToolsApartFromReasoning(body, request, rulesFor(context.model), context)
      shortenIdentifiers(body, context)
      fitStrictTools(body, context)
      fitResponseFormat(body, request, context)
      if (body.metadata !== undefined && body.store !== true) {
        delete body.metadata
        dropSetting(context, 'metadata', 'OpenAI takes it only together with store: true')
      }
    },
  }
}

/** Codes come and go; what they are about stays in their names. */
function classifyError(fault: ProviderFault): ErrorClass | undefined {
  if (fault.words.some((word) => /quota|billing|credit/.test(word))) return { code: 'quota_exhausted' }
  if (fault.words.some((word) => /content_(?:policy|filter)|moderation/.test(word)))
    return { code: 'content_filtered' }
  return undefined
}

/** From gpt-5.4 on the two together are 400 here; `api: 'auto'` sends such requests to Responses. */
function keepToolsApartFromReasoning(
  body: ChatBody,
  request: ChatRequest,
  rules: OpenAIModelRules,
  context: ProtocolContext,
): void {
  if (!body.tools || !rules.noToolsWhileReasoningInChat || !willReason(request, rules)) return
  const { provider, model } = context
  if (!rules.reasoning || !rules.reasoning.efforts.includes('none')) {
    const message = `${model} calls tools in the Responses API only; make the adapter with api: 'auto' or 'responses'`
    throw new GatewayError({ code: 'invalid_request', message, path: 'tools', provider, model })
  }
  changeSetting(
    context,
    'reasoning_effort',
    `in Chat Completions ${model} calls tools only without reasoning; "none" was sent`,
  )
  body.reasoning_effort = 'none'
}

/** At most 64 characters each; hashed the same way every time, so that they still tell users and caches apart. */
function shortenIdentifiers(body: ChatBody, context: ProtocolContext): void {
  const { safety_identifier: user, prompt_cache_key: key } = body
  if (typeof user === 'string' && user.length > MAX_KEY_CHARS) {
    body.safety_identifier = createHash('sha256').update(user).digest('hex')
    changeSetting(context, 'user', `it is longer than ${MAX_KEY_CHARS} characters; its SHA-256 was sent`)
  }
  if (typeof key === 'string' && key.length > MAX_KEY_CHARS) {
    body.prompt_cache_key = mapToolCallId(key, { maxLength: MAX_KEY_CHARS })
    changeSetting(
      context,
      'prompt_cache_key',
      `it is longer than ${MAX_KEY_CHARS} characters; a digest of it was sent`,
    )
  }
}

function fitStrictTools(body: ChatBody, context: ProtocolContext): void {
  body.tools = body.tools?.map((tool, i) => {
    const { function: fn } = tool as { function: Record<string, unknown> & { parameters: JsonSchema } }
    if (fn.strict !== true) return tool
    const { schema, strict } = withStrictness(fn.parameters, true, `tools[${i}].function.parameters`, context)
    return { ...tool, function: { ...fn, parameters: schema, strict } }
  })
}

/** A schema's name keeps the rule of tools' names; the answer does not carry it. */
function fitResponseFormat(body: ChatBody, request: ChatRequest, context: ProtocolContext): void {
  const format = request.response_format
  // Models without schemas have been sent another format.
  if (format?.type !== 'json_schema' || body.response_format !== format) return
  const { name, schema = {}, strict, ...rest } = format.json_schema
  const fitted = withStrictness(schema, strict, 'response_format.json_schema.schema', context)
  body.response_format = { ...format, json_schema: { name: schemaName(name), ...rest, ...fitted } }
}
