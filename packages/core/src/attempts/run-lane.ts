/** One lane of a call: candidates in order, each with its retries, until one commits. */
import type { CallContext } from '../contract/call-context.js'
import type { AttemptKind } from '../contract/gateway-meta.js'
import type { Candidate } from '../contract/plan.js'
import type { ErrorCode } from '../errors/error-code.js'
import { isGatewayError, type GatewayError } from '../errors/gateway-error.js'
import { sleep } from '../platform/abort.js'
import { shownWaitMs } from '../platform/shown-ms.js'
import { abortError } from './abort-error.js'
import {
  earliest,
  everythingIsOut,
  noteSkip,
  type CandidateQueue,
  type TakenCandidate,
} from './candidate-queue.js'
import { noteVerdict } from './note-verdict.js'
import { isRefusal, type Permit, type Refusal, type TargetGate } from './permit.js'
import { retry } from './retry.js'
import {
  decideRetry,
  errorVerdict,
  withoutBudget,
  type FailureFacts,
  type RetryDecision,
  type RetryPolicy,
} from './retry-decision.js'
import { isAboutTheKey } from './target-key.js'
import { triesAt } from './tries-at.js'

/** How many attempts a call may still make, over its retries, failovers, hedges and rescues together. */
export interface AttemptBudget {
  left(): number
  /** Before anything is waited for: two lanes may not both count on the last one. */
  take(): void
  /** What was taken is not needed after all. */
  giveBack(): void
}

export function createAttemptBudget(maxAttempts: number): AttemptBudget {
  let used = 0
  return {
    left: () => maxAttempts - used,
    take() {
      used++
    },
    giveBack() {
      used--
    },
  }
}

/** What an attempt is told about itself. */
export interface AttemptOrder {
  readonly call: CallContext
  readonly kind: AttemptKind
  readonly permit: Permit
  /** No other target may be asked, and none is being asked: whoever is slow now gets grace. */
  readonly isLast: boolean
  /**
   * Asked about a complete answer with a fault: true when another target may still give a better one. Who hears so must
   * refuse the answer, for this lane then counts as gone: the last faulty answer of a race is given.
   */
  readonly concede: () => boolean
}

/** What the engine is given for one call. */
export interface AttemptRules<T> {
  /** Makes one attempt. Rejects with a `GatewayError` after having settled it. */
  readonly run: (candidate: Candidate, order: AttemptOrder) => Promise<T>
  /** True when the error has been mended by changing the request: the target is asked again at once. */
  readonly mend?: (candidate: Candidate, error: GatewayError) => boolean
  readonly gate: TargetGate
  readonly policy: RetryPolicy
  readonly budget: AttemptBudget
  /** Codes that end a call by default, but that this call wants to be routed around. */
  readonly routedAround?: ReadonlySet<ErrorCode> | undefined
  /** An attempt has failed and its target will be left: time to connect to the next. */
  readonly onTrouble?: (next: Candidate) => void
}

/** `ends`: what failed ends here: this target (another may do), this lane (another may win), or the whole call. */
export type LaneEnd<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: GatewayError; readonly ends: 'target' | 'lane' | 'call' }

/** @param isAlone no other lane of the call is running; told `true`, it counts this one as gone if another is */
export async function runLane<T>(
  call: CallContext,
  queue: CandidateQueue,
  rules: AttemptRules<T>,
  opening: 'first' | 'hedge' | 'failover',
  isAlone: (concedes?: boolean) => boolean = () => true,
): Promise<LaneEnd<T>> {
  let failure: GatewayError | undefined
  let kind: AttemptKind = opening
  for (;;) {
    if (call.scope.aborted) return { ok: false, error: abortError(call), ends: 'call' }
    // Another lane may have used what was left when this one decided to go on.
    if (failure && rules.budget.left() <= 0) return { ok: false, error: failure, ends: 'lane' }
    const taken = queue.take()
    if (!taken) {
      if (failure) return { ok: false, error: failure, ends: 'lane' }
      if (await waitOut(call, queue.refusals(), rules.policy)) {
        queue.rewind()
        continue
      }
      return { ok: false, error: everythingIsOut(queue.refusals()), ends: 'lane' }
    }
    rules.budget.take()
    const end = await tryTarget(call, taken, kind, queue, rules, isAlone)
    if (end.ok || end.ends !== 'target') return end
    failure = end.error
    kind = 'failover'
  }
}

