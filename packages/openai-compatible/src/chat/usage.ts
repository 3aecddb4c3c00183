import { isRecord, makeUsage, type TokenCounts, type Usage } from '@turnout/core/adapter'
import type { ChatDialect } from '../chat-dialect.js'

/**
 * Usage in the unified shape; `undefined` when the server counted nothing, which some say with zeros.
 *
 * Completion counts normally hold reasoning. Where they do not, prompt + completion + reasoning is the total (xAI).
 */
export function readChatUsage(usage: unknown, dialect: Pick<ChatDialect, 'readUsage'>): Usage | undefined {
  if (!isRecord(usage)) return undefined
  const standard = standardCounts(usage)
  const counts = dialect.readUsage?.(usage, standard) ?? standard
  return counts.inputTokens || counts.outputTokens ? makeUsage(counts) : undefined
}

function standardCounts(usage: Readonly<Record<string, unknown>>): TokenCounts {
  const input = recordAt(usage, 'prompt_tokens_details', 'input_tokens_details')
  const output = recordAt(usage, 'completion_tokens_details', 'output_tokens_details')
  const prompt = count(usage.prompt_tokens) ?? count(usage.input_tokens)
  const completion = count(usage.completion_tokens) ?? count(usage.output_tokens)
  const reasoning = count(output.reasoning_tokens) ?? count(usage.reasoning_tokens)
  const reasoningIsExtra =
    reasoning !== undefined &&
    reasoning > 0 &&
    (prompt ?? 0) + (completion ?? 0) + reasoning === usage.total_tokens
  return {
    inputTokens: prompt,
    outputTokens: reasoningIsExtra ? (completion ?? 0) + reasoning : completion,
    cachedTokens:
      count(input.cached_tokens) ?? count(usage.prompt_cache_hit_tokens) ?? count(usage.num_cached_tokens),
    cacheWriteTokens: count(input.cache_write_tokens) ?? count(input.cache_creation_input_tokens),
    reasoningTokens: reasoning,
    audioInput: count(input.audio_tokens),
    audioOutput: count(output.audio_tokens),
    acceptedPredictionTokens: count(output.accepted_prediction_tokens),
    rejectedPredictionTokens: count(output.rejected_prediction_tokens),
  }
}

/** The newer report over the older one, field by field: the last value wins, nothing is ever summed. */
export function mergeUsage(
  known: unknown,
  newer: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  if (!isRecord(known)) return newer
  const merged: Record<string, unknown> = { ...known }
  for (const [field, value] of Object.entries(newer))
    if (value !== null && value !== undefined) merged[field] = value
  return merged
}

function recordAt(
  value: Readonly<Record<string, unknown>>,
  ...fields: readonly string[]
): Record<string, unknown> {
  for (const field of fields) {
    const inner = value[field]
    if (isRecord(inner)) return inner
  }
  return {}
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
