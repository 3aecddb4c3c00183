/** A server with one provider that is none, for tests that attack it. */
import { connect } from 'node:net'
import { createGateway, type Gateway } from '@turnout/core'
import { mockAdapter, type MockAdapter, type MockReply } from '@turnout/testing'
import type { Endpoint } from '../../src/exchange.js'
import { createKeys, type Keys } from '../../src/server/create-keys.js'
import { serve, type ServeOptions, type Serving } from '../../src/server/serve.js'
import { serverEndpoints } from '../../src/server/server-endpoints.js'
import { streamEndpoint } from '../../src/server/stream-endpoint.js'
import { surfaceEndpoints } from '../../src/surface.js'

export interface Stage extends AsyncDisposable {
  readonly server: Serving
  readonly gateway: Gateway
  readonly mock: MockAdapter
  readonly keys: Keys
}

/** @param options `keys: undefined` for a server without */
export async function openStage(
  options: Partial<ServeOptions> = {},
  reply: MockReply = 'Hello.',
): Promise<Stage> {
  const mock = mockAdapter(reply)
  const gateway = createGateway({
    providers: { mock },
    routes: { fast: ['mock/small'], slow: ['mock/large'] },
    limits: { each: { per: 'tag:key', requests: 1_000 } },
  })
  const keys = createKeys()
  const server = await serve(gateway, { port: 0, metrics: true, keys, ...options })
  return {
    server,
    gateway,
    mock,
    keys,
    async [Symbol.asyncDispose]() {
      await server.close({ drainMs: 0 })
      await gateway.close({ drainMs: 0 })
    },
  }
}

/** Every endpoint that a server has, from the very lists that it is made of. */
export function everyEndpoint(): readonly Endpoint[] {
  const gateway = createGateway({ providers: { mock: mockAdapter() } })
  const metrics = { contentType: '', text: () => Promise.resolve(''), onAnswer: () => {}, close: () => {} }
  return [
    ...surfaceEndpoints(gateway, {}),
    ...serverEndpoints(gateway, { isDraining: () => false, metrics }),
    streamEndpoint,
  ]
}

/** An address that the endpoint answers. */
export const addressOf = ({ path }: Endpoint): string => path.replace(/:.*$/, 'fast')

/** A body that every endpoint with one gets as far as its model with; `path` for keys that may pass on nothing unknown. */
export const bodyFor = (model: string, path = ''): string =>
  JSON.stringify({
    model,
    messages: [{ role: 'user', content: 'Hi' }],
    ...(!path.startsWith('/v1/messages') && { input: 'Hi' }),
    max_tokens: 16,
  })

export function ask(
  { server }: Pick<Stage, 'server'>,
  endpoint: Endpoint,
  headers: Readonly<Record<string, string>>,
  body: string = bodyFor('fast'),
): Promise<Response> {
  return fetch(`${server.url}${addressOf(endpoint)}`, {
    method: endpoint.method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(endpoint.method === 'POST' && { body }),
  })
}

export interface RawAnswer {
  /** All that came until the connection was closed, or `ms` had passed. */
  readonly text: string
  readonly isClosed: boolean
  /** Of each answer, in their order. */
  readonly statuses: readonly number[]
}

/** Sends bytes as they are. */
export function sendRaw(port: number, pieces: readonly (string | Buffer)[], ms = 4_000): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    const settle = (isClosed: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
      resolve({ text, isClosed, statuses })
    }
    const timer = setTimeout(settle, ms, false)
    socket.on('data', (piece) => (text += piece.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => settle(true))
    for (const piece of pieces) socket.write(piece)
  })
}
