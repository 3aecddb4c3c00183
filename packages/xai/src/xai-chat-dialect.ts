/** Chat Completions with xAI's own rules. */
import type { TokenCounts } from '@turnout/core/adapter'
import type { ChatDialect, ErrorRow, SettingRules } from '@turnout/openai-compatible'
import type { XaiModelRules } from './models.js'

const UNKNOWN_FIELD = { drop: 'xAI has no such setting' }
const SETTINGS: SettingRules = {
  temperature: { min: 0, max: 2 },
  top_k: UNKNOWN_FIELD,
  verbosity: UNKNOWN_FIELD,
  service_tier: UNKNOWN_FIELD,
  metadata: UNKNOWN_FIELD,
  store: { drop: 'Chat Completions stores nothing at xAI' },
  prompt_cache_key: { drop: "xAI takes it in the Responses API only: xai({ api: 'responses' })" },
}

const ERRORS: readonly ErrorRow[] = [
  { status: 402, code: 'quota_exhausted' },
  // The key is fine, its credits are used up.
  { status: 403, message: /\bcredits\b|spending limit/i, code: 'quota_exhausted' },
]

/** 10,000,000,000 of them are a dollar. */
const USD_PER_TICK = 1e-10

export function xaiChatDialect(rulesFor: (model: string) => XaiModelRules): ChatDialect {
  return {
    name: 'xai-chat',
    maxTokensField: 'max_completion_tokens',
    streamUsage: true,
    textParts: 'join',
    systemRole: 'system',
    toolNames: { maxLength: 64, allowed: /[A-Za-z0-9_-]/ },
    settings: SETTINGS,
    errors: ERRORS,
    rulesFor,
    readUsage,
  }
}

/** Its completion count leaves the reasoning out, which the common reading sees; its cache count may exceed the prompt. */
function readUsage(usage: Readonly<Record<string, unknown>>, standard: TokenCounts): TokenCounts {
  const { cost_in_usd_ticks: ticks } = usage
  const { inputTokens, cachedTokens } = standard
  return {
    ...standard,
    ...(typeof inputTokens === 'number' &&
      typeof cachedTokens === 'number' && { cachedTokens: Math.min(cachedTokens, inputTokens) }),
    ...(typeof ticks === 'number' && { providerCostUsd: ticks * USD_PER_TICK }),
  }
}
