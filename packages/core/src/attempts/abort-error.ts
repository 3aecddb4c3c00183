import type { CallContext } from '../contract/call-context.js'
import { GatewayError, isGatewayError } from '../errors/gateway-error.js'

/** The error of a call whose scope has aborted: our own reasons (`closed`) as they are, a caller's as `aborted`. */
export function abortError(call: CallContext): GatewayError {
  const { reason } = call.scope
  if (isGatewayError(reason, 'closed')) return reason
  return new GatewayError({
    code: 'aborted',
    message: 'the caller aborted the call; its reason is the cause',
    requestId: call.requestId,
    cause: reason,
  })
}
