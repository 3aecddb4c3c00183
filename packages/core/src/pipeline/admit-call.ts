import { abortError } from '../attempts/abort-error.js'
import type { CallContext } from '../contract/call-context.js'
import type { QueueShedReason } from '../contract/limit.js'
import type { GatewayError } from '../errors/gateway-error.js'
import { shownMs } from '../platform/shown-ms.js'
import { budgetedGate } from './budgeted-gate.js'
import { createRoom, type AdmittedCall } from './call-room.js'
import type { RoutedCall } from './route-call.js'
import type { Runtime } from './runtime.js'

/**
 * Finds room for a call under all limits, those of its first free target included, and waits for it in the queue where
 * there is none. Where nothing limits them, every call is admitted at once.
 * @throws GatewayError `rate_limited`, `queue_full`, `timeout`, `aborted`, `closed`
 */
export function admitCall(
  runtime: Runtime,
  call: CallContext,
  routed: RoutedCall,
): AdmittedCall | Promise<AdmittedCall> {
  const gate = budgetedGate(runtime, call, routed.plan, routed.weight)
  const { queue, pressure } = runtime
  if (!runtime.currentLimits() && !runtime.gate.isTaught() && !hasKeys(routed)) return { gate, release() {} }
  const room = createRoom(runtime, call, routed, gate)
  // Where nobody waits and there is room, the queue is not asked.
  if (queue.isEmpty() && pressure.shedBelow() === undefined && !room.take(undefined)) return room.admitted()
  return new Promise((resolve, reject) => {
    // Both may be told before `enter` returns.
    let forgetAbort = (): void => {}
    const enteredAt = performance.now()
    const leave = queue.enter({
      ...room.entry,
      tryStart(isHeld) {
        const fault = room.take(isHeld)
        if (fault) {
          runtime.tellLimit(fault)
          return fault
        }
        forgetAbort()
        resolve(room.admitted())
        return 'started'
      },
      onRefused(error, reason) {
        forgetAbort()
        if (reason) tellShed(runtime, call, error, reason, performance.now() - enteredAt)
        reject(error)
      },
    })
    if (!leave) return
    forgetAbort = call.scope.onAbort(() => {
      leave()
      reject(abortError(call))
    })
  })
}

function tellShed(
  { bus }: Runtime,
  { requestId, options }: CallContext,
  { retryAfterMs = 0 }: GatewayError,
  reason: QueueShedReason,
  waitedMs: number,
): void {
  const { priority = 'normal', tenant } = options
  bus.emit('queue-shed', () => ({
    requestId,
    priority,
    ...(tenant !== undefined && { tenant }),
    reason,
    waitedMs: shownMs(waitedMs),
    retryAfterMs,
  }))
}

/** Some target has several keys to choose from. */
const hasKeys = ({ plan }: RoutedCall): boolean => plan.candidates.some(({ adapter }) => adapter.keys)
