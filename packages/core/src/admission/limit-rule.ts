/** One limit, ready to be asked: what fits, what is in the way and for how long. */
import type { Limit, LimitRefusal, LimitScope, LimitStatus } from '../contract/limit.js'
import type { LimitShare, SharedCounters } from '../contract/shared-limits.js'
import { createCounters, type Counter, type Counters } from './limit-counters.js'
import { isCounted, keyReader, scopesOf, valuesOf, type LimitFacts, type ValueReader } from './limit-scope.js'
import { advance, leavesAt, usedOf, type RateWindow } from './rate-window.js'

/** A refusal with what its message says. */
export interface LimitFault extends LimitRefusal {
  readonly per: readonly LimitScope[]
  /** What is asked for, and what the limit allows; both 0 when there are too many counters. */
  readonly need: number
  readonly max: number
  readonly windowMs: number
  /**
   * `no_room`: used up. `held`: there may be room, but others wait for it. `too_many_scopes`: as many counters as a
   * limit holds are all in use. `leasing`: room is asked for where several processes share it. `shared`: all of them
   * together have used it up, or it cannot be asked for. `unreachable`: it cannot be, and nothing goes out without.
   */
  readonly reason: 'no_room' | 'held' | 'too_many_scopes' | 'leasing' | 'shared' | 'unreachable'
}

/** Tokens in whole numbers. */
export interface LimitNeed {
  readonly inputTokens: number
  readonly outputTokens: number
}

type Figure = LimitRefusal['what']

export interface LimitRule {
  readonly name: string
  readonly limit: Limit
  readonly scopes: readonly LimitScope[]
  readonly windowMs: number
  readonly keyOf: ValueReader
  /** What is limited, in the order of the contract. */
  readonly figures: readonly Figure[]
  readonly hasRates: boolean
  /** Infinity without the figure. */
  readonly max: Readonly<Record<Figure, number>>
  readonly counters: Counters
  /** With it rates are leased. */
  readonly shared: SharedCounters | undefined
}

const FIGURES = ['requests', 'inputTokens', 'outputTokens', 'tokens', 'concurrent'] as const
const WINDOW_MS = 60_000

/** @param before a limit of the same name, whose counters go on where both count the same */
export function createLimitRule(
  name: string,
  limit: Limit,
  before?: LimitRule,
  shared?: SharedCounters,
): LimitRule {
  const { per, only, windowMs = WINDOW_MS, concurrent = Infinity } = limit
  const scopes = scopesOf(per)
  const readKey = keyReader(scopes)
  const figures = FIGURES.filter((figure) => limit[figure] !== undefined)
  const hasRates = figures.some((figure) => figure !== 'concurrent')
  const max = {
    requests: limit.requests ?? Infinity,
    inputTokens: limit.inputTokens ?? Infinity,
    outputTokens: limit.outputTokens ?? Infinity,
    tokens: limit.tokens ?? Infinity,
    concurrent: shared ? partOf(concurrent, 1 / shared.processes) : concurrent,
  }
  const goesOn = before && countsSame(before.limit, limit) ? before.counters : undefined
  if (goesOn) for (const { share } of goesOn.byKey.values()) share?.resize(max)
  return {
    name,
    limit,
    scopes,
    windowMs,
    keyOf: only ? (facts) => (isCounted(only, facts) ? readKey(facts) : undefined) : readKey,
    figures,
    hasRates,
    max,
    counters: goesOn ?? createCounters(),
    shared: hasRates ? shared : undefined,
  }
}

/** Figures may differ: what went out went out. */
const countsSame = (one: Limit, other: Limit): boolean =>
  JSON.stringify(identityOf(one)) === JSON.stringify(identityOf(other))

const identityOf = ({ per, only = {}, windowMs = WINDOW_MS }: Limit): readonly unknown[] => {
  const { tags = {}, ...facts } = only
  return [scopesOf(per), windowMs, Object.entries(facts).sort(), Object.entries(tags).sort()]
}

/** Whether it fits; a counter that does not exist yet is empty. */
export function fits(rule: LimitRule, counter: Counter | undefined, need: LimitNeed, nowMs: number): boolean {
  const { max, hasRates } = rule
  const { inputTokens, outputTokens } = need
  if (!counter) {
    return (
      inputTokens <= max.inputTokens &&
      outputTokens <= max.outputTokens &&
      inputTokens + outputTokens <= max.tokens
    )
  }
  if (counter.concurrent >= max.concurrent) return false
  const { window, share } = counter
  if (!hasRates) return true
  if (share) return fitsShare(rule, window, share, need, nowMs)
  if (!window) return fits(rule, undefined, need, nowMs)
  advance(window, nowMs)
  const tokens = inputTokens + outputTokens
  return (
    window.requests < max.requests &&
    isRoom(window.inputTokens, inputTokens, max.inputTokens) &&
    isRoom(window.outputTokens, outputTokens, max.outputTokens) &&
    isRoom(window.inputTokens + window.outputTokens, tokens, max.tokens)
  )
}

/** The process keeps to the limit in its own sliding window as well, so that no single one sends two windows' worth. */
function fitsShare(
  { max }: LimitRule,
  window: RateWindow | undefined,
  share: LimitShare,
  { inputTokens, outputTokens }: LimitNeed,
  nowMs: number,
): boolean {
  if (window) advance(window, nowMs)
  const portion = share.portion(nowMs)
  const used = window ?? NOTHING_USED
  const tokens = inputTokens + outputTokens
  return (
    used.requests < partOf(max.requests, portion) &&
    isRoom(used.inputTokens, inputTokens, partOf(max.inputTokens, portion)) &&
    isRoom(used.outputTokens, outputTokens, partOf(max.outputTokens, portion)) &&
    isRoom(used.inputTokens + used.outputTokens, tokens, partOf(max.tokens, portion)) &&
    share.fits(inputTokens, outputTokens, nowMs)
  )
}

