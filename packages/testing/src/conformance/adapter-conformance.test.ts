import {
  defineAdapter,
  GatewayError,
  type Adapter,
  type ChatChunk,
  type ChunkSource,
  type Protocol,
} from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { adapterConformance } from './adapter-conformance.js'
import type { Fixture } from './fixture.js'
import type { ConformanceOptions } from './run-attempt.js'

/** A provider whose whole wire is `{ "t": text }` and `{ "end": reason, "in": 1, "out": 2 }`. */
const events = (...data: object[]): string =>
  data.map((one) => `data: ${JSON.stringify(one)}\r\n\r\n`).join('')
const expectation = {
  text: 'Grüße 🌧',
  finishReason: 'stop',
  model: 'toy-1',
  usage: { inputTokens: 1, outputTokens: 2 },
} as const
const fixtures: readonly Fixture[] = [
  {
    name: 'text',
    kind: 'response',
    pair: 'text',
    body: JSON.stringify({ t: 'Grüße 🌧', end: 'stop', in: 1, out: 2 }),
    expect: expectation,
  },
  {
    name: 'text',
    kind: 'stream',
    pair: 'text',
    body: events({ t: 'Grü' }, { t: 'ße 🌧' }, { end: 'stop', in: 1, out: 2 }),
    expect: expectation,
  },
  {
    name: 'overload',
    kind: 'stream',
    body: events({ t: 'Grü' }, { fault: 'busy' }),
    expect: { text: 'Grü', error: { code: 'overloaded', retryable: true } },
  },
  {
    name: 'slow down',
    kind: 'error',
    status: 429,
    headers: { 'content-type': 'application/json', 'retry-after': '2' },
    body: '{"fault":"slow"}',
    expect: { code: 'rate_limited', retryAfterMs: 2_000, retryable: true },
  },
]

interface Wire {
  readonly t?: string
  readonly end?: 'stop'
  readonly in?: number
  readonly out?: number
  readonly fault?: string
}

interface Faults {
  /** Takes every end for a good one. */
  readonly infersTheEnd?: boolean
  readonly forgetsTheRole?: boolean
  readonly miscounts?: boolean
  readonly misclassifies?: boolean
  readonly writesIntoTheRequest?: boolean
  readonly echoesTheBody?: boolean
}

function toyProtocol(faults: Faults): Protocol<{ done: boolean; begun: boolean; usage?: ChatChunk }> {
  const head = { id: 'toy', object: 'chat.completion.chunk' as const, created: 1, model: 'toy-1' }
  const read = (
    wire: Wire,
    state: { begun: boolean; done: boolean; usage?: ChatChunk },
  ): readonly ChatChunk[] => {
    if (wire.fault) throw new GatewayError({ code: 'overloaded', message: 'busy', provider: 'under-test' })
    if (wire.t === undefined && wire.end === undefined)
      throw new GatewayError({ code: 'bad_response', message: 'no answer', provider: 'under-test' })
    const role = state.begun || faults.forgetsTheRole ? {} : { role: 'assistant' as const }
    state.begun = true
    const text = wire.t === undefined ? {} : { content: wire.t }
    const total = (wire.in ?? 0) + (wire.out ?? 0) + (faults.miscounts ? 1 : 0)
    if (wire.end) {
      state.done = true
      state.usage = {
        ...head,
        choices: [],
        usage: { prompt_tokens: wire.in ?? 0, completion_tokens: wire.out ?? 0, total_tokens: total },
      }
    }
    return [
      { ...head, choices: [{ index: 0, delta: { ...role, ...text }, finish_reason: wire.end ?? null }] },
    ]
  }
  return {
    name: 'toy',
    encode(request, { stream }) {
      if (faults.writesIntoTheRequest) (request.messages as unknown[]).push({})
      return { path: '/say', body: { messages: request.messages, stream } }
    },
    start: () => ({ done: false, begun: false }),
    step: (state, frame) => read(JSON.parse(frame.data) as Wire, state),
    end(state) {
      if (!state.done && !faults.infersTheEnd)
        throw new GatewayError({ code: 'stream_interrupted', message: 'no end', provider: 'under-test' })
      return state.usage ? [state.usage] : []
    },
    decode(body) {
      const state: { begun: boolean; done: boolean; usage?: ChatChunk } = { begun: false, done: false }
      const chunks = read(body ?? {}, state)
      return state.usage ? [...chunks, state.usage] : chunks
    },
    decodeError({ status, headers, body }) {
      const shown = faults.echoesTheBody ? JSON.stringify(body).replaceAll('sk-', 'sk_') : 'failed'
      const code =
        status === 429 && !faults.misclassifies
          ? 'rate_limited'
          : status === 503
            ? 'overloaded'
            : 'upstream_error'
      return new GatewayError({
        code,
        message: shown,
        status,
        provider: 'under-test',
        retryAfterMs: Number(headers['retry-after'] ?? NaN) * 1_000 || undefined,
      })
    },
  }
}

const toy = (options: ConformanceOptions, faults: Faults = {}): Adapter =>
  defineAdapter(
    {
      name: 'toy',
      baseURL: 'https://toy.example/v1',
      apiKeyVariable: null,
      models: ['toy-1'],
      protocol: toyProtocol(faults),
    },
    options,
  )

