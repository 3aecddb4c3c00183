/** Breaker, retry budget and keys of every target behind one door; each key with its cooldown and its limits. */
import type { Candidate } from '../contract/plan.js'
import type { Target } from '../contract/target.js'
import type { GatewayError } from '../errors/gateway-error.js'
import type { Random } from '../platform/random.js'
import type { BreakerOptions } from './breaker-options.js'
import type { BreakerPermit, BreakerSnapshot, BreakerState, CircuitBreaker } from './circuit-breaker.js'
import type { ActiveCooldown } from './cooldown.js'
import { createLazyBreaker } from './lazy-breaker.js'
import type { LearnedStatus } from './learned-limits.js'
import type { KeyWish, PermitOutcome, Refusal, TargetGate } from './permit.js'
import { createRetryBudget, RETRY_BUDGET_DEFAULTS, type RetryBudget } from './retry-budget.js'
import {
  compareLoad,
  coolingOf,
  createSharedKey,
  createTargetKey,
  hearFacts,
  isAboutTheKey,
  keyRefusal,
  needOf,
  noteRate,
  type SharedKey,
  type TargetKey,
} from './target-key.js'

/** What changed at a target, for events. `retryAfterMs`: until it is asked again. */
export type GateChange = Target &
  (
    | { readonly kind: 'breaker'; readonly state: BreakerState; readonly retryAfterMs?: number }
    | {
        readonly kind: 'cooldown'
        readonly error: GatewayError
        readonly retryAfterMs: number
        /** The name of the key that it is about, where there are several; absent where it is about all of them. */
        readonly key?: string
      }
  )

export interface GateOptions {
  /** `undefined`: no breaker. */
  readonly breaker: BreakerOptions | undefined
  /** Retries as a share of first attempts, 0 to 1. `Infinity`: no limit. */
  readonly retryRatio: number
  readonly random: Random
  readonly onChange: (change: GateChange) => void
  /** A target that had no room may have some again. */
  readonly onRoom?: (target: Target) => void
}

/** What is known of one target, as plain data. Times on the clock of `performance.now()`. */
export interface GateState extends Target {
  readonly breaker: BreakerSnapshot
  /** With several keys: when all of them are cooling. */
  readonly cooldown?: ActiveCooldown
  /** Where there are several. */
  readonly keys?: readonly { readonly key: string; readonly cooldown?: ActiveCooldown }[]
}

/** What a provider takes of one key and model. */
export interface LearnedRate extends Target {
  readonly key: string | undefined
  readonly stated: readonly LearnedStatus[]
  /** Attempts a second, found out from refusals. */
  readonly perSecond: number | undefined
}

export interface OwnedGate extends TargetGate {
  /** Something was learned of a limit of some target. */
  isTaught(): boolean
  /** How much of what its provider takes the target has left, 0 to 1; 1 where nothing is known. */
  roomShare(target: Target): number
  learned(nowMs: number): readonly LearnedRate[]
  /** Every target that has been looked at, in the order of their first looks. */
  states(): readonly GateState[]
  close(): void
}

interface Guarded extends Target {
  readonly breaker: CircuitBreaker | undefined
  readonly budget: RetryBudget
  /** As the adapter names them, to see when they are others. */
  readonly names: readonly string[] | undefined
  /** At least one. */
  readonly keys: readonly TargetKey[]
  /** Somebody found no room. */
  isAwaited: boolean
  /** When it was last looked at, in looks at any target. */
  usedAt: number
}

/** Model ids are free text: a host that makes them up must not fill the heap. */
const MAX_TARGETS = 1_000
const OPEN_PERMIT: BreakerPermit = { settle() {} }

