/** What the stages are given: built by `createGateway`, its configuration swapped whole on reload. */
import type { EventBus } from '../events/event-bus.js'
import type { RequestTokenCounter } from '../accounting/count-tokens.js'
import type { Catalog } from '../accounting/catalog.js'
import type { WaitQueue } from '../admission/wait-queue.js'
import type { HostPressure } from '../admission/host-pressure.js'
import type { TellableRefusal } from '../admission/rate-limited.js'
import type { LimitKeeper } from '../admission/limit-keeper.js'
import type { BudgetKeeper } from '../admission/budget.js'
import type { LedgerStore } from '../contract/ledger.js'
import type { CommitPoint } from '../attempts/commit-one.js'
import type { HedgeBudget } from '../attempts/hedge-budget.js'
import type { OwnedGate } from '../attempts/target-gate.js'
import type { RetryPolicy } from '../attempts/retry-decision.js'
import type { ReplayMemory } from '../context/replay-memory.js'
import type { CallContext, ResolvedOptions } from '../contract/call-context.js'
import type { ChatRequest } from '../contract/chat-request.js'
import type { ChatResponse } from '../contract/chat-response.js'
import type { RequestBounds } from '../contract/request-bounds.js'
import type { AttemptRecord } from '../contract/gateway-meta.js'
import type { TaskKind } from '../contract/routing.js'
import type { ObservedHealth, Standing } from '../contract/target-health.js'
import type { TaskClassifierOptions } from '../contract/task-classifier.js'
import type { Target } from '../contract/target.js'
import type { TrafficRecorder } from '../contract/traffic.js'
import type { RequestOptions } from '../contract/request-options.js'
import type { ErrorCode } from '../errors/error-code.js'
import type { GatewayError } from '../errors/gateway-error.js'
import type { Logger } from '../contract/logger.js'
import type { Random } from '../platform/random.js'
import type { ExperimentTracker } from '../experiments/experiment-tracker.js'
import type { InFlight } from '../health/in-flight.js'
import type { DeadLetterOffice } from '../contract/dead-letter.js'
import type { RoutingTable } from '../routing/routing-table.js'
import type { SessionMemory } from '../routing/session-memory.js'

/** Settings of one provider that fill what a request leaves open. */
export interface ProviderDefaults extends Partial<
  Omit<ChatRequest, 'model' | 'messages' | 'gateway' | 'stream'>
> {
  /** Sent with every request to this provider. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What lives as long as the gateway. */
export interface RuntimeParts {
  readonly bus: EventBus
  readonly logger: Logger
  readonly random: Random
  readonly gate: OwnedGate
  /** `undefined`: no account is kept. */
  readonly ledger: LedgerStore | undefined
  /** By route. */
  readonly hedgeBudgets: Map<string, HedgeBudget>
  /** What a target takes, lately, to its first content or to its complete answer; `undefined` when too little is known. */
  readonly latencyOf: (
    target: Target,
    until: CommitPoint,
  ) => { readonly p50: number; readonly p95: number } | undefined
  /** What was seen of a target lately. */
  readonly observed: (target: Target) => ObservedHealth | undefined
  /** The host's own; `undefined`: none configured. */
  readonly classifier: Required<TaskClassifierOptions> | undefined
  readonly inFlight: InFlight
  readonly counter: RequestTokenCounter
  readonly sessions: SessionMemory
  readonly experiments: ExperimentTracker
  /** How routing sees a target. */
  readonly standing: (target: Target) => Standing
  /** Hears of every attempt that has settled; `streamed`: it asked for a stream. */
  readonly noteAttempt: (attempt: AttemptRecord, streamed: boolean) => void
  readonly deadLetters: DeadLetterOffice
  /** Where calls wait for room under the limits. */
  readonly queue: WaitQueue
  /** The limits as they are now: who waits over a reload is let out by the new ones. */
  readonly currentLimits: () => CallLimits | undefined
  readonly pressure: HostPressure
  /** Hears of every limit that has no room for a call or an attempt. */
  readonly tellLimit: (fault: TellableRefusal) => void
  /** Hears of every call that was refused before anything was sent, for want of room or money. */
  readonly tellRefusal: (error: GatewayError) => void
  /** `undefined`: calls are not recorded. */
  readonly traffic: TrafficRecorder | undefined
  readonly retryPolicy: RetryPolicy
  /** `undefined`: off. */
  readonly replay: ReplayMemory | undefined
}

/** Limits of calls, taken once, and of targets, taken by every attempt. */
export interface CallLimits {
  readonly calls: LimitKeeper
  readonly targets: LimitKeeper
}

/** The parts with one configuration. */
export interface Runtime extends RuntimeParts {
  readonly table: RoutingTable
  readonly catalog: Catalog
  /** 0 to 1 at such tasks, by what is known of the model and what was seen of its answers; `undefined` without either. */
  readonly qualityOf: (target: Target, task: TaskKind) => number | undefined
  /** `undefined`: none configured. */
  readonly limits: CallLimits | undefined
  /** `undefined`: none configured. */
  readonly budgets: BudgetKeeper | undefined
  /**
   * Hears of every complete answer; `refusedWith` when it was not good enough to be shown.
   * @returns what it was worth, 0 to 1; `undefined` when it says nothing of its target
   */
  readonly noteAnswer: (
    call: CallContext,
    target: Target,
    request: ChatRequest,
    answer: ChatResponse,
    refusedWith?: ErrorCode,
  ) => number | undefined
  readonly providerDefaults: ReadonlyMap<string, ProviderDefaults>
  readonly defaults: ResolvedOptions
  readonly bounds: Required<RequestBounds>
  readonly routeOptions: ReadonlyMap<string, RequestOptions>
}
