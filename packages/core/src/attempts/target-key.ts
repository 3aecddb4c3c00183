/** One API key at one target: what its answers and refusals have taught, and whether it may be used now. */
import type { ResponseFacts } from '../contract/adapter.js'
import type { Target } from '../contract/target.js'
import type { ErrorCode } from '../errors/error-code.js'
import { GatewayError } from '../errors/gateway-error.js'
import { createCooldown, KEY_COOLDOWN, type ActiveCooldown, type Cooldown } from './cooldown.js'
import {
  createLearnedLimits,
  NO_NEED,
  type AttemptNeed,
  type LearnedFault,
  type LearnedLimits,
} from './learned-limits.js'
import { createPace, type Pace } from './pace.js'
import type { KeyWish, PermitOutcome, Refusal } from './permit.js'

export interface TargetKey {
  /** `undefined` where the provider has only one. */
  readonly name: string | undefined
  readonly cooldown: Cooldown
  /** Of the key itself, whatever the model; the same object at all targets of its provider. */
  readonly shared: SharedKey | undefined
  readonly pace: Pace
  readonly learned: LearnedLimits
  /** Attempts under way. */
  inFlight: number
  /** In the order of use. */
  usedAt: number
  /** The last refusal that said only "too many", and when it came. */
  tooMany: GatewayError | undefined
  tooManyAt: number
}

/** A key that was refused is asked again by one attempt at a time. */
export interface SharedKey {
  readonly cooldown: Cooldown
  isSuspect: boolean
  inFlight: number
}

/** So long others are preferred after it was refused as one too many. */
const TOO_MANY_MS = 1_000
/** When to ask again while another attempt finds out whether a key is good. */
const SUSPECT_MS = 1_000

/** What says something of the key rather than of the target. */
const ABOUT_THE_KEY: ReadonlySet<ErrorCode> = new Set([
  'authentication',
  'permission',
  'quota_exhausted',
  'rate_limited',
])
export const isAboutTheKey = (error: GatewayError): boolean => ABOUT_THE_KEY.has(error.code)

export function createTargetKey(
  name: string | undefined,
  isAggregator: boolean,
  shared?: SharedKey,
): TargetKey {
  return {
    name,
    // With others at hand a refused key is spared also at an aggregator, at this target: they may fare better.
    cooldown: name === undefined ? createCooldown(isAggregator) : createCooldown(false, KEY_COOLDOWN),
    shared,
    pace: createPace(),
    learned: createLearnedLimits(),
    inFlight: 0,
    usedAt: 0,
    tooMany: undefined,
    tooManyAt: -Infinity,
  }
}

export const createSharedKey = (): SharedKey => ({
  cooldown: createCooldown(false, KEY_COOLDOWN),
  isSuspect: false,
  inFlight: 0,
})

/** The cooldown that lasts longer: of the key everywhere, or at this target. */
export function coolingOf({ cooldown, shared }: TargetKey): ActiveCooldown | undefined {
  const here = cooldown.active()
  const everywhere = shared?.cooldown.active()
  return !here || (everywhere && everywhere.until > here.until) ? everywhere : here
}

/** Why the key may not be used now. */
export function keyRefusal(key: TargetKey, target: Target, wish: KeyWish | undefined): Refusal | undefined {
  const cooling = coolingOf(key)
  if (cooling) return coolingRefusal(cooling)
  if (key.shared?.isSuspect && key.shared.inFlight > 0) return suspectRefusal(target, key)
  return pacedRefusal(key, target) ?? learnedRefusal(key, target, wish) ?? wish?.refusal?.(key.name)
}

/** How much of the key is in use: of what its provider states, then attempts under way. Lower is better. */
export function compareLoad(one: TargetKey, other: TargetKey, nowMs: number): number {
  return (
    recentlyRefused(one, nowMs) - recentlyRefused(other, nowMs) ||
    one.learned.usedShare(nowMs) - other.learned.usedShare(nowMs) ||
    one.inFlight - other.inFlight ||
    one.usedAt - other.usedAt
  )
}

const recentlyRefused = ({ tooManyAt }: TargetKey, nowMs: number): number =>
  nowMs - tooManyAt < TOO_MANY_MS ? 1 : 0

/** What an answer's headers say; and a refusal's, which they are read from more eagerly. */
export const hearFacts = (
  { learned }: TargetKey,
  mark: Parameters<LearnedLimits['hear']>[0],
  { headers, status }: ResponseFacts,
): void => {
  learned.hear(mark, headers, status === 429, performance.now())
}

