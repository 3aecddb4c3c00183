import type {
  HealthObservation,
  HealthStore,
  ObservedHealth,
  QualityScore,
} from '../contract/target-health.js'
import type { Target } from '../contract/target.js'
import { createLatencyWindow, type LatencyWindow } from './latency-window.js'
import { createOutcomeWindow } from './outcome-window.js'
import { createQualityTracker } from './quality-score.js'

/** A store that keeps its promises to itself. */
export interface LocalHealthStore extends HealthStore {
  record(observation: HealthObservation, nowMs: number): void
  close?(): void
}

/** Model ids are free text: a host that makes them up must not fill the heap. */
const MAX_TARGETS = 1_000
const NOTHING_KNOWN: QualityScore = { score: 1, samples: 0 }

/** The default store: this process's own observations, of the thousand targets that were asked last. */
export function createMemoryHealthStore(maxTargets: number = MAX_TARGETS): LocalHealthStore {
  const known = new Map<string, ReturnType<typeof createTargetMemory>>()

  const forgetLeastAsked = (): void => {
    let stalest: string | undefined
    let stalestAt = Infinity
    for (const [key, { notedAt }] of known) {
      if (notedAt() < stalestAt) [stalest, stalestAt] = [key, notedAt()]
    }
    if (stalest !== undefined) known.delete(stalest)
  }

  return {
    record(observation, nowMs) {
      const key = keyOf(observation)
      let memory = known.get(key)
      if (!memory) {
        if (known.size >= maxTargets) forgetLeastAsked()
        memory = createTargetMemory(observation)
        known.set(key, memory)
      }
      memory.note(observation, nowMs)
    },
    qualityOf: (target, nowMs) => known.get(keyOf(target))?.quality(nowMs) ?? NOTHING_KNOWN,
    read: (target, nowMs) => known.get(keyOf(target))?.read(nowMs),
    readAll: (nowMs) => [...known.values()].map((memory) => memory.read(nowMs)),
  }
}

/** Provider names hold no slash, so that no two targets share a key. */
export const keyOf = ({ provider, model }: Target): string => `${provider}/${model}`

function createTargetMemory({ provider, model }: Target) {
  const outcomes = createOutcomeWindow()
  const answers = createQualityTracker()
  // Four kilobytes each, made when there is something to remember.
  let firstContent: LatencyWindow | undefined
  let total: LatencyWindow | undefined
  let notedAt = 0

  return {
    notedAt: () => notedAt,
    note(observation: HealthObservation, nowMs: number): void {
      notedAt = nowMs
      if (observation.kind === 'quality') {
        answers.note(observation.worth, nowMs)
        return
      }
      if (observation.outcome) outcomes.note(observation.outcome, nowMs)
      const { firstContentMs, firstContentAtLeastMs, totalMs, totalAtLeastMs } = observation
      if (firstContentMs !== undefined) (firstContent ??= createLatencyWindow()).note(firstContentMs, nowMs)
      if (totalMs !== undefined) (total ??= createLatencyWindow()).note(totalMs, nowMs)
      if (firstContentAtLeastMs !== undefined) noteAtLeast(firstContent, firstContentAtLeastMs, nowMs)
      if (totalAtLeastMs !== undefined) noteAtLeast(total, totalAtLeastMs, nowMs)
    },
    quality: (nowMs: number): QualityScore => answers.read(nowMs),
    read(nowMs: number): ObservedHealth {
      const { requests, errors } = outcomes.read(nowMs)
      return {
        provider,
        model,
        requests,
        errorRate: requests === 0 ? null : errors / requests,
        firstContentMs: firstContent?.quantiles(nowMs) ?? null,
        totalMs: total?.quantiles(nowMs) ?? null,
        quality: answers.read(nowMs),
      }
    },
  }
}

/**
 * A time cut short says "at least so long", which is news only above the median. Were such times left out, hedging
 * would hide the very stragglers that it is for, and ever more would pass for one.
 */
function noteAtLeast(window: LatencyWindow | undefined, ms: number, nowMs: number): void {
  const median = window?.quantile(0.5, nowMs)
  if (median !== undefined && ms > median) window?.note(ms, nowMs)
}
