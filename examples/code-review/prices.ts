/** List prices in USD per million tokens: without a price a cost is `null`, never 0. */
import type { CatalogOverrides } from '@turnout/core'

const asOf = '2026-09-23'

export const prices: CatalogOverrides = {
  'gemini/gemini-2.5-flash': { price: { inputUsd: 0.3, cacheReadUsd: 0.03, outputUsd: 2.5 }, asOf },
  'gemini/gemini-2.5-pro': { price: { inputUsd: 1.25, cacheReadUsd: 0.125, outputUsd: 10 }, asOf },
  'anthropic/claude-opus-4-1': { price: { inputUsd: 15, cacheReadUsd: 1.5, outputUsd: 75 }, asOf },
  'openai/gpt-4.1': { price: { inputUsd: 2, cacheReadUsd: 0.5, outputUsd: 8 }, asOf },
  'openai/gpt-4.1-mini': { price: { inputUsd: 0.4, cacheReadUsd: 0.1, outputUsd: 1.6 }, asOf },
}
