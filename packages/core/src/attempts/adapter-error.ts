import type { Target } from '../contract/target.js'
import { GatewayError, isGatewayError } from '../errors/gateway-error.js'
import { withFacts } from '../errors/with-facts.js'

/** Adapters throw `GatewayError`s; what else escapes one is its bug and is said to be. */
export function adapterError(error: unknown, { provider, model }: Target): GatewayError {
  if (isGatewayError(error))
    return error.provider === undefined ? withFacts(error, { provider, model }) : error
  return new GatewayError({
    code: 'bad_response',
    provider,
    model,
    retryable: false,
    cause: error,
    message: `${provider}/${model}: the adapter failed with ${error instanceof Error ? error.name : 'an error'}; see the cause`,
  })
}
