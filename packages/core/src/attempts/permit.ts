import type { Target } from '../contract/target.js'

/** How an attempt ended, as the parts that learn from it see it. An abort by the caller teaches nothing: neutral. */
export type PermitOutcome = 'success' | 'failure' | 'neutral'

/** The right to make one attempt. Settled when its real outcome is known: for a stream at its end. */
export interface Permit {
  settle(outcome: PermitOutcome): void
}

/** Asks whether a target may be called now; `undefined` means no, try the next candidate. */
export type AcquirePermit = (target: Target) => Permit | undefined

const OPEN_PERMIT: Permit = { settle() {} }

/** Everything is permitted: no circuit breaker is configured. */
export const acquireOpenPermit: AcquirePermit = () => OPEN_PERMIT
