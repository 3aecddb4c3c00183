/** What LangChain keeps beside an answer's content. */
import type { UsageMetadata } from '@langchain/core/messages'
import type { GatewayMeta, Usage, Warning } from '@turnout/core'

/** `response_metadata.gateway` of an answer. The whole account, trace included, is in the gateway's events. */
export interface TurnoutMetadata {
  readonly requestId: string
  readonly route: string | null
  /** Who answered. */
  readonly provider: string
  readonly model: string
  /** Attempts that were made. */
  readonly attempts: number
  /** `null`: the price of a model is unknown. */
  readonly costUsd: number | null
  readonly estimated: boolean
  readonly cache: 'hit' | 'miss' | 'off'
  readonly warnings: readonly Warning[]
}

export function readMeta(meta: GatewayMeta): TurnoutMetadata {
  const { requestId, route, provider, model, attempts, costUsd, estimated, cache, warnings } = meta
  return { requestId, route, provider, model, attempts: attempts.length, costUsd, estimated, cache, warnings }
}

export function readUsage(usage: Usage): UsageMetadata {
  const { prompt_tokens_details: input = {}, completion_tokens_details: output = {} } = usage
  return {
    input_tokens: usage.prompt_tokens,
    output_tokens: usage.completion_tokens,
    total_tokens: usage.total_tokens,
    input_token_details: {
      ...(input.cached_tokens !== undefined && { cache_read: input.cached_tokens }),
      ...(input.cache_write_tokens !== undefined && { cache_creation: input.cache_write_tokens }),
      ...(input.audio_tokens !== undefined && { audio: input.audio_tokens }),
    },
    output_token_details: {
      ...(output.reasoning_tokens !== undefined && { reasoning: output.reasoning_tokens }),
      ...(output.audio_tokens !== undefined && { audio: output.audio_tokens }),
    },
  }
}

export interface AnswerFacts {
  readonly model: string
  readonly usage: Usage
  readonly gateway: GatewayMeta
  readonly finish: string
  readonly native: string | undefined
}

export const readResponseMetadata = ({ model, usage, gateway, finish, native }: AnswerFacts) => ({
  model_name: model,
  model_provider: 'turnout',
  finish_reason: finish,
  ...(native !== undefined && { native_finish_reason: native }),
  tokenUsage: {
    promptTokens: usage.prompt_tokens,
    completionTokens: usage.completion_tokens,
    totalTokens: usage.total_tokens,
  },
  gateway: readMeta(gateway),
})
