/** R15: what a provider, or somebody in between, sends too much of. One row a bound, on real sockets. */
import { gzipSync } from 'node:zlib'
import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import {
  createGateway,
  isGatewayError,
  type ChatRequest,
  type GatewayError,
  type GatewayOptions,
  type JsonValue,
} from '@turnout/core'
import type { AnswerBounds } from '@turnout/core/adapter'
import { openaiCompatible } from '@turnout/openai-compatible'
import { mockAdapter } from '@turnout/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { closed, startRaw } from '../packages/core/test/loopback.js'

const KIB = 1_024
const MIB = KIB * KIB
const messages = [{ role: 'user', content: 'Hello' }] as const

/** Asks a server that answers every request with these bytes, once. */
async function ask(wire: Buffer, way: 'whole' | 'stream', bounds?: AnswerBounds) {
  const server = await startRaw((socket: Socket) => void socket.write(wire))
  const acme = openaiCompatible({
    id: 'acme',
    baseURL: server.url,
    apiKey: 'key',
    ...(bounds && { bounds }),
  })
  const gateway = createGateway({ providers: { acme }, retry: { maxPerTarget: 1 } })
  onTestFinished(() => gateway.close())
  const answer = gateway.chat({ model: 'acme/m', messages }, { upstream: way })
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown as GatewayError,
  )
  return { error, socket: server.sockets[0] as Socket }
}

const response = (body: Buffer, headers = ''): Buffer =>
  Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${headers}content-length: ${body.length}\r\n\r\n`), body])

interface Parts {
  readonly more?: string
  readonly toolArguments?: string
}
/** A good answer; `more` are further fields. */
function whole({ more = '', toolArguments }: Parts = {}): Buffer {
  const call = { id: 'c', type: 'function', function: { name: 'f', arguments: toolArguments } }
  const message =
    toolArguments === undefined
      ? { role: 'assistant', content: 'Fine.' }
      : { role: 'assistant', content: null, tool_calls: [call] }
  const choices = JSON.stringify([{ index: 0, message, finish_reason: 'stop' }])
  return Buffer.from(
    `{"id":"i","object":"chat.completion","created":1,"model":"m","choices":${choices}${more}}`,
  )
}
function events({ more = '', toolArguments }: Parts = {}): Buffer {
  const event = (choice: object, further = ''): string =>
    `data: {"id":"i","object":"chat.completion.chunk","created":1,"model":"m","choices":${JSON.stringify([{ index: 0, ...choice }])}${further}}\n\n`
  const half = Math.floor((toolArguments?.length ?? 0) / 2)
  const deltas =
    toolArguments === undefined
      ? [{ content: 'Fine.' }]
      : [
          {
            tool_calls: [
              { index: 0, id: 'c', function: { name: 'f', arguments: toolArguments.slice(0, half) } },
            ],
          },
          { tool_calls: [{ index: 0, function: { arguments: toolArguments.slice(half) } }] },
        ]
  return Buffer.from(
    deltas.map((delta) => event({ delta }, more)).join('') +
      event({ delta: {}, finish_reason: 'stop' }) +
      'data: [DONE]\n\n',
  )
}

/** Depth of the whole value: the field stands one level below it. */
const nested = (depth: number): string => `,"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}`
const padded = (bytes: number): Buffer => {
  const body = whole()
  return Buffer.concat([body, Buffer.alloc(bytes - body.length, 0x20)])
}
/** An event of about so many characters. */
const eventOf = (chars: number): Buffer => events({ more: `,"x":"${'x'.repeat(chars - 150)}"` })
const headersOf = (bytes: number): string => `x-filler: ${'x'.repeat(bytes - 100)}\r\n`
/** A body that becomes about so many times as large. */
const growing = (times: number): Buffer => {
  const noise = randomBytes((3 * MIB) / 2 / times).toString('hex')
  return gzipSync(Buffer.concat([whole({ more: `,"x":"${noise}"` }), Buffer.alloc(3 * MIB, 0x20)]))
}
const gzipped = (times: number): Buffer => {
  let body = whole()
  for (let time = 0; time < times; time++) body = gzipSync(body)
  const names = Array.from({ length: times }, () => 'gzip').join(', ')
  return response(body, `content-encoding: ${names}\r\n`)
}
const letters = (count: number): string => JSON.stringify('x'.repeat(count - 2))

interface Row {
  readonly bound: keyof AnswerBounds
  readonly way: 'whole' | 'stream'
  /** The wire of an answer that has so much of it. */
  readonly wire: (amount: number) => Buffer
  /** Amounts that pass and do not, as the adapter comes. */
  readonly byDefault: readonly [within: number, beyond: number]
  readonly set: number
  readonly whenSet: readonly [within: number, beyond: number]
}

