import { changeSetting, dropSetting } from '@turnout/core/adapter'
import type { ChatRequest, ProtocolContext } from '@turnout/core/adapter'
import { nearestEffort } from '../chat/encode-settings.js'
import type { ResponsesModelRules } from './model-rules.js'

export interface ReasoningPlan {
  /** The `reasoning` field; absent when nothing is to be said. */
  readonly field?: { readonly effort?: string; readonly summary?: 'auto' }
  /** The model will reason. */
  readonly on: boolean
}

/** Decides effort and summary, and whether the model will reason: sampling settings hang on that. */
export function planReasoning(
  request: ChatRequest,
  rules: ResponsesModelRules,
  context: ProtocolContext,
): ReasoningPlan {
  const effort = effortFor(request.reasoning_effort ?? undefined, rules, context)
  const on = rules.reasoning !== false && (effort ?? rules.reasoning.default) !== 'none'
  const wantsSummary = on && (rules.summary === 'on' || (rules.summary === 'asked' && effort !== undefined))
  if (effort === undefined && !wantsSummary) return { on }
  return { on, field: { ...(effort !== undefined && { effort }), ...(wantsSummary && { summary: 'auto' }) } }
}

function effortFor(
  asked: string | undefined,
  { reasoning }: ResponsesModelRules,
  context: ProtocolContext,
): string | undefined {
  const { model } = context
  if (asked === undefined) return undefined
  if (reasoning === false) {
    if (asked !== 'none') dropSetting(context, 'reasoning_effort', `${model} does not reason`)
    return undefined
  }
  const effort = nearestEffort(asked, reasoning.efforts)
  if (effort === undefined) dropSetting(context, 'reasoning_effort', `${model} takes no effort`)
  else if (effort !== asked)
    changeSetting(context, 'reasoning_effort', `${model} has no "${asked}"; "${effort}" was sent`)
  return effort
}
