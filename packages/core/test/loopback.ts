/** Real servers on a loopback port that end with the test that started them. */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Loopback {
  readonly port: number
  readonly host: string
  readonly url: string
  /** Every connection that was ever made. */
  readonly sockets: readonly Socket[]
  close(): Promise<void>
}

export interface HttpLoopback extends Loopback {
  readonly requests: readonly SeenRequest[]
}

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** @param answer runs when the request has been read whole */
export async function startHttp(
  answer: (response: ServerResponse, request: SeenRequest, number: number) => unknown,
  tls?: { readonly key: string; readonly cert: string },
): Promise<HttpLoopback> {
  const requests: SeenRequest[] = []
  const listener: RequestListener = (incoming, response) => {
    const pieces: Buffer[] = []
    incoming.on('data', (piece: Buffer) => pieces.push(piece))
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming
      const request = { method, url, headers, body: Buffer.concat(pieces).toString() }
      requests.push(request)
      answer(response, request, requests.length)
    })
    response.on('error', () => {})
  }
  const server = tls ? createHttpsServer(tls, listener) : createHttpServer(listener)
  return { ...(await listen(server, tls ? 'https' : 'http')), requests }
}

/** @param serve gets each connection */
export function startTcp(serve: (socket: Socket, number: number) => void): Promise<Loopback> {
  let number = 0
  const server = createTcpServer((socket) => {
    socket.on('error', () => {})
    serve(socket, ++number)
  })
  return listen(server, 'http')
}

/** A TCP server that answers every request, once its body has come, with exactly these bytes. */
export function startRaw(answer: (socket: Socket, number: number) => void): Promise<Loopback> {
  let number = 0
  return startTcp((socket) => {
    let seen = ''
    socket.on('data', (bytes) => {
      seen += bytes.toString('latin1')
      const end = seen.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(seen)?.[1] ?? 0)
      if (end < 0 || seen.length < end + 4 + length) return
      seen = ''
      answer(socket, ++number)
    })
  })
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = await startTcp(() => {})
  await server.close()
  return server.port
}

async function listen(server: Server, scheme: 'http' | 'https'): Promise<Loopback> {
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => sockets.push(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  onTestFinished(close)
  const { port } = server.address() as AddressInfo
  return { port, host: `127.0.0.1:${port}`, url: `${scheme}://127.0.0.1:${port}`, sockets, close }
}

/** Resolves when the peer has closed this connection. */
export function closed(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    socket.resume()
    socket.once('close', () => resolve())
  })
}
