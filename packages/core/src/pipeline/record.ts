/** The account of one call: what it used, what it cost, how it ended. Ends exactly once. */
import { computeCostUsd } from '../accounting/compute-cost.js'
import { estimateUsage } from '../accounting/estimate-tokens.js'
import type { CallContext } from '../contract/call-context.js'
import type { ChatRequest } from '../contract/chat-request.js'
import type { ChatChunk, PartialResponse, Usage } from '../contract/chat-response.js'
import { createChunkCollector } from '../contract/collect-chunks.js'
import type { AssignedArm, ExperimentAssignment } from '../contract/experiment.js'
import type { AttemptBill, AttemptRecord, DecisionTrace, GatewayMeta } from '../contract/gateway-meta.js'
import type { Candidate } from '../contract/plan.js'
import { GatewayError, isGatewayError, type FailedAttempt } from '../errors/gateway-error.js'
import { withFacts } from '../errors/with-facts.js'
import type { AssignedCall } from '../experiments/experiment-tracker.js'
import { shownMs } from '../platform/shown-ms.js'
import type { OpenCall } from './begin-call.js'
import type { AdmittedCall } from './call-room.js'
import type { RoutedCall } from './route-call.js'
import type { Runtime } from './runtime.js'
import { keepDeadLetter } from './dead-letter.js'
import { trafficRecord } from './traffic-record.js'

export interface CallRecord {
  /** Each hands back what it is told, so that a stage reads as one line. */
  begin(context: CallContext): CallContext
  routed(routed: RoutedCall): RoutedCall
  admitted(admission: AdmittedCall): AdmittedCall
  /**
   * Meta for the answer of `candidate`; `outcome` is what the trace will say.
   * @param passing its attempt, when it has not settled yet
   */
  meta(
    candidate: Candidate,
    estimated: boolean,
    outcome: DecisionTrace['outcome'],
    passing?: AttemptRecord,
  ): GatewayMeta
  /** Ends the call well. @param worth of the answer, 0 to 1, where that can be told */
  succeed(usage: Usage | undefined, estimated: boolean, worth?: number): void
  /** Ends the call with an error and returns it as the caller gets it. */
  fail(error: unknown, usage?: Usage, estimated?: boolean): GatewayError
}

export function openRecord(runtime: Runtime, open: OpenCall, onEnd: () => void): CallRecord {
  const { bus, logger } = runtime
  let context: CallContext | undefined
  let routed: RoutedCall | undefined
  let admission: AdmittedCall | undefined
  let assigned: AssignedCall | undefined
  let ended = false

  bus.emit('request-start', () => ({ requestId: open.requestId, model: open.requested, call: open.call }))

  /** Copies: what a host does with them is its own affair. */
  const trace = (
    outcome: DecisionTrace['outcome'],
    error?: GatewayError,
    passing?: AttemptRecord,
  ): DecisionTrace => ({
    requestId: open.requestId,
    requested: open.requested,
    route: routed?.plan.route ?? null,
    strategy: routed?.plan.strategy ?? 'none',
    candidates: [...(routed?.plan.verdicts ?? [])],
    attempts: [...(context?.attempts ?? []), ...(passing ? [passing] : [])],
    skipped: [...(context?.skips ?? [])],
    outcome,
    ...(error && { error: { code: error.code, message: error.message } }),
    ...(routed?.plan.assignments && { experiments: assignedArms(routed.plan.assignments) }),
    durationMs: shownMs(performance.now() - open.startedAt),
  })
  /** What an answer and a partial one say of the call so far. */
  const told = (made: DecisionTrace): Pick<GatewayMeta, 'attempts' | 'costUsd' | 'warnings' | 'trace'> => ({
    attempts: [...made.attempts],
    costUsd: totalCostUsd(made.attempts),
    warnings: [...(context?.warnings ?? [])],
    trace: made,
  })
  const end = (
    outcome: DecisionTrace['outcome'],
    usage: Usage | undefined,
    estimated: boolean,
    error?: GatewayError,
    worth?: number,
  ): void => {
    if (ended) return
    ended = true
    open.scope.release()
    admission?.release(usage)
    onEnd()
    if (runtime.traffic && context && routed) {
      const durationMs = shownMs(performance.now() - open.startedAt)
      const facts = { outcome, usage, errorCode: error?.code, durationMs }
      const record = trafficRecord(context, routed, facts, Date.now())
      const { content } = runtime.traffic
      runtime.traffic.record(content ? { ...record, request: open.input as ChatRequest } : record)
    }
    if (error && context) keepDeadLetter(runtime.deadLetters, open, context, trace(outcome, error), error)
    assigned?.settle({
      outcome,
      durationMs: performance.now() - open.startedAt,
      firstContentMs: open.call === 'stream' ? firstContentMs(context?.attempts ?? []) : undefined,
      costUsd: totalCostUsd(context?.attempts ?? []),
      quality: worth,
    })
    if (outcome === 'ok') tellRecovery(runtime, open, context?.attempts ?? [])
    bus.emit('request-end', () => ({
      requestId: open.requestId,
      outcome,
      trace: trace(outcome, error),
      ...(usage && { usage }),
      estimated,
      costUsd: totalCostUsd(context?.attempts ?? []),
      ...(error && { error: { code: error.code, message: error.message } }),
    }))
  }

  return {
    begin: (begun) => (context = begun),
    routed(made) {
      routed = made
      const { assignments } = made.plan
      if (assignments) assigned = runtime.experiments.assign(open.requestId, assignments)
      return made
    },
    admitted: (granted) => (admission = granted),
    meta: (candidate, estimated, outcome, passing) => ({
      requestId: open.requestId,
      route: routed?.plan.route ?? null,
      provider: candidate.provider,
      model: candidate.model,
      ...told(trace(outcome, undefined, passing)),
      estimated,
      cache: 'off',
    }),
    succeed(usage, estimated, worth) {
      end('ok', usage, estimated, undefined, worth)
    },
    fail(cause, usage, estimated = false) {
      const known = isGatewayError(cause)
        ? cause
        : new GatewayError({
            code: 'bad_response',
            message: 'the gateway failed in an unexpected way; see the cause and report it',
            cause,
          })
      const aborted = isGatewayError(known, 'aborted', 'closed')
      const outcome = aborted ? 'aborted' : 'error'
      const error = withFacts(known, {
        requestId: open.requestId,
        attempts: failedAttempts(context?.attempts ?? []),
        // It was made before its attempt had settled: without that one's cost and end.
        ...(hasMeta(known.partial) && {
          partial: {
            ...known.partial,
            gateway: { ...known.partial.gateway, ...told(trace(outcome, known)) },
          },
        }),
      })
      end(outcome, usage, estimated, error)
      if (isOwnRefusal(error)) runtime.tellRefusal(error)
      else if (!aborted)
        logger.error?.(
          { requestId: open.requestId, code: error.code, provider: error.provider, model: error.model },
          `turnout: ${error.message}`,
        )
      return error
    },
  }
}

