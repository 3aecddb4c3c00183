import type { ChatRequest } from '../contract/chat-request.js'

/** What the cache says of a request. `off`: none is configured, so no key is computed. */
export interface CacheClaim {
  readonly status: 'off'
}

const OFF: CacheClaim = { status: 'off' }

/** Asked after routing and guards: access is decided before a cache is. */
export function claimCache(_request: ChatRequest): CacheClaim {
  return OFF
}
