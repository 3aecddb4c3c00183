import type { AttemptContext, ResponseFacts } from '../contract/adapter.js'
import type { AttemptBill, AttemptKind, AttemptRecord } from '../contract/gateway-meta.js'
import type { Candidate } from '../contract/plan.js'
import type { ErrorCode } from '../errors/error-code.js'
import { GatewayError } from '../errors/gateway-error.js'
import { shownMs } from '../platform/shown-ms.js'
import { abortError } from './abort-error.js'
import { adapterError } from './adapter-error.js'
import { abortAttempt, createAttemptContext } from './attempt-context.js'
import type { PermitOutcome } from './permit.js'
import type { AttemptOrder } from './run-lane.js'
import { startPhaseTimeouts, type Expiry, type PhaseLimits, type PhaseTimeouts } from './phase-timeouts.js'

/** What every attempt of a call is started with. */
export interface AttemptSettings {
  /** Whether the provider is asked for a stream. */
  readonly stream: (candidate: Candidate) => boolean
  readonly limits: (candidate: Candidate, isLast: boolean) => PhaseLimits
  readonly headers: (candidate: Candidate) => Readonly<Record<string, string>> | undefined
  readonly onStart: (kind: AttemptKind, candidate: Candidate) => void
  readonly onEnd: (record: AttemptRecord) => void
}

/** One attempt under its clocks. `settle` must be called exactly once, when the outcome is known. */
export interface StartedAttempt {
  readonly candidate: Candidate
  readonly context: AttemptContext
  readonly clocks: PhaseTimeouts
  readonly minTokensPerSecond: number | undefined
  hasContent(): boolean
  /** A connection was there to send the request on. */
  wasSent(): boolean
  /** The first content has come; later calls only feed the idle clock. */
  content(): void
  /**
   * Waits for the adapter, but not longer than the clocks and the caller allow.
   * @param note told of the value, before whoever waits; what it throws is thrown instead
   */
  race<T>(pending: Promise<T>, note?: (value: T) => void): Promise<T>
  /** Runs when the attempt is stopped, by a clock, by the caller, or by `stop`; at once when it has been already. */
  onStop(listener: (reason: GatewayError) => void): void
  /** Ends the attempt from outside; a pending race rejects with `error`. */
  stop(error: GatewayError): void
  settle(outcome: AttemptRecord['outcome'], bill: AttemptBill, error?: GatewayError): void
  /** The record as it would be if the attempt settled now; nothing is settled by asking. */
  recordOf(outcome: AttemptRecord['outcome'], bill: AttemptBill, error?: GatewayError): AttemptRecord
}

