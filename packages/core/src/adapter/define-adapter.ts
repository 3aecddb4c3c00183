import type { Adapter, AttemptContext, ListedModel, ModelCapabilities } from '../contract/adapter.js'
import type { EmbeddingRequest, EmbeddingResult } from '../contract/embedding.js'
import type { AdapterOptions } from './adapter-options.js'
import type { Protocol, StreamState } from './protocol.js'

/** A small JSON call beside the chat: embeddings, model listing. Errors go through `decodeError`. */
export type CallJson = (call: {
  readonly method: 'GET' | 'POST'
  /** Appended to the base URL. */
  readonly path: string
  readonly body?: object
}) => Promise<unknown>

/** An adapter as data: everything a provider's package has to say. */
export interface AdapterDefinition<Model extends string = string> {
  /** Such as `openai`: lower case, digits, `-`. */
  readonly name: string
  readonly baseURL: string
  /** Environment variable of the key, such as `OPENAI_API_KEY`; `null` for servers that need none. */
  readonly apiKeyVariable: string | null
  /** The headers that carry the key. Default: `authorization: Bearer <key>`. */
  readonly auth?: (apiKey: string) => Readonly<Record<string, string>>
  /** Headers of every request, such as an API version. */
  readonly headers?: Readonly<Record<string, string>>
  /** Response header that holds the provider's request id. Default `x-request-id`. */
  readonly requestIdHeader?: string
  /** Request header for the idempotency key, for providers that know one. */
  readonly idempotencyHeader?: string
  readonly models: readonly Model[]
  /** The protocol, or how to choose it for a request (OpenAI: Chat Completions or Responses). */
  readonly protocol: Protocol<any> | ((request: import('../contract/chat-request.js').ChatRequest, model: string) => Protocol<any>)
  readonly capabilities?: (model: string) => ModelCapabilities
  readonly embed?: (request: EmbeddingRequest, attempt: AttemptContext, callJson: CallJson) => Promise<EmbeddingResult>
  readonly listModels?: (attempt: AttemptContext, callJson: CallJson) => Promise<readonly ListedModel[]>
}

/** Puts protocol, endpoint, auth and framing together. */
export function defineAdapter<const Model extends string>(
  definition: AdapterDefinition<Model>,
  options: AdapterOptions = {},
): Adapter<Model> {
  void options
  throw new Error(`not built yet: ${definition.name}`)
}
