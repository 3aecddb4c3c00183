/** Makers of chunks and usage, so that every protocol builds the same shapes. */
import type { ChatChunk, ChatDelta, ChunkChoice, FinishReason, Usage } from '../contract/chat-response.js'

/** What all chunks of one answer share. */
export interface ChunkHead {
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  /** The model as the provider names it. */
  readonly model: string
  readonly service_tier?: string
  readonly system_fingerprint?: string
}

/** A chunk with one piece of one choice. */
export function deltaChunk(head: ChunkHead, index: number, delta: ChatDelta): ChatChunk {
  return chunkOf(head, [{ index, delta, finish_reason: null }])
}

/**
 * The chunk that ends a choice.
 *
 * @param native the provider's own word for the reason
 * @param delta what still belongs to the choice; the chunk with the reason is its last
 */
export function finishChunk(
  head: ChunkHead,
  index: number,
  finish: FinishReason,
  native: string | undefined,
  delta: ChatDelta = {},
): ChatChunk {
  return chunkOf(head, [
    native === undefined
      ? { index, delta, finish_reason: finish }
      : { index, delta, finish_reason: finish, native_finish_reason: native },
  ])
}

/** The last chunk of an answer: no choices, only usage, or not even that where nothing was counted. */
export function usageChunk(head: ChunkHead, usage: Usage): ChatChunk {
  // An answer to a request has cost something: zeros are what is left of rubbish, and an estimate is worth more.
  return chunkOf(head, [], usage.total_tokens === 0 ? undefined : usage)
}

function chunkOf(head: ChunkHead, choices: readonly ChunkChoice[], usage?: Usage): ChatChunk {
  const { id, created, model, service_tier, system_fingerprint } = head
  const object = 'chat.completion.chunk'
  if (service_tier === undefined && system_fingerprint === undefined) {
    // Written out: a spread of an object that is spread again costs microseconds.
    return usage ? { id, object, created, model, choices, usage } : { id, object, created, model, choices }
  }
  return {
    id,
    object,
    created,
    model,
    choices,
    ...(service_tier !== undefined && { service_tier }),
    ...(system_fingerprint !== undefined && { system_fingerprint }),
    ...(usage && { usage }),
  }
}

type Count = number | null | undefined

/** Token counts with inclusive totals: input holds cache reads and writes, output holds reasoning. */
export interface TokenCounts {
  readonly inputTokens: Count
  readonly outputTokens: Count
  readonly cachedTokens?: Count
  readonly cacheWriteTokens?: Count
  readonly cacheWrite1hTokens?: Count
  readonly reasoningTokens?: Count
  readonly audioInput?: Count
  readonly audioOutput?: Count
  readonly acceptedPredictionTokens?: Count
  readonly rejectedPredictionTokens?: Count
  readonly providerCostUsd?: Count
}

/**
 * The unified usage. Negative, fractional, absurd and missing counts are mended, parts never exceed their total, details
 * stand only where a count was given.
 *
 * @example makeUsage({ inputTokens: 120, outputTokens: 30, cachedTokens: 100 }).total_tokens // 150
 */
export function makeUsage(counts: TokenCounts): Usage {
  const prompt = tokens(counts.inputTokens)
  const completion = tokens(counts.outputTokens)
  const cached = part(counts.cachedTokens, prompt)
  const written = part(counts.cacheWriteTokens, prompt - (cached ?? 0))
  const promptDetails = given({
    cached_tokens: cached,
    cache_write_tokens: written,
    cache_write_1h_tokens: part(counts.cacheWrite1hTokens, written ?? 0),
    audio_tokens: part(counts.audioInput, prompt),
  })
  const completionDetails = given({
    reasoning_tokens: part(counts.reasoningTokens, completion),
    audio_tokens: part(counts.audioOutput, completion),
    accepted_prediction_tokens: part(counts.acceptedPredictionTokens, completion),
    rejected_prediction_tokens: part(counts.rejectedPredictionTokens, completion),
  })
  const cost = counts.providerCostUsd
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...(promptDetails && { prompt_tokens_details: promptDetails }),
    ...(completionDetails && { completion_tokens_details: completionDetails }),
    ...(typeof cost === 'number' && Number.isFinite(cost) && cost >= 0 && { provider_cost_usd: cost }),
  }
}

/** A thousand times the largest context window: no count, but rubbish that would use up any budget. */
const MAX_TOKENS = 1e9

function tokens(count: unknown): number {
  return typeof count === 'number' && count > 0 && count <= MAX_TOKENS ? Math.floor(count) : 0
}

function part(count: Count, total: number): number | undefined {
  return count === undefined || count === null ? undefined : Math.min(tokens(count), total)
}

function given<Details extends object>(details: Details): Details | undefined {
  let known: Partial<Details> | undefined
  for (const name in details) {
    if (details[name] !== undefined) (known ??= {} as Partial<Details>)[name] = details[name]
  }
  return known as Details | undefined
}
