import type { IsHeld, LimitGrant, LimitWeight } from '../admission/limit-keeper.js'
import type { LimitFault } from '../admission/limit-rule.js'
import type { LimitFacts } from '../admission/limit-scope.js'
import type { TargetGate } from '../attempts/permit.js'
import type { CallContext } from '../contract/call-context.js'
import type { LimitRefusal } from '../contract/limit.js'
import type { Candidate, Plan } from '../contract/plan.js'
import type { RequestFacts } from '../contract/routing.js'
import type { Target } from '../contract/target.js'
import type { Usage } from '../contract/usage.js'
import { limitedGate } from './limited-gate.js'
import type { RequestWeight } from './request-weight.js'
import type { RoutedCall } from './route-call.js'
import type { Runtime } from './runtime.js'

/** A call's place among the running ones: the gate of its attempts, and what is given back at its end. */
export interface AdmittedCall {
  readonly gate: TargetGate
  /** Once, when the call has ended. @param usage what it took, where that is known */
  release(usage: Usage | undefined): void
}

/** The room that one call takes, all or none of it. A reload may change the limits while it waits. */
export function createRoom(
  { currentLimits, tellLimit }: Runtime,
  call: CallContext,
  { plan: { route, candidates }, weight, facts: asked }: RoutedCall,
  gate: TargetGate,
) {
  const { priority = 'normal', tenant } = call.options
  const facts = callFacts(call, route)
  /** The last ones asked for, mostly asked for again. */
  let asking: { target?: Target; key?: string | undefined; facts: LimitFacts } = { facts }
  let rough: { readonly target: Target; readonly weight: LimitWeight } | undefined
  const limited = limitedGate({
    gate,
    limits: () => currentLimits()?.targets,
    factsOf(target, key) {
      if (asking.target !== target || asking.key !== key)
        asking = { target, key, facts: targetFacts(facts, target, key) }
      return asking.facts
    },
    weightOf: (target) =>
      weightAt(
        weight,
        candidates.find((one) => isSame(one, target)),
      ),
    roughWeightOf(target) {
      if (!isPlainText(asked)) return undefined
      if (rough?.target !== target) rough = roughWeightAt(weight, asked, target, candidates)
      return rough?.weight
    },
    tellLimit,
  })
  let callGrant: LimitGrant | undefined

  /**
   * The first target that is not out and has room. Where all are out for other reasons there is none, and the attempts
   * find out and say so; the fault is of the first target, when limits stand before all that are there.
   */
  const freeTarget = (isHeld: IsHeld | undefined): Candidate | LimitRefusal | undefined => {
    let fault: LimitRefusal | undefined
    for (const candidate of candidates) {
      const found = limited.roomFault(candidate, isHeld)
      if (found === 'free') return candidate
      if (found === 'out') continue
      // A lease is a matter of milliseconds: no reason to go elsewhere.
      if ('reason' in found && found.reason === 'leasing') return found
      fault ??= found
    }
    return fault
  }

  return {
    entry: {
      priority,
      ...(tenant !== undefined && { tenant }),
      group: `${asked.model}\n${currentLimits()?.calls.groupOf(facts) ?? ''}`,
      chars: asked.textLength,
      deadlineAt: call.deadlineAt,
    },
    /** @returns what stands in the way; then nothing is taken */
    take(isHeld: IsHeld | undefined): LimitRefusal | undefined {
      const free = freeTarget(isHeld)
      if (free && 'granted' in free) return free
      const taken = currentLimits()?.calls.take(
        facts,
        weightAt(weight, candidates[0]),
        performance.now(),
        isHeld,
      )
      if (taken && !taken.granted) return taken
      callGrant = taken
      if (free) limited.hold(free)
      return undefined
    },
    admitted: (): AdmittedCall => ({
      gate: limited,
      release(usage: Usage | undefined) {
        limited.release()
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

const NOTHING: LimitWeight = { inputTokens: 0, outputTokens: 0 }

const isSame = (one: Target, other: Target): boolean =>
  one.provider === other.provider && one.model === other.model

const weightAt = (weight: RequestWeight, candidate: Candidate | undefined): LimitWeight => {
  if (!candidate) return NOTHING
  const { input, output } = weight.tokens(candidate)
  return { inputTokens: input.expected, outputTokens: output.expected }
}

/** Its texts are all that its prompt is made of. */
const isPlainText = (facts: RequestFacts): boolean =>
  !facts.needsTools && !facts.needsImages && !facts.needsAudio && !facts.needsFiles && !facts.needsJsonSchema

/** What vendors add for messages; few texts have as many tokens as characters. */
const ROUGH_OVERHEAD_TOKENS = 50

function roughWeightAt(
  weight: RequestWeight,
  { textLength }: RequestFacts,
  target: Target,
  candidates: readonly Candidate[],
) {
  const candidate = candidates.find((one) => isSame(one, target))
  if (!candidate) return undefined
  const inputTokens = textLength + ROUGH_OVERHEAD_TOKENS
  return { target, weight: { inputTokens, outputTokens: weight.answerTokens(candidate) } }
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

/** Of a provider with one key, that one. */
const ONLY_KEY = 'key-1'

const targetFacts = (facts: LimitFacts, { provider, model }: Target, key = ONLY_KEY): LimitFacts => ({
  ...facts,
  provider,
  model,
  key,
})