export function createTargetGate({
  breaker,
  retryRatio,
  random,
  onChange,
  onRoom = () => {},
}: GateOptions): OwnedGate {
  const known = new Map<string, Guarded>()
  /** By provider, as long as it has the same keys. */
  const sharedKeys = new Map<
    string,
    { readonly names: readonly string[]; readonly keys: readonly SharedKey[] }
  >()
  let looks = 0
  let uses = 0
  let isTaught = false

  const sharedOf = (provider: string, names: readonly string[]): readonly SharedKey[] => {
    const before = sharedKeys.get(provider)
    if (before?.names === names) return before.keys
    const keys = names.map(createSharedKey)
    sharedKeys.set(provider, { names, keys })
    return keys
  }
  const keysOf = (target: Target): readonly TargetKey[] => {
    const { adapter } = target as Partial<Candidate>
    const isAggregator = adapter?.isAggregator === true
    if (!adapter?.keys) return [createTargetKey(undefined, isAggregator)]
    const shared = sharedOf(target.provider, adapter.keys)
    return adapter.keys.map((name, i) =>
      createTargetKey(name, isAggregator, isAggregator ? undefined : shared[i]),
    )
  }
  const create = (target: Target, before: Guarded | undefined): Guarded => {
    const { provider, model } = target
    return {
      provider,
      model,
      breaker:
        before?.breaker ??
        (breaker &&
          createLazyBreaker(breaker, random, (state, retryAt) => {
            const retryAfterMs = retryAt === undefined ? undefined : Math.max(0, retryAt - performance.now())
            onChange({
              kind: 'breaker',
              provider,
              model,
              state,
              ...(retryAfterMs !== undefined && { retryAfterMs }),
            })
          })),
      budget: before?.budget ?? createRetryBudget({ ...RETRY_BUDGET_DEFAULTS, ratio: retryRatio }),
      names: (target as Partial<Candidate>).adapter?.keys,
      keys: keysOf(target),
      isAwaited: false,
      usedAt: ++looks,
    }
  }
  const of = (target: Target): Guarded => {
    const key = `${target.provider}/${target.model}`
    const found = known.get(key)
    // After a reload a target may have other keys.
    if (found && (!('adapter' in target) || (target as Candidate).adapter.keys === found.names)) {
      found.usedAt = ++looks
      return found
    }
    if (!found && known.size >= MAX_TARGETS) forgetLeastUsed()
    const made = create(target, found)
    known.set(key, made)
    return made
  }
  /** Not the eldest, which are a host's own targets, with what is known against them. */
  const forgetLeastUsed = (): void => {
    let stalest: string | undefined
    let stalestAt = Infinity
    for (const [key, { usedAt }] of known) if (usedAt < stalestAt) [stalest, stalestAt] = [key, usedAt]
    if (stalest === undefined) return
    known.get(stalest)?.breaker?.close()
    known.delete(stalest)
  }

  /** The free key that is used least, or why there is none. */
  const choose = (guarded: Guarded, wish: KeyWish | undefined, despiteSoft: boolean): TargetKey | Refusal => {
    const { keys } = guarded
    const only = keys[0] as TargetKey
    if (keys.length === 1) {
      const refusal = keyRefusal(only, guarded, wish)
      if (!refusal || (refusal.soft && despiteSoft)) return only
      if (refusal.room) guarded.isAwaited = true
      return refusal
    }
    const now = performance.now()
    let best: TargetKey | undefined
    let first: Refusal | undefined
    let firstSoft: TargetKey | undefined
    for (const key of keys) {
      const refusal = keyRefusal(key, guarded, wish)
      if (refusal) {
        if (refusal.room) guarded.isAwaited = true
        if (refusal.soft) firstSoft ??= key
        if (!first || comesBefore(refusal, first)) first = refusal
      } else if (key.name === wish?.prefer && wish?.prefer !== undefined) return key
      else if (!best || isBetter(key, best, wish?.avoid, now)) best = key
    }
    if (best) return best
    const refused = first as Refusal
    return refused.soft && despiteSoft && firstSoft ? firstSoft : refused
  }

  const settleKey = (
    guarded: Guarded,
    key: TargetKey,
    outcome: PermitOutcome,
    error: GatewayError | undefined,
    sentAt: number,
  ): void => {
    leave(key)
    if (key.shared) {
      if (outcome === 'success') key.shared.isSuspect = false
      else if (error?.code === 'authentication') key.shared.isSuspect = true
    }
    noteRate(key, outcome, error, sentAt)
    if (key.pace.rate() !== undefined || !key.learned.isEmpty()) isTaught = true
    const cooldown = noteCooldown(guarded, key, outcome, error)
    if (cooldown) {
      const { provider, model } = guarded
      const retryAfterMs = cooldown.until - performance.now()
      const name = isAboutTheKey(cooldown.error) ? key.name : undefined
      onChange({
        kind: 'cooldown',
        provider,
        model,
        error: cooldown.error,
        retryAfterMs,
        ...(name !== undefined && { key: name }),
      })
    }
  }
  const tellRoom = (guarded: Guarded): void => {
    if (!guarded.isAwaited) return
    guarded.isAwaited = false
    onRoom({ provider: guarded.provider, model: guarded.model })
  }

  return {
    refusal(target, wish) {
      const guarded = of(target)
      const chosen = choose(guarded, wish, false)
      return isKeyRefusal(chosen) ? worse(chosen, guarded) : breakerRefusal(guarded.breaker)
    },
    acquire(target, despiteSoft = false, wish) {
      const guarded = of(target)
      const key = choose(guarded, wish, despiteSoft)
      if (isKeyRefusal(key)) return worse(key, guarded)
      const permit = guarded.breaker ? guarded.breaker.acquire() : OPEN_PERMIT
      if (!permit) return breakerRefusal(guarded.breaker) ?? breakerBusy()
      const sentAt = performance.now()
      const { learned, pace, name } = key
      pace.take(sentAt)
      const mark = learned.take(needOf(learned, wish, sentAt), sentAt)
      key.inFlight++
      key.usedAt = ++uses
      if (key.shared) key.shared.inFlight++
      let isHeard = false
      return {
        key: name,
        heard(facts) {
          if (isHeard) return
          isHeard = true
          hearFacts(key, mark, facts)
          if (learned.isEmpty()) return
          isTaught = true
          tellRoom(guarded)
        },
        settle(outcome, error) {
          permit.settle(outcome)
          if (!isHeard) learned.lose(mark)
          settleKey(guarded, key, outcome, error, sentAt)
          tellRoom(guarded)
        },
        cancel() {
          permit.settle('neutral')
          const now = performance.now()
          pace.cancel(sentAt, now)
          learned.cancel(mark, now)
          leave(key)
          tellRoom(guarded)
        },
      }
    },
    hasFreshKey: () => false,
    noteFresh(target) {
      of(target).budget.noteFresh()
    },
    takeRetry: (target) => of(target).budget.take(),
    states: () =>
      [...known.values()].map(({ provider, model, breaker: circuit, keys, names }) => {
        const cooldowns = keys.map(coolingOf)
        const cooling = cooldowns.every((one) => one !== undefined)
          ? cooldowns.reduce((first, one) => (one.until < first.until ? one : first))
          : undefined
        return {
          provider,
          model,
          breaker: circuit?.snapshot() ?? { state: 'closed', probeFree: false },
          ...(cooling && { cooldown: cooling }),
          ...(names && {
            keys: names.map((one, i) => ({ key: one, ...(cooldowns[i] && { cooldown: cooldowns[i] }) })),
          }),
        }
      }),
    isTaught: () => isTaught,
    roomShare(target) {
      if (!isTaught) return 1
      const { keys } = of(target)
      const now = performance.now()
      return keys.reduce((most, key) => Math.max(most, 1 - key.learned.usedShare(now)), 0)
    },
    learned(nowMs) {
      if (!isTaught) return []
      return [...known.values()].flatMap(({ provider, model, keys }) =>
        keys.map((key) => ({
          provider,
          model,
          key: key.name,
          stated: key.learned.status(nowMs),
          perSecond: key.pace.rate(),
        })),
      )
    },
    close() {
      for (const { breaker: circuit } of known.values()) circuit?.close()
      known.clear()
      sharedKeys.clear()
    },
  }
}

