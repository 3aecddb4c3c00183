/** Thinking as `provider_options` say it, in Anthropic's own fields. */
import { changeSetting, isRecord, type JsonObject, type JsonValue } from '@turnout/core/adapter'
import type { ModelRules } from '../models.js'
import type { EncodingParts } from './encode-messages.js'

/** `null`: nothing is said upstream, whatever the rest of the request says. Absent: the rest decides. */
export interface OwnThinking {
  readonly thinking?: JsonObject | null
  readonly effort?: JsonValue
}

/**
 * What is given wins, save where the model would refuse it and a `reasoning_effort` says the same in a word: then that one
 * does, so that a route may hold models of several families and vendors.
 * @param brokenToolLoop the tool calls in progress come without signed thinking, as those of another vendor do
 */
export function ownThinking(
  thinking: unknown,
  output: unknown,
  parts: EncodingParts,
  brokenToolLoop: boolean,
): OwnThinking {
  const { rules, context, request } = parts
  const effort = isRecord(output) ? (output['effort'] as JsonValue | undefined) : undefined
  const own = thinking === null || isRecord(thinking) ? (thinking as JsonObject | null) : undefined
  const type = own?.['type']
  const isRefused = !takes(type, rules) || (type === 'enabled' && brokenToolLoop)
  if (own && isRefused && typeof request.reasoning_effort === 'string') {
    changeSetting(
      context,
      `provider_options.${context.adapter}.thinking`,
      `${context.model} does not take thinking of type ${JSON.stringify(type)} here; it was asked by reasoning_effort`,
    )
    return {}
  }
  return {
    ...(own !== undefined && { thinking: own }),
    ...(effort !== undefined && { effort }),
  }
}

function takes(type: unknown, rules: ModelRules): boolean {
  switch (type) {
    case 'enabled':
      return rules.thinking === 'budget' || (rules.thinking === 'adaptive' && !rules.hidesThinking)
    case 'adaptive':
      return rules.thinking === 'adaptive'
    case 'disabled':
      return rules.thinkingOff === 'omit' || rules.thinkingOff === 'disabled'
    default:
      return true
  }
}
