import type { Usage } from '../contract/chat-response.js'
import type { Price } from './price.js'

const PER_TOKEN = 1e-6

/** The disjoint classes that a bill knows: each token is in exactly one. */
export interface TokenClasses {
  readonly freshInput: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly cacheWrite1h: number
  /** Without reasoning. */
  readonly output: number
  readonly reasoning: number
}

/** Takes inclusive usage apart. Parts larger than their whole (seen at xAI) are clamped to it. */
export function tokenClasses(usage: Usage): TokenClasses {
  const { prompt_tokens: prompt, completion_tokens: completion } = usage
  const cacheRead = clamp(usage.prompt_tokens_details?.cached_tokens, prompt)
  const written = clamp(usage.prompt_tokens_details?.cache_write_tokens, prompt - cacheRead)
  const cacheWrite1h = clamp(usage.prompt_tokens_details?.cache_write_1h_tokens, written)
  const reasoning = clamp(usage.completion_tokens_details?.reasoning_tokens, completion)
  return {
    freshInput: prompt - cacheRead - written,
    cacheRead,
    cacheWrite: written - cacheWrite1h,
    cacheWrite1h,
    output: completion - reasoning,
    reasoning,
  }
}

const clamp = (part: number | undefined, whole: number): number => Math.min(Math.max(part ?? 0, 0), whole)

/** The cost in USD; `null` when the price is unknown. */
export function computeCostUsd(usage: Usage, price: Price | undefined): number | null {
  if (!price) return null
  const { longPrompt } = price
  const rate = longPrompt && usage.prompt_tokens > longPrompt.overTokens ? longPrompt : price
  const tokens = tokenClasses(usage)
  const cacheWriteUsd = rate.cacheWriteUsd ?? rate.inputUsd
  return (
    PER_TOKEN *
    (tokens.freshInput * rate.inputUsd +
      tokens.cacheRead * (rate.cacheReadUsd ?? rate.inputUsd) +
      tokens.cacheWrite * cacheWriteUsd +
      tokens.cacheWrite1h * (rate.cacheWrite1hUsd ?? cacheWriteUsd) +
      (tokens.output + tokens.reasoning) * rate.outputUsd)
  )
}
