import type { LimitShare, ShareMode, SharedCounter, SharedRates } from '@turnout/core'
import { askLease, type LeaseAnswer, type LeaseRow } from './ask-lease.js'
import type { RedisLink } from './redis-link.js'

/** What the shares of one gateway have in common. */
export interface ShareHost {
  readonly link: RedisLink
  /** This process, by a name of its own. */
  readonly process: string
  /** How a call is to be answered for while leases cannot be had. */
  readonly fail: Exclude<ShareMode, 'leased'>
  /** As long as a call waits for Redis. */
  readonly answerMs: number
  /** Known lately. */
  processes(): number
  isClosed(): boolean
}

export interface OpenShare extends LimitShare {
  /** Something has changed for all: who waits asks again. */
  wake(): void
  /** Gives back what is left, and ends. Never rejects. */
  end(): Promise<void>
}

const FIGURES = ['requests', 'inputTokens', 'outputTokens', 'tokens'] as const
const LETTERS = ['r', 'i', 'o', 't'] as const
/** So much of the limit, divided by the processes, may stay unspent with each. */
const ALLOWANCE = 0.01
/** What goes wrong with one key does not last for ever. */
const KEY_PAUSE_MS = 1_000
/** Clocks run at slightly different speeds. */
const DRIFT = 0.0005

type Amounts = [requests: number, inputTokens: number, outputTokens: number, tokens: number]

