/**
 * A protocol is how one provider API talks: six pure functions, no network, no clock, no policy.
 * An adapter is Protocol x Endpoint x Auth x Framing; `defineAdapter` puts them together.
 */
import type { ChatChunk } from '../contract/chat-response.js'
import type { ChatRequest } from '../contract/chat-request.js'
import type { Warning } from '../contract/gateway-meta.js'
import type { AnswerBounds } from './answer-bounds.js'
import type { GatewayError } from '../errors/gateway-error.js'

/** What encoding and decoding may know about the attempt. */
export interface ProtocolContext {
  /** The adapter's name, its key in `provider_options` and tag in `provider_state`. */
  readonly adapter: string
  /** Name of the provider in the gateway's config. */
  readonly provider: string
  readonly model: string
  /** Origin of the base URL, for `provider_state`. */
  readonly origin: string
  readonly stream: boolean
  readonly unsupported: 'warn' | 'error'
  /** The request as it was encoded; decoding may need its tool names or schema. */
  readonly request: ChatRequest
  /** How large answers may be. Default {@link ANSWER_BOUNDS}. */
  readonly bounds?: Required<AnswerBounds>
  warn(warning: Warning): void
}

export interface EncodedRequest {
  /** Appended to the base URL, such as `/chat/completions`. */
  readonly path: string
  /** Serialised with `JSON.stringify` once. */
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

/** One server-sent event. */
export interface Frame {
  /** The `event:` name; absent when the event has none. */
  readonly event?: string
  readonly data: string
}

/** State of one stream. A protocol extends it with what it needs. */
export interface StreamState {
  /** The terminal mark has been seen: nothing more needs to be read. */
  done: boolean
}

/** An answer with an error status, or an error found inside a 200. */
export interface ErrorAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Parsed JSON, or the text when it is not JSON. */
  readonly body: unknown
  /** For messages. */
  readonly provider: string
  readonly model: string
}

export interface Protocol<State extends StreamState = StreamState> {
  /** Such as `openai-chat`, `anthropic-messages`. */
  readonly name: string
  /** Throws a `GatewayError` `invalid_request` for what the API cannot take. */
  encode(request: ChatRequest, context: ProtocolContext): EncodedRequest
  /** A fresh state for one stream. */
  start(context: ProtocolContext): State
  /**
   * Reads one event. Returns the chunks it stands for (often none, never a chunk without meaning). Throws a
   * `GatewayError` for an error event; `SyntaxError` from `JSON.parse` may escape and is handled by the framing.
   */
  step(state: State, frame: Frame): readonly ChatChunk[]
  /**
   * The body has ended (or `state.done`). Returns the last chunks, the one with usage (`choices: []`) at the very
   * end. Throws `stream_interrupted` when the terminal mark is missing: an end is proven, never inferred.
   */
  end(state: State): readonly ChatChunk[]
  /** A whole answer as chunks: one per choice, then the one with usage. Throws for an error inside a 200. */
  decode(body: unknown, context: ProtocolContext): readonly ChatChunk[]
  decodeError(answer: ErrorAnswer): GatewayError
}