/** A cooldown is the target's own word, and goes before what was seen of it; waiting for room goes after. */
const worse = (refusal: Refusal, { breaker }: Guarded): Refusal =>
  refusal.room ? (breakerRefusal(breaker) ?? refusal) : refusal

/** An attempt with it is over, or will not be made. */
function leave(key: TargetKey): void {
  key.inFlight--
  if (key.shared) key.shared.inFlight--
}

const isKeyRefusal = (chosen: TargetKey | Refusal): chosen is Refusal => 'retryAt' in chosen

/** What only waits for room is nearer than what is out; of two alike the one that ends first. */
const comesBefore = (one: Refusal, other: Refusal): boolean =>
  one.soft === other.soft ? one.retryAt < other.retryAt : !one.soft

function isBetter(
  one: TargetKey,
  other: TargetKey,
  avoid: ReadonlySet<string> | undefined,
  nowMs: number,
): boolean {
  if (avoid && avoid.size > 0) {
    const [isAvoided, isOtherAvoided] = [avoid.has(one.name ?? ''), avoid.has(other.name ?? '')]
    if (isAvoided !== isOtherAvoided) return isOtherAvoided
  }
  return compareLoad(one, other, nowMs) < 0
}

/** What is about the key cools it alone; a target that is overloaded asks that of all. */
function noteCooldown(
  { keys }: Guarded,
  key: TargetKey,
  outcome: PermitOutcome,
  error: GatewayError | undefined,
): ActiveCooldown | undefined {
  if (!error) return outcome === 'success' ? key.cooldown.note(undefined) : undefined
  if (keys.length === 1) return key.cooldown.note(error)
  if (error.code === 'authentication' && key.shared) return key.shared.cooldown.note(error)
  if (isAboutTheKey(error)) return key.cooldown.note(error)
  return keys.map(({ cooldown }) => cooldown.note(error)).find((noted) => noted !== undefined)
}

function breakerRefusal(breaker: CircuitBreaker | undefined): Refusal | undefined {
  const snapshot = breaker?.snapshot()
  if (!snapshot || snapshot.state === 'closed' || snapshot.probeFree) return undefined
  return {
    code: 'breaker_open',
    reason: snapshot.state === 'open' ? 'the circuit breaker is open' : 'the circuit breaker is being probed',
    retryAt: snapshot.retryAt ?? performance.now(),
    soft: false,
  }
}

const breakerBusy = (): Refusal => ({
  code: 'breaker_open',
  reason: 'the circuit breaker is being probed',
  retryAt: performance.now(),
  soft: false,
})
