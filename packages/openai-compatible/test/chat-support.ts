import { createChunkCollector, type ChatResponse, type GatewayMeta } from '@turnout/core'
import {
  isGatewayError,
  type ChatChunk,
  type ChatRequest,
  type ErrorAnswer,
  type GatewayError,
  type Protocol,
  type ProtocolContext,
  type Usage,
  type Warning,
} from '@turnout/core/adapter'
import { createStreamDecoder } from '../../core/src/adapter/decode-stream.js'

export interface TestContext extends ProtocolContext {
  readonly warnings: Warning[]
}

export function contextFor(
  request: Partial<ChatRequest> = {},
  facts: Partial<ProtocolContext> = {},
): TestContext {
  const warnings: Warning[] = []
  return {
    adapter: 'acme',
    provider: 'main',
    model: 'acme-1',
    origin: 'https://api.acme.example',
    stream: false,
    unsupported: 'warn',
    request: { model: 'route', messages: [{ role: 'user', content: 'Hi' }], ...request },
    warn: (warning) => warnings.push(warning),
    ...facts,
    warnings,
  }
}

/** Loose, so that tests can reach into it. */
// oxlint-disable-next-line typescript/no-explicit-any
export type WireBody = Record<string, any>

export interface Encoded {
  readonly body: WireBody
  readonly path: string
  readonly warnings: readonly Warning[]
}

/** The wire request, through JSON as it is sent. */
export function encodeWith(
  protocol: Protocol,
  request: Partial<ChatRequest>,
  facts: Partial<ProtocolContext> = {},
): Encoded {
  const context = contextFor(request, facts)
  const { body, path } = protocol.encode(context.request, context)
  return { body: JSON.parse(JSON.stringify(body)), path, warnings: context.warnings }
}

export function errorOf(action: () => unknown): GatewayError {
  try {
    action()
  } catch (error) {
    if (isGatewayError(error)) return error
    throw error
  }
  throw new Error('expected a GatewayError')
}

export function answerWith(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): ErrorAnswer {
  return { status, headers, body, provider: 'main', model: 'acme-1' }
}

export interface ReadStream {
  readonly chunks: readonly ChatChunk[]
  readonly error: GatewayError | undefined
}

/** Reads a body through core's framing, in the pieces given. */
export function readStream(
  protocol: Protocol,
  pieces: readonly Uint8Array[],
  context: ProtocolContext,
): ReadStream {
  const decoder = createStreamDecoder(protocol, { ...context, stream: true })
  const chunks: ChatChunk[] = []
  for (const piece of pieces) {
    const batch = decoder.push([piece])
    chunks.push(...batch.chunks)
    if (batch.error || batch.done) return { chunks, error: batch.error }
  }
  const last = decoder.end()
  chunks.push(...last.chunks)
  return { chunks, error: last.error }
}

const NO_USAGE: Usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }

export function fold(chunks: readonly ChatChunk[]): ChatResponse {
  const collector = createChunkCollector()
  for (const chunk of chunks) collector.push(chunk)
  return collector.response(usageOf(chunks) ?? NO_USAGE, {} as GatewayMeta)
}

/** What has arrived before an error. */
export function foldPartial(
  chunks: readonly ChatChunk[],
): ReturnType<ReturnType<typeof createChunkCollector>['partial']> {
  const collector = createChunkCollector()
  for (const chunk of chunks) collector.push(chunk)
  return collector.partial(usageOf(chunks) ?? NO_USAGE, { model: 'acme-1' } as GatewayMeta)
}

export function usageOf(chunks: readonly ChatChunk[]): Usage | undefined {
  return chunks.at(-1)?.usage ?? undefined
}

/** A stream's body: each event as JSON, strings as they are. */
export function sse(...events: readonly (object | string)[]): string {
  return events
    .map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
    .join('')
}
