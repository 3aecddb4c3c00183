/** The life of one chat request. Read it top to bottom: a line is a stage, and the folder behind it does the work. */
import { admit } from '../admission/admit.js'
import { commitFirst } from '../attempts/commit-first.js'
import { commitOne, type CommitPoint } from '../attempts/commit-one.js'
import { startAttempt } from '../attempts/start-attempt.js'
import { claimCache } from '../cache/claim-cache.js'
import { fitContext } from '../context/fit-context.js'
import { validateRequest } from '../contract/validate-request.js'
import { guardInput } from '../guardrails/guard-input.js'
import { planRoute } from '../routing/plan-route.js'
import { chatFacts } from '../routing/request-facts.js'
import { attemptSettings, withDefaults } from './attempt-settings.js'
import { beginCall, type OpenCall } from './begin-call.js'
import { deliver, type Delivery } from './deliver.js'
import { failedCostUsd, type CallRecord } from './record.js'
import type { Runtime } from './runtime.js'

/**
 * Carries a request to its commit and hands back the delivery, which guards, meters and accounts as it is pulled.
 * Everything that can go wrong rejects with a `GatewayError`, after it has been recorded.
 *
 * @param commitAt `content` for streams; `complete` for whole answers, which show nothing before the end.
 */
export async function execute(runtime: Runtime, open: OpenCall, record: CallRecord, commitAt: CommitPoint): Promise<Delivery> {
  try {
    const call = record.begin(beginCall(runtime, open))
    const valid = validateRequest(open.input, call.warn)
    const plan = record.planned(planRoute(chatFacts(valid), runtime.table))
    const request = guardInput(valid)
    claimCache(request)
    record.admitted(admit(call))

    const settings = attemptSettings(runtime, call, commitAt)
    const committed = await commitFirst(call, plan, (candidate, kind, permit) => {
      const asked = fitContext(withDefaults(runtime, candidate, request), candidate)
      const attempt = startAttempt(call, candidate, kind, permit, settings)
      return commitOne(attempt, asked, commitAt, (received) => failedCostUsd(runtime, candidate, asked, received))
    }, runtime.acquirePermit, runtime.retryPolicy)

    return deliver(runtime, call, request, committed, record)
  } catch (error) {
    throw record.fail(error)
  }
}
