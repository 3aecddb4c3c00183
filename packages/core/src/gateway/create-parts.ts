/** The parts that live as long as the gateway, whatever configuration it is given later. */
import { createMemoryDeadLetters } from '../admission/memory-dead-letters.js'
import { createBudgets } from '../admission/budget.js'
import { createHostPressure } from '../admission/host-pressure.js'
import { createLimitKeeper } from '../admission/limit-keeper.js'
import { createWaitQueue, type WaitQueue } from '../admission/wait-queue.js'
import { splitLimits } from '../admission/limit-scope.js'
import type { Limits } from '../contract/limit.js'
import type { SharedCounters } from '../contract/shared-limits.js'
import { createTokenCounter } from '../accounting/count-tokens.js'
import { createMemoryLedger } from '../accounting/ledger.js'
import { BREAKER_DEFAULTS } from '../attempts/breaker-options.js'
import { RETRY_POLICY } from '../attempts/retry-decision.js'
import { createTargetGate } from '../attempts/target-gate.js'
import { LEARNED } from '../attempts/target-key.js'
import { createReplayMemory } from '../context/replay-memory.js'
import type { DeadLetterOffice, DeadLetterOptions } from '../contract/dead-letter.js'
import type { Target } from '../contract/target.js'
import type { TrafficRecorder } from '../contract/traffic.js'
import { createEventBus } from '../events/event-bus.js'
import { isolatedLogger } from '../events/isolated-logger.js'
import { settleQuietly } from '../events/settle-quietly.js'
import { createExperimentTracker } from '../experiments/experiment-tracker.js'
import type { HealthBoard } from '../health/health-board.js'
import { createInFlight } from '../health/in-flight.js'
import type { Runtime, RuntimeParts } from '../pipeline/runtime.js'
import { withoutUndefined } from '../platform/without-undefined.js'
import { createSessionMemory } from '../routing/session-memory.js'
import {
  DEFAULT_DEAD_LETTER_TTL_MS,
  DEFAULT_CLASSIFIER_TIMEOUT_MS,
  type GatewayOptions,
} from './gateway-options.js'
import { tellBudget, tellChange, tellPressure, tellStop } from './tell-change.js'
import { createLimitTeller } from './tell-limit.js'
import { createRefusalTeller } from './tell-refusal.js'
import { openHealthBoard } from './watch-health.js'

/** What counts, with the configuration that it counts by. */
export type Keepers = Pick<Runtime, 'budgets' | 'limits'>

export interface GatewayParts {
  readonly parts: RuntimeParts
  readonly board: HealthBoard
  /** @param before what the purses and counters that stay the same are taken over from */
  openKeepers(options: GatewayOptions, before: Keepers | undefined): Keepers
  closeShared(): Promise<void>
}

const classifierOf = ({ classifier }: GatewayOptions): RuntimeParts['classifier'] =>
  classifier && {
    timeoutMs: DEFAULT_CLASSIFIER_TIMEOUT_MS,
    ...(typeof classifier === 'function' ? { classify: classifier } : withoutUndefined(classifier)),
  }

/** A recorder that fails must not fail the call that it is told of. */
const quietly = (recorder: TrafficRecorder, onFault: (error: unknown) => void): TrafficRecorder => ({
  content: recorder.content,
  record(record) {
    settleQuietly(() => recorder.record(record), onFault)
  },
  flush: async () => recorder.flush(),
  close: async () => recorder.close(),
})

/** What the configuration in use says. */
export interface CurrentConfig {
  /** The targets of the routes. */
  readonly targets: () => readonly Target[]
  readonly limits: () => Keepers['limits']
}

