import { objectChat } from './answer-object.js'
import type { LimitFault } from '../admission/limit-rule.js'
import { rateLimited } from '../admission/rate-limited.js'
import { outOfBudget } from '../attempts/candidate-queue.js'
import type { Refusal } from '../attempts/permit.js'
import { priceVersion } from '../accounting/catalog.js'
import type { CallContext } from '../contract/call-context.js'
import type { CallOptions } from '../contract/call-options.js'
import type { ChatRequest } from '../contract/chat-request.js'
import type { EmbeddingRequest } from '../contract/embedding.js'
import type { TargetEstimate } from '../contract/estimate.js'
import type { ExplainedLimit, ExplainedTarget, Explanation } from '../contract/explanation.js'
import type { Candidate } from '../contract/plan.js'
import type { TargetHealth } from '../contract/target-health.js'
import type { ObjectRequest } from '../contract/object.js'
import { invalidRequest } from '../contract/describe-issue.js'
import type { RoutingState } from '../contract/routing.js'
import type { Target, Verdict } from '../contract/target.js'
import { validateEmbeddingRequest, validateRequest } from '../contract/validate-request.js'
import { createEventBus } from '../events/event-bus.js'
import { limitFaults } from '../pipeline/call-room.js'
import { beginCall, openCall } from '../pipeline/begin-call.js'
import { budgetedGate } from '../pipeline/budgeted-gate.js'
import { chatWeight, embeddingWeight, type RequestWeight } from '../pipeline/request-weight.js'
import { undecidedIn } from '../pipeline/route-call.js'
import { routingState } from '../pipeline/routing-state.js'
import type { Runtime } from '../pipeline/runtime.js'
import { draftPlan, type PlanDraft } from '../routing/plan-route.js'
import { chatFacts, embeddingFacts } from '../routing/request-facts.js'

export type ExplainableRequest = ChatRequest | EmbeddingRequest | ObjectRequest

export interface ExplainOptions extends CallOptions {
  /** How it would be called: strategies go by the time to the first content of streams. Default `chat`. */
  readonly call?: 'chat' | 'stream' | 'object'
}

export interface EstimateOptions extends CallOptions {
  /** Count the prompt as the models do. The first count in a process takes about a second, in another thread. */
  readonly exact?: boolean
}

/** A request as far as it can be prepared without sending anything. */
interface Prepared {
  readonly call: CallContext
  readonly weight: RequestWeight
  /** Plans, each time as of now. */
  readonly draft: () => PlanDraft
  readonly facts: Explanation['facts']
  readonly task: Explanation['task']
}

/**
 * Its `call.scope` is to be released: the caller's signal may outlive many of these.
 * @throws GatewayError `invalid_request` for a request that is none, `no_route` for a name that stands for nothing.
 */
function prepare(
  host: Runtime,
  given: ExplainableRequest,
  options: CallOptions | undefined,
  way?: ExplainOptions['call'],
): Prepared {
  // Nothing happens, so nothing is told.
  const runtime = { ...host, bus: createEventBus(() => {}), logger: {} }
  const isEmbedding = isFor(given, 'input')
  const isObject = !isEmbedding && isFor(given, 'schema')
  const request = isObject ? objectChat(given as ObjectRequest).chatRequest : given
  const how = way ?? (isObject ? 'object' : 'chat')
  const open = openCall(runtime, isEmbedding ? 'embed' : how, request, options)
  try {
    const call = beginCall(runtime, open)
    const embedding = isEmbedding ? validateEmbeddingRequest(request, call) : undefined
    const chat = embedding ? undefined : validateRequest(request, call)
    const weight = embedding ? embeddingWeight(runtime, embedding) : chatWeight(runtime, chat as ChatRequest)
    const facts = embedding ? embeddingFacts(embedding, call) : chatFacts(chat as ChatRequest, call)
    const state = (): RoutingState => routingState(runtime, call, weight)
    const draft = (): PlanDraft => draftPlan(facts, runtime.table, state(), runtime.random, true)
    return { call, weight, draft, facts, task: weight.task() }
  } catch (error) {
    open.scope.release()
    throw error
  }
}

const isFor = (request: unknown, field: 'input' | 'schema'): boolean =>
  typeof request === 'object' && request !== null && field in request

const WAYS: readonly unknown[] = ['chat', 'stream', 'object']
const NO_FALLBACK = 'the call has no fallback: only the first is asked'
const UNDECIDED =
  'a call would count the prompt first: by its bounds it may cost too much, by the count it may not'

