import { isGatewayError } from '@turnout/core'

/** An abort is told by the caller's own reason, as LangChain's own models do; other errors stay what they are. */
export function callerError(error: unknown): unknown {
  return isGatewayError(error, 'aborted') && error.cause instanceof Error ? error.cause : error
}
