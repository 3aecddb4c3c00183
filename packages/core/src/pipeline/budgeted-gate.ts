/** Puts the budgets before every attempt of a call: what it may cost is set aside before it is sent. */
import type { Permit, Refusal, TargetGate } from '../attempts/permit.js'
import type { BudgetAmount } from '../admission/budget-rule.js'
import { briefRefusal, budgetExceeded, type BudgetRefusal } from '../admission/budget-refusal.js'
import type { BudgetFacts } from '../admission/budget-scope.js'
import type { Reservation } from '../admission/budget.js'
import type { CallContext } from '../contract/call-context.js'
import type { Range, TokenEstimate } from '../contract/estimate.js'
import type { Candidate, Plan } from '../contract/plan.js'
import type { Target } from '../contract/target.js'
import type { RequestWeight } from './request-weight.js'
import type { Runtime } from './runtime.js'

/**
 * The gate of one call. Every attempt reserves for itself, retries, failovers and hedges alike, and settles what it
 * took; a target that does not fit is passed over, so that a cheaper one further down may answer.
 */
export function budgetedGate(
  { gate, budgets }: Pick<Runtime, 'gate' | 'budgets'>,
  call: CallContext,
  { route, candidates }: Pick<Plan, 'route' | 'candidates'>,
  weight: RequestWeight,
): TargetGate {
  if (!budgets) return gate
  const asked = (target: Target): [BudgetFacts, BudgetAmount] => [
    budgetFacts(call, route, target),
    budgetAmount(candidateIn(candidates, target), weight),
  ]
  return {
    refusal(target, wish) {
      const refused = gate.refusal(target, wish)
      if (refused) return refused
      const refusal = budgets.check(...asked(target))
      return refusal && refusalOf(refusal)
    },
    acquire(target, despiteSoft, wish) {
      const permit = gate.acquire(target, despiteSoft, wish)
      if ('retryAt' in permit) return permit
      const reserved = budgets.reserve(...asked(target))
      if (reserved.granted) return paidPermit(permit, reserved)
      permit.cancel()
      return refusalOf(reserved)
    },
    hasFreshKey: gate.hasFreshKey,
    noteFresh: gate.noteFresh,
    takeRetry: gate.takeRetry,
  }
}

/**
 * Whether a budget has no room for the bound of what an attempt may take, but may have once the prompt is counted. Where
 * the bound of the answer alone is too much, a count is of no use.
 */
export function isUndecidedByBudget(
  { budgets }: Pick<Runtime, 'budgets'>,
  call: CallContext,
  route: string | null,
  candidate: Candidate,
  weight: RequestWeight,
): boolean {
  if (!budgets) return false
  const facts = budgetFacts(call, route, candidate)
  if (weight.method(candidate) !== 'estimate') return false
  if (!budgets.check(facts, budgetAmount(candidate, weight))) return false
  const { tokens, costUsd } = weight.least(candidate)
  return !budgets.check(facts, amountOf(tokens, costUsd))
}

/** The list of attempts stands for the call: lanes of a hedge have contexts of their own, but share it. */
function budgetFacts(call: CallContext, route: string | null, { provider, model }: Target): BudgetFacts {
  const { tenant, session, tags } = call.options
  return {
    route,
    provider,
    model,
    call: call.attempts,
    ...(tenant !== undefined && { tenant }),
    ...(session !== undefined && { session }),
    ...(tags && { tags }),
  }
}

/** The most that one attempt may take, where a bound is known; else what is expected of it. */
function budgetAmount(candidate: Candidate | undefined, weight: RequestWeight): BudgetAmount {
  if (!candidate) return { usd: null, tokens: null }
  return amountOf(weight.tokens(candidate), weight.costUsd(candidate))
}

function amountOf({ input, output }: TokenEstimate, cost: Range | null): BudgetAmount {
  return {
    usd: cost?.upper ?? null,
    tokens: input.upper === null || output.upper === null ? null : input.upper + output.upper,
    expected: { ...(cost && { usd: cost.expected }), tokens: input.expected + output.expected },
  }
}

const candidateIn = (candidates: readonly Candidate[], { provider, model }: Target): Candidate | undefined =>
  candidates.find((one) => one.provider === provider && one.model === model)

function paidPermit(permit: Permit, reserved: Reservation): Permit {
  return {
    key: permit.key,
    heard: permit.heard,
    settle(outcome, error, bill) {
      permit.settle(outcome, error, bill)
      if (!bill?.usage) reserved.release()
      else reserved.settle({ usd: bill.costUsd, tokens: bill.usage.total_tokens })
    },
    cancel() {
      permit.cancel()
      reserved.release()
    },
  }
}

/** Waiting for a period to end is the caller's business, not the engine's. */
const refusalOf = (refused: BudgetRefusal): Refusal => {
  const error = budgetExceeded(refused)
  const brief = briefRefusal(refused)
  return { code: 'budget_exceeded', reason: error.message, brief, retryAt: Infinity, error, soft: false }
}
