import type {
  LanguageModelV2Usage,
  LanguageModelV3FinishReason,
  LanguageModelV3Usage,
} from '@ai-sdk/provider'
import { makeUsage, type FinishReason, type Usage } from '@turnout/core/adapter'

/** V3 nests the counts, V2 has them flat. */
export function readModelUsage(usage: LanguageModelV3Usage | LanguageModelV2Usage | undefined): Usage {
  const { inputTokens: input, outputTokens: output } = usage ?? {}
  if (typeof input === 'object' && typeof output === 'object') {
    return makeUsage({
      inputTokens: input.total,
      outputTokens: output.total,
      cachedTokens: input.cacheRead,
      cacheWriteTokens: input.cacheWrite,
      reasoningTokens: output.reasoning,
    })
  }
  const { cachedInputTokens, reasoningTokens } = (usage ?? {}) as LanguageModelV2Usage
  return makeUsage({
    inputTokens: input as number | undefined,
    outputTokens: output as number | undefined,
    cachedTokens: cachedInputTokens,
    reasoningTokens,
  })
}

export interface Finish {
  /** `undefined`: the model says that it failed. */
  readonly reason: FinishReason | undefined
  readonly native: string
}

/** V3 gives a pair, V2 a word. */
export function readModelFinish(finish: LanguageModelV3FinishReason | string, hasCalls: boolean): Finish {
  const unified = typeof finish === 'string' ? finish : finish.unified
  const native = (typeof finish === 'string' ? undefined : finish.raw) ?? unified
  switch (unified) {
    case 'length':
      return { reason: 'length', native }
    case 'content-filter':
      return { reason: 'content_filter', native }
    case 'error':
      return { reason: undefined, native }
    default:
      return { reason: hasCalls ? 'tool_calls' : 'stop', native }
  }
}
