/** The life of one chat request. Read it top to bottom: a line is a stage, and the folder behind it does the work. */
import { admit } from '../admission/admit.js'
import { commitFirst } from '../attempts/commit-first.js'
import { commitOne, type CommitPoint, type CommitRules, type Received } from '../attempts/commit-one.js'
import { createRequestMender, dropRefusedSetting, type Remedy } from '../attempts/mend-request.js'
import { startAttempt } from '../attempts/start-attempt.js'
import { claimCache } from '../cache/claim-cache.js'
import { fitContext } from '../context/fit-context.js'
import type { ChatRequest } from '../contract/chat-request.js'
import type { Candidate } from '../contract/plan.js'
import { validateRequest } from '../contract/validate-request.js'
import { guardInput } from '../guardrails/guard-input.js'
import { planRoute } from '../routing/plan-route.js'
import { chatFacts } from '../routing/request-facts.js'
import type { AcceptAnswer } from './accept-object.js'
import { attemptSettings, withDefaults } from './attempt-settings.js'
import { beginCall, type OpenCall } from './begin-call.js'
import { deliver, type Delivery } from './deliver.js'
import { costUsd, foldReceived, type CallRecord } from './record.js'
import type { Runtime } from './runtime.js'

/** How a call is answered, beyond what its options say. */
export interface Manner {
  /** `content` for streams; `complete` for whole answers, which show nothing before the end. */
  readonly commitAt: CommitPoint
  /** Throws when a complete answer will not do. */
  readonly accept?: AcceptAnswer
  /** Ways to change the request after an error, besides leaving out a setting that was refused. */
  readonly remedies?: readonly Remedy[]
}

/**
 * Carries a request to its commit and hands back the delivery, which guards, meters and accounts as it is pulled.
 * Everything that can go wrong rejects with a `GatewayError`, after it has been recorded.
 */
export async function execute(
  runtime: Runtime,
  open: OpenCall,
  record: CallRecord,
  manner: Manner,
): Promise<Delivery> {
  try {
    const call = record.begin(beginCall(runtime, open))
    const valid = validateRequest(open.input, call)
    const plan = record.planned(planRoute(chatFacts(valid), runtime.table))
    const request = guardInput(valid)
    claimCache(request)
    record.admitted(admit(call))

    const settings = attemptSettings(runtime, call, manner.commitAt)
    const mender = createRequestMender(
      (candidate) => fitContext(withDefaults(runtime, candidate, request), candidate),
      [dropRefusedSetting(call), ...(manner.remedies ?? [])],
    )
    const committed = await commitFirst(call, plan, {
      run(candidate, kind, permit) {
        const attempt = startAttempt(call, candidate, kind, permit, settings)
        return commitOne(
          attempt,
          mender.requestFor(candidate),
          commitRules(runtime, request, candidate, record, manner),
        )
      },
      mend: mender.mend,
      acquire: runtime.acquirePermit,
      policy: runtime.retryPolicy,
    })
    return deliver(runtime, call, request, committed, record)
  } catch (error) {
    throw record.fail(error)
  }
}

function commitRules(
  runtime: Runtime,
  request: ChatRequest,
  candidate: Candidate,
  record: CallRecord,
  { commitAt, accept }: Manner,
): CommitRules {
  const costOf = (received: Received): number | null =>
    received.length === 0 ? 0 : costUsd(runtime, candidate, foldReceived(request, received).usage)
  if (!accept) return { commitAt, costOf }
  return {
    commitAt,
    costOf,
    accept(received) {
      const { collector, usage, estimated } = foldReceived(request, received)
      return accept(collector.response(usage, record.meta(candidate, estimated, 'error')))
    },
  }
}
