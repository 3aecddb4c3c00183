import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { GatewayError } from '../errors/gateway-error.js'
import { ANSWER_BOUNDS } from './answer-bounds.js'
import { createConnectionPool, type Connection, type ConnectionPool } from './connection-pool.js'
import {
  createExchange,
  type ExchangeSink,
  type HttpExchange,
  type HttpHead,
  type HttpRequest,
  type Transport,
} from './http-exchange.js'
import { networkError } from './network-error.js'
import { createProxyDispatcher } from './proxy-dispatcher.js'

/**
 * The built-in transport to one origin: undici without its timeouts, redirects or retries. Proxy variables are
 * honoured, also `NODE_EXTRA_CA_CERTS` (by Node itself).
 *
 * @param dispatcher the host's own; `close` leaves its connections alone
 * @throws GatewayError `invalid_request` for a proxy variable that is no URL
 */
export async function createHttpTransport(
  origin: string,
  dispatcher?: Dispatcher,
  maxHeaderBytes = ANSWER_BOUNDS.maxHeaderBytes,
): Promise<Transport> {
  if (dispatcher) return createDispatcherTransport(origin, dispatcher)
  const proxied = await createProxyDispatcher(origin, maxHeaderBytes)
  if (!proxied) return createPooledTransport(origin, createConnectionPool(origin, maxHeaderBytes))
  const { dispatcher: proxy } = proxied
  return { ...createDispatcherTransport(origin, proxy, proxied.host), close: () => proxy.destroy() }
}

function createDispatcherTransport(origin: string, dispatcher: Dispatcher, proxy?: string): Transport {
  const { host } = new URL(origin)
  return {
    open: (request) =>
      openExchange({
        origin,
        host,
        proxy,
        request,
        send: (options, handler) => dispatcher.dispatch(options, handler),
      }),
    async close() {},
  }
}

function createPooledTransport(origin: string, pool: ConnectionPool): Transport {
  const { host } = new URL(origin)
  return {
    open: (request) => openExchange({ origin, host, request, pool }),
    warm: () => pool.warm(),
    close: () => pool.close(),
  }
}

interface Opening {
  readonly origin: string
  readonly host: string
  readonly proxy?: string | undefined
  readonly request: HttpRequest
  readonly pool?: ConnectionPool
  readonly send?: (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => boolean
}

function openExchange(opening: Opening): HttpExchange {
  const { request, pool } = opening
  const options: Dispatcher.DispatchOptions = {
    origin: opening.origin,
    path: request.path,
    method: request.method,
    headers: request.headers as string[],
    body: request.body ?? null,
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  let connection: Connection | undefined
  let controller: Dispatcher.DispatchController | undefined
  let connected = false
  let answered = false
  let headed = false
  let closed: GatewayError | undefined

  const sink: ExchangeSink = createExchange({
    pause: () => controller?.pause(),
    resume: () => controller?.resume(),
    close(reason) {
      closed = reason
      controller?.abort(reason)
      if (connection) pool?.drop(connection, reason)
    },
    retire(reason) {
      if (connection) pool?.dropIdle(connection, reason)
    },
  })

  const handler: Dispatcher.DispatchHandler & { onResponseStarted(): void } = {
    onRequestStart(given) {
      controller = given
      // Given up while it waited for its connection in a dispatcher that is not ours.
      if (closed) return given.abort(closed)
      if (connected) return
      connected = true
      request.mark('connected')
    },
    /** The first byte of the answer; not in undici's types, and only used to be more careful. */
    onResponseStarted() {
      answered = true
    },
    onResponseStart(_controller, status, headers) {
      if (status < 200 || closed) return
      answered = headed = true
      request.mark('headers')
      sink.head(headOf(status, headers))
    },
    onResponseData(_controller, bytes) {
      request.mark('alive')
      sink.data(bytes)
    },
    onResponseEnd() {
      if (connection) pool?.giveBack(connection)
      sink.end()
    },
    onResponseError(_controller, error) {
      if (closed) return
      const stale = connection?.reused === true && !answered && isClosedByPeer(error)
      if (connection) pool?.drop(connection, error)
      if (stale) {
        // The server closed an idle connection while our request was on its way: once more, on a new one.
        return send(true)
      }
      const { provider, model, stream } = request
      const { host, proxy } = opening
      sink.fail(
        networkError(error, { provider, model, host, proxy, stream, phase: headed ? 'body' : 'open' }),
      )
    },
  }

  const send = (fresh: boolean): void => {
    try {
      if (pool) {
        connection = pool.take(fresh)
        connection.client.dispatch(options, handler)
      } else opening.send?.(options, handler)
    } catch (error) {
      handler.onResponseError?.(controller as Dispatcher.DispatchController, error as Error)
    }
  }
  send(false)
  return sink.exchange
}

function isClosedByPeer(error: Error): boolean {
  const { code } = error as { code?: unknown }
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE'
}

/** undici's own record is used as it is where it can be: names in lower case, repeated headers as lists. */
function headOf(status: number, headers: IncomingHttpHeaders): HttpHead {
  for (const name in headers) {
    const value = headers[name]
    if (Array.isArray(value)) headers[name] = value.join(', ')
  }
  const flat = headers as Record<string, string>
  const encoding = flat['content-encoding']
  return encoding === undefined ? { status, headers: flat } : { status, headers: flat, encoding }
}