export function startAttempt(
  candidate: Candidate,
  { call, kind, permit, isLast }: Omit<AttemptOrder, 'concede'>,
  settings: AttemptSettings,
): StartedAttempt {
  const { provider, model } = candidate
  const startedAt = performance.now()
  let facts: ResponseFacts | undefined
  let firstContentMs: number | undefined
  let sent = false
  let stoppedWith: GatewayError | undefined
  let rejectPending: ((error: GatewayError) => void) | undefined
  const stopListeners: ((reason: GatewayError) => void)[] = []

  const stop = (error: GatewayError): void => {
    if (stoppedWith) return
    stoppedWith = error
    abortAttempt(context, error)
    rejectPending?.(error)
    for (const listener of stopListeners) listener(error)
  }
  const context = createAttemptContext({
    requestId: call.requestId,
    idempotencyKey: call.options.idempotencyKey,
    provider,
    model,
    stream: settings.stream(candidate),
    key: permit.key,
    headers: settings.headers(candidate),
    unsupported: call.options.unsupported,
    mark: (mark) => {
      sent = true
      clocks.mark(mark)
    },
    warn: (warning) => {
      call.warn({ provider, ...warning })
    },
    response: (answer) => {
      facts = answer
      permit.heard?.(answer)
    },
  })
  const clocks = startPhaseTimeouts(
    settings.limits(candidate, isLast),
    startedAt,
    call.deadlineAt,
    (expiry) => {
      stop(timeoutError(expiry, candidate))
    },
  )
  // After the context, which `stop` aborts: the scope may have aborted already.
  const forgetAbort = call.scope.onAbort(() => {
    stop(abortError(call))
  })

  const recordOf: StartedAttempt['recordOf'] = (outcome, bill, error) => ({
    kind,
    provider,
    model,
    outcome,
    startedAfterMs: shownMs(startedAt - call.startedAt),
    durationMs: shownMs(performance.now() - startedAt),
    ...bill,
    ...(permit.key !== undefined && { key: permit.key }),
    ...(firstContentMs !== undefined && { firstContentMs: shownMs(firstContentMs) }),
    ...facts,
    ...(error && {
      error: { code: error.code, message: error.message, ...(error.phase && { phase: error.phase }) },
    }),
  })

  settings.onStart(kind, candidate)
  return {
    candidate,
    clocks,
    context,
    minTokensPerSecond: call.options.timeout.minTokensPerSecond,
    hasContent: () => firstContentMs !== undefined,
    wasSent: () => sent,
    content() {
      firstContentMs ??= performance.now() - startedAt
      clocks.progress()
    },
    race: (pending, note) =>
      new Promise((resolve, reject) => {
        if (stoppedWith) {
          pending.catch(() => {}) // its rejection is the stop's echo
          reject(stoppedWith)
          return
        }
        rejectPending = reject
        pending.then(
          (value) => {
            rejectPending = undefined
            try {
              note?.(value)
              resolve(value)
            } catch (error) {
              reject(error)
            }
          },
          (error: unknown) => {
            rejectPending = undefined
            reject(stoppedWith ?? adapterError(error, candidate))
          },
        )
      }),
    onStop(listener) {
      if (stoppedWith) listener(stoppedWith)
      else stopListeners.push(listener)
    },
    stop,
    settle(outcome, bill, error) {
      clocks.stop()
      forgetAbort()
      permit.settle(permitOutcome(outcome, error), error, bill)
      const record = recordOf(outcome, bill, error)
      call.attempts.push(record)
      settings.onEnd(record)
    },
    recordOf,
  }
}

/** What the caller sent wrongly, or sends too fast, says nothing about the target's health. */
const NEUTRAL: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'invalid_request',
  'content_filtered',
  'context_length',
  'authentication',
  'permission',
  'not_found',
  'rate_limited',
  'quota_exhausted',
  'schema_mismatch',
])

function permitOutcome(outcome: AttemptRecord['outcome'], error: GatewayError | undefined): PermitOutcome {
  if (outcome === 'ok') return 'success'
  if (outcome === 'aborted' || !error || NEUTRAL.has(error.code)) return 'neutral'
  // The answer was whole, and not good enough for the caller: the target works.
  if (error.partial !== undefined) return 'success'
  // The call's own deadline, which may have been next to nothing.
  return error.phase === 'total' ? 'neutral' : 'failure'
}

function timeoutError(
  { phase, limitMs, onlyKeptAlive = false }: Expiry,
  { provider, model }: Candidate,
): GatewayError {
  const what = {
    connect: 'no connection was made',
    headers: 'the provider sent no response headers',
    first_token: 'the provider sent no content',
    idle: onlyKeptAlive ? 'the stream brought nothing but keep-alives' : 'the stream brought nothing more',
    total: 'the call was not finished',
  }[phase]
  return new GatewayError({
    code: 'timeout',
    phase,
    provider,
    model,
    message: `${provider}/${model}: ${what} within ${Math.round(limitMs)} ms (the ${phase} clock; raise it with timeout.${OPTION_OF[phase]})`,
  })
}

const OPTION_OF = {
  connect: 'connectMs',
  headers: 'headersMs',
  first_token: 'firstTokenMs',
  idle: 'idleMs',
  total: 'totalMs',
} as const
