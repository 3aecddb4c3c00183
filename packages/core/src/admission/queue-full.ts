import type { QueueShedReason } from '../contract/limit.js'
import type { Priority } from '../contract/request-options.js'
import { GatewayError } from '../errors/gateway-error.js'
import { describeLimit, type TellableRefusal } from './rate-limited.js'

/** @param blockedBy the limit it would wait for, where there is one */
export function queueFull(
  reason: QueueShedReason,
  priority: Priority,
  retryAfterMs: number,
  blockedBy?: TellableRefusal,
): GatewayError {
  const waitsFor = blockedBy ? `; ${describeLimit(blockedBy)} has no room` : ''
  return new GatewayError({
    code: 'queue_full',
    message: `${WHY[reason](priority)}${waitsFor}`,
    retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)),
  })
}

const WHY: Readonly<Record<QueueShedReason, (priority: Priority) => string>> = {
  full: () =>
    'the queue is full (queue.maxEntries); try again later, raise the limits, or give the call a higher priority',
  chars: () =>
    'the waiting requests hold as much text as they may (queue.maxChars); try again later or raise it',
  shed: (priority) =>
    `the queue is full, and this waiting call of priority ${priority} made room for another; try again later`,
  late: (priority) =>
    `the queue could not start this call of priority ${priority} in the time that it may wait (queue.maxWaitMs, ` +
    'or its deadline); try again later, give it more time or a higher priority',
  waited: (priority) =>
    `this call of priority ${priority} has waited as long as it may (queue.maxWaitMs, or its deadline); ` +
    'try again later, raise the limits, or give it a higher priority',
  pressure: (priority) =>
    `the host is under pressure, and calls of priority ${priority} are not taken; try again later`,
}
