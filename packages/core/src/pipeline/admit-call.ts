import type { LimitFault } from '../admission/limit-rule.js'
import type { IsHeld, LimitGrant, LimitWeight } from '../admission/limit-keeper.js'
import type { LimitFacts } from '../admission/limit-scope.js'
import { abortError } from '../attempts/abort-error.js'
import type { TargetGate } from '../attempts/permit.js'
import type { CallContext } from '../contract/call-context.js'
import type { QueueShedReason } from '../contract/limit.js'
import type { Candidate, Plan } from '../contract/plan.js'
import type { Target } from '../contract/target.js'
import type { Usage } from '../contract/usage.js'
import type { GatewayError } from '../errors/gateway-error.js'
import { shownMs } from '../platform/shown-ms.js'
import { budgetedGate } from './budgeted-gate.js'
import { limitedGate, type Held } from './limited-gate.js'
import type { RequestWeight } from './request-weight.js'
import type { RoutedCall } from './route-call.js'
import type { CallLimits, Runtime } from './runtime.js'

/** A call's place among the running ones: the gate of its attempts, and what is given back at its end. */
export interface AdmittedCall {
  readonly gate: TargetGate
  /** Once, when the call has ended. @param usage what it took, where that is known */
  release(usage: Usage | undefined): void
}

/**
 * Finds room for a call under all limits, those of its first free target included, and waits for it in the queue where
 * there is none. Without limits every call is admitted at once.
 * @throws GatewayError `rate_limited`, `queue_full`, `timeout`, `aborted`, `closed`
 */
export function admitCall(
  runtime: Runtime,
  call: CallContext,
  routed: RoutedCall,
): AdmittedCall | Promise<AdmittedCall> {
  const gate = budgetedGate(runtime, call, routed.plan, routed.weight)
  const { queue, pressure } = runtime
  const limits = runtime.currentLimits()
  if (!limits) return { gate, release() {} }
  const room = createRoom(runtime, limits, call, routed, gate)
  // Where nobody waits and there is room, the queue is not asked.
  if (queue.isEmpty() && pressure.shedBelow() === undefined && !room.take(undefined)) return room.admitted()
  return new Promise((resolve, reject) => {
    // Both may be told before `enter` returns.
    let forgetAbort = (): void => {}
    const enteredAt = performance.now()
    const leave = queue.enter({
      ...room.entry,
      tryStart(isHeld) {
        const fault = room.take(isHeld)
        if (fault) {
          runtime.tellLimit(fault)
          return fault
        }
        forgetAbort()
        resolve(room.admitted())
        return 'started'
      },
      onRefused(error, reason) {
        forgetAbort()
        if (reason) tellShed(runtime, call, error, reason, performance.now() - enteredAt)
        reject(error)
      },
    })
    if (!leave) return
    forgetAbort = call.scope.onAbort(() => {
      leave()
      reject(abortError(call))
    })
  })
}

/** The room that one call takes, all or none of it. A reload may change the limits while it waits. */
function createRoom(
  { currentLimits, tellLimit }: Runtime,
  limits: CallLimits,
  call: CallContext,
  { plan, weight, facts: asked }: RoutedCall,
  gate: TargetGate,
) {
  const { priority = 'normal', tenant } = call.options
  const facts = callFacts(call, plan.route)
  const held: Held = { candidate: undefined, grant: undefined }
  let callGrant: LimitGrant | undefined
  return {
    entry: {
      priority,
      ...(tenant !== undefined && { tenant }),
      group: `${asked.model}\n${limits.calls.groupOf(facts)}`,
      chars: asked.textLength,
      deadlineAt: call.deadlineAt,
    },
    /** @returns what stands in the way; then nothing is taken */
    take(isHeld: IsHeld | undefined): LimitFault | undefined {
      limits = currentLimits() ?? limits
      const now = performance.now()
      const target = freeTarget(limits, plan.candidates, facts, weight, gate, now, isHeld)
      if (target.fault) return target.fault
      const taken = limits.calls.take(facts, weightAt(weight, plan.candidates[0]), now, isHeld)
      if (!taken.granted) return taken
      callGrant = taken
      const { candidate } = target
      if (!candidate) return undefined
      const grant = limits.targets.take(
        targetFacts(facts, candidate),
        weightAt(weight, candidate),
        now,
        isHeld,
      )
      if (grant.granted) {
        held.candidate = candidate
        held.grant = grant
      }
      return undefined
    },
    admitted: (): AdmittedCall => ({
      gate: limitedGate(
        gate,
        limits.targets,
        (target) => targetFacts(facts, target),
        (target) =>
          weightAt(
            weight,
            plan.candidates.find((one) => isSame(one, target)),
          ),
        held,
        tellLimit,
      ),
      release(usage: Usage | undefined) {
        held.grant?.cancel()
        callGrant?.settle(usage ? takenBy(usage) : { inputTokens: null, outputTokens: null })
      },
    }),
  }
}