/** What became of an attempt as far as the rate goes: answers and refusals tell, all else does not. */
export function noteRate(
  key: TargetKey,
  outcome: PermitOutcome,
  error: GatewayError | undefined,
  sentAt: number,
): void {
  const isRefused = error?.code === 'rate_limited'
  if (!isRefused && outcome !== 'success') return
  const now = performance.now()
  if (isRefused) {
    key.tooMany = error
    key.tooManyAt = now
    for (const quota of error.quotas ?? []) key.learned.hearQuota(quota, now)
    if (error.retryAfterMs !== undefined) key.learned.hearRetryAfter(error.retryAfterMs, now)
  }
  key.pace.note(isRefused, sentAt, now)
}

function coolingRefusal({ until, error }: ActiveCooldown): Refusal {
  return {
    code: 'cooldown',
    reason: `cooling down after ${error.code}`,
    retryAt: until,
    error,
    soft: error.code === 'authentication',
  }
}

function suspectRefusal({ provider, model }: Target, { name }: TargetKey): Refusal {
  const reason = `${name} was refused, and another attempt finds out whether it is good again`
  return {
    code: 'cooldown',
    reason,
    retryAt: performance.now() + SUSPECT_MS,
    error: new GatewayError({
      code: 'authentication',
      message: `${provider}/${model}: ${reason}`,
      provider,
      model,
    }),
    soft: false,
  }
}

/** The target is there, but takes no more at this moment. */
function pacedRefusal({ pace, tooMany }: TargetKey, target: Target): Refusal | undefined {
  const now = performance.now()
  const waitMs = pace.waitMs(now)
  if (waitMs === 0 || !tooMany) return undefined
  const rate = Math.round((pace.rate() ?? 0) * 10) / 10
  return {
    code: 'cooldown',
    reason: `keeping to about ${rate} attempts a second, as its refusals have taught`,
    retryAt: now + waitMs,
    error: tooMany,
    soft: false,
    room: roomOf(target, waitMs, {
      what: 'requests',
      max: Math.max(1, Math.round(rate * 60)),
      windowMs: 60_000,
    }),
  }
}

function learnedRefusal(
  { learned }: TargetKey,
  target: Target,
  wish: KeyWish | undefined,
): Refusal | undefined {
  if (learned.isEmpty()) return undefined
  const now = performance.now()
  const fault = learned.fault(needOf(learned, wish, now), now)
  if (!fault) return undefined
  const retryAfterMs = Math.max(1, Math.ceil(fault.retryAt - now))
  const { provider, model } = target
  const reason = `nothing is left of its provider's limit of ${describe(fault)}`
  return {
    code: 'limit',
    reason,
    retryAt: now + retryAfterMs,
    error: new GatewayError({
      code: 'rate_limited',
      message: `${provider}/${model}: ${reason}; wait ${retryAfterMs} ms or add a target`,
      provider,
      model,
      retryAfterMs,
    }),
    soft: false,
    room: roomOf(target, retryAfterMs, fault),
  }
}

/** Estimating a prompt costs more than all the rest here, so that it is only done where it may matter. */
export function needOf(learned: LearnedLimits, wish: KeyWish | undefined, nowMs: number): AttemptNeed {
  if (!wish || !learned.countsTokens()) return NO_NEED
  const rough = wish.roughNeed?.()
  if (rough && learned.hasPlenty(rough, nowMs)) return rough
  return wish.need?.() ?? NO_NEED
}

const describe = ({ max, what, windowMs }: LearnedFault): string =>
  `${max} ${WORDS[what]} in ${Math.round(windowMs / 1_000)} s`
const WORDS = {
  requests: 'requests',
  tokens: 'tokens',
  inputTokens: 'input tokens',
  outputTokens: 'output tokens',
}

/** The name that such counters go by beside those of the host's own limits. */
export const LEARNED = 'learned'

/** As those who tell of limits tell it. The scope is the target: who waits there takes any of its keys. */
const roomOf = ({ provider, model }: Target, retryAfterMs: number, fault: Omit<LearnedFault, 'retryAt'>) => ({
  granted: false as const,
  limit: LEARNED,
  scope: [`${provider}/${model}`],
  what: fault.what,
  retryAfterMs,
  tooLarge: false,
  learned: true as const,
  reason: 'no_room' as const,
  max: fault.max,
  windowMs: fault.windowMs,
})
