import {
  dropSetting,
  GatewayError,
  isRecord,
  type ChatRequest,
  type EncodedRequest,
  type ProtocolContext,
} from '@turnout/core/adapter'
import { bareModelId, modelRules, type ModelRuleOverrides } from '../models.js'
import { encodeContents } from './encode-contents.js'
import { encodeSettings } from './encode-settings.js'
import { encodeTools } from './encode-tools.js'
import { geminiToolNames } from './tool-names.js'
import type { GenerateContentRequest } from './wire-types.js'

export interface GenerateContentOptions {
  readonly modelRules?: ModelRuleOverrides
  /** Vertex AI: it has labels for `metadata`. */
  readonly vertex?: boolean
}

const SERVICE_TIERS: ReadonlyMap<string, string> = new Map([
  ['default', 'standard'],
  ['standard', 'standard'],
  ['flex', 'flex'],
  ['priority', 'priority'],
])

/** @throws GatewayError `invalid_request` for what Gemini cannot take. */
export function encodeRequest(
  request: ChatRequest,
  context: ProtocolContext,
  options: GenerateContentOptions,
): EncodedRequest {
  const path = methodPath(context.model, context.stream ? 'streamGenerateContent?alt=sse' : 'generateContent')
  const rules = modelRules(context.model, options.modelRules)
  const names = geminiToolNames(request)
  const { contents, systemInstruction } = encodeContents(request, { context, rules, names })
  const body: GenerateContentRequest = { contents }
  if (systemInstruction) body.systemInstruction = systemInstruction
  Object.assign(body, encodeTools(request, rules, names, context))
  const generationConfig = encodeSettings(request, rules, context)
  if (Object.keys(generationConfig).length > 0) body.generationConfig = generationConfig
  encodeTheRest(request, context, options, body)
  addOwnFields(
    body as unknown as Record<string, unknown>,
    request.provider_options?.[context.adapter],
    context,
  )
  return { path, body }
}

/** `/models/x:method`; ids with a slash (`tunedModels/x`) name their own collection. */
export function methodPath(model: string, method: string): string {
  const id = bareModelId(model)
  if (!/^[A-Za-z0-9][\w.@-]*(?:\/[A-Za-z0-9][\w.@-]*)*$/.test(id)) {
    throw new GatewayError({
      code: 'invalid_request',
      path: 'model',
      message: 'model: a Gemini model id has letters, digits and "-._@" only, such as gemini-2.5-flash',
    })
  }
  return id.includes('/') ? `/${id}:${method}` : `/models/${id}:${method}`
}

function encodeTheRest(
  request: ChatRequest,
  context: ProtocolContext,
  options: GenerateContentOptions,
  body: GenerateContentRequest,
): void {
  const { service_tier: tier, store, metadata } = request
  if (tier && tier !== 'auto') {
    const serviceTier = SERVICE_TIERS.get(tier)
    if (serviceTier) body.serviceTier = serviceTier
    else dropSetting(context, 'service_tier', 'Gemini knows standard, flex and priority')
  }
  if (options.vertex) {
    if (metadata && Object.keys(metadata).length > 0) body.labels = metadata
  } else {
    if (typeof store === 'boolean') body.store = store
    if (metadata && Object.keys(metadata).length > 0)
      dropSetting(context, 'metadata', 'the Gemini API has no field for it')
  }
  if (request.user) dropSetting(context, 'user', 'the Gemini API has no field for it')
  if (request.verbosity) dropSetting(context, 'verbosity', 'Gemini has no setting for it')
  if (request.logit_bias && Object.keys(request.logit_bias).length > 0) {
    dropSetting(context, 'logit_bias', 'Gemini has no setting for it')
  }
  if (request.prompt_cache_key)
    dropSetting(context, 'prompt_cache_key', 'Gemini finds common beginnings by itself')
}

/** Own fields win. Two objects are merged by field and the tools are added to, so that neither is lost by accident. */
function addOwnFields(
  body: Record<string, unknown>,
  own: object | undefined,
  context: ProtocolContext,
): void {
  if (!own) return
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined || name === '__proto__') continue
    const ours = body[name]
    if ((name === 'generationConfig' || name === 'toolConfig') && isRecord(ours) && isRecord(value))
      body[name] = { ...ours, ...value }
    else if (name === 'tools' && Array.isArray(ours) && Array.isArray(value)) body.tools = [...ours, ...value]
    else body[name] = value
  }
  if (typeof body.cachedContent !== 'string') return
  // What stands in the cached content must not stand in the request as well.
  for (const name of ['systemInstruction', 'tools', 'toolConfig']) {
    if (body[name] === undefined) continue
    delete body[name]
    context.warn({
      code: 'content_changed',
      path: 'provider_options.gemini.cachedContent',
      message: `${name} was not sent: with cachedContent it must be part of the cached content`,
      provider: context.provider,
    })
  }
}
