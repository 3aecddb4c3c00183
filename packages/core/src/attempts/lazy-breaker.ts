import type { Random } from '../platform/random.js'
import type { BreakerOptions } from './breaker-options.js'
import type { BreakerPermit, BreakerState, CircuitBreaker } from './circuit-breaker.js'
import type { PermitOutcome } from './permit.js'

/** Outcomes kept while the module loads; a few milliseconds' worth. */
const MAX_EARLY = 1_000

/**
 * A breaker that loads opossum, an eighth of what importing this package costs, when the first attempt at its target
 * has ended. What ends while it loads is counted as soon as it is there.
 */
export function createLazyBreaker(
  options: BreakerOptions,
  random: Random,
  onChange: (state: BreakerState, retryAt: number | undefined) => void,
): CircuitBreaker {
  let loaded: CircuitBreaker | undefined
  let loading = false
  let closed = false
  let early: PermitOutcome[] = []

  const load = async (): Promise<void> => {
    loading = true
    const { createCircuitBreaker } = await import('./circuit-breaker.js')
    if (closed) return
    loaded = createCircuitBreaker(options, random, onChange)
    for (const outcome of early) countEarly(outcome)
    early = []
  }
  const countEarly = (outcome: PermitOutcome): void => {
    // An attempt from before the breaker was there must not pass for a probe.
    if (loaded) {
      if (loaded.snapshot().state === 'closed') loaded.acquire()?.settle(outcome)
    } else if (early.length < MAX_EARLY) early.push(outcome)
    if (!loading) void load()
  }

  return {
    snapshot: () => loaded?.snapshot() ?? { state: 'closed', probeFree: false },
    acquire: () => (loaded ? loaded.acquire() : earlyPermit(countEarly)),
    close() {
      closed = true
      loaded?.close()
    },
  }
}

function earlyPermit(count: (outcome: PermitOutcome) => void): BreakerPermit {
  let settled = false
  return {
    settle(outcome) {
      if (settled) return
      settled = true
      count(outcome)
    },
  }
}
