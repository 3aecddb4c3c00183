import type { LimitGrant, LimitKeeper, LimitWeight } from '../admission/limit-keeper.js'
import type { LimitFault } from '../admission/limit-rule.js'
import type { LimitFacts } from '../admission/limit-scope.js'
import { rateLimited } from '../admission/rate-limited.js'
import { isRefusal, type Permit, type Refusal, type TargetGate } from '../attempts/permit.js'
import type { Candidate } from '../contract/plan.js'
import type { Target } from '../contract/target.js'

/** What was taken for the first attempt before it began; each attempt after it takes for itself. */
export interface Held {
  candidate: Candidate | undefined
  grant: LimitGrant | undefined
}

/** Puts the limits of targets before every attempt of a call: retries, failovers and hedges alike. */
export function limitedGate(
  gate: TargetGate,
  limits: LimitKeeper,
  factsOf: (target: Target) => LimitFacts,
  weightOf: (target: Target) => LimitWeight,
  held: Held,
  tellLimit: (fault: LimitFault) => void,
): TargetGate {
  const isHeld = ({ provider, model }: Target): boolean =>
    held.grant !== undefined && held.candidate?.provider === provider && held.candidate.model === model
  const take = (target: Target): LimitGrant | LimitFault => {
    const { grant } = held
    if (!grant || !isHeld(target)) return limits.take(factsOf(target), weightOf(target), performance.now())
    held.grant = undefined
    return grant
  }
  return {
    refusal(target) {
      const refused = gate.refusal(target)
      if (refused || isHeld(target)) return refused
      const now = performance.now()
      const fault = limits.check(factsOf(target), weightOf(target), now)
      return fault && refusalOf(fault, now)
    },
    acquire(target, despiteSoft) {
      const permit = gate.acquire(target, despiteSoft)
      if (isRefusal(permit)) return permit
      const taken = take(target)
      if (taken.granted) return limitedPermit(permit, taken)
      permit.settle('neutral')
      tellLimit(taken)
      return refusalOf(taken, performance.now())
    },
    noteFresh: gate.noteFresh,
    takeRetry: gate.takeRetry,
  }
}

function limitedPermit(permit: Permit, grant: LimitGrant): Permit {
  return {
    settle(outcome, error, bill) {
      permit.settle(outcome, error, bill)
      const usage = bill?.usage
      grant.settle({ inputTokens: usage?.prompt_tokens ?? 0, outputTokens: usage?.completion_tokens ?? 0 })
    },
  }
}

/** A window opens again at a known moment, and is waited for like a cooldown; a running call ends when it ends. */
const refusalOf = (fault: LimitFault, nowMs: number): Refusal => {
  const error = rateLimited(fault)
  const retryAt = fault.retryAfterMs === null ? Infinity : nowMs + fault.retryAfterMs
  return { code: 'limit', reason: error.message, retryAt, error, soft: false }
}
