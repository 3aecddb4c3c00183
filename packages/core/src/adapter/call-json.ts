import type { AttemptContext } from '../contract/adapter.js'
import type { GatewayError } from '../errors/gateway-error.js'
import { createAbortScope } from '../platform/abort.js'
import { abortError, unreadable } from './answer-error.js'
import { readWhole } from './chat-source.js'
import { encodeBody } from './encode-body.js'
import type { Endpoint } from './endpoint.js'
import { parseAnswer } from './parse-answer.js'
import type { ErrorAnswer } from './protocol.js'

/** A small JSON call beside the chat: embeddings, model listing. Errors go through `decodeError`. */
export type CallJson = (call: {
  readonly method: 'GET' | 'POST'
  /** Appended to the base URL. */
  readonly path: string
  readonly body?: object
}) => Promise<unknown>

/** @throws GatewayError from the calls; what a caller's own code throws on the answer is a `bad_response` */
export async function withCallJson<Result>(
  endpoint: Endpoint,
  attempt: AttemptContext,
  decodeError: (answer: ErrorAnswer) => GatewayError,
  use: (callJson: CallJson) => Promise<Result>,
): Promise<Result> {
  const scope = createAbortScope(attempt.signal)
  try {
    return await use(async ({ method, path, body }) => {
      if (scope.aborted) throw abortError(scope.reason)
      const kind = method === 'GET' ? 'get' : 'json'
      const text = body === undefined ? undefined : encodeBody(body, body)
      const exchange = await endpoint.open({ method, path, kind, body: text, attempt, decodeError }, scope)
      try {
        const { bounds } = endpoint
        return parseAnswer(await readWhole(exchange, attempt, bounds), attempt, bounds)
      } catch (error) {
        exchange.destroy(unreadable(attempt, error))
        throw error
      }
    })
  } catch (error) {
    throw unreadable(attempt, error)
  } finally {
    scope.release()
  }
}
