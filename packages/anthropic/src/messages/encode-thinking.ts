import { changeSetting, dropSetting, type JsonObject, type ProtocolContext } from '@turnout/core/adapter'
import type { ModelRules } from '../models.js'
import { BUDGETS } from '../thinking-budgets.js'
import type { EncodingParts } from './encode-messages.js'

/** Thinking as it is sent, and what the rest of the body must know of it. */
export interface ThinkingPlan {
  readonly thinking?: object
  readonly effort?: string
  /** Sampling settings are narrower while the model thinks. */
  readonly on: boolean
  readonly budgetTokens?: number
}

/** What in the request rules out thinking. */
export interface ThinkingObstacles {
  readonly forcedTool: boolean
  /** The last message is an assistant's, to be continued. */
  readonly prefill: boolean
  /** The last assistant turn called tools and its thinking is not at hand. */
  readonly brokenToolLoop: boolean
}

const OFF: ThinkingPlan = { on: false }
const LEVELS = Object.keys(BUDGETS)
/** Below this a model that thinks by default may well spend all of `max_tokens` on thinking. */
const ROOM_FOR_THINKING = 2_048

export function planThinking(
  parts: EncodingParts,
  obstacles: ThinkingObstacles,
  maxTokens: number | undefined,
  own: JsonObject | null | undefined,
): ThinkingPlan {
  const { rules, context } = parts
  const word = parts.request.reasoning_effort ?? undefined
  // `provider_options` are merged last: here only its consequences count.
  if (own === null) return { on: rules.thinksByDefault }
  if (own) return ownPlan(own, word, maxTokens, rules, context)
  if (word === undefined) return unasked(rules, obstacles, maxTokens, context)
  if (word === 'none') return switchedOff(rules, context, true)
  if (rules.thinking === 'none') {
    dropSetting(context, 'reasoning_effort', `${context.model} does not think`)
    return OFF
  }
  if (BUDGETS[word] === undefined && !rules.efforts.includes(word)) {
    dropSetting(context, 'reasoning_effort', `${context.model} does not know "${word}"`)
    return unasked(rules, obstacles, maxTokens, context)
  }
  const obstacle = obstacleTo(rules, obstacles)
  if (obstacle !== undefined) {
    dropSetting(context, 'reasoning_effort', obstacle)
    return switchedOff(rules, context, false)
  }
  if (rules.thinking === 'budget') {
    const budgetTokens = BUDGETS[word] as number
    return { thinking: { type: 'enabled', budget_tokens: budgetTokens }, on: true, budgetTokens }
  }
  return { thinking: adaptive(rules), effort: effortOf(word, rules, context), on: true }
}

function ownPlan(
  own: JsonObject,
  word: string | undefined,
  maxTokens: number | undefined,
  rules: ModelRules,
  context: ProtocolContext,
): ThinkingPlan {
  const budget = own['type'] === 'enabled' ? own['budget_tokens'] : undefined
  const known =
    word !== undefined && word !== 'none' && rules.thinking === 'adaptive' && LEVELS.includes(word)
  return {
    on: own['type'] === 'enabled' || own['type'] === 'adaptive',
    // Who names both a budget and a limit above it has made room for the answer himself.
    ...(typeof budget === 'number' &&
      !(maxTokens !== undefined && maxTokens > budget) && { budgetTokens: budget }),
    ...(known && { effort: effortOf(word, rules, context) }),
  }
}

/** Nothing was asked for: a model that thinks anyway is held back only where thinking would do harm. */
function unasked(
  rules: ModelRules,
  { forcedTool }: ThinkingObstacles,
  maxTokens: number | undefined,
  context: ProtocolContext,
): ThinkingPlan {
  if (!rules.thinksByDefault) return OFF
  if (forcedTool) return switchedOff(rules, context, false)
  if (maxTokens === undefined || maxTokens >= ROOM_FOR_THINKING) return { on: true }
  context.warn({
    code: 'setting_changed',
    path: 'max_tokens',
    message: `max_tokens of ${maxTokens} leaves ${context.model} no room to think first; it was told not to, or only a little`,
    provider: context.provider,
  })
  return switchedOff(rules, context, false)
}

function switchedOff(rules: ModelRules, context: ProtocolContext, asked: boolean): ThinkingPlan {
  switch (rules.thinkingOff) {
    case 'omit':
      return OFF
    case 'disabled':
    case 'between_tools':
      return { thinking: { type: rules.thinkingOff }, on: false }
    case 'never': {
      const effort = rules.efforts[0]
      if (asked)
        changeSetting(
          context,
          'reasoning_effort',
          `${context.model} always thinks; it was sent as "${effort}"`,
        )
      return { on: true, ...(effort !== undefined && { effort }) }
    }
  }
}

function obstacleTo(
  rules: ModelRules,
  { forcedTool, prefill, brokenToolLoop }: ThinkingObstacles,
): string | undefined {
  if (forcedTool) return 'no model thinks when tool_choice or response_format forces a tool call'
  if (rules.thinking !== 'budget') return undefined
  if (prefill) return 'a final assistant message cannot be continued while thinking'
  if (brokenToolLoop)
    return 'the tool calls in progress were made without thinking, or without its signed blocks'
  return undefined
}

const adaptive = (rules: ModelRules): object =>
  rules.hidesThinking ? { type: 'adaptive', display: 'summarized' } : { type: 'adaptive' }

/** The word itself where the model has it, else the next one below. */
function effortOf(word: string, rules: ModelRules, context: ProtocolContext): string {
  if (rules.efforts.includes(word)) return word
  const below = rules.efforts.filter((effort) => LEVELS.indexOf(effort) < LEVELS.indexOf(word))
  const effort = below.at(-1) ?? rules.efforts[0] ?? 'low'
  changeSetting(
    context,
    'reasoning_effort',
    `${context.model} does not know "${word}"; it was sent as "${effort}"`,
  )
  return effort
}
