import type { CallContext } from '../contract/call-context.js'
import { GatewayError, isGatewayError } from '../errors/gateway-error.js'

/** The reason of a lane's abort when another lane has committed. */
export const LOST_RACE = Symbol('lost race')

/** The error of a call whose scope has aborted: our own reasons as they are, a caller's as `aborted`. */
export function abortError({ scope, requestId }: Pick<CallContext, 'scope' | 'requestId'>): GatewayError {
  const { reason } = scope
  if (isGatewayError(reason, 'closed')) return reason
  if (reason === LOST_RACE) return lostRaceError()
  return new GatewayError({
    code: 'aborted',
    message: 'the caller aborted the call; its reason is the cause',
    requestId,
    cause: reason,
  })
}

export const lostRaceError = (): GatewayError =>
  new GatewayError({ code: 'aborted', message: 'another target answered first; this attempt was given up' })