/** What limits would say of a call and of attempts at its targets at this moment; takes nothing. */
export function limitFaults(
  { currentLimits }: Runtime,
  call: CallContext,
  { route, candidates }: Pick<Plan, 'route' | 'candidates'>,
  weight: RequestWeight,
): { readonly ofCall: LimitFault | undefined; at(candidate: Candidate): LimitFault | undefined } {
  const limits = currentLimits()
  const facts = callFacts(call, route)
  const now = performance.now()
  return {
    ofCall: limits?.calls.check(facts, weightAt(weight, candidates[0]), now),
    at: (candidate) => limits?.targets.check(targetFacts(facts, candidate), weightAt(weight, candidate), now),
  }
}

function tellShed(
  { bus }: Runtime,
  { requestId, options }: CallContext,
  { retryAfterMs = 0 }: GatewayError,
  reason: QueueShedReason,
  waitedMs: number,
): void {
  const { priority = 'normal', tenant } = options
  bus.emit('queue-shed', () => ({
    requestId,
    priority,
    ...(tenant !== undefined && { tenant }),
    reason,
    waitedMs: shownMs(waitedMs),
    retryAfterMs,
  }))
}

/**
 * The first target that is not out and has room. Where all are out for other reasons there is none, and the attempts find
 * out and say so; the fault is of the first target, when limits stand before all that are there.
 */
function freeTarget(
  { targets }: CallLimits,
  candidates: readonly Candidate[],
  facts: LimitFacts,
  weight: RequestWeight,
  gate: TargetGate,
  nowMs: number,
  isHeld: IsHeld | undefined,
): { readonly candidate?: Candidate; readonly fault?: LimitFault } {
  let fault: LimitFault | undefined
  for (const candidate of candidates) {
    if (gate.refusal(candidate)) continue
    const found = targets.check(targetFacts(facts, candidate), weightAt(weight, candidate), nowMs, isHeld)
    if (!found) return { candidate }
    fault ??= found
  }
  return fault ? { fault } : {}
}

const NOTHING: LimitWeight = { inputTokens: 0, outputTokens: 0 }

const isSame = (one: Target, other: Target): boolean =>
  one.provider === other.provider && one.model === other.model

const weightAt = (weight: RequestWeight, candidate: Candidate | undefined): LimitWeight => {
  if (!candidate) return NOTHING
  const { input, output } = weight.tokens(candidate)
  return { inputTokens: input.expected, outputTokens: output.expected }
}

const takenBy = ({ prompt_tokens, completion_tokens }: Usage): LimitWeight => ({
  inputTokens: prompt_tokens,
  outputTokens: completion_tokens,
})

function callFacts({ options }: CallContext, route: string | null): LimitFacts {
  const { tenant, session, tags } = options
  return {
    route,
    ...(tenant !== undefined && { tenant }),
    ...(session !== undefined && { session }),
    ...(tags && { tags }),
  }
}

const targetFacts = (facts: LimitFacts, { provider, model }: Target): LimitFacts => ({
  ...facts,
  provider,
  model,
})
