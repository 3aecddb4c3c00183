/** What a protocol is given and what comes of it, for tests that look at the Messages protocol without a gateway. */
import type { ChatChunk, ChatMessage, ChatRequest, ProtocolContext, Warning } from '@turnout/core/adapter'
import { createChunkCollector } from '../../core/src/contract/collect-chunks.js'
import { createStreamDecoder } from '../../core/src/adapter/decode-stream.js'
import { messagesProtocol } from '../src/messages/protocol.js'
import { rulesFor } from '../src/models.js'

/** A fixed hour, so that two readings of one answer are the same to the second. */
export const NOW_SECONDS = 1_790_000_000

export const protocol = messagesProtocol({ version: '2023-06-01', betas: [], rulesFor }, () => NOW_SECONDS)

export interface TestContext extends ProtocolContext {
  readonly warnings: Warning[]
}

export function protocolContext(given: Partial<ProtocolContext> = {}): TestContext {
  const warnings: Warning[] = []
  return {
    adapter: 'anthropic',
    provider: 'claude',
    model: 'claude-sonnet-4-5',
    origin: 'https://api.anthropic.com',
    stream: false,
    unsupported: 'warn',
    request: chatRequest(),
    ...given,
    warnings,
    warn: (warning) => void warnings.push(warning),
  }
}

/** A request with one user message, or the messages given. */
export function chatRequest(
  fields: Partial<ChatRequest> = {},
  messages: readonly ChatMessage[] = [{ role: 'user', content: 'Hello' }],
): ChatRequest {
  return { model: 'some-route', messages, ...fields }
}

/** The body as the server would read it. */
export interface SentBody {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[]
  readonly [field: string]: unknown
}

export interface Encoded {
  readonly body: SentBody
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly warnings: readonly Warning[]
  readonly codes: readonly string[]
  readonly paths: readonly (string | undefined)[]
}

/** A request as it would stand on the wire, with what was warned about. */
export function encode(
  request: ChatRequest,
  given: Partial<ProtocolContext> = {},
  using = protocol,
): Encoded {
  const context = protocolContext({ ...given, request })
  const before = JSON.stringify(request)
  const { body, headers } = using.encode(request, context)
  if (JSON.stringify(request) !== before) throw new Error('encoding changed the request')
  const { warnings } = context
  return {
    body: JSON.parse(JSON.stringify(body)) as SentBody,
    headers,
    warnings,
    codes: warnings.map(({ code }) => code),
    paths: warnings.map(({ path }) => path),
  }
}

/** Reads a stream's bytes in the pieces given. */
export function readStream(
  pieces: readonly Uint8Array[],
  context: ProtocolContext,
): { chunks: ChatChunk[]; error?: unknown } {
  const decoder = createStreamDecoder(protocol, context)
  const chunks: ChatChunk[] = []
  for (const piece of pieces) {
    const batch = decoder.push([piece])
    chunks.push(...batch.chunks)
    if (batch.error) return { chunks, error: batch.error }
    if (batch.done) return { chunks }
  }
  const last = decoder.end()
  chunks.push(...last.chunks)
  return last.error ? { chunks, error: last.error } : { chunks }
}

/** Chunks as one answer, the way the pipeline folds them. */
export function fold(chunks: readonly ChatChunk[]) {
  const collector = createChunkCollector()
  for (const chunk of chunks) collector.push(chunk)
  const usage = chunks.at(-1)?.usage ?? undefined
  const partial = collector.partial(
    usage ?? { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    {} as never,
  )
  return { ...partial, usage }
}
