/** One call and its surroundings, for tests of the attempt engine without a gateway around it. */
import type { Adapter } from '../src/contract/adapter.js'
import type { CallContext } from '../src/contract/call-context.js'
import type { AttemptKind, AttemptRecord, Warning } from '../src/contract/gateway-meta.js'
import type { Candidate } from '../src/contract/plan.js'
import type { Target } from '../src/contract/target.js'
import type { ErrorCode } from '../src/errors/error-code.js'
import { GatewayError, type GatewayErrorInit } from '../src/errors/gateway-error.js'
import { createAbortScope } from '../src/platform/abort.js'
import type { Permit, PermitOutcome, Refusal, TargetGate } from '../src/attempts/permit.js'
import type { PhaseLimits } from '../src/attempts/phase-timeouts.js'
import { RETRY_POLICY } from '../src/attempts/retry-decision.js'
import { createAttemptBudget, type AttemptOrder, type AttemptRules } from '../src/attempts/run-lane.js'
import { startAttempt } from '../src/attempts/start-attempt.js'

/** A chat that begins now and may take ten minutes. Chance always says 0. */
export function callWith(changes: Partial<CallContext> = {}): CallContext {
  const startedAt = performance.now()
  const warnings: Warning[] = []
  return {
    requestId: 'r-1',
    accountId: 'r-1',
    call: 'chat',
    options: {
      maxAttempts: 10,
      unsupported: 'warn',
      timeout: { totalMs: 600_000, connectMs: 10_000, idleMs: 60_000 },
    },
    startedAt,
    deadlineAt: startedAt + 600_000,
    scope: createAbortScope(),
    random: () => 0,
    attempts: [],
    skips: [],
    warnings,
    warn: (warning) => void warnings.push(warning),
    ...changes,
  }
}

/** Model `m` of a provider. */
export function candidateOf(provider: string, adapter: Partial<Adapter> = {}): Candidate {
  const candidate = {
    provider,
    model: 'm',
    unknownModel: false,
    capabilities: adapter.capabilities?.('m') ?? {},
    adapter: {
      name: provider,
      models: [],
      chat: () => {
        throw new Error('this adapter is not to be called')
      },
      ...adapter,
    },
  }
  return candidate
}

export const failure = (code: ErrorCode, facts: Partial<GatewayErrorInit> = {}): GatewayError =>
  new GatewayError({ code, message: `${code}, as scripted`, ...facts })

export const refusalOf = (facts: Partial<Refusal> = {}): Refusal => ({
  code: 'breaker_open',
  reason: 'the circuit breaker is open',
  retryAt: performance.now() + 5_000,
  soft: false,
  ...facts,
})

/** Refuses what `refused` says, as long as it says so; notes what it was asked for. */
export function openGate(refused: Map<string, Refusal> = new Map()) {
  const fresh: string[] = []
  const retries: string[] = []
  const permit: Permit = { settle() {}, cancel() {} }
  const gate: TargetGate = {
    refusal: ({ provider }) => refused.get(provider),
    acquire({ provider }, despiteSoft) {
      const refusal = refused.get(provider)
      return refusal && !(refusal.soft && despiteSoft) ? refusal : permit
    },
    hasFreshKey: () => false,
    noteFresh: ({ provider }) => void fresh.push(provider),
    takeRetry({ provider }) {
      retries.push(provider)
      return true
    },
  }
  return { gate, permit, refused, fresh, retries }
}

/** What an attempt does: gives an answer, fails, or does as the function says. */
export type Step = string | GatewayError | ((order: AttemptOrder) => Promise<string>)

/** Rules whose attempts go by a script for each provider; the last step is repeated. */
export function scriptedRules(
  scripts: Readonly<Record<string, readonly Step[]>>,
  changes: Partial<AttemptRules<string>> = {},
) {
  const asked: string[] = []
  const orders: AttemptOrder[] = []
  const counts = new Map<string, number>()
  const rules: AttemptRules<string> = {
    async run({ provider, model }, order) {
      const count = counts.get(provider) ?? 0
      counts.set(provider, count + 1)
      asked.push(`${order.kind} ${provider}`)
      orders.push(order)
      const script = scripts[provider] ?? []
      const step = script[Math.min(count, script.length - 1)]
      if (typeof step === 'string') return step
      if (typeof step === 'function') return step(order)
      const error = step ?? failure('upstream_error')
      order.call.attempts.push(recordOf({ provider, model }, order.kind, error))
      throw error
    },
    gate: openGate().gate,
    policy: RETRY_POLICY,
    budget: createAttemptBudget(10),
    ...changes,
  }
  return { rules, asked, orders }
}

function recordOf(target: Target, kind: AttemptKind, { code, message }: GatewayError): AttemptRecord {
  const at = { startedAfterMs: 0, durationMs: 0, costUsd: 0 }
  return { ...target, ...at, kind, outcome: 'error', error: { code, message } }
}

/** An attempt at `candidate` under the call's own clocks, with what was told of it. */
export function startedAttempt(
  candidate: Candidate,
  {
    call = callWith(),
    kind = 'first',
    limits = { connectMs: 1_000, headersMs: 2_000, firstTokenMs: 3_000, idleMs: 4_000, progressMs: 8_000 },
    headers,
    stream = true,
  }: {
    readonly call?: CallContext
    readonly kind?: AttemptKind
    readonly limits?: PhaseLimits
    readonly headers?: Readonly<Record<string, string>>
    readonly stream?: boolean
  } = {},
) {
  const outcomes: (readonly [PermitOutcome, GatewayError | undefined])[] = []
  const started: string[] = []
  const ended: AttemptRecord[] = []
  const permit: Permit = { settle: (outcome, error) => void outcomes.push([outcome, error]), cancel() {} }
  const attempt = startAttempt(
    candidate,
    { call, kind, permit, isLast: true },
    {
      stream: () => stream,
      limits: () => limits,
      headers: () => headers,
      onStart: (startedKind, { provider }) => void started.push(`${startedKind} ${provider}`),
      onEnd: (record) => void ended.push(record),
    },
  )
  return { attempt, call, outcomes, started, ended }
}
