/** The counters of one limit, one for each value of its scope, so many at most. */
import type { LimitShare } from '../contract/shared-limits.js'
import { advance, leavesAt, type RateWindow } from './rate-window.js'

export interface Counter {
  /** The limit's name. */
  readonly limit: string
  readonly key: string
  /** Values of the scope, as they are told. */
  readonly scope: readonly string[]
  concurrent: number
  /** Absent until a limit with rates counts here. */
  window: RateWindow | undefined
  /** Absent where the process counts for itself. */
  share: LimitShare | undefined
  /** Neighbours in the order of use. */
  older: Counter | undefined
  newer: Counter | undefined
}

export interface Counters {
  readonly byKey: Map<string, Counter>
  /** Used longest ago. */
  oldest: Counter | undefined
  newest: Counter | undefined
}

/** Counters with a call under way are passed over when one is needed, so many at a time. */
const MAX_PASSED = 64

export const createCounters = (): Counters => ({
  byKey: new Map(),
  oldest: undefined,
  newest: undefined,
})

/**
 * A new counter; when there are as many as may be, in place of the one that was idle longest. `undefined` when none
 * is idle: what a counter still holds is never forgotten.
 */
export function addCounter(
  counters: Counters,
  limit: string,
  key: string,
  scope: readonly string[],
  maxCounters: number,
  nowMs: number,
): Counter | undefined {
  if (counters.byKey.size >= maxCounters && !evictOne(counters, nowMs)) return undefined
  const counter: Counter = {
    limit,
    key,
    scope,
    concurrent: 0,
    window: undefined,
    share: undefined,
    older: counters.newest,
    newer: undefined,
  }
  if (counters.newest) counters.newest.newer = counter
  else counters.oldest = counter
  counters.newest = counter
  counters.byKey.set(key, counter)
  return counter
}

/** Puts a counter last in the order of use. */
export function touch(counters: Counters, counter: Counter): void {
  if (counters.newest === counter) return
  unlink(counters, counter)
  counter.older = counters.newest
  if (counters.newest) counters.newest.newer = counter
  else counters.oldest = counter
  counters.newest = counter
}

/** When the oldest will be idle, if nothing more comes; `null` when that depends on calls under way. */
export function idleAt(counters: Counters): number | null {
  const { oldest } = counters
  if (!oldest || oldest.concurrent > 0) return null
  const { window } = oldest
  return window ? leavesAt(window, 'requests', window.requests) : null
}

export function isIdle({ concurrent, window }: Counter, nowMs: number): boolean {
  if (concurrent > 0) return false
  if (!window) return true
  advance(window, nowMs)
  return window.slices === 0
}

/** In the order of use the first one that has nothing under way is the first to be idle. */
function evictOne(counters: Counters, nowMs: number): boolean {
  for (let passed = 0; passed < MAX_PASSED; passed++) {
    const { oldest } = counters
    if (!oldest) return false
    if (isIdle(oldest, nowMs)) {
      unlink(counters, oldest)
      counters.byKey.delete(oldest.key)
      oldest.share?.release()
      return true
    }
    if (oldest.concurrent === 0) return false
    touch(counters, oldest)
  }
  return false
}

function unlink(counters: Counters, counter: Counter): void {
  if (counter.older) counter.older.newer = counter.newer
  else counters.oldest = counter.newer
  if (counter.newer) counter.newer.older = counter.older
  else counters.newest = counter.older
  counter.older = undefined
  counter.newer = undefined
}
