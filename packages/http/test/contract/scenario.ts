/**
 * One promise to one client package, held twice: inside the process (`createFetch`) and over a real port. The table of
 * docs/compatibility.md is made from the names given here.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import type { Gateway } from '@turnout/core'
import { createFetch, createSurface, type FetchOptions, type SurfaceRequest } from '../../src/index.js'

export interface Served {
  /** Without a path: `http://gateway.invalid`, `http://127.0.0.1:4321`. */
  readonly origin: string
  /** For the client's `fetch` option. */
  readonly fetch: typeof globalThis.fetch
}

export interface Stage {
  readonly way: Way
  /** Serves the gateway in this scenario's way; gateway and server are closed when the scenario ends. */
  serve(gateway: Gateway, options?: FetchOptions): Promise<Served>
}

export const WAYS = ['in process', 'over a port'] as const
export type Way = (typeof WAYS)[number]

/**
 * @param client the package as users name it: `openai`, `@anthropic-ai/sdk`
 * @param what the promise, as a row of the table: `a tool loop with runTools`
 */
export function scenario(client: string, what: string, body: (stage: Stage) => Promise<void>): void {
  for (const way of WAYS) {
    it(`${client}: ${what} (${way})`, async () => {
      expect.hasAssertions()
      await using stage = openStage(way)
      await body(stage)
    })
  }
}

function openStage(way: Way): Stage & AsyncDisposable {
  const closers: (() => Promise<void>)[] = []
  return {
    way,
    async serve(gateway, options) {
      closers.push(() => gateway.close({ drainMs: 0 }))
      if (way === 'in process') {
        return { origin: 'http://gateway.invalid', fetch: createFetch(gateway, options) }
      }
      const server = await listen(gateway, options)
      closers.push(() => closed(server))
      return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, fetch: globalThis.fetch }
    },
    async [Symbol.asyncDispose]() {
      for (const close of closers.toReversed()) await close()
    },
  }
}

async function listen(gateway: Gateway, options: FetchOptions = {}): Promise<Server> {
  const surface = createSurface(gateway, options)
  const caller = { options: options.options ?? {}, mayUse: () => true }
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const gone = new AbortController()
    outgoing.on('close', () => gone.abort(new Error('the client is gone')))
    const { status, headers, body } = await surface(surfaceRequest(incoming, gone.signal), caller)
    outgoing.writeHead(status, headers)
    if (typeof body === 'string') return void outgoing.end(body)
    for (let text = await body.next(); text !== undefined; text = await body.next()) outgoing.write(text)
    outgoing.end()
  }
  const server = createServer((incoming, outgoing) => {
    // It rejects when the client is gone, and then nobody is there to be told.
    answer(incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return server
}

function surfaceRequest(incoming: IncomingMessage, signal: AbortSignal): SurfaceRequest {
  const { pathname, search } = new URL(incoming.url ?? '/', 'http://gateway.invalid')
  return {
    method: incoming.method ?? 'GET',
    path: pathname,
    query: search,
    header(name) {
      const value = incoming.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
    async readBody() {
      const pieces: Buffer[] = []
      for await (const piece of incoming) pieces.push(piece as Buffer)
      return Buffer.concat(pieces).toString()
    },
    signal,
  }
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
