import { onTestFinished } from 'vitest'
import {
  defineAdapter,
  isGatewayError,
  type Adapter,
  type AdapterDefinition,
  type AdapterOptions,
  type AttemptContext,
  type ChatChunk,
  type ChatRequest,
  type ChunkSource,
  type GatewayError,
  type ResponseFacts,
  type Warning,
} from '../src/adapter/index.js'
import { plainProtocol, textIn } from './plain-protocol.js'

export const request: ChatRequest = { model: 'm-1', messages: [{ role: 'user', content: 'Hello' }] }

/** An adapter of the plain dialect; closed with the test. */
export function plainAdapter(
  baseURL: string,
  options: AdapterOptions = {},
  definition: Partial<AdapterDefinition> = {},
): Adapter {
  const adapter = defineAdapter(
    {
      name: 'plain',
      baseURL,
      apiKeyVariable: 'PLAIN_API_KEY',
      models: ['m-1'],
      protocol: plainProtocol,
      ...definition,
    },
    { apiKey: 'test-key', ...options },
  )
  onTestFinished(() => adapter.close?.())
  return adapter
}

export interface TestAttempt extends AttemptContext {
  readonly marks: string[]
  readonly warnings: Warning[]
  readonly facts: ResponseFacts[]
  readonly controller: AbortController
}

export function attemptWith(changes: Partial<AttemptContext> = {}): TestAttempt {
  const controller = new AbortController()
  const marks: string[] = []
  const warnings: Warning[] = []
  const facts: ResponseFacts[] = []
  return {
    requestId: 'r-1',
    provider: 'acme',
    model: 'm-1',
    stream: true,
    signal: controller.signal,
    unsupported: 'warn',
    mark: (mark) => void marks.push(mark),
    warn: (warning) => void warnings.push(warning),
    response: (given) => void facts.push(given),
    ...changes,
    marks,
    warnings,
    facts,
    controller,
  }
}

export interface Drained {
  readonly text: string
  readonly chunks: readonly ChatChunk[]
  readonly batches: number
  readonly error?: GatewayError
}

/** Reads to the end or to the error, which must be one of ours. */
export async function drain(source: ChunkSource): Promise<Drained> {
  const chunks: ChatChunk[] = []
  let batches = 0
  try {
    for (let batch = await source.next(); batch; batch = await source.next()) {
      batches++
      chunks.push(...batch)
    }
    return { text: textIn(chunks), chunks, batches }
  } catch (error) {
    if (!isGatewayError(error)) throw error
    return { text: textIn(chunks), chunks, batches, error }
  }
}

/** One whole call against a server. */
export function call(
  baseURL: string,
  changes: Partial<AttemptContext> = {},
  options: AdapterOptions = {},
): Promise<Drained> {
  return drain(plainAdapter(baseURL, options).chat(request, attemptWith(changes)))
}

/** For whole answers. */
export const whole = (): TestAttempt => attemptWith({ stream: false })

/** A fetch that answers everything well and keeps what it was sent. */
export function recorder() {
  const urls: string[] = []
  const headers: Headers[] = []
  const fetch = (async (url: string, init: RequestInit) => {
    urls.push(url)
    headers.push(new Headers(init.headers))
    return Response.json({ text: 'Hello' })
  }) as typeof globalThis.fetch
  return { fetch, urls, headers }
}
