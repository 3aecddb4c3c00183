import type { Limits, LimitStatus } from '../contract/limit.js'
import type { SharedCounters } from '../contract/shared-limits.js'
import { addCounter, idleAt, isIdle, touch, type Counter } from './limit-counters.js'
import {
  createLimitRule,
  crowdedFault,
  faultOf,
  fits,
  heldFault,
  lastsLonger,
  limitStatusOf,
  type LimitFault,
  type LimitNeed,
  type LimitRule,
} from './limit-rule.js'
import { valuesOf, type LimitFacts } from './limit-scope.js'
import { addRequest, advance, correct, createRateWindow } from './rate-window.js'

/** What is expected of a call or an attempt, in tokens. What is no number of tokens counts as none. */
export interface LimitWeight {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** Held for one call or attempt. One of the two counts, the first that is called; later calls do nothing. */
export interface LimitGrant {
  readonly granted: true
  /**
   * It has ended: what it took. Less gives room back at once; more is a debt in the window in which it was taken. What
   * is unknown (`null`) counts as what was expected.
   */
  settle(actual: { readonly inputTokens: number | null; readonly outputTokens: number | null }): void
  /** It was not sent: nothing of it counts. */
  cancel(): void
}

/** Whether others wait for room under this counter, so that nobody may overtake them. */
export type IsHeld = (limit: string, scope: readonly string[]) => boolean

/** Told which counter was given something back. */
export type RoomListener = (limit: string, scope: readonly string[]) => void

/** Counts of grants: `taken = settled + cancelled + pending`, always. */
export interface LimitCounts {
  readonly taken: number
  readonly settled: number
  readonly cancelled: number
  readonly pending: number
  readonly refused: number
}

export interface LimitKeeper {
  /**
   * Takes from every limit that applies, or from none.
   *
   * @param nowMs of the monotonic clock, `performance.now()`
   * @param isHeld given while calls are waiting
   * @example
   * const held = limits.take({ tenant: 'acme', route: null }, { inputTokens: 800, outputTokens: 200 }, performance.now())
   * if (!held.granted) throw rateLimited(held)
   * held.settle({ inputTokens: 812, outputTokens: 64 })
   */
  take(facts: LimitFacts, weight: LimitWeight, nowMs: number, isHeld?: IsHeld): LimitGrant | LimitFault
  /** Why `take` would refuse now; takes nothing. */
  check(facts: LimitFacts, weight: LimitWeight, nowMs: number, isHeld?: IsHeld): LimitFault | undefined
  /** The same text for all that falls under the same counters. */
  groupOf(facts: LimitFacts): string
  /** Every counter in use, and the one of each limit of everything. */
  status(nowMs: number): readonly LimitStatus[]
  /** Called in `settle` and `cancel` when all is counted; must not throw. Gives back what ends it. */
  onRoom(listener: RoomListener): () => void
  counts(): LimitCounts
  /** For a keeper that goes on where this one ends. */
  readonly rules: readonly LimitRule[]
  readonly listeners: Set<RoomListener>
}

export interface LimitKeeperOptions {
  /** Counters of one limit at most. Default 10,000. */
  readonly maxCounters?: number
  /**
   * What a limit of the same name, scope and window has counted there goes on here, and who listens there hears of
   * this one as well. Grants of the earlier keeper are settled in the shared counters.
   */
  readonly from?: LimitKeeper
  /** Grants rates that several processes keep together. */
  readonly shared?: SharedCounters
}

interface Claim {
  readonly rule: LimitRule
  readonly key: string
  counter: Counter | undefined
  /** Of the slice that it is counted in; -1 without rates. */
  slice: number
  /** What its share counts it in. */
  lease: number
}

const MAX_COUNTERS = 10_000
/** When to ask again for a counter while all of them have calls under way. */
const CROWDED_MS = 1_000
/** So that sums stay whole numbers. */
const MAX_TOKENS = 2 ** 40
const FREE: LimitGrant = { granted: true, settle() {}, cancel() {} }

/**
 * Keeps limits in the memory of one process. Taking is one synchronous step over all limits that apply, so that no two
 * calls get the same room. The limits must have passed `checkLimits`.
 */
export function createLimitKeeper(limits: Limits, options: LimitKeeperOptions = {}): LimitKeeper {
  const { maxCounters = MAX_COUNTERS, from, shared } = options
  const rules = Object.entries(limits).map(([name, limit]) =>
    createLimitRule(
      name,
      limit,
      from?.rules.find((rule) => rule.name === name),
      shared,
    ),
  )
  // What nobody counts in any more gives back its leases.
  for (const { counters } of from?.rules ?? []) {
    if (rules.some((rule) => rule.counters === counters)) continue
    for (const { share } of counters.byKey.values()) share?.release()
  }
  const listeners = from?.listeners ?? new Set<RoomListener>()
  const counts = { taken: 0, settled: 0, cancelled: 0, refused: 0 }

  const tellRoom = (claims: readonly Claim[]): void => {
    if (listeners.size === 0) return
    for (const { counter } of claims) {
      if (counter) for (const tell of listeners) tell(counter.limit, counter.scope)
    }
  }

  const open = (claim: Claim, facts: LimitFacts, nowMs: number): boolean => {
    const { rule, key } = claim
    const scope = valuesOf(rule.scopes, facts)
    const counter = addCounter(rule.counters, rule.name, key, scope, maxCounters, nowMs)
    claim.counter = counter
    if (!counter) return false
    counter.share = rule.shared?.share(
      { limit: rule.name, per: rule.scopes, scope, windowMs: rule.windowMs, max: rule.max },
      () => {
        for (const tell of listeners) tell(rule.name, scope)
      },
    )
    return true
  }

  /** Of several faults the one that lasts longest: before its end nothing would be gained. */
  const worstFault = (
    claims: readonly Claim[],
    need: LimitNeed,
    nowMs: number,
    facts: LimitFacts,
    isHeld: IsHeld | undefined,
  ): LimitFault | undefined => {
    let worst: LimitFault | undefined
    for (const claim of claims) {
      const { rule } = claim
      // What is shared is asked for by its counter, also the first time.
      if (
        rule.shared &&
        !claim.counter &&
        (!worst || worst.reason === 'leasing') &&
        fits(rule, undefined, need, nowMs)
      ) {
        if (!open(claim, facts, nowMs)) continue
      }
      if (fits(rule, claim.counter, need, nowMs)) continue
      const fault = faultOf(rule, claim.counter, need, nowMs, facts)
      if (!worst || lastsLonger(fault, worst)) worst = fault
    }
    if (worst || !isHeld) return worst
    const held = claims.find(({ counter }) => counter && isHeld(counter.limit, counter.scope))
    return held && heldFault(held.rule, held.counter, facts)
  }

  /** Makes the counters that are missing; gives the fault of a limit that has no room for one more. */
  const complete = (claims: readonly Claim[], facts: LimitFacts, nowMs: number): LimitFault | undefined => {
    for (const claim of claims) {
      if (claim.counter) continue
      const { rule } = claim
      if (open(claim, facts, nowMs)) continue
      const at = idleAt(rule.counters)
      return crowdedFault(rule, facts, at === null ? CROWDED_MS : Math.max(1, Math.ceil(at - nowMs)))
    }
    return undefined
  }

  const hold = (claims: readonly Claim[], { inputTokens, outputTokens }: LimitNeed): LimitGrant => {
    let isOpen = true
    counts.taken++
    const end = (requests: number, input: number, output: number): void => {
      isOpen = false
      for (const { counter, slice, lease } of claims) {
        if (!counter) continue
        counter.concurrent--
        if (counter.window && slice >= 0) correct(counter.window, slice, requests, input, output)
        counter.share?.correct(lease, requests, input, output)
      }
      tellRoom(claims)
    }
    return {
      granted: true,
      settle(actual) {
        if (!isOpen) return
        counts.settled++
        const input = isAmount(actual.inputTokens) ? whole(actual.inputTokens) : inputTokens
        const output = isAmount(actual.outputTokens) ? whole(actual.outputTokens) : outputTokens
        end(0, input - inputTokens, output - outputTokens)
      },
      cancel() {
        if (!isOpen) return
        counts.cancelled++
        end(-1, -inputTokens, -outputTokens)
      },
    }
  }

  return {
    take(facts, weight, nowMs, isHeld) {
      if (rules.length === 0) return FREE
      const need = needOf(weight)
      const claims = claimsOn(rules, facts)
      const fault = worstFault(claims, need, nowMs, facts, isHeld) ?? complete(claims, facts, nowMs)
      if (fault) {
        counts.refused++
        return fault
      }
      if (claims.length === 0) return FREE
      for (const claim of claims) count(claim, need, nowMs)
      return hold(claims, need)
    },
    check: (facts, weight, nowMs, isHeld) =>
      worstFault(claimsOn(rules, facts), needOf(weight), nowMs, facts, isHeld),
    groupOf(facts) {
      let group = ''
      for (const { keyOf } of rules) {
        const key = keyOf(facts)
        group += key === undefined ? '-' : `${key.length}:${key}`
      }
      return group
    },
    status: (nowMs) => rules.flatMap((rule) => statusOfRule(rule, nowMs)),
    onRoom(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    counts: () => ({ ...counts, pending: counts.taken - counts.settled - counts.cancelled }),
    rules,
    listeners,
  }
}

function claimsOn(rules: readonly LimitRule[], facts: LimitFacts): readonly Claim[] {
  const claims: Claim[] = []
  for (const rule of rules) {
    const key = rule.keyOf(facts)
    if (key !== undefined)
      claims.push({ rule, key, counter: rule.counters.byKey.get(key), slice: -1, lease: -1 })
  }
  return claims
}

function count(claim: Claim, { inputTokens, outputTokens }: LimitNeed, nowMs: number): void {
  const { rule, counter } = claim
  if (!counter) return
  touch(rule.counters, counter)
  counter.concurrent++
  if (!rule.hasRates) return
  counter.window ??= createRateWindow(rule.windowMs)
  advance(counter.window, nowMs)
  claim.slice = addRequest(counter.window, inputTokens, outputTokens)
  if (counter.share) claim.lease = counter.share.take(inputTokens, outputTokens, nowMs)
}

function statusOfRule(rule: LimitRule, nowMs: number): readonly LimitStatus[] {
  const counters = [...rule.counters.byKey.values()].filter((counter) => !isIdle(counter, nowMs))
  const isOfAll = rule.scopes.every((scope) => scope === 'all')
  if (isOfAll && counters.length === 0) return [limitStatusOf(rule, rule.counters.newest, nowMs)]
  return counters.map((counter) => {
    if (counter.window) advance(counter.window, nowMs)
    return limitStatusOf(rule, counter, nowMs)
  })
}

const isAmount = (tokens: number | null): tokens is number => tokens !== null && tokens >= 0

/** A weight that is no number (an estimate gone wrong) must not slip through a comparison. */
const whole = (tokens: number): number => (tokens > 0 ? Math.min(Math.ceil(tokens), MAX_TOKENS) : 0)

const needOf = ({ inputTokens, outputTokens }: LimitWeight): LimitNeed => ({
  inputTokens: whole(inputTokens),
  outputTokens: whole(outputTokens),
})
