import type { AttemptContext, ChunkSource } from '../contract/adapter.js'
import type { ChatRequest } from '../contract/chat-request.js'
import type { ChatChunk } from '../contract/chat-response.js'
import { GatewayError, isGatewayError } from '../errors/gateway-error.js'
import { createAbortScope, type AbortScope } from '../platform/abort.js'
import { amountOf, beyondBound, type AnswerBounds } from './answer-bounds.js'
import { abortError, decodingError, unreadable, type Asked } from './answer-error.js'
import { createStreamDecoder, type Batch, type StreamDecoder } from './decode-stream.js'
import { encodeBody } from './encode-body.js'
import type { Endpoint } from './endpoint.js'
import type { HttpExchange } from './http-exchange.js'
import { parseAnswer } from './parse-answer.js'
import type { EncodedRequest, Protocol, ProtocolContext } from './protocol.js'

export interface ChatCall {
  readonly endpoint: Endpoint
  readonly adapter: string
  readonly protocolFor: (request: ChatRequest, model: string) => Protocol
  readonly request: ChatRequest
  readonly attempt: AttemptContext
}

/** One attempt of a chat, sent with the first `next()`. */
export function createChatSource(call: ChatCall): ChunkSource {
  let scope: AbortScope | undefined
  let exchange: HttpExchange | undefined
  let decoder: StreamDecoder | undefined
  let ended = false
  /** Thrown by every later `next()`. */
  let failure: GatewayError | undefined

  const settle = (error?: GatewayError): void => {
    if (ended) return
    ended = true
    failure = error
    scope?.release()
    if (error) exchange?.destroy(error)
    else exchange?.release()
  }

  /** Chunks first; what ended the answer is told by the following `next()`. */
  const deliver = (batch: Batch): readonly ChatChunk[] | undefined => {
    if (batch.error) settle(batch.error)
    else if (batch.done) settle()
    if (batch.chunks.length > 0) return batch.chunks
    if (batch.error) throw batch.error
    return undefined
  }

  const begin = async (): Promise<readonly ChatChunk[] | undefined> => {
    const { attempt, endpoint } = call
    scope = createAbortScope(attempt.cancelsSource ? undefined : attempt.signal)
    if (scope.aborted) throw abortError(scope.reason)
    const { protocol, context, encoded } = encode(call)
    exchange = await endpoint.open(
      {
        method: 'POST',
        path: encoded.path,
        kind: attempt.stream ? 'stream' : 'json',
        headers: encoded.headers,
        body: encodeBody(encoded.body, call.request),
        attempt,
        decodeError: (answer) => protocol.decodeError(answer),
      },
      scope,
    )
    if (attempt.stream) {
      decoder = createStreamDecoder(protocol, context)
      return undefined
    }
    const { bounds } = endpoint
    const body = parseAnswer(await readWhole(exchange, attempt, bounds), attempt, bounds)
    return deliver({ chunks: decodeWhole(protocol, body, context), done: true })
  }

  return {
    async next() {
      if (failure) throw failure
      if (ended) return undefined
      try {
        if (!scope) {
          const chunks = await begin()
          if (chunks) return chunks
        }
        for (;;) {
          if (ended || !exchange || !decoder) break
          const bytes = await exchange.read()
          const chunks = deliver(bytes ? decoder.push(bytes) : decoder.end())
          if (chunks) return chunks
        }
        if (failure) throw failure // cancelled in between
        return undefined
      } catch (error) {
        settle(unreadable(call.attempt, error))
        throw failure ?? error
      }
    },
    cancel(reason) {
      if (ended) return
      const error = abortError(reason)
      scope?.abort(error)
      settle(error)
    },
  }
}

interface Encoded {
  readonly protocol: Protocol
  readonly context: ProtocolContext
  readonly encoded: EncodedRequest
}

function encode({ adapter, endpoint, protocolFor, request, attempt }: ChatCall): Encoded {
  const { provider, model, stream, unsupported } = attempt
  const context: ProtocolContext = {
    adapter,
    provider,
    model,
    origin: endpoint.origin,
    stream,
    unsupported,
    request,
    bounds: endpoint.bounds,
    warn: (warning) => attempt.warn(warning),
  }
  try {
    const protocol = protocolFor(request, model)
    return { protocol, context, encoded: protocol.encode(request, context) }
  } catch (cause) {
    if (isGatewayError(cause)) throw cause
    // Getters that throw, values of a wrong type deep inside: the request's fault as far as anyone can tell.
    throw new GatewayError({
      code: 'invalid_request',
      message: `the request could not be put into the form of ${provider}: check the types of its messages and tools`,
      provider,
      model,
      cause,
    })
  }
}

function decodeWhole(protocol: Protocol, body: unknown, context: ProtocolContext): readonly ChatChunk[] {
  try {
    return protocol.decode(body, context)
  } catch (error) {
    throw decodingError(context, error)
  }
}

/** @throws GatewayError `bad_response` beyond `maxBodyBytes` */
export async function readWhole(
  exchange: HttpExchange,
  asked: Asked,
  { maxBodyBytes }: Required<AnswerBounds>,
): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for (;;) {
    const more = await exchange.read()
    if (!more) return pieces
    for (const piece of more) {
      bytes += piece.length
      pieces.push(piece)
    }
    if (bytes > maxBodyBytes)
      throw beyondBound(asked, `a body of more than ${amountOf(maxBodyBytes)} bytes`, 'maxBodyBytes')
  }
}
