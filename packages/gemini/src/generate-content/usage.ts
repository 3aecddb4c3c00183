import { makeUsage, type Usage } from '@turnout/core/adapter'
import type { ModalityCount, UsageMetadata } from './wire-types.js'

/** The counts so far. They are cumulative and zero is left out, so the last value of each field holds. */
export function mergeUsage(known: UsageMetadata | undefined, update: UsageMetadata): UsageMetadata {
  // On every event: as a rule the newer one has all that the older had.
  return known === undefined || holdsAll(known, update) ? update : { ...known, ...update }
}

function holdsAll(known: UsageMetadata, update: UsageMetadata): boolean {
  return (
    (update.promptTokenCount ?? known.promptTokenCount) === update.promptTokenCount &&
    (update.candidatesTokenCount ?? known.candidatesTokenCount) === update.candidatesTokenCount &&
    (update.thoughtsTokenCount ?? known.thoughtsTokenCount) === update.thoughtsTokenCount &&
    (update.cachedContentTokenCount ?? known.cachedContentTokenCount) === update.cachedContentTokenCount &&
    (update.toolUsePromptTokenCount ?? known.toolUsePromptTokenCount) === update.toolUsePromptTokenCount &&
    (update.totalTokenCount ?? known.totalTokenCount) === update.totalTokenCount &&
    (update.promptTokensDetails ?? known.promptTokensDetails) === update.promptTokensDetails &&
    (update.candidatesTokensDetails ?? known.candidatesTokensDetails) === update.candidatesTokensDetails
  )
}

/**
 * Gemini counts thinking beside the answer and tool results beside the prompt; the unified totals hold both.
 * `undefined` when nothing was counted.
 */
export function toUsage(counts: UsageMetadata | undefined): Usage | undefined {
  if (counts?.promptTokenCount === undefined && counts?.totalTokenCount === undefined) return undefined
  const { promptTokenCount = 0, toolUsePromptTokenCount = 0, thoughtsTokenCount = 0 } = counts
  const inputTokens = promptTokenCount + toolUsePromptTokenCount
  return makeUsage({
    inputTokens,
    outputTokens: answerTokens(counts, inputTokens) + thoughtsTokenCount,
    cachedTokens: counts.cachedContentTokenCount,
    reasoningTokens: counts.thoughtsTokenCount,
    audioInput: audioTokens(counts.promptTokensDetails),
    audioOutput: audioTokens(counts.candidatesTokensDetails),
  })
}

/** Early events of a stream lack the answer's count, but not the total that holds it. */
function answerTokens(counts: UsageMetadata, inputTokens: number): number {
  const { candidatesTokenCount, totalTokenCount = 0, thoughtsTokenCount = 0 } = counts
  return candidatesTokenCount ?? Math.max(0, totalTokenCount - inputTokens - thoughtsTokenCount)
}

function audioTokens(details: readonly ModalityCount[] | undefined): number | undefined {
  return Array.isArray(details)
    ? details.find((detail) => detail?.modality === 'AUDIO')?.tokenCount
    : undefined
}
