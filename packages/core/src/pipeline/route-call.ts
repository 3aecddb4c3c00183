import type { CallContext } from '../contract/call-context.js'
import type { ChatRequest } from '../contract/chat-request.js'
import type { EmbeddingRequest } from '../contract/embedding.js'
import type { Candidate, Plan } from '../contract/plan.js'
import type { RequestFacts } from '../contract/routing.js'
import { draftPlan, type PlanDraft } from '../routing/plan-route.js'
import { chatFacts, embeddingFacts } from '../routing/request-facts.js'
import { isUndecidedByBudget } from './budgeted-gate.js'
import { classify } from './classify.js'
import { chatWeight, embeddingWeight, type RequestWeight } from './request-weight.js'
import { routingState } from './routing-state.js'
import type { Runtime } from './runtime.js'

/** A call with its plan, and what the plan was made from. */
export interface RoutedCall {
  readonly plan: Plan
  readonly facts: RequestFacts
  readonly weight: RequestWeight
}

/**
 * No promise where nothing is waited for: every one more is kept by the call as long as it lasts.
 * @throws GatewayError `no_route`, `budget_exceeded`
 */
export function routeChat(
  runtime: Runtime,
  call: CallContext,
  request: ChatRequest,
): RoutedCall | Promise<RoutedCall> {
  const facts = chatFacts(request, call)
  if (!runtime.classifier) return routeCall(runtime, call, facts, chatWeight(runtime, request))
  return classify(runtime, call, facts, request).then((task) =>
    routeCall(runtime, call, facts, chatWeight(runtime, request, task)),
  )
}

/** @throws GatewayError `no_route`, `budget_exceeded` */
export const routeEmbedding = (
  runtime: Runtime,
  call: CallContext,
  request: EmbeddingRequest,
): RoutedCall | Promise<RoutedCall> =>
  routeCall(runtime, call, embeddingFacts(request, call), embeddingWeight(runtime, request))

function routeCall(
  runtime: Runtime,
  call: CallContext,
  facts: RequestFacts,
  weight: RequestWeight,
): RoutedCall | Promise<RoutedCall> {
  const routed = ({ plan, refusal }: DecidedPlan): RoutedCall => {
    if (refusal) throw refusal
    return { plan: inScope(plan, call), facts, weight }
  }
  const decided = decidePlan(runtime, call, facts, weight)
  return decided instanceof Promise ? decided.then(routed) : routed(decided)
}

interface DecidedPlan {
  readonly plan: Plan
  readonly refusal: PlanDraft['refusal'] | undefined
}

/**
 * The plan for a request. Bounds and an estimate of its tokens will do, unless a cost or a budget falls between them:
 * then, and only then, the prompt is counted, and the plan made anew.
 */
export function decidePlan(
  runtime: Runtime,
  call: CallContext,
  facts: RequestFacts,
  weight: RequestWeight,
): DecidedPlan | Promise<DecidedPlan> {
  const decide = (plan: PlanDraft): DecidedPlan => ({ plan, refusal: plan.refusal })
  const draft = (): PlanDraft =>
    draftPlan(facts, runtime.table, routingState(runtime, call, weight), runtime.random)
  const first = draft()
  const undecided = undecidedIn(runtime, call, first, weight)
  if (undecided.length === 0) return decide(first)
  return weight.count(undecided, call).then(() => decide(draft()))
}

/** The targets of a plan that a count of the prompt would decide about. */
export const undecidedIn = (
  runtime: Runtime,
  call: CallContext,
  { undecided, candidates, route }: PlanDraft,
  weight: RequestWeight,
): readonly Candidate[] => [
  ...undecided,
  ...candidates.filter((one) => isUndecidedByBudget(runtime, call, route, one, weight)),
]

/** Without fallback the first candidate is the only one. */
const inScope = (plan: Plan, { options }: CallContext): Plan =>
  options.fallback === false ? { ...plan, candidates: plan.candidates.slice(0, 1) } : plan
