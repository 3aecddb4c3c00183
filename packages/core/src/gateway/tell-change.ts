import type { GateChange } from '../attempts/target-gate.js'
import type { BudgetAlert } from '../contract/budget.js'
import type { ExperimentStopEvent } from '../contract/experiment.js'
import type { HostSignals } from '../admission/host-pressure.js'
import type { Logger } from '../contract/logger.js'
import type { Priority } from '../contract/request-options.js'
import type { EventBus } from '../events/event-bus.js'
import { shownMs, shownWaitMs } from '../platform/shown-ms.js'

/** What changed at a target becomes an event and, where it takes the target out, a warning in the log. */
export function tellChange(change: GateChange, bus: EventBus, logger: Logger): void {
  const { provider, model } = change
  if (change.kind === 'cooldown') {
    const { error, key } = change
    const facts = {
      provider,
      model,
      ...(key !== undefined && { key }),
      code: error.code,
      retryAfterMs: shownWaitMs(change.retryAfterMs),
    }
    bus.emit('cooldown', () => ({ ...facts }))
    const who = key === undefined ? `${provider}/${model}` : `${key} of ${provider}/${model}`
    logger.warn?.(
      facts,
      `turnout: ${who} is left alone for ${Math.round(facts.retryAfterMs)} ms (${error.code})`,
    )
    return
  }
  const { state } = change
  const retryAfterMs = shownWaitMs(change.retryAfterMs ?? 0)
  if (state === 'half-open') bus.emit('breaker-half-open', () => ({ provider, model }))
  else if (state === 'closed') {
    bus.emit('breaker-close', () => ({ provider, model }))
    logger.info?.({ provider, model }, `turnout: ${provider}/${model} serves again, its breaker has closed`)
  } else {
    bus.emit('breaker-open', () => ({ provider, model, retryAfterMs }))
    logger.warn?.(
      { provider, model, retryAfterMs },
      `turnout: ${provider}/${model} fails too often, its breaker is open for ${Math.round(retryAfterMs)} ms`,
    )
  }
}

/** Tells of a purse that has come to a share of its limit. */
export function tellBudget(alert: BudgetAlert, bus: EventBus, logger: Logger): void {
  bus.emit('budget-alert', () => alert)
  const { budget, scope, share, reason } = alert
  const whose = scope === null ? '' : ` of ${scope}`
  const what =
    reason === 'refused' ? 'has turned an attempt away' : `is spent to ${Math.round(share * 100)} %`
  logger.warn?.({ ...alert }, `turnout: budget ${budget}${whose} ${what}`)
}

/** Tells of an arm that was stopped, with the interval that speaks against it. */
export function tellStop(stop: ExperimentStopEvent, bus: EventBus, logger: Logger): void {
  bus.emit('experiment-arm-stopped', () => stop)
  const { experiment, arm, metric, allowed, difference } = stop
  const { estimate, lower, upper } = difference
  const shown = [estimate, lower, upper].map((value) => Number(value.toPrecision(3)))
  logger.warn?.(
    { ...stop },
    `turnout: ${arm} is out of the experiment ${experiment}: ${metric} differs by ${shown[0]} (${shown[1]} to ${shown[2]}), ${allowed} is allowed`,
  )
}

/** Tells which classes are refused from now on, for the sake of the process that the gateway is a guest in. */
export function tellPressure(
  below: Priority | undefined,
  { loopDelayMs, heapShare }: HostSignals,
  bus: EventBus,
  logger: Logger,
): void {
  const change = { shedBelow: below ?? null, loopDelayMs: shownMs(loopDelayMs), heapShare }
  bus.emit('pressure-change', () => change)
  const what = below ? `calls below ${below} are refused` : 'all calls are taken again'
  logger.warn?.(change, `turnout: the host is under pressure: ${what}`)
}
