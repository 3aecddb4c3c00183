import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { isIP, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Gateway } from '@turnout/core'
import { createListener } from './create-listener.js'
import type { Metrics } from './create-metrics.js'
import { DEFAULT_MAX_BODY_BYTES, invalidOption, type HandlerOptions } from './handler-options.js'
import { logFailures } from './log-failures.js'
import { serverEndpoints } from './server-endpoints.js'
import { createStreamSockets, streamEndpoint } from './stream-endpoint.js'

export interface ServeOptions extends HandlerOptions {
  /**
   * Hears of faults of the server itself (`error`), and of every call of the gateway that failed (`warn`), with `code`,
   * `provider`, `model`, `status` and `requestId`; of more than 20 in ten seconds their number. Default: silent.
   */
  readonly logger?: HandlerOptions['logger']
  /** 0: any that is free. */
  readonly port: number
  /** An address or name of this machine. Default `127.0.0.1`; any other than loopback needs `keys`. */
  readonly host?: string
  /** Whether `/metrics` is served, to keys whose `endpoints` name it. Default `false`. */
  readonly metrics?: boolean
  /** Connections at the same time; more are closed as they come. Default 4,096. */
  readonly maxConnections?: number
  /** Names and values of a request's headers together. Default 16 KiB. */
  readonly maxHeaderBytes?: number
  /** How long headers may take to come, in milliseconds, from the connection on. Default 10,000. */
  readonly headersTimeoutMs?: number
  /** How long a request may take to come, its body included. Default 60,000. */
  readonly requestTimeoutMs?: number
  /** How long a connection is kept for the next request. Default 60,000. */
  readonly idleTimeoutMs?: number
}

/** A server that listens. */
export interface Serving {
  /** Without a slash at its end: clients of OpenAI add `/v1` to it. */
  readonly url: string
  readonly port: number
  /**
   * Takes no more connections, refuses new requests, lets running ones finish for `drainMs` (default 5,000), then closes
   * their connections. The gateway stays open. Safe to call twice.
   *
   * With `readyGraceMs` (default 0) it first serves on for so long while `/ready` says 503, so that a load balancer that
   * asks there sends nobody any more.
   */
  close(options?: { readonly drainMs?: number; readonly readyGraceMs?: number }): Promise<void>
}

const DEFAULT_DRAIN_MS = 5_000
/** How often the time limits are looked at. */
const CHECK_MS = 1_000

/**
 * Serves OpenAI's and Anthropic's APIs from a gateway, with `/health` and `/ready`, and `/v1/stream` for WebSockets.
 *
 * @throws GatewayError `invalid_request` for options that are none, and for an address that others can reach without
 *   `keys`; the system's error when it cannot listen there
 * @example
 * const server = await serve(gateway, { port: 8080 })
 * // curl http://127.0.0.1:8080/v1/chat/completions -H 'content-type: application/json' -d '{ "model": … }'
 * await server.close()
 */
export async function serve(gateway: Gateway, options: ServeOptions): Promise<Serving> {
  const { port, host = '127.0.0.1', keys, basePath = '', origins = [] } = options
  const { maxBodyBytes = DEFAULT_MAX_BODY_BYTES, maxConnections = 4_096 } = options
  const { headersTimeoutMs = 10_000, requestTimeoutMs = 60_000 } = options
  if (typeof (gateway as Partial<Gateway> | undefined)?.stream !== 'function')
    throw invalidOption('gateway', 'must be what createGateway gives')
  checkServeOptions(options)
  if (!keys && !isLoopback(host)) throw needsKeys(host)

  const metrics: Metrics | undefined = options.metrics
    ? (await import('./create-metrics.js')).createMetrics(gateway, () => listener.open.size)
    : undefined
  let isLeaving = false
  const listener = createListener(gateway, options, {
    endpoints: [
      ...serverEndpoints(gateway, { isDraining: () => isLeaving || listener.isDraining(), metrics }),
      streamEndpoint,
    ],
    ...(metrics && { onAnswer: metrics.onAnswer }),
  })
  const sockets = createStreamSockets(listener, { basePath, origins, maxBodyBytes })
  const server = createServer(
    {
      maxHeaderSize: options.maxHeaderBytes ?? 16 * 1_024,
      // Node refuses more for a part than for the whole.
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: options.idleTimeoutMs ?? 60_000,
      connectionsCheckingInterval: CHECK_MS,
    },
    listener.handle,
  )
  server.maxConnections = maxConnections
  server.on('upgrade', sockets.upgrade)
  const endLog = options.logger?.warn && logFailures(gateway, options.logger)

  const release = (): void => {
    endLog?.()
    metrics?.close()
    sockets.terminate()
  }
  try {
    const address = await listen(server, port, host)
    // A name may stand for another address than it says.
    if (!keys && !isLoopback(address.address)) throw needsKeys(address.address)
    let closed: Promise<void> | undefined
    return {
      url: `http://${shownHost(host, address)}:${address.port}${basePath}`,
      port: address.port,
      close({ drainMs = DEFAULT_DRAIN_MS, readyGraceMs = 0 } = {}) {
        closed ??= (async () => {
          isLeaving = true
          if (readyGraceMs > 0) await delay(readyGraceMs)
          listener.drain()
          const ended = once(server, 'close')
          server.close()
          sockets.drain()
          await listener.open.whenNone(drainMs)
          await sockets.leave()
          listener.open.destroyAll()
          release()
          server.closeAllConnections()
          await ended
        })()
        return closed
      },
    }
  } catch (error) {
    release()
    server.close()
    throw error
  }
}

async function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  const listening = once(server, 'listening')
  server.listen({ port, host, backlog: 1_024 })
  await listening
  // A pipe has no address, but nobody listens on one here.
  return server.address() as AddressInfo
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  host === '::1' ||
  (isIP(host) === 4 && host.startsWith('127.')) ||
  /^::ffff:127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i.test(host)

function shownHost(host: string, { family, address }: AddressInfo): string {
  // All addresses of the machine: this one is certain to be among them.
  if (address === '0.0.0.0' || address === '::') return 'localhost'
  return family === 'IPv6' && isIP(host) === 6 ? `[${host}]` : host
}

const needsKeys = (host: string): Error =>
  invalidOption(
    'host',
    `others can reach ${host}: give keys, as in { keys: createKeys([…]) }, or listen on 127.0.0.1`,
  )

function checkServeOptions(options: ServeOptions): void {
  const { port, host } = options
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw invalidOption('port', 'must be a whole number from 0 to 65535')
  if (host !== undefined && (typeof host !== 'string' || host === ''))
    throw invalidOption('host', 'must be an address or a name of this machine')
  for (const name of [
    'maxConnections',
    'maxHeaderBytes',
    'headersTimeoutMs',
    'requestTimeoutMs',
    'idleTimeoutMs',
  ] as const) {
    const value = options[name]
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0))
      throw invalidOption(name, 'must be a whole number above 0')
  }
}
