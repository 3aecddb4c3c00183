import type { TellableRefusal } from '../admission/rate-limited.js'
import { bottleneckId } from '../admission/waiting-room.js'
import type { EventBus } from '../events/event-bus.js'

/** An overload meets a limit thousands of times a second: listeners hear of each counter of it this often. */
const PAUSE_MS = 1_000
/** Of so many counters in that time; of more they hear nothing. */
const MAX_COUNTERS = 1_000

/** Tells of limits that have no room, each of their counters at most once a second. */
export function createLimitTeller(bus: EventBus): (fault: TellableRefusal) => void {
  const toldAt = new Map<string, number>()
  return ({ reason, tooLarge, limit, scope, what, max, windowMs, retryAfterMs }) => {
    // What is held or too large does not say that the limit is used up.
    if ((reason !== 'no_room' && reason !== 'shared') || tooLarge || !bus.hears('limit-reached')) return
    if (max === undefined || windowMs === undefined) return
    const now = performance.now()
    // Those told longest ago are first.
    for (const [id, at] of toldAt) {
      if (now - at < PAUSE_MS) break
      toldAt.delete(id)
    }
    const id = bottleneckId(limit, scope)
    if (toldAt.has(id) || toldAt.size >= MAX_COUNTERS) return
    toldAt.set(id, now)
    bus.emit('limit-reached', () => ({ limit, scope: [...scope], what, max, windowMs, retryAfterMs }))
  }
}
