/** Everything that is known of the targets' health, and what follows from it. */
import { invalidRequest } from '../contract/describe-issue.js'
import { guardReading } from '../contract/guard-reading.js'
import type { AttemptRecord } from '../contract/gateway-meta.js'
import type {
  Feedback,
  HealthCheck,
  LatencyQuantiles,
  ObservedHealth,
  Standing,
  TargetHealth,
} from '../contract/target-health.js'
import type { Target } from '../contract/target.js'
import { createAnsweredRequests } from './answered-requests.js'
import { worthOf, type AnswerFault } from './answer-worth.js'
import { createMemoryHealthStore, keyOf, type LocalHealthStore } from './memory-health-store.js'
import { shownMs } from '../platform/shown-ms.js'
import { observeAttempt } from './observe-attempt.js'
import { isDegraded } from './quality-score.js'
import { createReachability } from './reachability.js'

/** What keeps calls away from a target. Not measured here, only shown. */
export type GateHealth = Target & Pick<TargetHealth, 'breaker' | 'cooldown' | 'keys'>

export type StandingChange = Target & {
  readonly from: Standing
  readonly to: Standing
  readonly reason: string
}

export interface HealthBoardOptions {
  /** Default: in memory. */
  readonly store?: LocalHealthStore
  /** Shown also before they have been asked. */
  readonly targets?: () => readonly Target[]
  readonly gates?: () => readonly GateHealth[]
  /** Runs when a note has changed how routing sees a target. */
  readonly onChange?: (change: StandingChange) => void
}

/** Times are on one monotonic clock, in milliseconds. */
export interface HealthBoard {
  /** @param streamed a stream was asked for */
  noteAttempt(attempt: AttemptRecord, streamed: boolean, nowMs: number): void
  /** Takes in what a complete answer was worth; no faults: a good one. */
  noteAnswer(target: Target, faults: readonly AnswerFault[], nowMs: number): void
  /** Remembers who answered a request, for its feedback. */
  noteAnswered(requestId: string, target: Target): void
  /**
   * @returns what it is worth, 0 to 1, when it counted: the request is one of the last 10,000 answered ones and has had
   *   no feedback yet; else `undefined`
   * @throws GatewayError `invalid_request` for feedback that is none
   */
  feedback(requestId: string, feedback: Feedback, nowMs: number): number | undefined
  noteCheck(provider: string, check: HealthCheck, nowMs: number): void
  /** What routing may know. On the path of every call. */
  standing(target: Target, nowMs: number): Standing
  /** How long a target takes to its first content or its complete answer; `undefined` while too few have been seen. */
  latencyOf(target: Target, until: 'content' | 'complete', nowMs: number): LatencyQuantiles | undefined
  /** What was seen of a target itself; `undefined` when nothing was. */
  observed(target: Target, nowMs: number): ObservedHealth | undefined
  of(target: Target, nowMs: number): TargetHealth
  /** Configured targets in their order, then others as they were first asked. */
  all(nowMs: number): readonly TargetHealth[]
  close(): void
}

/** Fewer durations make no 95th percentile. */
const MIN_DURATIONS = 20
/** More unhealthy targets than this are not told of one by one. */
const MAX_TOLD = 1_000