const NOTHING_USED = { requests: 0, inputTokens: 0, outputTokens: 0 }

/** A part of a limit lets at least one through. */
const partOf = (max: number, portion: number): number =>
  portion === 1 ? max : Math.max(1, Math.floor(max * portion + 1e-9))

/** What takes nothing always fits, also where there are debts. */
const isRoom = (used: number, need: number, max: number): boolean => need === 0 || used + need <= max

/** Why it does not fit: of several figures the one that lasts longest. `advance` has been called by `fits`. */
export function faultOf(
  rule: LimitRule,
  counter: Counter | undefined,
  need: LimitNeed,
  nowMs: number,
  facts: LimitFacts,
): LimitFault {
  const share = counter?.share
  const portion = share?.portion(nowMs) ?? 1
  let worst: LimitFault | undefined
  for (const what of rule.figures) {
    const needed = neededOf(what, need)
    const used = counter ? usedBy(counter, what) : 0
    const max = what === 'concurrent' ? rule.max[what] : partOf(rule.max[what], portion)
    if (isRoom(used, needed, max)) continue
    const tooLarge = needed > rule.max[what]
    // More than this process may ever send by itself waits until leases are had again.
    const waitsForLease = share !== undefined && needed > max && !tooLarge
    const byWindowMs = tooLarge ? null : waitMs(counter, what, used + needed - max, nowMs)
    const fault: LimitFault = {
      ...baseFault(rule, counter, facts),
      what,
      need: needed,
      max,
      retryAfterMs: waitsForLease ? leaseWaitMs(share, nowMs) : byWindowMs,
      tooLarge,
      ...(waitsForLease && { reason: 'shared' }),
    }
    if (!worst || lastsLonger(fault, worst)) worst = fault
  }
  if (worst || !share) return worst ?? heldFault(rule, counter, facts)
  return leaseFault(rule, counter, share, facts, nowMs)
}

/** The process itself has room. */
function leaseFault(
  rule: LimitRule,
  counter: Counter,
  share: LimitShare,
  facts: LimitFacts,
  nowMs: number,
): LimitFault {
  const isClosed = share.status(nowMs).mode === 'closed'
  const reason = isClosed ? 'unreachable' : share.isAsking() ? 'leasing' : 'shared'
  return { ...baseFault(rule, counter, facts), reason, retryAfterMs: leaseWaitMs(share, nowMs) }
}

const leaseWaitMs = (share: LimitShare, nowMs: number): number => Math.max(1, Math.ceil(share.waitMs(nowMs)))

export function heldFault(rule: LimitRule, counter: Counter | undefined, facts: LimitFacts): LimitFault {
  return { ...baseFault(rule, counter, facts), reason: 'held' }
}

export function crowdedFault(rule: LimitRule, facts: LimitFacts, retryAfterMs: number): LimitFault {
  return { ...baseFault(rule, undefined, facts), reason: 'too_many_scopes', retryAfterMs }
}

/** What is too large first; then what is known to last, then what depends on calls under way. */
export function lastsLonger(one: LimitRefusal, other: LimitRefusal): boolean {
  if (one.tooLarge !== other.tooLarge) return one.tooLarge
  return (one.retryAfterMs ?? -1) > (other.retryAfterMs ?? -1)
}

export function limitStatusOf(rule: LimitRule, counter: Counter | undefined, nowMs: number): LimitStatus {
  const used: Partial<Record<Figure, number>> = {}
  const max: Partial<Record<Figure, number>> = {}
  for (const what of rule.figures) {
    used[what] = counter ? usedBy(counter, what) : 0
    max[what] = rule.max[what]
  }
  const status = { limit: rule.name, scope: counter?.scope ?? [], windowMs: rule.windowMs, used, max }
  return counter?.share ? { ...status, shared: counter.share.status(nowMs) } : status
}

function baseFault(rule: LimitRule, counter: Counter | undefined, facts: LimitFacts): LimitFault {
  const what = rule.figures[0] ?? 'requests'
  return {
    granted: false,
    limit: rule.name,
    scope: counter?.scope ?? valuesOf(rule.scopes, facts),
    what,
    retryAfterMs: null,
    tooLarge: false,
    per: rule.scopes,
    need: 0,
    max: rule.max[what],
    windowMs: rule.windowMs,
    reason: 'no_room',
  }
}

const neededOf = (what: Figure, { inputTokens, outputTokens }: LimitNeed): number => {
  if (what === 'requests' || what === 'concurrent') return 1
  if (what === 'tokens') return inputTokens + outputTokens
  return what === 'inputTokens' ? inputTokens : outputTokens
}

const usedBy = ({ concurrent, window }: Counter, what: Figure): number => {
  if (what === 'concurrent') return concurrent
  return window ? usedOf(window, what) : 0
}

function waitMs(counter: Counter | undefined, what: Figure, excess: number, nowMs: number): number | null {
  if (what === 'concurrent' || !counter?.window) return null
  const at = leavesAt(counter.window, what, excess)
  return at === Infinity ? null : Math.max(0, Math.ceil(at - nowMs))
}
