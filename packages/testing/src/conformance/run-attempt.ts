/** One attempt at the adapter under test, read to its end. */
import {
  isGatewayError,
  type Adapter,
  type AttemptContext,
  type ChatChunk,
  type ChatRequest,
  type ChunkSource,
  type GatewayError,
} from '@turnout/core'
import { deepFreeze } from './deep-freeze.js'
import type { Fixture } from './fixture.js'
import { fixtureFetch, type FixtureFetch, type PreparedAnswer } from './fixture-fetch.js'

/** What the conformance cases give the adapter's factory. */
export interface ConformanceOptions {
  readonly fetch: typeof globalThis.fetch
  readonly apiKey: string
}
export type MakeAdapter = (options: ConformanceOptions) => Adapter

/** Shaped like a key, so that the masking of free text may know it. */
export const CONFORMANCE_KEY = 'sk-conformance0123456789abcdefghij'

export interface AttemptUnderTest {
  readonly source: ChunkSource
  readonly sent: FixtureFetch
  readonly abort: (reason: unknown) => void
  /** Everything that the adapter told the engine, as text. */
  readonly told: readonly string[]
}

export interface Reading {
  readonly chunks: readonly ChatChunk[]
  readonly error?: GatewayError
}

/** @param answer `undefined`: the network fails. */
export function beginAttempt(
  makeAdapter: MakeAdapter,
  answer: PreparedAnswer | undefined,
  { stream, model, request }: { readonly stream: boolean } & Pick<Fixture, 'model' | 'request'>,
): AttemptUnderTest {
  const sent = fixtureFetch(answer)
  const adapter = makeAdapter({ fetch: sent.fetch, apiKey: CONFORMANCE_KEY })
  const controller = new AbortController()
  const told: string[] = []
  const asked = model ?? adapter.models[0] ?? 'model'
  const chat: ChatRequest = deepFreeze({
    model: asked,
    messages: [{ role: 'user', content: 'Say hello.' }],
    ...request,
  })
  const context: AttemptContext = {
    requestId: 'conformance-1',
    provider: 'under-test',
    model: asked,
    stream,
    signal: controller.signal,
    unsupported: 'warn',
    mark() {},
    warn: (warning) => told.push(JSON.stringify(warning)),
    response: (facts) => told.push(JSON.stringify(facts)),
  }
  return { source: adapter.chat(chat, context), sent, told, abort: (reason) => controller.abort(reason) }
}

/** Reads to the end. An error that is no `GatewayError` breaks the contract and is thrown as it is. */
export async function readAll(source: ChunkSource): Promise<Reading> {
  const chunks: ChatChunk[] = []
  try {
    for (let batch = await source.next(); batch; batch = await source.next()) {
      if (batch.length === 0) throw new TypeError('the adapter handed out an empty batch')
      chunks.push(...batch)
    }
    return { chunks }
  } catch (error) {
    if (isGatewayError(error)) return { chunks, error }
    throw error
  }
}

/** Bytes of a fixture's body, cut at the given places. */
export function piecesOf(body: string, ...cuts: readonly number[]): readonly Uint8Array[] {
  const bytes = new TextEncoder().encode(body)
  const ends = [...cuts, bytes.length]
  return ends
    .map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
    .filter(({ length }) => length > 0)
}

/** The prepared answer of a fixture, whole in one piece unless told otherwise. */
export function answerOf(fixture: Fixture, more: Partial<PreparedAnswer> = {}): PreparedAnswer {
  const contentType = fixture.kind === 'stream' ? 'text/event-stream; charset=utf-8' : 'application/json'
  return {
    status: fixture.status ?? (fixture.kind === 'error' ? 400 : 200),
    headers: fixture.headers ?? { 'content-type': contentType },
    pieces: piecesOf(fixture.body),
    ...more,
  }
}

export function readFixture(
  makeAdapter: MakeAdapter,
  fixture: Fixture,
  more: Partial<PreparedAnswer> = {},
): Promise<Reading> {
  const { model, request } = fixture
  return readAll(
    beginAttempt(makeAdapter, answerOf(fixture, more), { stream: fixture.kind === 'stream', model, request })
      .source,
  )
}
