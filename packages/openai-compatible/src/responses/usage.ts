import { makeUsage } from '@turnout/core/adapter'
import type { Usage } from '@turnout/core/adapter'
import type { WireUsage } from './wire-types.js'

const USD_PER_TICK = 1e-10

/** Inclusive on both sides already: input holds the cache, output holds the reasoning (at xAI too, here). */
export function readUsage(usage: WireUsage): Usage {
  const ticks = usage.cost_in_usd_ticks
  return makeUsage({
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    cachedTokens: usage.input_tokens_details?.cached_tokens,
    cacheWriteTokens: usage.input_tokens_details?.cache_write_tokens,
    reasoningTokens: usage.output_tokens_details?.reasoning_tokens,
    providerCostUsd: ticks === undefined ? undefined : ticks * USD_PER_TICK,
  })
}
