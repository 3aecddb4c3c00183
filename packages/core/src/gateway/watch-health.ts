import type { ActiveCooldown } from '../attempts/cooldown.js'
import type { GateState } from '../attempts/target-gate.js'
import type { CooldownStatus } from '../contract/target-health.js'
import type { Target } from '../contract/target.js'
import type { EventBus } from '../events/event-bus.js'
import type { Logger } from '../contract/logger.js'
import { shownWaitMs } from '../platform/shown-ms.js'
import { startActiveChecks } from '../health/active-checks.js'
import { createHealthBoard, type GateHealth, type HealthBoard } from '../health/health-board.js'
import { isolatedHealthStore } from '../health/isolated-health-store.js'
import type { Runtime } from '../pipeline/runtime.js'
import { DEFAULT_CHECK_TIMEOUT_MS, type HealthOptions } from './gateway-options.js'
import { listingContext } from './list-models.js'

/** The board of one gateway, with its changes as events and lines in the log. */
export function openHealthBoard(
  { store }: HealthOptions,
  targets: () => readonly Target[],
  gates: () => readonly GateState[],
  bus: EventBus,
  logger: Logger,
): HealthBoard {
  const isolated =
    store &&
    isolatedHealthStore(store, (error) => logger.error?.({ error }, 'turnout: the health store failed'))
  return createHealthBoard({
    ...(isolated && { store: isolated }),
    targets,
    gates: () => gates().map((state) => gateHealth(state, performance.now())),
    onChange(change) {
      bus.emit('health-change', () => change)
      const { provider, model, to, reason } = change
      const level = to === 'healthy' ? 'info' : 'warn'
      logger[level]?.({ provider, model, to }, `turnout: ${provider}/${model} is ${to}: ${reason}`)
    },
  })
}

/** @returns the stop; does nothing where no checks are configured */
export function startChecks(runtime: Runtime, { checks }: HealthOptions, board: HealthBoard): () => void {
  if (!checks) return () => {}
  const { adapters } = runtime.table
  return startActiveChecks({
    providers: [...adapters].flatMap(([provider, { listModels }]) => (listModels ? [provider] : [])),
    intervalMs: checks.intervalMs,
    timeoutMs: checks.timeoutMs ?? DEFAULT_CHECK_TIMEOUT_MS,
    ask: async (provider, signal) =>
      adapters.get(provider)?.listModels?.(listingContext(runtime, provider, signal)),
    random: runtime.random,
    onCheck(provider, check) {
      board.noteCheck(provider, check, performance.now())
    },
  })
}

function gateHealth({ provider, model, breaker, cooldown, keys }: GateState, nowMs: number): GateHealth {
  const { state, retryAt } = breaker
  return {
    provider,
    model,
    breaker: { state, ...(retryAt !== undefined && { retryAfterMs: shownWaitMs(retryAt - nowMs) }) },
    ...(cooldown && { cooldown: cooldownStatus(cooldown, nowMs) }),
    ...(keys && {
      keys: keys.map(({ key, cooldown: own }) => ({
        key,
        ...(own && { cooldown: cooldownStatus(own, nowMs) }),
      })),
    }),
  }
}

const cooldownStatus = ({ until, error }: ActiveCooldown, nowMs: number): CooldownStatus => ({
  retryAfterMs: shownWaitMs(until - nowMs),
  reason: error.code,
})
