import type { HealthStore, QualityScore } from '../contract/target-health.js'
import { settleQuietly } from '../events/settle-quietly.js'
import type { LocalHealthStore } from './memory-health-store.js'

const NOTHING_KNOWN: QualityScore = { score: 1, samples: 0 }
/** A store that fails, fails at every call: told once in so long. */
const QUIET_MS = 60_000

/** The host's store; one that throws, now or later, or knows nonsense, loses what it was told, not the call. */
export function isolatedHealthStore(store: HealthStore, onError: (error: unknown) => void): LocalHealthStore {
  let toldAt = -Infinity
  const tell = (error: unknown): void => {
    const now = performance.now()
    if (now - toldAt < QUIET_MS) return
    toldAt = now
    onError(error)
  }
  const attempt = <T>(ask: () => T, otherwise: T): T => {
    try {
      return ask()
    } catch (error) {
      tell(error)
      return otherwise
    }
  }
  return {
    record(observation, nowMs) {
      settleQuietly(() => store.record(observation, nowMs), tell)
    },
    qualityOf: (target, nowMs) =>
      attempt(() => {
        const { score, samples } = store.qualityOf(target, nowMs)
        if (isCount(score) && isCount(samples)) return { score, samples }
        throw new TypeError('the health store gave no quality: `score` and `samples` must be numbers from 0')
      }, NOTHING_KNOWN),
    read: (target, nowMs) => attempt(() => store.read(target, nowMs), undefined),
    readAll: (nowMs) => attempt(() => [...store.readAll(nowMs)], []),
    close() {
      settleQuietly(() => store.close?.(), tell)
    },
  }
}

const isCount = (value: unknown): boolean => typeof value === 'number' && value >= 0