/** Names of the cases that fail. */
async function failing(
  makeAdapter: (options: ConformanceOptions) => Adapter,
  only?: RegExp,
): Promise<readonly string[]> {
  const failed: string[] = []
  for (const { name, run } of adapterConformance(makeAdapter, fixtures)) {
    if (only && !only.test(name)) continue
    await run().catch(() => failed.push(name))
  }
  return failed
}

/** An adapter whose sources are wrapped. */
const wrapped =
  (wrap: (source: ChunkSource, options: ConformanceOptions) => ChunkSource) =>
  (options: ConformanceOptions): Adapter => {
    const adapter = toy(options)
    return { ...adapter, chat: (request, attempt) => wrap(adapter.chat(request, attempt), options) }
  }

describe('adapterConformance', () => {
  it('passes an adapter that does everything right', async () => {
    expect(await failing((options) => toy(options))).toEqual([])
  })

  it.each<[keyof Faults, string]>([
    ['infersTheEnd', 'text (stream): cut short it is stream_interrupted'],
    ['forgetsTheRole', 'text (stream): reads as expected'],
    ['forgetsTheRole', 'text (response): reads as expected'],
    ['miscounts', 'text (stream): reads as expected'],
    ['misclassifies', 'slow down (error): is classified'],
    ['writesIntoTheRequest', 'text (stream): reads as expected'],
  ])('catches an adapter that %s', async (fault, name) => {
    expect(await failing((options) => toy(options, { [fault]: true }))).toContain(name)
  })

  it.each<[string, (options: ConformanceOptions) => Adapter, RegExp]>([
    [
      'reads ahead of being asked',
      wrapped((source) => {
        const first = source.next()
        let taken = false
        return {
          next: () => (taken ? source.next() : ((taken = true), first)),
          cancel: (reason) => source.cancel(reason),
        }
      }),
      /^nothing is sent before/,
    ],
    [
      'sends the key in the address',
      (options) =>
        toy({
          ...options,
          fetch: (input, init) => options.fetch(`${input as string}?key=${options.apiKey}`, init),
        }),
      /^the request is JSON/,
    ],
    [
      'loses the reason of an abort',
      wrapped((source) => ({
        next: () =>
          source.next().catch(() => {
            throw new GatewayError({ code: 'aborted', message: 'gone' })
          }),
        cancel: (reason) => source.cancel(reason),
      })),
      /^an abort settles/,
    ],
    [
      'throws what is no GatewayError',
      wrapped((source) => ({
        next: () =>
          source.next().catch(() => {
            throw new Error('plain')
          }),
        cancel: (reason) => source.cancel(reason),
      })),
      /^a connection that breaks is upstream_error$/,
    ],
    [
      'hands out empty batches',
      wrapped((source) => {
        let first = true
        return {
          next: () => (first ? ((first = false), Promise.resolve([])) : source.next()),
          cancel: (reason) => source.cancel(reason),
        }
      }),
      /^text \(stream\): reads as expected/,
    ],
    [
      'shows the key in a message',
      wrapped((source, { apiKey }) => ({
        next: () =>
          source.next().catch((error: unknown) => {
            throw Object.assign(error as Error, { message: apiKey })
          }),
        cancel: (reason) => source.cancel(reason),
      })),
      /^neither key nor cookies leak/,
    ],
    [
      'leaves the body open',
      (options) =>
        toy({
          ...options,
          fetch: async (input, init) => {
            const response = await options.fetch(input, { ...init, signal: undefined })
            const reader = response.body?.getReader()
            // Without a `cancel`: whoever cancels this body does not reach the one behind it.
            const body = new ReadableStream<Uint8Array>({
              async pull(controller) {
                const piece = await reader?.read()
                if (piece?.value) controller.enqueue(piece.value)
                else controller.close()
              },
            })
            return new Response(body, response)
          },
        }),
      /^cancel\(\) settles/,
    ],
    [
      'reads less when it comes in pieces',
      (options) =>
        toy({
          ...options,
          fetch: async (input, init) => {
            const response = await options.fetch(input, init)
            const first = (await response.body?.getReader().read())?.value
            return new Response(first, response)
          },
        }),
      /^text \(stream\): the same wherever/,
    ],
  ])('catches an adapter that %s', async (_name, makeAdapter, only) => {
    expect(await failing(makeAdapter, only)).toHaveLength(1)
  })

  it('marks what is skipped, with its reason, and refuses a skip of nothing', () => {
    const name = 'text (stream): reads as expected'
    const cases = adapterConformance((options) => toy(options), fixtures, {
      skip: [{ case: name, reason: 'why' }],
    })
    expect(cases.filter(({ skipped }) => skipped !== undefined)).toMatchObject([{ name, skipped: 'why' }])
    expect(() =>
      adapterConformance((options) => toy(options), fixtures, { skip: [{ case: 'gone', reason: 'x' }] }),
    ).toThrow('skip names no case: "gone"')
  })

  it('refuses two fixtures of one name', () => {
    expect(() => adapterConformance((options) => toy(options), [...fixtures, ...fixtures])).toThrow(
      'two cases',
    )
  })
})
