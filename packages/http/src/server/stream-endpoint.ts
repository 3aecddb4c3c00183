/** `/v1/stream`: chat completions over a WebSocket, several at a time. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { STATUS_CODES } from 'node:http'
import type { WebSocket, WebSocketServer } from 'ws'
import type { Caller, Endpoint, SurfaceAnswer, SurfaceRequest } from '../exchange.js'
import type { Listener } from './create-listener.js'
import { nodeRequest, type NodeRequest } from './node-request.js'
import { createConversation } from './stream-conversation.js'

export interface StreamSockets {
  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Takes no more requests, and closes each socket when its own have ended. */
  drain(): void
  /** Says the last to whoever still hears it; settles when all are closed, after half a second in any case. */
  leave(): Promise<void>
  /** Ends what is left. */
  terminate(): void
}

export interface StreamSocketOptions {
  readonly basePath: string
  readonly origins: readonly string[]
  readonly maxBodyBytes: number
}

const PING_MS = 30_000
const GOODBYE_MS = 500
const GOING_AWAY = 1_001
const POLICY_VIOLATION = 1_008
const NEEDS_UPGRADE: SurfaceAnswer = {
  status: 426,
  headers: { 'content-type': 'application/json', upgrade: 'websocket', 'x-should-retry': 'false' },
  body: JSON.stringify({
    error: {
      message: 'this path is for WebSockets; streams over HTTP are at /v1/chat/completions',
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_request',
    },
  }),
}

/** Routed and guarded as every other; what asks without a WebSocket is told so. */
export const streamEndpoint: Endpoint = {
  method: 'GET',
  path: '/v1/stream',
  dialect: 'openai',
  handle: (request) =>
    Promise.resolve(upgrades.has(request) ? { ...NEEDS_UPGRADE, status: 101, body: '' } : NEEDS_UPGRADE),
}
/** Requests that bring a WebSocket. */
const upgrades = new WeakSet<SurfaceRequest>()

interface SocketState {
  isAlive: boolean
  readonly drain: () => void
  readonly leave: () => void
}

export function createStreamSockets(listener: Listener, options: StreamSocketOptions): StreamSockets {
  const { basePath, origins, maxBodyBytes } = options
  const sockets = new Map<WebSocket, SocketState>()
  let whenNone: (() => void) | undefined
  let server: Promise<WebSocketServer> | undefined
  const beat = setInterval(() => {
    for (const [socket, state] of sockets) {
      if (!state.isAlive) socket.terminate()
      state.isAlive = false
      socket.ping()
    }
  }, PING_MS).unref()

  const load = async (): Promise<WebSocketServer> => {
    const { WebSocketServer: Server } = await import('ws')
    return new Server({
      noServer: true,
      maxPayload: maxBodyBytes,
      perMessageDeflate: false,
      clientTracking: false,
    })
  }

  const begin = (
    socket: WebSocket,
    message: IncomingMessage,
    request: NodeRequest,
    sha256: string | undefined,
  ): void => {
    const conversation = createConversation(socket, {
      surface: listener.surface,
      open: listener.open,
      header: (name) => request.header(name),
      headerNames: () => Object.keys(message.headers),
      authorise: async (): Promise<Caller> => (await listener.gate(request, streamEndpoint)).caller,
      isDraining: listener.isDraining,
    })
    const goAway = (): void => socket.close(GOING_AWAY)
    const state: SocketState = {
      isAlive: true,
      drain: () => conversation.drain(goAway),
      leave: () => conversation.leave(goAway),
    }
    sockets.set(socket, state)
    // It has come while the server was told to end.
    if (listener.isDraining()) socket.close(GOING_AWAY)
    const unwatch =
      sha256 === undefined
        ? undefined
        : listener.keyWatch?.watch(sha256, () => {
            socket.close(POLICY_VIOLATION, 'the API key is not valid')
            conversation.end()
          })
    socket
      .on('pong', () => (state.isAlive = true))
      .on('message', (data, isBinary) => conversation.take(data, isBinary))
      .on('error', () => socket.terminate())
      .on('close', () => {
        sockets.delete(socket)
        if (sockets.size === 0) whenNone?.()
        unwatch?.()
        conversation.end()
      })
  }

  const answer = async (message: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const request = nodeRequest(message, undefined, new AbortController().signal, basePath, 0)
    const { origin, upgrade } = message.headers
    // A browser can hold no key here, so that a page that is not listed could use whatever its user may.
    const isForbidden = origin !== undefined && !origins.includes(origin)
    if (upgrade?.toLowerCase() === 'websocket' && !isForbidden) upgrades.add(request)
    // What has a body was not read: the connection is no longer node's to read from.
    const isPlain = message.method === 'GET' || message.method === 'HEAD'
    const given = isForbidden ? FORBIDDEN : isPlain ? await listener.surface(request) : NOT_UPGRADED
    if (given.status !== 101) return refuse(socket, given)
    const { sha256 } = await listener.gate(request, streamEndpoint)
    const { handleUpgrade } = await (server ??= load()).then((made) => ({
      handleUpgrade: made.handleUpgrade.bind(made),
    }))
    handleUpgrade(message, socket, head, (opened) => begin(opened, message, request, sha256))
  }

  return {
    upgrade(message, socket, head) {
      socket.on('error', () => socket.destroy())
      answer(message, socket, head).catch(() => socket.destroy())
    },
    drain() {
      for (const { drain } of sockets.values()) drain()
    },
    leave() {
      if (sockets.size === 0) return Promise.resolve()
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, GOODBYE_MS)
        whenNone = () => {
          clearTimeout(timer)
          resolve()
        }
        for (const { leave } of sockets.values()) leave()
      })
    },
    terminate() {
      clearInterval(beat)
      for (const socket of sockets.keys()) socket.terminate()
    },
  }
}

const FORBIDDEN: SurfaceAnswer = {
  status: 403,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    error: {
      message: 'origin: pages of this site may not use this server; the option origins lists those that may',
      type: 'permission_error',
      param: null,
      code: 'permission',
    },
  }),
}

const NOT_UPGRADED: SurfaceAnswer = {
  status: 400,
  headers: { 'content-type': 'application/json', 'x-should-retry': 'false' },
  body: JSON.stringify({
    error: {
      message:
        'upgrade: only GET /v1/stream becomes another protocol; send this request without that header, as HTTP/1.1 (in Java: HttpClient.Version.HTTP_1_1)',
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_request',
    },
  }),
}

/** There is no response object on a connection that asked to become something else. */
function refuse(socket: Duplex, { status, headers, body }: SurfaceAnswer): void {
  const text = typeof body === 'string' ? body : ''
  const lines = Object.entries({
    ...headers,
    connection: 'close',
    'content-length': String(Buffer.byteLength(text)),
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  // A client that does not hang up itself must not keep the connection.
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${text}`)
}
