/**
 * One promise to one client package, held twice: inside the process (`createFetch`) and over a real port (`nodeHandler`). The table of
 * docs/compatibility.md is made from the names given here.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import type { Gateway } from '@turnout/core'
import { createFetch, nodeHandler, type FetchOptions, type KeyStore } from '../../src/index.js'

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

async function listen(
  gateway: Gateway,
  { options, detail = 'full', ...rest }: FetchOptions = {},
): Promise<Server> {
  // Whoever asks is the holder of a key with these options.
  const keys: KeyStore | undefined = options && { find: (sha256) => ({ id: 'any', sha256, ...options }) }
  const server = createServer(nodeHandler(gateway, { ...rest, detail, ...(keys && { keys }) }))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return server
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
