import { changeSetting, dropSetting, type ProtocolContext } from '@turnout/core/adapter'
import type { ModelRules, ThinkingLevel, ThinkingRule } from '../models.js'
import type { GenerationConfig } from './wire-types.js'

type ThinkingConfig = NonNullable<GenerationConfig['thinkingConfig']>

/** Tokens for each effort; the vendor's own OpenAI-compatible endpoint uses the same steps from `low` on. */
const BUDGETS: ReadonlyMap<string, number> = new Map([
  ['minimal', 512],
  ['low', 1_024],
  ['medium', 8_192],
  ['high', 24_576],
])
const LEVELS: ReadonlyMap<string, ThinkingLevel> = new Map([
  ['none', 'MINIMAL'],
  ['minimal', 'MINIMAL'],
  ['low', 'LOW'],
  ['medium', 'MEDIUM'],
  ['high', 'HIGH'],
])
const LEVEL_ORDER: readonly ThinkingLevel[] = ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH']

/** `reasoning_effort` as this model takes it; thoughts are asked for whenever thinking is. */
export function thinkingConfig(
  effort: string,
  rules: ModelRules,
  context: ProtocolContext,
): ThinkingConfig | undefined {
  const { thinking } = rules
  switch (thinking.kind) {
    case 'none':
      if (effort !== 'none')
        dropSetting(context, 'reasoning_effort', `${context.model} has no setting for thinking`)
      return undefined
    case 'budget':
      return budgetConfig(effort, thinking, context)
    case 'level':
      return levelConfig(effort, thinking.levels, context)
  }
}

function budgetConfig(
  effort: string,
  rule: Extract<ThinkingRule, { kind: 'budget' }>,
  context: ProtocolContext,
): ThinkingConfig | undefined {
  if (effort === 'none') {
    if (rule.off) return { thinkingBudget: 0 }
    changeSetting(
      context,
      'reasoning_effort',
      `thinking cannot be switched off, the least is ${rule.min} tokens`,
    )
    return { thinkingBudget: rule.min }
  }
  const budget = effort === 'xhigh' || effort === 'max' ? rule.max : BUDGETS.get(effort)
  if (budget === undefined) {
    dropSetting(context, 'reasoning_effort', `"${effort}" is no effort that ${context.model} knows`)
    return undefined
  }
  return { thinkingBudget: Math.min(Math.max(budget, rule.min), rule.max), includeThoughts: true }
}

function levelConfig(
  effort: string,
  levels: readonly ThinkingLevel[],
  context: ProtocolContext,
): ThinkingConfig | undefined {
  const most = effort === 'xhigh' || effort === 'max'
  const wanted = most ? 'HIGH' : LEVELS.get(effort)
  if (wanted === undefined) {
    dropSetting(context, 'reasoning_effort', `"${effort}" is no effort that ${context.model} knows`)
    return undefined
  }
  const level = nearest(wanted, levels)
  if (level !== wanted || most || effort === 'none') {
    changeSetting(
      context,
      'reasoning_effort',
      `${context.model} has no "${effort}", its nearest level is ${level}`,
    )
  }
  return effort === 'none' ? { thinkingLevel: level } : { thinkingLevel: level, includeThoughts: true }
}

/** The next higher level that the model has, else its highest: too little thinking is the worse surprise. */
function nearest(wanted: ThinkingLevel, levels: readonly ThinkingLevel[]): ThinkingLevel {
  const from = LEVEL_ORDER.indexOf(wanted)
  return LEVEL_ORDER.slice(from).find((level) => levels.includes(level)) ?? levels.at(-1) ?? 'HIGH'
}
