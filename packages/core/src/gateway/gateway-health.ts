import type { LimitStatus, PressureStatus } from '../contract/limit.js'
import type { GatewayHealth, TargetHealth } from '../contract/target-health.js'
import type { HostPressure } from '../admission/host-pressure.js'
import type { Runtime } from '../pipeline/runtime.js'
import { shownMs } from '../platform/shown-ms.js'
import { learnedStatus } from './learned-status.js'

/** The targets with what holds for all of them. */
export function gatewayHealth(
  targets: readonly TargetHealth[],
  { limits, gate, queue, pressure }: Pick<Runtime, 'limits' | 'gate' | 'queue' | 'pressure'>,
): GatewayHealth {
  const facts = {
    limits: limitStatus({ limits, gate }),
    queue: queue.status(),
    pressure: pressure.isOn() ? pressureStatus(pressure) : null,
  }
  // Beside the list, not in it: two lists of the same targets are equal. JSON would leave them out.
  const list: readonly TargetHealth[] = [...targets]
  return Object.defineProperties(list, {
    limits: { value: facts.limits },
    queue: { value: facts.queue },
    pressure: { value: facts.pressure },
    toJSON: { value: () => ({ targets, ...facts }) },
  }) as GatewayHealth
}

/** Every counter as it stands, and what was learned of those of the providers. */
export function limitStatus({ limits, gate }: Pick<Runtime, 'limits' | 'gate'>): readonly LimitStatus[] {
  const now = performance.now()
  const own = limits ? [...limits.calls.status(now), ...limits.targets.status(now)] : []
  return [...own, ...learnedStatus(gate.learned(now))]
}

function pressureStatus(pressure: HostPressure): PressureStatus {
  const { loopDelayMs, heapShare } = pressure.signals()
  return { shedBelow: pressure.shedBelow() ?? null, loopDelayMs: shownMs(loopDelayMs), heapShare }
}