const rows: readonly Row[] = [
  {
    bound: 'maxBodyBytes',
    way: 'whole',
    wire: (bytes) => response(padded(bytes)),
    byDefault: [32 * MIB, 32 * MIB + 1],
    set: 100 * KIB,
    whenSet: [100 * KIB, 100 * KIB + 1],
  },
  {
    bound: 'maxEventChars',
    way: 'stream',
    wire: (chars) => response(eventOf(chars)),
    // Told from what is held of an event that has not ended: exact but for one read.
    byDefault: [16 * MIB, 17 * MIB],
    set: 500 * KIB,
    whenSet: [500 * KIB, 1_000 * KIB],
  },
  ...(['whole', 'stream'] as const).map((way) => ({
    bound: 'maxHeaderBytes' as const,
    way,
    wire: (bytes: number) => response(way === 'whole' ? whole() : events(), headersOf(bytes)),
    byDefault: [16 * KIB, 17 * KIB] as const,
    set: 32 * KIB,
    whenSet: [32 * KIB, 33 * KIB] as const,
  })),
  {
    bound: 'maxEncodings',
    way: 'whole',
    wire: gzipped,
    byDefault: [3, 4],
    set: 1,
    whenSet: [1, 2],
  },
  {
    bound: 'maxExpansion',
    way: 'whole',
    wire: (times) => response(growing(times), 'content-encoding: gzip\r\n'),
    byDefault: [50, 200],
    set: 400,
    whenSet: [200, 800],
  },
  ...(['whole', 'stream'] as const).map((way) => ({
    bound: 'maxToolArgumentChars' as const,
    way,
    wire: (chars: number) => response((way === 'whole' ? whole : events)({ toolArguments: letters(chars) })),
    byDefault: [MIB, MIB + 1] as const,
    set: 1_000,
    whenSet: [1_000, 1_001] as const,
  })),
  ...(['whole', 'stream'] as const).map((way) => ({
    bound: 'maxJsonDepth' as const,
    way,
    wire: (depth: number) => response((way === 'whole' ? whole : events)({ more: nested(depth) })),
    byDefault: [64, 65] as const,
    set: 200,
    whenSet: [200, 201] as const,
  })),
]

describe.each(rows)('$bound of $way answers', ({ bound, way, wire, byDefault, set, whenSet }) => {
  it.each([
    ['by default', byDefault, undefined],
    ['as configured', whenSet, { [bound]: set }],
  ] as const)('holds %s', async (_when, [within, beyond], bounds) => {
    expect((await ask(wire(within), way, bounds)).error).toBeUndefined()
    const { error, socket } = await ask(wire(beyond), way, bounds)
    expect(isGatewayError(error, 'bad_response')).toBe(true)
    expect(error).toMatchObject({ provider: 'acme', model: 'm' })
    expect(error?.message).toContain(`raise \`bounds.${bound}\` of `)
    await closed(socket)
  })
})

describe('requests', () => {
  const gatewayWith = (options: Partial<GatewayOptions> = {}) =>
    createGateway({ providers: { mock: mockAdapter('Fine.') }, ...options })
  const tools = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      type: 'function' as const,
      function: { name: `tool_${i}`, parameters: {} },
    }))
  /** With the request itself and the two fields that it stands in. */
  const deep = (depth: number): JsonValue =>
    JSON.parse(`${'['.repeat(depth - 3)}${']'.repeat(depth - 3)}`) as JsonValue

  it.each([
    ['maxTools', [512, 513], undefined],
    ['maxTools', [600, 601], { maxTools: 600 }],
    ['maxJsonDepth', [64, 65], undefined],
    ['maxJsonDepth', [100, 101], { maxJsonDepth: 100 }],
  ] as const)('%s: %j with %j', async (bound, [within, beyond], bounds) => {
    const gateway = gatewayWith(bounds && { bounds })
    const codeOf = async (amount: number) => {
      const request: ChatRequest = {
        model: 'mock/m',
        messages,
        ...(bound === 'maxTools'
          ? { tools: tools(amount) }
          : { provider_options: { mock: { x: deep(amount) } } }),
      }
      return gateway.chat(request).then(
        () => 'ok',
        (error: GatewayError) => `${error.code} ${error.message}`,
      )
    }
    expect(await codeOf(within)).toBe('ok')
    expect(await codeOf(beyond)).toMatch(`raise \`bounds.${bound}\` of the gateway`)
    expect(await codeOf(beyond)).toMatch(/^invalid_request/)
    await gateway.close()
  })
})

it.each([
  [{ maxBodybytes: 5 }, 'bounds.maxBodybytes is no bound; did you mean `maxBodyBytes`?'],
  [{ maxEncodings: 0 }, 'bounds.maxEncodings must be a whole number of at least 1'],
  [{ maxJsonDepth: 5_000 }, 'bounds.maxJsonDepth must be at most 1000'],
  [7, 'bounds must be an object'],
])('an adapter refuses bounds %j', (bounds, message) => {
  const options = { id: 'acme', baseURL: 'http://127.0.0.1:1', bounds: bounds as AnswerBounds }
  expect(() => openaiCompatible(options)).toThrow(message)
})
