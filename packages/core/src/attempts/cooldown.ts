/**
 * When a target has told us to stay away, and until when. Apart from the breaker: nothing here is a ratio, and
 * deadlines only grow.
 */
import type { GatewayError } from '../errors/gateway-error.js'

export interface CooldownOptions {
  /** 429s without a `Retry-After` that go on for this long start a cooldown. */
  readonly persistentMs: number
  /** The first cooldown of that kind; each further one is twice as long, up to a minute. */
  readonly baseMs: number
  /** A provider that refuses the key. Not at aggregators, where it may be one upstream's word. */
  readonly keyRefusedMs: number
  /** A used-up quota whose provider does not say when it is renewed. */
  readonly quotaMs: number
  /** A key that may not do this, where there are others: it may have been the model. `undefined`: none. */
  readonly permissionMs?: number
  /** The longest that any provider's word is believed. */
  readonly maxMs: number
}

export const COOLDOWN_DEFAULTS: CooldownOptions = {
  persistentMs: 5_000,
  baseMs: 5_000,
  keyRefusedMs: 30_000,
  quotaMs: 300_000,
  maxMs: 86_400_000,
}

/** Until when, and what for. */
export interface ActiveCooldown {
  /** On the clock of `performance.now()`. */
  readonly until: number
  readonly error: GatewayError
}

export interface Cooldown {
  active(): ActiveCooldown | undefined
  /** Takes in how an attempt ended. Returns the cooldown when it began or grew. */
  note(error: GatewayError | undefined): ActiveCooldown | undefined
}

/** Of one key among several: the others do the work meanwhile. */
export const KEY_COOLDOWN: CooldownOptions = {
  ...COOLDOWN_DEFAULTS,
  keyRefusedMs: 300_000,
  permissionMs: 10_000,
}

const MAX_GROWN_MS = 60_000

/** @param isAggregator one upstream's refusal of a key says nothing about the others. */
export function createCooldown(
  isAggregator: boolean,
  options: CooldownOptions = COOLDOWN_DEFAULTS,
): Cooldown {
  let current: ActiveCooldown | undefined
  let limitedSince: number | undefined
  let doublings = 0

  const lengthMs = (error: GatewayError, now: number): number | undefined => {
    // An adapter with another key at hand says that the same request may succeed.
    if (error.code === 'authentication')
      return isAggregator || error.retryable ? undefined : options.keyRefusedMs
    if (error.code === 'permission' && options.permissionMs !== undefined) return options.permissionMs
    const asked = askedMs(error)
    if (error.code === 'quota_exhausted') return asked ?? options.quotaMs
    // A wait of nothing, or one that has passed, is no answer: 429s may still go on.
    if (asked !== undefined && asked > 0) return asked
    if (error.code !== 'rate_limited') return undefined
    limitedSince ??= now
    if (now - limitedSince < options.persistentMs) return undefined
    return Math.min(MAX_GROWN_MS, options.baseMs * 2 ** doublings++)
  }

  return {
    active() {
      if (current && performance.now() >= current.until) current = undefined
      return current
    },
    note(error) {
      if (!error) {
        limitedSince = undefined
        doublings = 0
        return undefined
      }
      const now = performance.now()
      const length = lengthMs(error, now)
      if (length === undefined || !(length > 0)) return undefined
      const until = now + Math.min(length, options.maxMs)
      if (current && until <= current.until) return undefined
      current = { until, error }
      return current
    },
  }
}

/** What the provider asked for, from any error that says so. */
function askedMs({ retryAfterMs, resetsAt }: GatewayError): number | undefined {
  if (retryAfterMs !== undefined) return retryAfterMs
  return resetsAt ? resetsAt.getTime() - Date.now() : undefined
}
