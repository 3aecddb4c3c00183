import { changeSetting, dropSetting } from '@turnout/core/adapter'
import type { ChatRequest, EncodedRequest, ProtocolContext } from '@turnout/core/adapter'
import { encodeInput } from './encode-input.js'
import { dropUnknown, setOutputLimit, setRest, setSampling } from './encode-settings.js'
import { encodeTools } from './encode-tools.js'
import type { ResponsesModelRules } from './model-rules.js'
import { planReasoning } from './reasoning.js'
import { withStrictness } from '../json-schema.js'
import { schemaName, toolNames } from './tool-names.js'

/** The request as a call of `POST /responses`. Nothing is stored at the provider unless `store` asks for it. */
export function encodeRequest(
  request: ChatRequest,
  rules: ResponsesModelRules,
  context: ProtocolContext,
): EncodedRequest {
  const names = toolNames(request)
  const reasoning = planReasoning(request, rules, context)
  const body: Record<string, unknown> = {
    model: context.model,
    input: encodeInput(request, rules, context, names),
  }
  if (context.stream) body.stream = true
  body.store = request.store ?? false
  const include: string[] = []
  // Reasoning then survives the turn without being stored: it comes back encrypted, for us to send again.
  if (reasoning.on) include.push('reasoning.encrypted_content')
  if (reasoning.field) body.reasoning = reasoning.field
  Object.assign(body, encodeTools(request, rules, context, names))
  const text = encodeText(request, rules, context)
  if (text) body.text = text
  setOutputLimit(body, request, context)
  setSampling(body, include, request, rules, reasoning.on, context)
  setRest(body, request, rules, context)
  if (include.length > 0) body.include = include
  dropUnknown(request, context)
  return { path: '/responses', body: { ...body, ...ownOptions(request, context.adapter) } }
}

function encodeText(
  request: ChatRequest,
  rules: ResponsesModelRules,
  context: ProtocolContext,
): object | undefined {
  const format = encodeFormat(request, context)
  const verbosity = request.verbosity ?? undefined
  if (verbosity !== undefined && !rules.verbosity && verbosity !== 'medium') {
    dropSetting(context, 'verbosity', `${context.model} has no verbosity`)
  }
  const sendsVerbosity = verbosity !== undefined && rules.verbosity
  return format || sendsVerbosity
    ? { ...(format && { format }), ...(sendsVerbosity && { verbosity }) }
    : undefined
}

function encodeFormat(request: ChatRequest, context: ProtocolContext): object | undefined {
  const format = request.response_format
  if (!format || format.type === 'text') return undefined
  if (format.type !== 'json_schema') return format
  const { name, description, schema, strict } = format.json_schema
  if (schema === undefined) {
    changeSetting(context, 'response_format', 'a json_schema without a schema was sent as json_object')
    return { type: 'json_object' }
  }
  return {
    type: 'json_schema',
    name: schemaName(name),
    ...(description !== undefined && { description }),
    ...withStrictness(schema, strict, 'response_format.json_schema.schema', context),
  }
}

function ownOptions(request: ChatRequest, adapter: string): object | undefined {
  const options = request.provider_options
  return options && Object.hasOwn(options, adapter) ? options[adapter] : undefined
}