export function createParts(options: GatewayOptions, current: CurrentConfig): GatewayParts {
  const { random = Math.random, breaker = {}, retry: { budgetRatio = 0.1, ...retry } = {} } = options
  const logger = isolatedLogger(options.logger ?? {})
  const bus = createEventBus((error, event) =>
    logger.error?.({ event, error }, 'turnout: an event listener threw'),
  )
  const gate = createTargetGate({
    breaker: breaker === false ? undefined : { ...BREAKER_DEFAULTS, ...withoutUndefined(breaker) },
    retryRatio: budgetRatio,
    random,
    onChange: (change) => {
      tellChange(change, bus, logger)
    },
    onRoom: ({ provider, model }) => {
      queue.onRoom(LEARNED, [`${provider}/${model}`])
    },
  })
  const board = openHealthBoard(options.health ?? {}, current.targets, gate.states, bus, logger)
  const { shedUnderPressure = false, ...queueOptions } = options.queue ?? {}
  const pressure = createHostPressure({
    isOn: shedUnderPressure,
    onChange(below, signals) {
      if (below) queue.shed(below)
      tellPressure(below, signals, bus, logger)
    },
  })
  const queue: WaitQueue = createWaitQueue({ ...queueOptions, shedBelow: pressure.shedBelow })
  const { replayMemory, ledger = createMemoryLedger() } = options
  const parts: RuntimeParts = {
    logger,
    random,
    bus,
    gate,
    ledger: ledger === false ? undefined : ledger,
    hedgeBudgets: new Map(),
    latencyOf: (target, until) => board.latencyOf(target, until, performance.now()),
    standing: (target) => board.standing(target, performance.now()),
    noteAttempt(attempt, streamed) {
      board.noteAttempt(attempt, streamed, performance.now())
    },
    observed: (target) => board.observed(target, performance.now()),
    classifier: classifierOf(options),
    inFlight: createInFlight(),
    counter: createTokenCounter({
      ...(options.tokenCounter && { counter: options.tokenCounter }),
      onFailure: (error) =>
        logger.warn?.({ error }, 'turnout: tokens could not be counted; the estimate is used'),
    }),
    sessions: createSessionMemory(),
    experiments: createExperimentTracker((stop) => {
      tellStop(stop, bus, logger)
    }),
    deadLetters: openDeadLetters(options.deadLetters ?? {}, (error) =>
      logger.error?.({ error }, 'turnout: a dead letter could not be kept'),
    ),
    queue,
    currentLimits: current.limits,
    pressure,
    tellLimit: createLimitTeller(bus),
    tellRefusal: createRefusalTeller(logger),
    traffic:
      options.traffic &&
      quietly(options.traffic, (error) =>
        logger.error?.({ error }, 'turnout: a call could not be recorded for backtests'),
      ),
    retryPolicy: { ...RETRY_POLICY, ...withoutUndefined(retry) },
    replay: replayMemory && createReplayMemory(replayMemory === true ? {} : replayMemory),
  }
  let counters: SharedCounters | undefined
  const shared = () => (counters ??= options.stores?.limits?.open({ logger }))
  return {
    parts,
    board,
    openKeepers: ({ budgets, limits }, before) => ({
      budgets:
        budgets &&
        createBudgets(budgets, {
          ...(before?.budgets && { from: before.budgets }),
          onAlert: (alert) => {
            tellBudget(alert, bus, logger)
          },
        }),
      limits: limits && openLimits(limits, before?.limits, queue, shared()),
    }),
    closeShared: async () => counters?.close(),
  }
}

function openLimits(
  limits: Limits,
  before: Keepers['limits'],
  queue: WaitQueue,
  shared: SharedCounters | undefined,
): Keepers['limits'] {
  const { calls, targets } = splitLimits(limits)
  const common = shared ? { shared } : {}
  const keepers = {
    calls: createLimitKeeper(calls, before ? { ...common, from: before.calls } : common),
    targets: createLimitKeeper(targets, before ? { ...common, from: before.targets } : common),
  }
  // Who listens to the ones before hears of these as well.
  if (!before) for (const keeper of [keepers.calls, keepers.targets]) keeper.onRoom(queue.onRoom)
  return keepers
}

function openDeadLetters(
  { store, ttlMs = DEFAULT_DEAD_LETTER_TTL_MS, content = 'keep', maxEntries, maxChars }: DeadLetterOptions,
  onFault: (error: unknown) => void,
): DeadLetterOffice {
  const bounds = {
    ...(maxEntries !== undefined && { maxEntries }),
    ...(maxChars !== undefined && { maxChars }),
  }
  return { store: store ?? createMemoryDeadLetters(bounds), ttlMs, content, onFault }
}
