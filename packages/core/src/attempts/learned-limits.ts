/**
 * What a provider states of its own limits, for one key and model: believed as it stands. Where nothing is stated there
 * is nothing here, and `pace.ts` learns from refusals.
 */
import { createRateReader, resetInMs, type RateFigure, type StatedRate } from '../adapter/rate-headers.js'
import type { StatedQuota } from '../errors/gateway-error.js'

/** What an attempt may take, in tokens. */
export interface AttemptNeed {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** An attempt that went out: its place in the order of sending, and what it may take. */
export interface SentMark extends AttemptNeed {
  readonly place: number
  readonly at: number
}

/** A limit without room. Times on the clock of `performance.now()`. */
export interface LearnedFault {
  readonly what: RateFigure
  readonly max: number
  readonly windowMs: number
  readonly retryAt: number
}

export interface LearnedStatus {
  readonly what: RateFigure
  readonly max: number
  readonly used: number
  readonly windowMs: number
}

export interface LearnedLimits {
  /** Nothing was stated lately. */
  isEmpty(): boolean
  /** Whether what an attempt needs in tokens matters. */
  countsTokens(): boolean
  /** More than half of every limit on tokens is left also after this: a rough figure will do. */
  hasPlenty(need: AttemptNeed, nowMs: number): boolean
  /** Why an attempt would surely be refused; the limit that lasts longest. */
  fault(need: AttemptNeed, nowMs: number): LearnedFault | undefined
  /** An attempt goes out. */
  take(need: AttemptNeed, nowMs: number): SentMark
  /** The headers of its answer. */
  hear(mark: SentMark, headers: Readonly<Record<string, string>>, wasRefused: boolean, nowMs: number): void
  /** It ended without any. */
  lose(mark: SentMark): void
  /** It was not sent after all. */
  cancel(mark: SentMark, nowMs: number): void
  /** A refusal named the whole limit, and not what is left of it. */
  hearQuota(quota: StatedQuota, nowMs: number): void
  /** A refusal said when to come back: then one attempt goes out, whatever the figures beside it say. */
  hearRetryAfter(retryAfterMs: number, nowMs: number): void
  /** How much is used of the limit that is used most, 0 to 1. */
  usedShare(nowMs: number): number
  status(nowMs: number): readonly LearnedStatus[]
}

interface Learned {
  readonly id: string
  readonly what: RateFigure
  max: number
  /** At `at`, without what is unheard. */
  remaining: number
  at: number
  /** When it was last stated. */
  heardAt: number
  /** The attempt sent last of those whose answers have stated it. */
  mark: SentMark
  stated: StatedRate | undefined
  /** When it is whole again; `undefined` until somebody needs to know. */
  resetAt: number | undefined
  windowMs: number
  /** It fills up again little by little. 0: all at once, at `resetAt`, as far as is known. */
  perMs: number
  /** Only the limit itself is known: so much of it may go at once. */
  burst: number | undefined
}

const MINUTE_MS = 60_000
/** Limits are raised, and keys change hands: what was not stated again for so long is forgotten. */
const STALE_MS = 600_000
/** Moments are told in whole seconds, and clocks are read twice. */
const MOVED_MS = 2_500
/** A stated rate is kept with so much to spare. */
const SPARE = 0.95
/** Of a limit whose use nobody states: this much evenly, this much at once, so that no window has more than all of it. */
const EVENLY = 0.92
const AT_ONCE = 0.08
/** Where tokens do not matter. */
export const NO_NEED: AttemptNeed = { inputTokens: 0, outputTokens: 0 }
/** Requests may overtake each other on their way, by so much. */
const OVERTAKEN_MS = 1_000
/** A quota that was named long ago is tried by so much more each minute, until it is named again or seems to be gone. */
const GROWTH = 1.1
const GONE = 8

export function createLearnedLimits(): LearnedLimits {
  const read = createRateReader()
  const known: Learned[] = []
  let place = 0
  /** What is under way without headers yet: its provider may have counted it, or not. */
  const unheard = { requests: 0, inputTokens: 0, outputTokens: 0 }
  let tokensMatter = false
  /** Resets are told by a clock of whole seconds, and quotas fill by the minute: the provider's word on when to come is better. */
  let comeBackAt: number | undefined

  const lose = ({ inputTokens, outputTokens }: SentMark): void => {
    unheard.requests--
    unheard.inputTokens -= inputTokens
    unheard.outputTokens -= outputTokens
  }
  const find = (id: string): Learned | undefined => known.find((one) => one.id === id)
  const noteKnown = (): void => {
    tokensMatter = known.some(({ what }) => what !== 'requests')
  }
  const resetAtOf = (one: Learned): number => {
    if (one.resetAt !== undefined) return one.resetAt
    const inMs = one.stated && resetInMs(one.stated, Date.now() - (performance.now() - one.heardAt))
    if (inMs !== undefined && inMs > one.windowMs) one.windowMs = inMs
    one.resetAt = one.heardAt + (inMs ?? one.windowMs)
    return one.resetAt
  }

  const forgetStale = (nowMs: number): void => {
    for (let i = known.length - 1; i >= 0; i--) {
      const one = known[i] as Learned
      if (nowMs - one.heardAt < STALE_MS || resetAtOf(one) > nowMs) continue
      if (one.burst !== undefined && growthOf(one, nowMs) < GONE) continue
      known.splice(i, 1)
      noteKnown()
    }
  }

  /** A window that is over has begun anew. */
  const renew = (one: Learned, nowMs: number): void => {
    if (one.perMs > 0 || nowMs < resetAtOf(one)) return
    one.remaining = one.max
    one.at = nowMs
    one.resetAt = nowMs + one.windowMs
  }
  const unheardOf = ({ what, burst }: Learned): number => {
    // Nobody tells of these: they are counted when they go out.
    if (burst !== undefined) return 0
    return what === 'requests' ? unheard.requests : tokensOf(what, unheard)
  }
  const levelOf = (one: Learned, nowMs: number): number => {
    const growth = one.burst === undefined ? 1 : growthOf(one, nowMs)
    const filled = one.perMs > 0 ? (nowMs - one.at) * one.perMs * growth : 0
    return Math.min((one.burst ?? one.max) * growth, one.remaining + filled) - unheardOf(one)
  }
  const room = (one: Learned, nowMs: number, asked = 0): number => {
    const level = levelOf(one, nowMs)
    // With plenty left nobody needs to know when it is whole again, which takes some reading.
    if (one.burst !== undefined || level >= Math.max(asked, one.max / 2)) return level
    renew(one, nowMs)
    return levelOf(one, nowMs)
  }

  const add = (one: Learned, amount: number, nowMs: number): void => {
    one.remaining = levelOf(one, nowMs) + amount
    one.at = nowMs
  }

  /** @returns the moment; `undefined` when it fits */
  const opensAt = (one: Learned, need: AttemptNeed, nowMs: number): number | undefined => {
    const asked = amountOf(one.what, need)
    if (asked === 0) return undefined
    // Estimates may be wrong: what is larger than the whole limit is for the provider to refuse.
    const most = Math.min(asked, one.burst ?? one.max)
    const missing = most - room(one, nowMs, most)
    if (missing <= 0) return undefined
    return one.perMs > 0 ? nowMs + missing / one.perMs : resetAtOf(one)
  }

  const update = (one: Learned, rate: StatedRate, mark: SentMark, nowMs: number): void => {
    const isLow = rate.remaining < rate.max / 2
    const before = isLow && one.stated ? resetAtOf(one) : undefined
    const hasRisen = rate.remaining > one.remaining + unheard.requests
    one.max = rate.max
    one.remaining = rate.remaining
    one.at = nowMs
    one.heardAt = nowMs
    one.mark = mark
    one.stated = rate
    if (rate.reset === undefined) {
      if (hasRisen) one.resetAt = nowMs + one.windowMs
      return
    }
    one.resetAt = undefined
    if (!isLow) return
    const after = resetAtOf(one)
    // The end of a window stays where it is. One that moves on while it is used is that of a bucket, which fills evenly.
    if (before !== undefined && nowMs < before && after > before + MOVED_MS) one.perMs = 1
    if (one.perMs > 0) one.perMs = (SPARE * (one.max - one.remaining)) / Math.max(1, after - nowMs)
  }

  return {
    isEmpty: () => known.length === 0,
    countsTokens: () => tokensMatter,
    hasPlenty(need, nowMs) {
      for (const one of known)
        if (one.what !== 'requests' && levelOf(one, nowMs) - tokensOf(one.what, need) < one.max / 2)
          return false
      return true
    },
    fault(need, nowMs) {
      if (known.length === 0 || (comeBackAt !== undefined && nowMs >= comeBackAt)) return undefined
      forgetStale(nowMs)
      let worst: LearnedFault | undefined
      for (const one of known) {
        const retryAt = opensAt(one, need, nowMs)
        if (retryAt === undefined || (worst && worst.retryAt >= retryAt)) continue
        worst = { what: one.what, max: one.max, windowMs: one.windowMs, retryAt }
      }
      return worst && comeBackAt !== undefined && comeBackAt < worst.retryAt
        ? { ...worst, retryAt: comeBackAt }
        : worst
    },
    take({ inputTokens, outputTokens }, nowMs) {
      if (comeBackAt !== undefined && nowMs >= comeBackAt) comeBackAt = undefined
      unheard.requests++
      unheard.inputTokens += inputTokens
      unheard.outputTokens += outputTokens
      const mark = { place: ++place, at: nowMs, inputTokens, outputTokens }
      for (const one of known) {
        if (one.burst === undefined) continue
        add(one, -amountOf(one.what, mark), nowMs)
      }
      return mark
    },
    hear(mark, headers, wasRefused, nowMs) {
      lose(mark)
      const rates = read(headers, wasRefused)
      for (const rate of rates) {
        const one = find(rate.id)
        if (!one) {
          known.push(firstSeen(rate, mark, nowMs))
          noteKnown()
        } else if (mark.place >= one.mark.place) update(one, rate, mark, nowMs)
        // Sent earlier, and perhaps overtaken: it tells what the other did not know.
        else if (one.mark.at - mark.at < OVERTAKEN_MS && rate.remaining < one.remaining && one.perMs === 0)
          one.remaining = rate.remaining
      }
    },
    lose,
    cancel(mark, nowMs) {
      lose(mark)
      // A quota that was named only after it had begun has not counted it.
      for (const one of known)
        if (one.burst !== undefined && mark.place > one.mark.place) add(one, amountOf(one.what, mark), nowMs)
    },
    hearQuota({ what, max, windowMs }, nowMs) {
      const id = `quota ${what} ${windowMs}`
      const before = find(id)
      const burst = Math.max(1, max * AT_ONCE)
      const learned: Learned = {
        id,
        what,
        max,
        remaining: 0,
        at: nowMs,
        heardAt: nowMs,
        mark: { place, at: nowMs, ...NO_NEED },
        stated: undefined,
        resetAt: nowMs,
        windowMs,
        perMs: Math.max(max * EVENLY, max - burst) / windowMs,
        burst,
      }
      if (before) Object.assign(before, learned)
      else known.push(learned)
      noteKnown()
    },
    hearRetryAfter(retryAfterMs, nowMs) {
      comeBackAt = Math.max(comeBackAt ?? 0, nowMs + retryAfterMs)
    },
    usedShare(nowMs) {
      let most = 0
      for (const one of known) {
        if (one.burst !== undefined) continue
        most = Math.max(most, 1 - room(one, nowMs) / one.max)
      }
      return Math.min(1, most)
    },
    status(nowMs) {
      forgetStale(nowMs)
      return known.map((one) => ({
        what: one.what,
        max: one.max,
        used: Math.max(0, Math.round(one.max - Math.max(0, room(one, nowMs)))),
        windowMs: one.windowMs,
      }))
    },
  }
}

const firstSeen = (rate: StatedRate, mark: SentMark, nowMs: number): Learned => ({
  id: rate.id,
  what: rate.what,
  max: rate.max,
  remaining: rate.remaining,
  at: nowMs,
  heardAt: nowMs,
  mark,
  stated: rate,
  // Not told: it cannot last longer from the moment at which it was first seen.
  resetAt: rate.reset === undefined ? nowMs + (rate.windowMs ?? MINUTE_MS) : undefined,
  windowMs: rate.windowMs ?? MINUTE_MS,
  perMs: 0,
  burst: undefined,
})

const tokensOf = (what: RateFigure, need: AttemptNeed): number => {
  if (what === 'tokens') return need.inputTokens + need.outputTokens
  return what === 'inputTokens' ? need.inputTokens : need.outputTokens
}

const amountOf = (what: RateFigure, need: AttemptNeed): number =>
  what === 'requests' ? 1 : tokensOf(what, need)

const growthOf = ({ heardAt }: Learned, nowMs: number): number =>
  GROWTH ** (Math.max(0, nowMs - heardAt - STALE_MS) / MINUTE_MS)
