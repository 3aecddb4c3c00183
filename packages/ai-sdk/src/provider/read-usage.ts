import type { JSONObject, LanguageModelV3FinishReason, LanguageModelV3Usage } from '@ai-sdk/provider'
import type { FinishReason, Usage } from '@turnout/core'

/** Totals with their parts; a part is `undefined` where the provider did not say. */
export function readUsage(usage: Usage | undefined | null): LanguageModelV3Usage {
  const { prompt_tokens: input, completion_tokens: output } = usage ?? {}
  const { cached_tokens: cacheRead, cache_write_tokens: cacheWrite } = usage?.prompt_tokens_details ?? {}
  const reasoning = usage?.completion_tokens_details?.reasoning_tokens
  return {
    inputTokens: {
      total: input,
      noCache: input === undefined ? undefined : input - (cacheRead ?? 0) - (cacheWrite ?? 0),
      cacheRead,
      cacheWrite,
    },
    outputTokens: {
      total: output,
      text: output === undefined ? undefined : output - (reasoning ?? 0),
      reasoning,
    },
    ...(usage && { raw: usage as unknown as JSONObject }),
  }
}

const UNIFIED = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  content_filter: 'content-filter',
} as const satisfies Record<FinishReason, LanguageModelV3FinishReason['unified']>

export function readFinish(reason: FinishReason, native: string | undefined): LanguageModelV3FinishReason {
  return { unified: UNIFIED[reason], raw: native ?? reason }
}
