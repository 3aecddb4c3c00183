import type { IsHeld, LimitGrant, LimitKeeper, LimitWeight } from '../admission/limit-keeper.js'
import type { LimitFault } from '../admission/limit-rule.js'
import type { LimitFacts } from '../admission/limit-scope.js'
import { rateLimited, type TellableRefusal } from '../admission/rate-limited.js'
import { isRefusal, type KeyWish, type Permit, type Refusal, type TargetGate } from '../attempts/permit.js'
import { LEARNED } from '../attempts/target-key.js'
import type { Adapter } from '../contract/adapter.js'
import type { LimitRefusal } from '../contract/limit.js'
import type { Target } from '../contract/target.js'

export interface LimitedGateParts {
  /** Breakers, keys and budgets. */
  readonly gate: TargetGate
  /** Limits of targets; a reload may change them. */
  readonly limits: () => LimitKeeper | undefined
  readonly factsOf: (target: Target, key: string | undefined) => LimitFacts
  readonly weightOf: (target: Target) => LimitWeight
  /** At a glance, where that can be told. */
  readonly roughWeightOf: (target: Target) => LimitWeight | undefined
  readonly tellLimit: (fault: TellableRefusal) => void
}

/** The gate of one call. */
export interface LimitedGate extends TargetGate {
  /** Why an attempt at the target has no room now: a limit of the host's, or the provider's own. */
  roomFault(target: Target, isHeld: IsHeld | undefined): 'free' | 'out' | LimitRefusal
  /** Takes all that an attempt at the target needs before it begins; the next attempt there uses it. */
  hold(target: Target): void
  /** Gives back what was held and not used. */
  release(): void
}

/**
 * Puts limits before every attempt of a call: retries, failovers and hedges alike. It remembers which keys the call has
 * used, so that the next attempt uses another.
 */
export function limitedGate({
  gate,
  limits,
  factsOf,
  weightOf,
  roughWeightOf,
  tellLimit,
}: LimitedGateParts): LimitedGate {
  let held: { readonly target: Target; readonly permit: Permit } | undefined
  /** By target, where it has several. */
  let used: Map<string, Set<string>> | undefined

  const isHeldAt = ({ provider, model }: Target): boolean =>
    held?.target.provider === provider && held.target.model === model
  const checkKey = (target: Target, key: string | undefined, isHeld?: IsHeld): Refusal | undefined => {
    const now = performance.now()
    const fault = limits()?.check(factsOf(target, key), weightOf(target), now, isHeld)
    return fault && refusalOf(fault, now)
  }
  const needAt = (target: Target): KeyWish => ({
    need: () => weightOf(target),
    roughNeed: () => roughWeightOf(target),
  })
  const wishAt = (target: Target): KeyWish => ({
    avoid: used?.get(nameOf(target)),
    refusal: (key) => checkKey(target, key),
    ...needAt(target),
  })
  const acquire = (target: Target, despiteSoft: boolean, wish: KeyWish): Permit | Refusal => {
    const permit = gate.acquire(target, despiteSoft, wish)
    if (isRefusal(permit)) return permit
    const { key } = permit
    const grant = limits()?.take(factsOf(target, key), weightOf(target), performance.now())
    if (grant?.granted === false) {
      permit.cancel()
      tellLimit(grant)
      return refusalOf(grant, performance.now())
    }
    if (key !== undefined) noteUsed(target, key)
    return grant ? limitedPermit(permit, grant) : permit
  }
  const noteUsed = (target: Target, key: string): void => {
    used ??= new Map()
    const name = nameOf(target)
    const keys = used.get(name)
    if (keys) keys.add(key)
    else used.set(name, new Set([key]))
  }

  return {
    refusal: (target) => (isHeldAt(target) ? undefined : gate.refusal(target, wishAt(target))),
    acquire(target, despiteSoft = false) {
      if (held && isHeldAt(target)) {
        const { permit } = held
        held = undefined
        return permit
      }
      const taken = acquire(target, despiteSoft, wishAt(target))
      if (isRefusal(taken) && taken.room) tellLimit(taken.room)
      return taken
    },
    hasFreshKey(target) {
      const keys = keysOf(target)
      const tried = used?.get(nameOf(target))
      if (!keys || !tried || tried.size >= keys.length) return false
      const wish = wishAt(target)
      const refusal = gate.refusal(target, {
        ...wish,
        refusal: (key) => (key !== undefined && tried.has(key) ? TRIED : wish.refusal?.(key)),
      })
      // One that has no room for a moment is waited for.
      return !refusal || refusal.room !== undefined
    },
    noteFresh: gate.noteFresh,
    takeRetry: gate.takeRetry,
    roomFault(target, isHeld) {
      const refusal = gate.refusal(target, {
        ...wishAt(target),
        refusal: (key) => checkKey(target, key, isHeld),
      })
      if (refusal) return refusal.room ?? 'out'
      // Nobody may overtake those who wait for what the provider takes.
      return isHeld?.(LEARNED, [nameOf(target)]) ? heldRoom(target) : 'free'
    },
    hold(target) {
      // It was found free a moment ago; only which of its keys has room is still to be asked.
      const taken = acquire(target, false, hasKeys(target) ? wishAt(target) : needAt(target))
      if (!isRefusal(taken)) held = { target, permit: taken }
    },
    release() {
      held?.permit.cancel()
      held = undefined
    },
  }
}

const keysOf = (target: Target): Adapter['keys'] => (target as { readonly adapter?: Adapter }).adapter?.keys
const hasKeys = (target: Target): boolean => keysOf(target) !== undefined
const nameOf = ({ provider, model }: Target): string => `${provider}/${model}`

const heldRoom = (target: Target): TellableRefusal => ({
  granted: false,
  limit: LEARNED,
  scope: [nameOf(target)],
  what: 'requests',
  retryAfterMs: null,
  tooLarge: false,
  learned: true,
  reason: 'held',
})

/** Only asked for whether there is one: its words are never told. */
const TRIED: Refusal = { code: 'cooldown', reason: 'tried by this call', retryAt: Infinity, soft: false }

function limitedPermit(permit: Permit, grant: LimitGrant): Permit {
  return {
    key: permit.key,
    heard: permit.heard,
    settle(outcome, error, bill) {
      permit.settle(outcome, error, bill)
      const usage = bill?.usage
      grant.settle({ inputTokens: usage?.prompt_tokens ?? 0, outputTokens: usage?.completion_tokens ?? 0 })
    },
    cancel() {
      permit.cancel()
      grant.cancel()
    },
  }
}

/** A window opens again at a known moment, and is waited for like a cooldown; a running call ends when it ends. */
const refusalOf = (fault: LimitFault, nowMs: number): Refusal => {
  const error = rateLimited(fault)
  const retryAt = fault.retryAfterMs === null ? Infinity : nowMs + fault.retryAfterMs
  return { code: 'limit', reason: error.message, retryAt, error, soft: false, room: fault }
}
