import type { LimitRefusal, QueueShedReason } from '../contract/limit.js'
import type { Priority } from '../contract/request-options.js'
import type { GatewayError } from '../errors/gateway-error.js'
import type { IsHeld } from './limit-keeper.js'

/** The classes in the order in which they are served. */
export const PRIORITIES = [
  'critical',
  'high',
  'normal',
  'low',
  'batch',
] as const satisfies readonly Priority[]

/** A call that would start. */
export interface WaitEntry {
  readonly priority: Priority
  /** Calls without a tenant are one tenant. */
  readonly tenant?: string
  /**
   * The same for calls that need the same: the name that was requested, with `LimitKeeper.groupOf`. Of a group the first
   * is tried, and the others wait behind it.
   */
  readonly group: string
  /** Text of the request, in UTF-16 units. */
  readonly chars: number
  /** Of the call, on the clock of `performance.now()`. */
  readonly deadlineAt: number
  /**
   * Takes what the call needs and begins it, or says what is in the way; at once, and without throwing.
   *
   * @param isHeld to hand on to the keeper's `take`, so that nobody is overtaken
   */
  tryStart(isHeld: IsHeld | undefined): 'started' | LimitRefusal
  /**
   * The last that is heard of it: it does not wait any more and will not be started.
   *
   * @param reason where it is the queue that has no place for it
   */
  onRefused(error: GatewayError, reason?: QueueShedReason): void
}
