/** From node:http to the surfaces and back, without the web's `Request` and `Response` in between. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Gateway } from '@turnout/core'
import { createSurface, type Surface } from '../surface.js'
import type { Caller, Endpoint, SurfaceAnswer } from '../exchange.js'
import type { SurfaceFault } from '../surface-fault.js'
import { createGate, type Gate, type Grant } from './authorise.js'
import { createCrossOrigin } from './cross-origin.js'
import { createDeparture } from './create-departure.js'
import {
  DEFAULT_KEEP_ALIVE_MS,
  DEFAULT_MAX_BODY_BYTES,
  checkHandlerOptions,
  type HandlerOptions,
} from './handler-options.js'
import { createOpenRequests, type OpenRequests } from './open-requests.js'
import { nodeRequest, type NodeRequest } from './node-request.js'
import { watchKeys, type KeyWatch } from './watch-keys.js'
import { writeAnswer } from './write-answer.js'

export interface Listener {
  handle(message: IncomingMessage, response: ServerResponse): void
  readonly surface: Surface
  readonly gate: Gate
  readonly keyWatch: KeyWatch | undefined
  /** Requests that are not answered yet, or not to the end; `destroy` ends one as it is. */
  readonly open: OpenRequests
  /** From now on new requests are refused, on endpoints that need a key. */
  drain(): void
  isDraining(): boolean
}

export interface ListenerParts {
  /** Besides those of the surfaces. */
  readonly endpoints?: readonly Endpoint[]
  /** Hears the status of every answer. */
  readonly onAnswer?: (status: number) => void
}

/** @throws GatewayError `invalid_request` for options that are none */
export function createListener(
  gateway: Gateway,
  options: HandlerOptions,
  { endpoints = [], onAnswer }: ListenerParts = {},
): Listener {
  checkHandlerOptions(options)
  const { keys, basePath = '', origins = [], maxBodyBytes = DEFAULT_MAX_BODY_BYTES, logger } = options
  const gate = createGate(keys, options.options)
  const keyWatch = keys && watchKeys(keys)
  const crossOrigin = createCrossOrigin(origins, keys !== undefined)
  const open = createOpenRequests()
  let isDraining = false

  const admit = (request: NodeRequest, { caller, sha256 }: Grant): Caller => {
    const { response } = request
    if (sha256 !== undefined && response && !response.destroyed)
      request.unwatch = keyWatch?.watch(sha256, () => response.destroy())
    return caller
  }
  const surface = createSurface(gateway, {
    ...options,
    detail: options.detail ?? 'brief',
    keepAliveMs: options.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS,
    endpoints,
    authorise(asked, endpoint) {
      if (isDraining && endpoint.isOpen !== true) throw draining
      // It hands on the very object that it was asked with.
      const request = asked as NodeRequest
      const granted = gate(request, endpoint)
      return granted instanceof Promise
        ? granted.then((grant) => admit(request, grant))
        : admit(request, granted)
    },
  })

  const handle = (message: IncomingMessage, response: ServerResponse): void => {
    if (crossOrigin.answerPreflight(message, response)) return
    const more = crossOrigin.headers(message)
    const answer = (given: SurfaceAnswer): void | Promise<void> => {
      if (response.destroyed || response.headersSent) {
        if (typeof given.body !== 'string') given.body.cancel()
        return
      }
      onAnswer?.(given.status)
      return writeAnswer(message, response, isDraining ? closing(given) : given, more)
    }
    if (crossOrigin.isForbidden(message)) return void answer(FORBIDDEN_ORIGIN)
    const departure = createDeparture()
    const request = nodeRequest(message, response, departure, basePath, maxBodyBytes)
    open.add(response)
    response.on('close', () => {
      open.remove(response)
      request.unwatch?.()
      if (!response.writableFinished) departure.abort()
    })
    surface(request)
      .then(answer)
      .catch((error: unknown) => {
        if (departure.aborted) return
        logger?.error?.({ err: error }, 'the server failed to answer a request')
        if (response.headersSent) response.destroy()
        else void answer(BROKEN)
      })
  }

  return {
    handle,
    surface,
    gate,
    keyWatch,
    open,
    drain() {
      isDraining = true
    },
    isDraining: () => isDraining,
  }
}

/** The connection is not used for another request. */
const closing = (answer: SurfaceAnswer): SurfaceAnswer => ({
  ...answer,
  headers: { ...answer.headers, connection: 'close' },
})

const draining: SurfaceFault = {
  fault: true,
  status: 503,
  message: 'the server is about to end; ask another one',
}

const errorAnswer = (status: number, type: string, code: string, message: string): SurfaceAnswer => ({
  status,
  headers: { 'content-type': 'application/json', 'x-should-retry': 'false' },
  body: JSON.stringify({ error: { message, type, param: null, code } }),
})
const FORBIDDEN_ORIGIN = errorAnswer(
  403,
  'permission_error',
  'permission',
  'origin: pages of this site may not use this server; the option origins lists those that may',
)
const BROKEN = errorAnswer(500, 'server_error', 'internal', 'the server failed to answer')
