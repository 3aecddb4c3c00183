/** Ordered failover with retries: the first candidate that commits wins, inside one deadline and one attempt budget. */
import type { CallContext } from '../contract/call-context.js'
import type { AttemptKind } from '../contract/gateway-meta.js'
import type { Candidate, Plan } from '../contract/plan.js'
import { GatewayError, isGatewayError } from '../errors/gateway-error.js'
import { sleep } from '../platform/abort.js'
import { abortError } from './abort-error.js'
import type { AcquirePermit, Permit } from './permit.js'
import { retry } from './retry.js'
import { decideRetry, errorVerdict, type RetryDecision, type RetryPolicy } from './retry-decision.js'

/** What the engine is given for one call. */
export interface AttemptRules<T> {
  /** Makes one attempt. Rejects with a `GatewayError` after having settled it. */
  readonly run: (candidate: Candidate, kind: AttemptKind, permit: Permit) => Promise<T>
  /** True when the error has been mended by changing the request: the target is asked again at once. */
  readonly mend?: (candidate: Candidate, error: GatewayError) => boolean
  readonly acquire: AcquirePermit
  readonly policy: RetryPolicy
}

export async function commitFirst<T>(
  call: CallContext,
  plan: Plan,
  { run, mend, acquire, policy }: AttemptRules<T>,
): Promise<T> {
  let tries = 0
  let failure: GatewayError | undefined

  for (const [at, candidate] of plan.candidates.entries()) {
    const hasFallback = at < plan.candidates.length - 1
    let triesHere = 0
    let decision = { action: 'next' } as RetryDecision

    const tryOnce = async (): Promise<T> => {
      if (call.scope.aborted) throw abortError(call)
      const permit = acquire(candidate)
      if (!permit) throw breakerOpen(candidate)
      tries++
      triesHere++
      const kind = tries === 1 ? 'first' : triesHere === 1 ? 'failover' : 'retry'
      return run(candidate, kind, permit)
    }
    const again = async (thrown: unknown): Promise<boolean> => {
      const error = thrown as GatewayError
      const attemptsLeft = call.options.maxAttempts - tries
      if (attemptsLeft > 0 && mend?.(candidate, error)) return true
      decision = decideRetry(
        {
          error,
          triesHere,
          attemptsLeft,
          hasFallback,
          remainingMs: call.deadlineAt - performance.now(),
        },
        policy,
        call.random,
      )
      if (decision.action !== 'same') return false
      noteDelay(call, decision.delayMs)
      if (!(await sleep(decision.delayMs, call.scope))) throw abortError(call)
      return true
    }

    try {
      return await retry(tryOnce, again)
    } catch (error) {
      failure = error as GatewayError
      if (isGatewayError(error, 'aborted', 'closed') || decision.action === 'fail') break
    }
  }
  throw outcome(call, failure)
}

const breakerOpen = ({ provider, model }: Candidate): GatewayError =>
  new GatewayError({
    code: 'breaker_open',
    provider,
    model,
    message: `${provider}/${model}: the circuit breaker is open`,
  })

/** The last attempt's record says how long the engine then waited. */
function noteDelay(call: CallContext, retryDelayMs: number): void {
  const last = call.attempts.pop()
  if (last) call.attempts.push({ ...last, retryDelayMs })
}

/** One attempt: its own error. Several: `all_failed`, unless the last one's error is final in itself. */
function outcome(call: CallContext, last: GatewayError | undefined): GatewayError {
  if (!last) return new GatewayError({ code: 'no_route', message: 'the plan had no candidate' })
  if (call.attempts.length < 2 || errorVerdict(last) === 'fail') return last
  const targets = new Set(call.attempts.map(({ provider, model }) => `${provider}/${model}`))
  return new GatewayError({
    code: 'all_failed',
    message: `all ${call.attempts.length} attempts failed (${[...targets].join(', ')}); the last one: ${last.message}`,
    provider: last.provider,
    model: last.model,
    status: last.status,
    retryable: last.retryable,
    retryAfterMs: last.retryAfterMs,
    resetsAt: last.resetsAt,
    partial: last.partial,
    cause: last,
  })
}
