/** What browsers are told about pages of other sites; nothing unless the host lists them. */
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface CrossOrigin {
  /** Headers for every answer to this request. */
  headers(message: IncomingMessage): Readonly<Record<string, string>>
  /** Whether a page that may not asks a server without keys: on loopback every page in a browser could. */
  isForbidden(message: IncomingMessage): boolean
  /** Answers a browser that asks whether it may. @returns whether it was such a request */
  answerPreflight(message: IncomingMessage, response: ServerResponse): boolean
}

const NONE: Readonly<Record<string, string>> = {}
const HEADER_NAMES = /^[\w-]{1,64}(?:\s*,\s*[\w-]{1,64}){0,63}$/

export function createCrossOrigin(origins: readonly string[], hasKeys: boolean): CrossOrigin {
  const allowed = new Set(origins)
  const isAllowed = (origin: string | undefined): origin is string =>
    origin !== undefined && allowed.has(origin)

  return {
    headers({ headers: { origin } }) {
      if (!isAllowed(origin)) return allowed.size > 0 ? { vary: 'origin' } : NONE
      return {
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'x-request-id, retry-after, retry-after-ms, x-should-retry',
        vary: 'origin',
      }
    },
    isForbidden: ({ headers: { origin } }) => origin !== undefined && !hasKeys && !allowed.has(origin),
    answerPreflight(message, response) {
      const { origin, 'access-control-request-headers': asked } = message.headers
      if (message.method !== 'OPTIONS' || !isAllowed(origin)) return false
      response.writeHead(204, {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST',
        ...(asked !== undefined && HEADER_NAMES.test(asked) && { 'access-control-allow-headers': asked }),
        'access-control-max-age': '600',
        vary: 'origin, access-control-request-headers',
      })
      response.end()
      return true
    },
  }
}
