import type { TellableRefusal } from '../admission/rate-limited.js'
import type { EventBus } from '../events/event-bus.js'

/** An overload meets a limit thousands of times a second: listeners hear of it this often. */
const PAUSE_MS = 1_000
/** Names of limits come from the configuration, which reloads may change without end. */
const MAX_NAMES = 1_000

/** Tells of limits that have no room, each at most once a second; costs a look at a map where nobody listens. */
export function createLimitTeller(bus: EventBus): (fault: TellableRefusal) => void {
  const toldAt = new Map<string, number>()
  return ({ reason, tooLarge, limit, scope, what, max, windowMs, retryAfterMs }) => {
    // What is held or too large does not say that the limit is used up.
    if ((reason !== 'no_room' && reason !== 'shared') || tooLarge || !bus.hears('limit-reached')) return
    if (max === undefined || windowMs === undefined) return
    const now = performance.now()
    const last = toldAt.get(limit)
    if (last !== undefined && now - last < PAUSE_MS) return
    if (toldAt.size >= MAX_NAMES) toldAt.clear()
    toldAt.set(limit, now)
    bus.emit('limit-reached', () => ({ limit, scope: [...scope], what, max, windowMs, retryAfterMs }))
  }
}
