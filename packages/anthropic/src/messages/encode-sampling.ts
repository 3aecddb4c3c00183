import { changeSetting, dropSetting, type ChatRequest } from '@turnout/core/adapter'
import { isBlank } from './encode-content.js'
import type { EncodingParts } from './encode-messages.js'

export interface WireSampling {
  temperature?: number
  top_p?: number
  top_k?: number
  stop_sequences?: readonly string[]
}

/** From this API version on the server refuses sampling settings for every model, defaults included. */
const VERSION_WITHOUT_SAMPLING = '2026-10-21'
/** While a model thinks. */
const LEAST_TOP_P = 0.95
/** For models whose sampling is fixed: from here on it counts as the default. */
const DEFAULT_TOP_P = 0.99

export function encodeSampling(parts: EncodingParts, thinking: boolean, version: string): WireSampling {
  const { request, rules, context } = parts
  const fixed = rules.sampling === 'fixed' || version >= VERSION_WITHOUT_SAMPLING
  return {
    ...(fixed ? dropUnlessDefault(parts) : sampling(parts, thinking)),
    ...stopSequences(request, context),
  }
}

/** Values that say what the model does anyway are left out without a word. */
function dropUnlessDefault({ request, context }: EncodingParts): WireSampling {
  const { temperature, top_p, top_k } = request
  const why = `${context.model} takes no sampling settings`
  if (given(temperature) && temperature !== 1) dropSetting(context, 'temperature', why)
  if (given(top_p) && top_p < DEFAULT_TOP_P) dropSetting(context, 'top_p', why)
  if (given(top_k)) dropSetting(context, 'top_k', why)
  return {}
}

function sampling({ request, rules, context }: EncodingParts, thinking: boolean): WireSampling {
  const wire: WireSampling = {}
  const { temperature, top_p, top_k } = request
  const whileThinking = `${context.model} does not take it while thinking`
  if (given(temperature)) {
    if (thinking) {
      if (temperature !== 1) dropSetting(context, 'temperature', whileThinking)
    } else {
      wire.temperature = Math.min(Math.max(temperature, 0), 1)
      if (wire.temperature !== temperature) changeSetting(context, 'temperature', 'Anthropic takes 0 to 1')
    }
  }
  if (given(top_p)) {
    if (wire.temperature !== undefined && rules.sampling === 'exclusive') {
      dropSetting(context, 'top_p', `${context.model} takes temperature or top_p, not both`)
    } else if (thinking && top_p < LEAST_TOP_P) {
      dropSetting(context, 'top_p', `${context.model} takes ${LEAST_TOP_P} to 1 while thinking`)
    } else wire.top_p = top_p
  }
  if (given(top_k)) {
    if (thinking) dropSetting(context, 'top_k', whileThinking)
    else wire.top_k = top_k
  }
  return wire
}

function stopSequences({ stop }: ChatRequest, context: EncodingParts['context']): WireSampling {
  if (stop === undefined || stop === null) return {}
  const words = typeof stop === 'string' ? [stop] : stop
  const usable = words.filter((word) => !isBlank(word))
  if (usable.length < words.length)
    dropSetting(context, 'stop', 'Anthropic refuses stop sequences of nothing but white space')
  return usable.length === 0 ? {} : { stop_sequences: usable }
}

const given = (value: number | null | undefined): value is number => value !== undefined && value !== null