export function createHealthBoard({
  store = createMemoryHealthStore(),
  targets = () => [],
  gates = () => [],
  onChange = () => {},
}: HealthBoardOptions = {}): HealthBoard {
  const reachability = createReachability()
  const answered = createAnsweredRequests()
  /** Unhealthy targets as they were last told. */
  const told = new Map<string, Target & { readonly standing: Standing }>()

  const standing = (target: Target, nowMs: number): Standing => {
    if (!reachability.isReachable(target.provider)) return 'unreachable'
    return isDegraded(store.qualityOf(target, nowMs)) ? 'degraded' : 'healthy'
  }
  const reasonOf = (target: Target, from: Standing, to: Standing, nowMs: number): string => {
    if (to === 'unreachable') {
      const error = reachability.lastCheck(target.provider)?.error
      return `checks of ${target.provider} fail${error ? `: ${error.message}` : ''}`
    }
    const { score, samples } = store.qualityOf(target, nowMs)
    if (to === 'degraded') return `its quality is ${score.toFixed(2)} over ${samples} answers`
    return from === 'unreachable' ? `${target.provider} answers again` : 'its quality has recovered'
  }
  const tellIfChanged = (target: Target, nowMs: number): void => {
    const key = keyOf(target)
    const from = told.get(key)?.standing ?? 'healthy'
    const to = standing(target, nowMs)
    if (from === to) return
    const { provider, model } = target
    if (to === 'healthy') told.delete(key)
    else if (told.has(key) || told.size < MAX_TOLD) told.set(key, { provider, model, standing: to })
    else return
    onChange({ provider, model, from, to, reason: reasonOf(target, from, to, nowMs) })
  }
  const tellProvider = (provider: string, nowMs: number): void => {
    const known = [...targets(), ...told.values(), ...store.readAll(nowMs)]
    for (const target of known) if (target.provider === provider) tellIfChanged(target, nowMs)
  }
  const noteWorth = ({ provider, model }: Target, worth: number, nowMs: number): void => {
    store.record({ kind: 'quality', provider, model, worth }, nowMs)
    tellIfChanged({ provider, model }, nowMs)
  }

  const toHealth = (
    target: Target,
    observed: ObservedHealth | undefined,
    gate: GateHealth | undefined,
    nowMs: number,
  ): TargetHealth => {
    const { provider, model } = target
    const breaker = gate?.breaker ?? { state: 'closed' }
    const lastCheck = reachability.lastCheck(provider)
    return {
      provider,
      model,
      state: gateState(gate) ?? standing(target, nowMs),
      requests: observed?.requests ?? 0,
      errorRate: observed?.errorRate ?? null,
      firstContentMs: shownLatency(observed?.firstContentMs),
      totalMs: shownLatency(observed?.totalMs),
      quality: observed?.quality ?? { score: 1, samples: 0 },
      breaker,
      ...(gate?.cooldown && { cooldown: gate.cooldown }),
      ...(gate?.keys && { keys: gate.keys }),
      ...(lastCheck && { lastCheck }),
    }
  }

  return {
    noteAttempt(attempt, streamed, nowMs) {
      store.record(observeAttempt(attempt, streamed), nowMs)
      if (attempt.outcome !== 'ok') return
      const wasReachable = reachability.isReachable(attempt.provider)
      reachability.noteAnswer(attempt.provider)
      if (!wasReachable) tellProvider(attempt.provider, nowMs)
    },
    noteAnswer(target, faults, nowMs) {
      noteWorth(target, worthOf(faults), nowMs)
    },
    noteAnswered: answered.note,
    feedback(requestId, feedback, nowMs) {
      const worth = guardReading(feedback, ['feedback'], () => readFeedback(feedback))
      const target = answered.take(requestId)
      if (!target) return undefined
      noteWorth(target, worth, nowMs)
      return worth
    },
    noteCheck(provider, check, nowMs) {
      const wasReachable = reachability.isReachable(provider)
      reachability.noteCheck(provider, check)
      if (reachability.isReachable(provider) !== wasReachable) tellProvider(provider, nowMs)
    },
    standing,
    latencyOf(target, until, nowMs) {
      const observed = store.read(target, nowMs)
      const latency = until === 'content' ? observed?.firstContentMs : observed?.totalMs
      return latency && latency.samples >= MIN_DURATIONS ? latency : undefined
    },
    observed: (target, nowMs) => store.read(target, nowMs),
    of: (target, nowMs) => {
      const gate = gates().find((one) => keyOf(one) === keyOf(target))
      return toHealth(target, store.read(target, nowMs), gate, nowMs)
    },
    all(nowMs) {
      const observed = new Map(store.readAll(nowMs).map((one) => [keyOf(one), one]))
      const gated = new Map(gates().map((one) => [keyOf(one), one]))
      const known = new Map<string, Target>()
      for (const target of [...targets(), ...observed.values(), ...gated.values()])
        known.set(keyOf(target), target)
      return [...known].map(([key, target]) => toHealth(target, observed.get(key), gated.get(key), nowMs))
    },
    close() {
      store.close?.()
    },
  }
}

const shownLatency = (latency: LatencyQuantiles | null | undefined): LatencyQuantiles | null =>
  latency ? { ...latency, p50: shownMs(latency.p50), p95: shownMs(latency.p95) } : null

function gateState(gate: GateHealth | undefined): TargetHealth['state'] | undefined {
  if (gate?.cooldown) return 'cooling'
  if (gate?.breaker.state === 'open') return 'open'
  return gate?.breaker.state === 'half-open' ? 'probing' : undefined
}

function readFeedback(feedback: unknown): number {
  if (feedback === 'good') return 1
  if (feedback === 'bad') return 0
  const score = typeof feedback === 'object' && feedback ? (feedback as { score?: unknown }).score : undefined
  if (typeof score === 'number' && score >= 0 && score <= 1) return score
  throw invalidRequest('feedback', "must be 'good', 'bad' or { score } with a number from 0 to 1")
}