/** One process's part in one counter: spends leases, and asks for more before they end. */
export function createShare(
  { windowMs, max: firstMax }: SharedCounter,
  key: string,
  onRoom: () => void,
  host: ShareHost,
): OpenShare {
  const { link } = host
  /** How long a lease is to last, and for how long one may lie idle. */
  const holdMs = Math.min(Math.max(windowMs / 50, 10), 1_000)
  let max = amountsOf(firstMax)
  /** In this window: granted to this process, and spent of it; more, where it was more than expected. */
  const held: Amounts = [0, 0, 0, 0]
  const spent: Amounts = [0, 0, 0, 0]
  const spentSinceAsk: Amounts = [0, 0, 0, 0]
  const spentSinceCheck: Amounts = [0, 0, 0, 0]
  const lastGrant: Amounts = [0, 0, 0, 0]
  /** What may go out without a lease: a part of what was left in this window; all of it where that is not known. */
  const slack: Amounts = [Infinity, Infinity, Infinity, Infinity]
  /** What found no lease last. */
  const need: Amounts = [0, 0, 0, 0]
  let isNeeded = false
  /** By Redis' clock; below 0 until it has answered once, and another one after each window's time. */
  let window = -1
  /** Surely still, and surely no more, in that window: by this process's clock. */
  let spendUntil = -Infinity
  let windowEndsAt = performance.now() + windowMs
  let isAsking = false
  let askedAt = -Infinity
  /** Redis has said that it is used up. */
  let isFull = false
  let fullAskAt = -Infinity
  let failedUntil = -Infinity
  let isEnded = false
  let retryTimer: NodeJS.Timeout | undefined
  let idleTimer: NodeJS.Timeout | undefined

  const modeAt = (now: number): ShareMode =>
    link.isWell() && now >= failedUntil && !host.isClosed() ? 'leased' : host.fail
  const left = (k: number): number => (held[k] as number) - (spent[k] as number)
  const isLeft = (k: number, amount: number, more = 0): boolean =>
    amount === 0 || max[k] === Infinity || left(k) + more >= amount
  const forget = (): void => {
    held.fill(0)
    spent.fill(0)
    spentSinceCheck.fill(0)
    slack.fill(Infinity)
    spendUntil = -Infinity
    isFull = false
  }

  /** While Redis does not answer, windows pass all the same. */
  const roll = (now: number): void => {
    if (now < windowEndsAt) return
    const passed = 1 + Math.floor((now - windowEndsAt) / windowMs)
    window += window < 0 ? -passed : passed
    windowEndsAt += passed * windowMs
    forget()
  }

  const note = (answer: LeaseAnswer, rows: readonly LeaseRow[], sentAt: number, now: number): void => {
    const leaseEndsAt = sentAt + answer.leftMs * (1 - DRIFT) - 1
    // Of a window that has passed on the way: what went out since then still has to be told.
    if (leaseEndsAt <= now && (window < 0 || answer.window < window)) return
    if (answer.window !== window) {
      // What went out before the first answer counts in the window of that one.
      if (window >= 0) forget()
      window = answer.window
    }
    spendUntil = leaseEndsAt
    windowEndsAt = now + answer.leftMs * (1 + DRIFT)
    rows.forEach(({ letter }, i) => {
      const k = LETTERS.indexOf(letter as (typeof LETTERS)[number])
      const grant = answer.grants[i] ?? 0
      held[k] = (held[k] as number) + grant
      lastGrant[k] = grant
      slack[k] = Math.floor((answer.free[i] ?? 0) / host.processes())
    })
    isFull = answer.lacking >= 0
    if (isFull) fullAskAt = now + holdMs
    else isNeeded = false
  }

  const ask = async (rows: readonly LeaseRow[], now: number): Promise<void> => {
    isAsking = true
    // Also when the need arose while this was on its way.
    let isWaited = true
    askedAt = now
    spentSinceAsk.fill(0)
    const request = { key, process: host.process, processes: host.processes(), windowMs, window, rows }
    try {
      const answer = await askLease(link, request, () => {
        // Others may be answered meanwhile, such as by other nodes of a cluster.
        failedUntil = Infinity
      })
      isAsking = false
      failedUntil = -Infinity
      isWaited = isNeeded
      note(answer, rows, now, performance.now())
    } catch {
      isAsking = false
      // The link has told; where it is well none the less, it is this key.
      failedUntil = link.isWell() ? performance.now() + KEY_PAUSE_MS : -Infinity
    }
    if (isEnded) return
    if (isNeeded && isFull) scheduleRetry()
    if (hasDebt()) tryAsk(performance.now())
    watchIdle()
    if (isWaited) onRoom()
  }

  /** @param kept of what is left, so much is not given back; without it all is kept */
  const rowsOf = (now: number, kept?: Readonly<Amounts>): readonly LeaseRow[] => {
    const rows: LeaseRow[] = []
    const forMs = Math.max(5, now - askedAt)
    for (let k = 0; k < max.length; k++) {
      const limit = max[k] as number
      if (limit === Infinity) continue
      const unspent = left(k)
      if (kept && unspent > (kept[k] as number)) held[k] = (spent[k] as number) + (kept[k] as number)
      // What was taken beyond a lease is told as held.
      else if (unspent < 0) held[k] = spent[k] as number
      const has = left(k)
      const needed = isNeeded && !kept ? Math.max(0, (need[k] as number) - has) : 0
      const soon = kept ? 0 : Math.ceil(((spentSinceAsk[k] as number) / forMs) * holdMs)
      const want = kept ? 0 : Math.max(needed, soon, allowance(k) - has, 0)
      rows.push({ letter: LETTERS[k] as string, max: limit, held: held[k] as number, need: needed, want })
    }
    return rows
  }
  const allowance = (k: number): number =>
    max[k] === Infinity ? 0 : Math.floor((ALLOWANCE * (max[k] as number)) / host.processes())

  const tryAsk = (now: number): void => {
    if (isAsking || isEnded || host.isClosed() || now < failedUntil) return
    if (!link.mayAsk() || (isFull && now < fullAskAt)) {
      if (isNeeded) scheduleRetry()
      return
    }
    const owes = hasDebt()
    const rows = rowsOf(now)
    // What is left at the end of a window can be spent when it is known that it is not over.
    const isStale = isNeeded && now >= spendUntil
    if (owes || isStale || rows.some(({ want }) => want > 0)) void ask(rows, now)
  }

  /** Who waits is told when something is granted, so that somebody has to go on asking. */
  const scheduleRetry = (): void => {
    if (retryTimer || isEnded) return
    retryTimer = setTimeout(() => {
      retryTimer = undefined
      const now = performance.now()
      roll(now)
      if (isNeeded && modeAt(now) === 'leased') tryAsk(now)
    }, holdMs)
    retryTimer.unref()
  }

  /** What lies idle is given back, so that others can spend it. */
  const watchIdle = (): void => {
    if (idleTimer || isEnded || !hasSurplus()) return
    spentSinceCheck.fill(0)
    idleTimer = setTimeout(() => {
      idleTimer = undefined
      const now = performance.now()
      if (now >= spendUntil || modeAt(now) !== 'leased') return
      const kept = spentSinceCheck.map((amount, k) => Math.max(2 * amount, allowance(k))) as Amounts
      const gives = FIGURES.some((_, k) => max[k] !== Infinity && left(k) > (kept[k] as number))
      if (gives && !isAsking && link.mayAsk()) void ask(rowsOf(now, kept), now)
      else watchIdle()
    }, holdMs)
    idleTimer.unref()
  }
  const hasDebt = (): boolean => FIGURES.some((_, k) => max[k] !== Infinity && left(k) < 0)
  const hasSurplus = (): boolean => FIGURES.some((_, k) => max[k] !== Infinity && left(k) > allowance(k))

  const add = (requests: number, inputTokens: number, outputTokens: number): void => {
    spent[0] += requests
    spent[1] += inputTokens
    spent[2] += outputTokens
    spent[3] += inputTokens + outputTokens
  }

  return {
    fits(inputTokens, outputTokens, now) {
      // Of a limit that a reload took away: calls from before it may still ask.
      if (isEnded) return true
      roll(now)
      const tokens = inputTokens + outputTokens
      const isLeased =
        now < spendUntil &&
        isLeft(0, 1) &&
        isLeft(1, inputTokens) &&
        isLeft(2, outputTokens) &&
        isLeft(3, tokens)
      if (isLeased) return true
      need[0] = 1
      need[1] = inputTokens
      need[2] = outputTokens
      need[3] = tokens
      isNeeded = true
      tryAsk(now)
      const mode = modeAt(now)
      if (mode === 'local') {
        return (
          isLeft(0, 1, slack[0]) &&
          isLeft(1, inputTokens, slack[1]) &&
          isLeft(2, outputTokens, slack[2]) &&
          isLeft(3, tokens, slack[3])
        )
      }
      return mode === 'open'
    },
    portion: (now) => (modeAt(now) === 'local' ? 1 / host.processes() : 1),
    take(inputTokens, outputTokens, now) {
      add(1, inputTokens, outputTokens)
      const tokens = inputTokens + outputTokens
      spentSinceAsk[0]++
      spentSinceAsk[1] += inputTokens
      spentSinceAsk[2] += outputTokens
      spentSinceAsk[3] += tokens
      spentSinceCheck[0]++
      spentSinceCheck[1] += inputTokens
      spentSinceCheck[2] += outputTokens
      spentSinceCheck[3] += tokens
      if (!isAsking && isLow()) tryAsk(now)
      return window
    },
    correct(ofWindow, requests, inputTokens, outputTokens) {
      if (ofWindow !== window) return
      add(requests, inputTokens, outputTokens)
      if (hasDebt()) tryAsk(performance.now())
      else watchIdle()
    },
    isAsking: () => isAsking && !isFull && modeAt(performance.now()) === 'leased',
    waitMs(now) {
      if (isFull) return windowEndsAt - now
      return modeAt(now) === 'leased' ? Math.max(1, host.answerMs - (now - askedAt)) : KEY_PAUSE_MS
    },
    status(now) {
      const leased: Partial<Record<keyof SharedRates, number>> = {}
      FIGURES.forEach((figure, k) => {
        if (max[k] !== Infinity) leased[figure] = now < spendUntil ? Math.max(0, left(k)) : 0
      })
      return { mode: modeAt(now), leased }
    },
    resize(next) {
      max = amountsOf(next)
    },
    wake: onRoom,
    release() {
      void this.end()
    },
    async end() {
      if (isEnded) return
      isEnded = true
      clearTimeout(retryTimer)
      clearTimeout(idleTimer)
      const now = performance.now()
      if (now >= spendUntil || !link.isWell() || !link.mayAsk()) return
      isNeeded = false
      await ask(rowsOf(now, [0, 0, 0, 0]), now)
    },
  }

  function isLow(): boolean {
    for (let k = 0; k < max.length; k++) {
      if (max[k] === Infinity) continue
      const mark = Math.max((lastGrant[k] as number) / 2, Math.min(1, allowance(k)))
      if (left(k) < mark) return true
    }
    return false
  }
}

const amountsOf = ({ requests, inputTokens, outputTokens, tokens }: SharedRates): Amounts => [
  requests,
  inputTokens,
  outputTokens,
  tokens,
]