/** Nothing was sent: it is no fault, and comes in thousands. */
const isOwnRefusal = (error: GatewayError): boolean =>
  error.attempts.length === 0 && isGatewayError(error, 'rate_limited', 'queue_full', 'budget_exceeded')

/** Failures that the caller never saw are told once, together: as hops, not as errors. */
function tellRecovery(
  { bus, logger }: Runtime,
  { requestId }: OpenCall,
  attempts: readonly AttemptRecord[],
): void {
  const hops = attempts.filter(({ outcome }) => outcome === 'error')
  const last = attempts.findLast(({ outcome }) => outcome === 'ok')
  if (hops.length === 0 || !last) return
  const { provider, model } = last
  bus.emit('recovered', () => ({ requestId, by: { provider, model }, hops }))
  const failed = hops.map((hop) => `${hop.provider}/${hop.model} ${hop.error?.code ?? 'failed'}`)
  logger.warn?.(
    { requestId, provider, model },
    `turnout: answered by ${provider}/${model} after ${failed.join(', ')}`,
  )
}

const hasMeta = (partial: unknown): partial is PartialResponse =>
  typeof partial === 'object' && partial !== null && 'gateway' in partial

/** From the call to the first content that was delivered: of the attempt that answered, or of one that was carried on. */
function firstContentMs(attempts: readonly AttemptRecord[]): number | undefined {
  const first = attempts.find(
    (attempt) =>
      attempt.firstContentMs !== undefined &&
      (attempt.outcome === 'ok' || attempt.verdict?.action === 'rescue'),
  )
  return first && first.startedAfterMs + (first.firstContentMs ?? 0)
}

const assignedArms = (assignments: readonly ExperimentAssignment[]): readonly AssignedArm[] =>
  assignments.map(({ split, arm, notCounted }) => ({
    experiment: split.experiment,
    arm: split.arms[arm]?.target ?? '',
    counted: notCounted === undefined,
  }))

/** Every attempt's cost together; one unknown makes the sum unknown. */
function totalCostUsd(attempts: readonly AttemptRecord[]): number | null {
  let sum = 0
  for (const { costUsd } of attempts) {
    if (costUsd === null) return null
    sum += costUsd
  }
  return sum
}

const failedAttempts = (attempts: readonly AttemptRecord[]): FailedAttempt[] =>
  attempts.flatMap(({ provider, model, error, status, durationMs }) =>
    error
      ? [
          {
            provider,
            model,
            code: error.code,
            message: error.message,
            ...(status !== undefined && { status }),
            durationMs,
          },
        ]
      : [],
  )

/** What the batches of one attempt used: as reported, or estimated when the provider sent no usage. */
export function usageOf(
  request: ChatRequest,
  reported: Usage | undefined,
  answer: () => string,
): { usage: Usage; estimated: boolean } {
  return reported
    ? { usage: reported, estimated: false }
    : { usage: estimateUsage(request, answer()), estimated: true }
}

/** What an attempt has produced so far, folded, with what it used. */
export function foldReceived(request: ChatRequest, received: readonly (readonly ChatChunk[])[]) {
  const collector = createChunkCollector()
  let reported: Usage | undefined
  for (const batch of received) {
    for (const chunk of batch) {
      if (chunk.usage) reported = chunk.usage
      collector.push(chunk)
    }
  }
  return { collector, ...usageOf(request, reported, collector.written) }
}

/** Nothing came, and nothing is billed. */
export const UNBILLED: AttemptBill = { costUsd: 0 }

export const billFor = (
  runtime: Runtime,
  { adapter, model }: Candidate,
  { usage, estimated }: { readonly usage: Usage; readonly estimated: boolean },
): AttemptBill => ({
  costUsd: computeCostUsd(usage, runtime.catalog.find(adapter.name, model)?.price),
  usage,
  estimated,
})
