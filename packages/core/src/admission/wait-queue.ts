import type { LimitRefusal, QueueOptions, QueueShedReason, QueueStatus } from '../contract/limit.js'
import type { Priority } from '../contract/request-options.js'
import { GatewayError } from '../errors/gateway-error.js'
import { charsBelow, lowestBelow, whoMakesRoom } from './backlogs.js'
import type { IsHeld, RoomListener } from './limit-keeper.js'
import { queueFull } from './queue-full.js'
import { rerank } from './ranked-heap.js'
import { errorOf, isFinal, surelyMs, tryStart } from './try-start.js'
import { PRIORITIES, type WaitEntry } from './wait-entry.js'
import {
  bottleneckOf,
  GUARANTEE,
  joinLine,
  leaveLine,
  nextWaiter,
  noteStarted,
  waitEstimateMs,
  type Bottleneck,
  type Waiter,
} from './waiting-line.js'
import { bottleneckId, createWaitingRoom } from './waiting-room.js'

export interface WaitQueue {
  /**
   * Starts the call if there is room, lets it wait if there is none, or refuses it: `tryStart` and `onRefused` say what
   * became of it, also before `enter` returns.
   *
   * @returns how to leave the queue, for a call that waits: it leaves no trace, and nothing is heard of it again
   * @example
   * const leave = queue.enter({ ...facts, tryStart, onRefused: reject })
   * if (leave) signal.addEventListener('abort', leave, { once: true })
   */
  enter(entry: WaitEntry): (() => void) | undefined
  /** To be told of all room that is given back: `keeper.onRoom(queue.onRoom)`. */
  readonly onRoom: RoomListener
  /** Refuses what waits below this class. */
  shed(below: Priority): void
  /**
   * Other bounds or limits from now: the lowest classes make room where there are more than may be, and who is first
   * somewhere is tried again. Who waits goes on waiting for as long as was said when it came.
   */
  change(options: QueueOptions): void
  /** Nobody waits, so that a call may start without the queue. */
  isEmpty(): boolean
  /** `started` counts calls that had to wait; `shed` all that were refused, save those that no queue would take. */
  status(): QueueStatus
  /** Refuses all that wait, and what comes, with `closed`. */
  close(): void
}

export interface WaitQueueOptions extends QueueOptions {
  /** Asked for each call: the class below which none is taken now. */
  readonly shedBelow?: () => Priority | undefined
}

const DEFAULTS = { maxEntries: 1_000, maxChars: 64 * 2 ** 20, maxWaitMs: 60_000 }
/** Those who wait elsewhere may overtake the first at a bottleneck for so long. */
const PATIENCE_MS = 1_000
/** Where nothing better is known. */
const RETRY_AFTER_MS = 1_000
/** Where one limit has room and another has none, so many go from line to line at a time, and then this long none. */
const MAX_MISSES = 32
const PAUSE_MS = 5
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * Where calls wait for room. The highest class that waits is served first, but each class that waits gets at least one
 * start in twenty, and keeps one place in twenty; inside a class tenants take turns; inside a tenant who came first goes first.
 *
 * They wait in lines, one for each counter that has no room. When it has some, its line is served until one does not
 * fit, and nobody behind that one overtakes. Nothing is asked again before there is a reason: a counter was given
 * something back, or its window says that it is time, for which there is one timer.
 */