/** What a call with this request would do, and why. Nothing is sent, reserved, counted or told. */
export function explainRequest(
  runtime: Runtime,
  healthOf: (target: Target) => TargetHealth,
  request: ExplainableRequest,
  given: ExplainOptions | undefined,
): Explanation {
  const { options, how } = readOptions(given)
  const { call, weight, draft, facts, task } = prepare(runtime, request, options, how)
  call.scope.release()
  const drafted = draft()
  const { route, strategy, verdicts } = drafted
  const undecided = undecidedIn(runtime, call, drafted, weight)
  const candidates = verdicts.flatMap((verdict) => runtime.table.candidate(verdict) ?? [])
  const gate = budgetedGate(runtime, call, { route, candidates }, weight)
  const limits = limitFaults(runtime, call, { route, candidates: drafted.candidates }, weight)
  const refusals: Refusal[] = []
  /** Of the targets that nothing else is against. */
  const limited: (LimitFault | undefined)[] = []
  const isAsked = (verdict: Verdict, at: number): boolean =>
    verdict.eligible && (at === 0 || call.options.fallback !== false)
  const explained = verdicts.map((verdict, at): ExplainedTarget => {
    const candidate = candidates[at] as Candidate
    const isUndecided = undecided.some(
      ({ provider, model }) => provider === verdict.provider && model === verdict.model,
    )
    const refusal = isAsked(verdict, at) && !isUndecided ? gate.refusal(candidate) : undefined
    if (refusal) refusals.push(refusal)
    const fault = isAsked(verdict, at) ? limits.at(candidate) : undefined
    const limit = fault && limitOf(fault)
    if (isAsked(verdict, at) && !refusal) limited.push(fault)
    const blocked =
      verdict.eligible && !isAsked(verdict, at) ? NO_FALLBACK : (refusal?.reason ?? limit?.message)
    return {
      ...verdict,
      rank: verdict.eligible ? at + 1 : null,
      estimate: estimateAt(runtime, weight, candidate),
      health: healthOf(verdict),
      ...(blocked !== undefined && { blocked }),
      ...(limit && { limit }),
      ...(isUndecided && { undecided: UNDECIDED }),
    }
  })
  const isBroke = refusals.length > 0 && refusals.length === verdicts.filter(isAsked).length
  const fault = (limited.every((one) => one) ? limited[0] : undefined) ?? limits.ofCall
  const error =
    drafted.refusal ??
    (isBroke ? outOfBudget(refusals) : undefined) ??
    (fault?.tooLarge ? rateLimited(fault) : undefined)
  return {
    requested: facts.model,
    route,
    strategy,
    candidates: explained,
    facts,
    task,
    ...(limits.ofCall && { limit: limitOf(limits.ofCall) }),
    ...(error && undecided.length === 0 && { error: { code: error.code, message: error.message } }),
  }
}

/** What a host is told of a limit that has no room. */
const limitOf = (fault: LimitFault): ExplainedLimit => ({
  limit: fault.limit,
  scope: [...fault.scope],
  what: fault.what,
  retryAfterMs: fault.retryAfterMs,
  tooLarge: fault.tooLarge,
  message: rateLimited(fault).message,
})

/** @throws GatewayError `invalid_request` for a way to call that there is none of. */
function readOptions(given: ExplainOptions | undefined): {
  readonly options: CallOptions | undefined
  readonly how: ExplainOptions['call']
} {
  if (typeof given !== 'object' || given === null || !('call' in given))
    return { options: given, how: undefined }
  const { call: how, ...options } = given
  if (how !== undefined && !WAYS.includes(how))
    throw invalidRequest('options.call', 'must be "chat", "stream" or "object"')
  return { options, how }
}

/**
 * What an attempt at every target that can take the request would use and cost, in the order planned. As in a call, the
 * prompt is counted where a cost or a budget falls between its bounds.
 * @param exact counts it, in another thread, in any case
 */
export async function estimateRequest(
  runtime: Runtime,
  request: ExplainableRequest,
  { exact = false, ...options }: EstimateOptions,
): Promise<readonly TargetEstimate[]> {
  const { call, weight, draft } = prepare(runtime, request, options)
  let drafted = draft()
  try {
    const undecided = undecidedIn(runtime, call, drafted, weight)
    const counted = exact ? new Set([...drafted.candidates, ...undecided]) : undecided
    await weight.count([...counted], call)
    if (undecided.length > 0) drafted = draft()
    if (drafted.refusal) throw drafted.refusal
  } finally {
    call.scope.release()
  }
  return drafted.candidates.map((candidate) => {
    const { provider, model } = candidate
    return { provider, model, ...estimateAt(runtime, weight, candidate) }
  })
}

function estimateAt(
  { catalog }: Runtime,
  weight: RequestWeight,
  candidate: Candidate,
): Omit<TargetEstimate, 'provider' | 'model'> {
  return {
    tokens: weight.tokens(candidate),
    method: weight.method(candidate),
    costUsd: weight.costUsd(candidate),
    priceVersion: priceVersion(catalog.find(candidate.adapter.name, candidate.model)),
  }
}