async function tryTarget<T>(
  call: CallContext,
  { candidate, permit: firstPermit }: TakenCandidate,
  opening: AttemptKind,
  queue: CandidateQueue,
  rules: AttemptRules<T>,
  isAlone: (concedes?: boolean) => boolean,
): Promise<LaneEnd<T>> {
  const { gate, budget, policy } = rules
  /** More than none when this call's answer from here broke off and is rescued. */
  const triesBefore = triesAt(call, candidate)
  let tries = 0
  let permit: Permit | undefined = firstPermit
  let decision = { action: 'next', reason: '' } as RetryDecision
  const hasFallback = (concedes = false): boolean =>
    (budget.left() > 0 && queue.peek() !== undefined) || !isAlone(concedes)

  const tryOnce = (): Promise<T> => {
    const granted = permit as Permit
    permit = undefined
    if (tries++ === 0) gate.noteFresh(candidate)
    const kind = tries === 1 ? opening : 'retry'
    const isLast = !hasFallback()
    return rules.run(candidate, { call, kind, permit: granted, isLast, concede: () => hasFallback(true) })
  }
  const again = async (thrown: unknown): Promise<boolean> => {
    const error = thrown as GatewayError
    if (isGatewayError(error, 'aborted', 'closed')) return false
    if (error.code === 'context_length') queue.noteTooLong(candidate)
    const attemptsLeft = budget.left()
    if (attemptsLeft > 0 && rules.mend?.(candidate, error)) {
      budget.take()
      return acquireAgain()
    }
    const facts: FailureFacts = {
      error,
      hasOtherKey: isAboutTheKey(error) && gate.hasFreshKey(candidate),
      triesHere: triesBefore + tries,
      attemptsLeft,
      hasFallback: hasFallback(),
      remainingMs: call.deadlineAt - performance.now(),
      routedAround: rules.routedAround,
    }
    decision = decideRetry(facts, policy, call.random)
    // A key that is out for all calls is no storm: each call leaves it once.
    const isFree = facts.hasOtherKey && isOut(error)
    if (decision.action === 'same' && !isFree && !gate.takeRetry(candidate)) decision = withoutBudget(facts)
    noteVerdict(call, candidate, {
      action: ACTIONS[decision.action],
      reason: decision.reason,
      ...(decision.action === 'same' && { delayMs: shownWaitMs(decision.delayMs) }),
    })
    const next = decision.action === 'fail' ? undefined : queue.peek()
    if (next) rules.onTrouble?.(next)
    if (decision.action !== 'same') return false
    budget.take()
    if (!(await sleep(decision.delayMs, call.scope))) throw abortError(call)
    return acquireAgain()
  }
  /** The breaker may have opened while this call waited, or a cooldown begun or grown by what other calls were told. */
  const acquireAgain = async (): Promise<boolean> => {
    for (;;) {
      const granted = gate.acquire(candidate)
      if (!isRefusal(granted)) {
        permit = granted
        return true
      }
      if (hasFallback() || !(await waitOut(call, [granted], policy))) {
        budget.giveBack()
        noteSkip(call, candidate, granted)
        decision = { action: 'next', reason: granted.reason }
        return false
      }
      if (call.scope.aborted) throw abortError(call)
    }
  }

  try {
    return { ok: true, value: await retry(tryOnce, again) }
  } catch (thrown) {
    const error = thrown as GatewayError
    if (isGatewayError(error, 'aborted', 'closed')) return { ok: false, error, ends: 'call' }
    if (decision.action !== 'fail') return { ok: false, error, ends: 'target' }
    return { ok: false, error, ends: errorVerdict(error, rules.routedAround) === 'fail' ? 'call' : 'lane' }
  }
}

/**
 * Nothing can be asked now. A cooldown is a promise to be back, so it is waited for within the patience for a last
 * target; an open breaker promises nothing, and is not.
 * @returns false when it was not worth waiting; an abort ends the wait
 */
async function waitOut(
  call: CallContext,
  refusals: readonly Refusal[],
  policy: RetryPolicy,
): Promise<boolean> {
  const cooling = refusals.filter(
    ({ code, error, retryAt }) =>
      (code === 'cooldown' || code === 'limit') && error?.retryable === true && retryAt < Infinity,
  )
  if (cooling.length === 0) return false
  const now = performance.now()
  const waitMs = Math.max(0, earliest(cooling).retryAt - now) * (1 + 0.2 * call.random())
  if (waitMs > policy.maxRetryAfterWaitMs.last || now + waitMs >= call.deadlineAt) return false
  await sleep(waitMs, call.scope)
  return true
}

/** Its key is left alone from now on. */
const isOut = ({ code, retryAfterMs }: GatewayError): boolean =>
  code !== 'rate_limited' || (retryAfterMs !== undefined && retryAfterMs > 0)

const ACTIONS = { same: 'retry', next: 'failover', fail: 'give_up' } as const
