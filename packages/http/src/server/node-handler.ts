import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Gateway } from '@turnout/core'
import { createListener } from './create-listener.js'
import type { HandlerOptions } from './handler-options.js'

export type NodeHandler = (message: IncomingMessage, response: ServerResponse) => void

/**
 * The surfaces as a handler for `node:http`, Express and whatever else has its requests and responses. Mount it before
 * body parsers.
 *
 * @throws GatewayError `invalid_request` for options that are none
 * @example
 * http.createServer(nodeHandler(gateway)).listen(8080, '127.0.0.1')
 * app.use('/llm', nodeHandler(gateway, { keys })) // Express: the base URL is http://…/llm/v1
 */
export function nodeHandler(gateway: Gateway, options: HandlerOptions = {}): NodeHandler {
  return createListener(gateway, options).handle
}
