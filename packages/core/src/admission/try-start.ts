/** Starting a call that may have to wait, and what the answer means to the queue. */
import type { LimitRefusal } from '../contract/limit.js'
import { GatewayError, isGatewayError } from '../errors/gateway-error.js'
import type { IsHeld } from './limit-keeper.js'
import { rateLimited, type TellableRefusal } from './rate-limited.js'
import type { WaitEntry } from './wait-entry.js'

/** Starting is the caller's code: what it throws ends that call alone. */
export function tryStart(
  entry: WaitEntry,
  isHeld: IsHeld | undefined,
): 'started' | LimitRefusal | GatewayError {
  try {
    return entry.tryStart(isHeld)
  } catch (error) {
    if (isGatewayError(error)) return error
    return new GatewayError({ code: 'queue_full', message: 'the call could not be started', cause: error })
  }
}

/** Waiting would not help, or nobody knows for how long. */
export const isFinal = (refusal: TellableRefusal | GatewayError): refusal is GatewayError =>
  'code' in refusal || refusal.tooLarge || refusal.reason === 'unreachable'

export const errorOf = (refusal: LimitRefusal | GatewayError): GatewayError =>
  'code' in refusal ? refusal : rateLimited(refusal)

/**
 * For so long there will be no room: a window of requests empties when it says, while tokens that were not used come
 * back earlier, and so may a lease or a counter.
 */
export const surelyMs = ({ what, retryAfterMs, reason }: TellableRefusal): number =>
  what === 'requests' && reason !== 'leasing' && reason !== 'too_many_scopes' ? (retryAfterMs ?? 0) : 0
