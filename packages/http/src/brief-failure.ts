/** What clients that are not the gateway's owner are told: nothing that only its owner could mend. */
import { ERROR_CODES, type ErrorCode, type GatewayError } from '@turnout/core'

/** The provider refused what the gateway's owner has there; a client would take its status for its own key's. */
const OWN_ACCOUNT: ReadonlySet<ErrorCode> = new Set(['authentication', 'permission', 'quota_exhausted'])

/** Whether the gateway's own account at the provider is the reason. */
export function isOwnAccount({ code, attempts }: GatewayError): boolean {
  const reason = code === 'all_failed' ? attempts.at(-1)?.code : code
  return reason !== undefined && OWN_ACCOUNT.has(reason)
}

export const OWN_ACCOUNT_FAILURE = {
  status: 502,
  code: 'upstream_error',
  message:
    "The provider refused the gateway's own account there; those who run the gateway have to mend that. Your key and your request are not the reason.",
} as const

/** The gateway's own words here speak of settings; those of all other codes speak of the request. */
const FOR_STRANGERS: Readonly<Partial<Record<ErrorCode, string>>> = {
  not_found: 'The provider does not know this model.',
  rate_limited:
    'There is no room for this request at the moment; wait as long as retry-after says, send fewer requests or smaller ones.',
  timeout: 'The answer did not come in time.',
  budget_exceeded: 'What may be spent here is used up; ask those who run the gateway.',
  queue_full: 'Too many requests wait already; wait as long as retry-after says, and try again.',
  breaker_open: 'The provider is not asked at the moment, since it has failed too often; try again later.',
  bad_response: 'The provider answered with something that is not a valid answer.',
  stream_interrupted: 'The answer broke off before its end.',
  all_failed: 'All providers that were asked failed; try again later.',
  closed: 'The server is about to end; ask another one.',
}

/** @returns in words that name no provider's text, no setting and no other client */
export function briefMessage({ code, provider, attempts, message }: GatewayError): string {
  const said = FOR_STRANGERS[code]
  if (said !== undefined) return said
  // Words of the gateway about the request itself: no provider has added to them.
  return provider === undefined && attempts.length === 0 ? message : ERROR_CODES[code].meaning
}
