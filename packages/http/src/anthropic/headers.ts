import { requestIdHeader } from '../failure.js'

/** Under the name that Anthropic's clients read it by (`message._request_id`), and under the usual one. */
export function requestIdHeaders(requestId: string): Record<string, string> {
  const usual = requestIdHeader(requestId)
  const id = usual['x-request-id']
  return id === undefined ? usual : { ...usual, 'request-id': id }
}
