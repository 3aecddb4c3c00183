import { providerError } from '@turnout/core/adapter'
import type { ProtocolContext } from '@turnout/core/adapter'
import { errorInside } from './decode-error.js'
import type { WireResponse } from './wire-types.js'

/**
 * Lets through what is an answer: completed, or cut by a limit.
 *
 * @throws GatewayError with the provider's own reason when the response failed
 */
export function checkStatus(response: WireResponse, context: ProtocolContext): void {
  const { status } = response
  if (status === 'failed' || response.error)
    throw errorInside(context, response.error ?? { message: 'the response failed' })
  // Absent at some compatible servers; words that we do not know come with the output they have.
  if (status !== 'cancelled' && status !== 'queued' && status !== 'in_progress') return
  const { provider, model } = context
  throw providerError(
    { status: 200, headers: {}, body: undefined, provider, model },
    {
      code: status === 'cancelled' ? 'upstream_error' : 'bad_response',
      message:
        status === 'cancelled'
          ? 'the response was cancelled'
          : `the response is ${status}: background answers cannot be read here`,
      retryable: status === 'cancelled',
    },
  )
}
