/** Settings on the wire, by the rules of dialect and model. */
import { changeSetting, dropSetting, type ChatRequest } from '@turnout/core/adapter'
import type { SettingName, SettingRule } from '../chat-dialect.js'
import type { Encoding } from './encoding.js'
import type { ChatBody } from './wire-types.js'

const SETTINGS: readonly SettingName[] = [
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'seed',
  'n',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'verbosity',
  'service_tier',
  'prompt_cache_key',
  'store',
  'metadata',
  'user',
]

/** Values that ask for what happens anyway: where a setting is not taken, they are left out without a word. */
const NEUTRAL: ReadonlyMap<SettingName, unknown> = new Map<SettingName, unknown>([
  ['temperature', 1],
  ['top_p', 1],
  ['n', 1],
  ['presence_penalty', 0],
  ['frequency_penalty', 0],
  ['logprobs', false],
  ['top_logprobs', 0],
  ['store', false],
  ['parallel_tool_calls', true],
])

/** From least to most. */
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

export function encodeSettings(body: ChatBody, request: ChatRequest, encoding: Encoding): void {
  const { dialect, rules, context } = encoding
  const byEffort = encodeEffort(body, request, encoding)
  const reasons = dialect.reasons?.(request, context) ?? byEffort
  const ruleOf = (name: SettingName): SettingRule | undefined =>
    (reasons ? rules.whileReasoning?.[name] : undefined) ?? rules.settings?.[name] ?? dialect.settings?.[name]
  for (const name of SETTINGS) {
    const value = request[name]
    if (value !== undefined && value !== null) encodeSetting(body, name, value, ruleOf(name), encoding)
  }
  // Without tools it says nothing, and servers refuse it.
  if (body.tools && request.parallel_tool_calls !== undefined) {
    encodeSetting(
      body,
      'parallel_tool_calls',
      request.parallel_tool_calls,
      ruleOf('parallel_tool_calls'),
      encoding,
    )
  }
  encodeMaxTokens(body, request, encoding)
}

function encodeSetting(
  body: ChatBody,
  name: SettingName,
  value: unknown,
  rule: SettingRule | undefined,
  { context }: Encoding,
): void {
  if (!rule) body[name] = value
  else if (rule.drop === undefined)
    body[rule.field ?? name] = fitted(value, rule, (why) => changeSetting(context, name, why))
  else if (NEUTRAL.get(name) !== value) dropSetting(context, name, rule.drop)
}

function fitted(
  value: unknown,
  { min, max, maxItems }: SettingRule,
  changed: (why: string) => void,
): unknown {
  if (typeof value === 'number') {
    const bound = min !== undefined && value < min ? min : max !== undefined && value > max ? max : undefined
    if (bound === undefined) return value
    changed(`${value} is outside of what the model takes; ${bound} was sent`)
    return bound
  }
  if (maxItems === undefined || !Array.isArray(value) || value.length <= maxItems) return value
  changed(`at most ${maxItems} are taken; the first ${maxItems} were sent`)
  return value.slice(0, maxItems)
}

function encodeMaxTokens(body: ChatBody, request: ChatRequest, { dialect, rules, context }: Encoding): void {
  const asked = request.max_completion_tokens ?? request.max_tokens
  if (asked === undefined || asked === null) return
  const field = rules.maxTokensField ?? dialect.maxTokensField
  const limit = rules.capabilities?.maxOutputTokens
  if (limit !== undefined && asked > limit) {
    const path = request.max_completion_tokens ? 'max_completion_tokens' : 'max_tokens'
    changeSetting(context, path, `${context.model} generates at most ${limit} tokens; ${limit} was sent`)
    body[field] = limit
  } else body[field] = asked
}

/** Writes the effort and tells whether the model will reason; unknown models count as not reasoning. */
function encodeEffort(body: ChatBody, request: ChatRequest, { rules, context }: Encoding): boolean {
  const asked = request.reasoning_effort ?? undefined
  const { reasoning } = rules
  if (reasoning === undefined) {
    if (asked !== undefined) body.reasoning_effort = asked
    return false
  }
  if (reasoning === false) {
    if (asked !== undefined && asked !== 'none')
      dropSetting(context, 'reasoning_effort', `${context.model} does not reason`)
    return false
  }
  if (asked === undefined) return reasoning.default !== 'none'
  const sent = nearestEffort(asked, reasoning.efforts)
  if (sent === undefined) {
    dropSetting(context, 'reasoning_effort', `${context.model} reasons as much as it likes`)
    return true
  }
  if (sent !== asked)
    changeSetting(context, 'reasoning_effort', `${context.model} has no "${asked}"; "${sent}" was sent`)
  body.reasoning_effort = sent
  return sent !== 'none'
}

/**
 * The word to send for an effort: itself when the model has it, a word of nobody's scale too (it may be new), else the
 * nearest, the lower of two. Asking for some reasoning never turns it off.
 *
 * @example nearestEffort('minimal', ['none', 'low', 'high']) // 'low'
 */
export function nearestEffort(asked: string, efforts: readonly string[]): string | undefined {
  const rank = EFFORTS.indexOf(asked)
  if (efforts.length === 0 || efforts.includes(asked)) return efforts.length === 0 ? undefined : asked
  if (rank < 0) return asked
  const distance = (effort: string): number => Math.abs(EFFORTS.indexOf(effort) - rank)
  const candidates = efforts.filter((effort) => effort !== 'none')
  return candidates.reduce<string | undefined>(
    (best, effort) => (best === undefined || distance(effort) < distance(best) ? effort : best),
    undefined,
  )
}
