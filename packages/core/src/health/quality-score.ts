import type { QualityScore } from '../contract/target-health.js'

/**
 * What an answer is worth, from 1 (nothing wrong) to 0 (of no use). Of several faults the worst counts. Feedback is
 * worth what it says: `good` 1, `bad` 0, or its score.
 */
export const ANSWER_WORTH = {
  good: 1,
  /** Cut off at the model's own length limit: often of use, and with one good answer for each, no reason to leave. */
  truncated: 0.5,
  /** Neither text nor a tool call. */
  empty: 0,
  /** A tool call whose arguments are no JSON. */
  invalid_tool_arguments: 0,
  schema_mismatch: 0,
  /** The caller's `accept` function said no. */
  not_accepted: 0,
} as const

export const QUALITY_RULES = {
  /** A new answer weighs one in twenty; the first twenty weigh the same. */
  memory: 20,
  /** What is missing to a full score halves in this time, also when no answer comes: a target that was left recovers. */
  halfLifeMs: 300_000,
  /** After so long without an answer nothing is known any more. */
  forgetAfterMs: 1_800_000,
  degradedBelow: 0.6,
  /** Fewer answers than that prove nothing. */
  minSamples: 10,
} as const

/** A score that starts at 1, follows the answers, and creeps back to 1 while there are none. */
export interface QualityTracker {
  /** @param worth 0 to 1 */
  note(worth: number, nowMs: number): void
  read(nowMs: number): QualityScore
}

export function createQualityTracker(): QualityTracker {
  const { memory, halfLifeMs, forgetAfterMs } = QUALITY_RULES
  let missing = 0
  let samples = 0
  let notedAt = 0

  const missingAt = (nowMs: number): number => missing * 2 ** -((nowMs - notedAt) / halfLifeMs)
  const isForgotten = (nowMs: number): boolean => nowMs - notedAt >= forgetAfterMs

  return {
    note(worth, nowMs) {
      // The first sample's weight leaves nothing of what was before it.
      if (isForgotten(nowMs)) samples = 0
      const before = missing === 0 ? 0 : missingAt(nowMs)
      samples++
      missing = before + (1 - worth - before) / Math.min(samples, memory)
      notedAt = nowMs
    },
    read(nowMs) {
      if (isForgotten(nowMs)) return { score: 1, samples: 0 }
      return { score: missing === 0 ? 1 : 1 - missingAt(nowMs), samples }
    },
  }
}

/** Enough answers, and too few of them good. */
export const isDegraded = ({ score, samples }: QualityScore): boolean =>
  score < QUALITY_RULES.degradedBelow && samples >= QUALITY_RULES.minSamples
