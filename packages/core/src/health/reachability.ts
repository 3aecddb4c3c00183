import type { HealthCheck } from '../contract/target-health.js'

/** Which providers the active checks can reach. One lost check is chance, two in a row are an outage. */
export interface Reachability {
  noteCheck(provider: string, check: HealthCheck): void
  /** An attempt was answered: better evidence than any check. */
  noteAnswer(provider: string): void
  isReachable(provider: string): boolean
  lastCheck(provider: string): HealthCheck | undefined
}

const FAILURES = 2

export function createReachability(): Reachability {
  const known = new Map<string, { last: HealthCheck; failures: number; answered: boolean }>()
  return {
    noteCheck(provider, check) {
      const before = known.get(provider)
      const failures = check.reachable || before?.answered ? 0 : (before?.failures ?? 0) + 1
      known.set(provider, { last: check, failures, answered: false })
    },
    noteAnswer(provider) {
      const before = known.get(provider)
      if (!before) return
      before.failures = 0
      before.answered = true
    },
    isReachable: (provider) => (known.get(provider)?.failures ?? 0) < FAILURES,
    lastCheck: (provider) => known.get(provider)?.last,
  }
}