export function createWaitQueue(options: WaitQueueOptions = {}): WaitQueue {
  const { shedBelow } = options
  const room = createWaitingRoom(PRIORITIES.length)
  const { backlogs, wakes, expiries } = room
  const shedCounts = PRIORITIES.map(() => 0)
  /** Somebody left them who may have been the first. */
  const disturbed = new Set<Bottleneck>()
  /** Of these, given something back while somebody was tried. */
  const refilled = new Set<Bottleneck>()
  let bounds = boundsOf(options)
  let started = 0
  let isClosed = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let timerAt = Infinity
  let serving: Bottleneck | undefined
  let wasHeld = false

  const isHeldForNew: IsHeld = (limit, scope) => room.bottleneckAt(limit, scope) !== undefined
  const isHeldForServed: IsHeld = (limit, scope) => {
    const other = room.bottleneckAt(limit, scope)
    wasHeld = !!other && other !== serving && performance.now() - other.blockedSince > PATIENCE_MS
    return wasHeld
  }

  const refuse = (entry: WaitEntry, level: number, error: GatewayError, reason?: QueueShedReason): void => {
    shedCounts[level] = (shedCounts[level] as number) + 1
    entry.onRefused(error, reason)
  }

  /** @param inMs who comes then can wait until there is room */
  const refuseLate = (
    entry: WaitEntry,
    level: number,
    refusal: LimitRefusal | undefined,
    inMs: number,
  ): void => {
    refuse(entry, level, queueFull('late', entry.priority, inMs, refusal), 'late')
  }

  /** Starts who is next, until one does not fit here. Who does not fit elsewhere goes to wait there. */
  const serve = (bottleneck: Bottleneck, now: number): void => {
    serving = bottleneck
    rerank(wakes, bottleneck, Infinity)
    bottleneck.tried = undefined
    let misses = 0
    for (let next = nextWaiter(bottleneck); next; next = nextWaiter(bottleneck)) {
      wasHeld = false
      const refusal = tryStart(next.entry, isHeldForServed)
      const { lane } = next
      if (!lane) continue // It left while it was tried.
      if (refusal === 'started') {
        started++
        bottleneck.blockedSince = Infinity
        noteStarted(bottleneck, lane, now)
        room.remove(next)
      } else if (isFinal(refusal)) {
        room.remove(next)
        refuse(next.entry, lane.level, errorOf(refusal))
      } else if (surelyMs(refusal) > 0 && now + surelyMs(refusal) >= next.rank) {
        room.remove(next)
        refuseLate(next.entry, lane.level, refusal, surelyMs(refusal) - (next.rank - next.enteredAt))
      } else if (bottleneckId(refusal.limit, refusal.scope) === bottleneck.id) {
        room.block(bottleneck, next, refusal, now)
        break
      } else {
        const other = room.openBottleneck(refusal, now)
        leaveLine(lane)
        joinLine(other, lane)
        // Where it was only held, the line goes on waiting for what its first one needs.
        if (nextWaiter(other) === next && !wasHeld) room.block(other, next, refusal, now)
        if (++misses < MAX_MISSES) continue
        // Most of those behind will not fit there either: they are asked little by little.
        rerank(wakes, bottleneck, now + PAUSE_MS)
        break
      }
    }
    serving = undefined
    if (bottleneck.count === 0) room.dropBottleneck(bottleneck)
  }

  /** Who is first now may fit, although the one before did not. */
  const refresh = (bottleneck: Bottleneck | undefined, now: number): void => {
    if (!bottleneck) return
    if (serving) {
      disturbed.add(bottleneck)
      return
    }
    const isRefilled = refilled.delete(bottleneck)
    if (bottleneck.count === 0) return
    if (isRefilled || nextWaiter(bottleneck) !== bottleneck.tried) serve(bottleneck, now)
  }

  const calmDown = (now: number): void => {
    for (const bottleneck of disturbed) {
      disturbed.delete(bottleneck)
      refresh(bottleneck, now)
    }
  }

  /** Refuses one that waits. Who comes next in its place is tried by `calmDown`, when the caller is done. */
  const giveUp = (waiter: Waiter, reason: QueueShedReason, now: number): void => {
    const { lane, entry } = waiter
    if (!lane) return
    const bottleneck = bottleneckOf(lane)
    if (room.remove(waiter) && bottleneck) disturbed.add(bottleneck)
    const waitMs = retryAfterMs(bottleneck, lane.level, entry, now)
    refuse(entry, lane.level, queueFull(reason, entry.priority, waitMs, bottleneck?.refusal), reason)
  }

  const retryAfterMs = (
    bottleneck: Bottleneck | undefined,
    level: number,
    { tenant = '' }: WaitEntry,
    now: number,
  ): number => {
    if (!bottleneck) return RETRY_AFTER_MS
    const knownMs = bottleneck.rank < Infinity ? bottleneck.rank - now : RETRY_AFTER_MS
    return waitEstimateMs(bottleneck, level, tenant, now) ?? knownMs
  }

  /** All that is due by time. */
  const catchUp = (now: number): void => {
    for (let late = expiries[0]; late && late.rank <= now; late = expiries[0]) giveUp(late, 'waited', now)
    calmDown(now)
    for (let due = wakes[0]; due && due.rank <= now; due = wakes[0]) serve(due, now)
  }

  const setTimer = (): void => {
    const nextAt = Math.min(expiries[0]?.rank ?? Infinity, wakes[0]?.rank ?? Infinity)
    // One that rings too early costs less than one set anew for each that comes and goes.
    if (timer && timerAt <= nextAt && nextAt < Infinity) return
    clearTimeout(timer)
    timer = undefined
    timerAt = nextAt
    if (nextAt === Infinity) return
    const waitMs = Math.ceil(nextAt - performance.now())
    timer = setTimeout(onTimer, Math.min(Math.max(1, waitMs), MAX_TIMER_MS))
  }

  /** At the end of whatever happened. */
  const finish = (now: number): void => {
    calmDown(now)
    setTimer()
  }

  const onTimer = (): void => {
    timer = undefined
    const now = performance.now()
    catchUp(now)
    finish(now)
  }

  /** Whether there is room for one more, which others may have to make; what stands against it. */
  const makeRoom = (
    level: number,
    { tenant = '', chars }: WaitEntry,
    now: number,
  ): QueueShedReason | undefined => {
    if (backlogs.chars + chars - charsBelow(backlogs, level) > bounds.maxChars) return 'chars'
    while (backlogs.chars + chars > bounds.maxChars) {
      const gone = lowestBelow(backlogs, level)
      if (!gone) break
      giveUp(gone, 'shed', now)
    }
    if (backlogs.count < bounds.maxEntries) return undefined
    const kept = Math.floor(bounds.maxEntries / GUARANTEE)
    const gone = whoMakesRoom(backlogs, level, tenant, kept)
    if (!gone) return 'full'
    giveUp(gone, 'shed', now)
    return undefined
  }

  /** @param refusal of the first of its group; those behind it were not tried */
  const enqueue = (
    entry: WaitEntry,
    level: number,
    refusal: LimitRefusal | undefined,
    now: number,
  ): Waiter | undefined => {
    const { tenant = '', priority, deadlineAt } = entry
    const before = room.laneOf(entry, level)
    const known = refusal ? room.bottleneckAt(refusal.limit, refusal.scope) : before && bottleneckOf(before)
    const byRateMs = (known && waitEstimateMs(known, level, tenant, now)) ?? 0
    const estimateMs = Math.max(byRateMs, refusal ? surelyMs(refusal) : 0, blockedMs(known, now))
    const expiresAt = Math.min(deadlineAt, now + bounds.maxWaitMs)
    const blockedBy = refusal ?? known?.refusal
    if (now + estimateMs >= expiresAt) {
      refuseLate(entry, level, blockedBy, now + estimateMs - expiresAt)
      return undefined
    }
    const reason = makeRoom(level, entry, now)
    if (reason) {
      const otherwiseMs = refusal?.retryAfterMs ?? retryAfterMs(known, level, entry, now)
      refuse(entry, level, queueFull(reason, priority, estimateMs || otherwiseMs, blockedBy), reason)
      return undefined
    }
    const waiter = room.add(entry, level, now, expiresAt)
    if (refusal && waiter.lane) {
      const bottleneck = room.openBottleneck(refusal, now)
      const isFirst = bottleneck.count === 0
      joinLine(bottleneck, waiter.lane)
      if (isFirst && !known) room.block(bottleneck, waiter, refusal, now)
      else disturbed.add(bottleneck)
    }
    return waiter
  }

  return {
    enter(entry) {
      const level = PRIORITIES.indexOf(entry.priority)
      if (isClosed) {
        entry.onRefused(closed())
        return undefined
      }
      const now = performance.now()
      const lowest = shedBelow?.()
      if (lowest !== undefined && level > PRIORITIES.indexOf(lowest)) {
        refuse(entry, level, queueFull('pressure', entry.priority, RETRY_AFTER_MS), 'pressure')
        return undefined
      }
      if (backlogs.count > 0) catchUp(now)
      let refusal: LimitRefusal | undefined
      if (!room.laneOf(entry, level)) {
        const answer = tryStart(entry, backlogs.count > 0 ? isHeldForNew : undefined)
        if (answer === 'started') return undefined
        if (isFinal(answer) || bounds.maxEntries === 0) {
          refuse(entry, level, errorOf(answer))
          return undefined
        }
        refusal = answer
      }
      const waiter = enqueue(entry, level, refusal, now)
      finish(now)
      if (!waiter?.lane) return undefined
      return () => {
        if (!waiter.lane) return
        const leftAt = performance.now()
        refresh(room.remove(waiter), leftAt)
        finish(leftAt)
      }
    },
    onRoom(limit, scope) {
      const bottleneck = room.bottleneckAt(limit, scope)
      if (!bottleneck) return
      // A listener that hears of a limit may end a call: whoever was tried then is tried again.
      if (serving) {
        refilled.add(bottleneck)
        disturbed.add(bottleneck)
        return
      }
      const now = performance.now()
      serve(bottleneck, now)
      finish(now)
    },
    shed(below) {
      const now = performance.now()
      const level = PRIORITIES.indexOf(below)
      for (let gone = lowestBelow(backlogs, level); gone; gone = lowestBelow(backlogs, level)) {
        giveUp(gone, 'pressure', now)
      }
      finish(now)
    },
    change(next) {
      bounds = boundsOf(next)
      const now = performance.now()
      for (const bottleneck of [...wakes]) if (bottleneck.count > 0) serve(bottleneck, now)
      while (backlogs.count > bounds.maxEntries || backlogs.chars > bounds.maxChars) {
        const gone = lowestBelow(backlogs, -1)
        if (!gone) break
        giveUp(gone, 'shed', now)
      }
      finish(now)
    },
    isEmpty: () => backlogs.count === 0,
    status() {
      const now = performance.now()
      const tenants = backlogs.classes.flatMap(({ byTenant }) => [...byTenant.values()])
      return {
        waiting: byPriority((level) => backlogs.classes[level]?.count ?? 0),
        chars: backlogs.chars,
        started,
        shed: byPriority((level) => shedCounts[level] ?? 0),
        longestWaitMs: tenants.reduce(
          (most, { oldest }) => Math.max(most, now - (oldest?.enteredAt ?? now)),
          0,
        ),
      }
    },
    close() {
      isClosed = true
      for (let waiter = expiries[0]; waiter; waiter = expiries[0]) {
        room.remove(waiter)
        waiter.entry.onRefused(closed())
      }
      setTimer()
    },
  }
}

/** What `surelyMs` says for who comes to wait behind the one that was refused there last. */
const blockedMs = (bottleneck: Bottleneck | undefined, now: number): number =>
  bottleneck?.refusal && bottleneck.tried && surelyMs(bottleneck.refusal) > 0
    ? Math.max(0, bottleneck.rank - now)
    : 0

const closed = (): GatewayError =>
  new GatewayError({ code: 'closed', message: 'the gateway has been closed; create a new one' })

const boundsOf = ({ maxEntries, maxChars, maxWaitMs }: QueueOptions) => ({
  maxEntries: maxEntries ?? DEFAULTS.maxEntries,
  maxChars: maxChars ?? DEFAULTS.maxChars,
  maxWaitMs: maxWaitMs ?? DEFAULTS.maxWaitMs,
})

const byPriority = (countOf: (level: number) => number): Readonly<Record<Priority, number>> => ({
  critical: countOf(0),
  high: countOf(1),
  normal: countOf(2),
  low: countOf(3),
  batch: countOf(4),
})
