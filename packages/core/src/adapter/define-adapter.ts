import type { Adapter, AttemptContext, ListedModel, ModelCapabilities } from '../contract/adapter.js'
import type { ChatRequest } from '../contract/chat-request.js'
import type { EmbeddingRequest, EmbeddingResult } from '../contract/embedding.js'
import { GatewayError } from '../errors/gateway-error.js'
import type { AdapterOptions } from './adapter-options.js'
import { readBounds } from './answer-bounds.js'
import { createKeyListSource, createKeySource, keyNames } from './api-key.js'
import { parseBaseUrl } from './base-url.js'
import { withCallJson, type CallJson } from './call-json.js'
import { createChatSource } from './chat-source.js'
import { createEndpoint } from './endpoint.js'
import { createFetchTransport } from './fetch-transport.js'
import type { Transport } from './http-exchange.js'
import { createKeyRing } from './key-ring.js'
import type { Protocol } from './protocol.js'
import { createHeaderSource } from './request-headers.js'

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
  readonly protocol: Protocol | ((request: ChatRequest, model: string) => Protocol)
  readonly capabilities?: (model: string) => ModelCapabilities
  /** Stands before many providers: one of them refusing a key says little about the others. */
  readonly isAggregator?: boolean
  readonly embed?: (
    request: EmbeddingRequest,
    attempt: AttemptContext,
    callJson: CallJson,
  ) => Promise<EmbeddingResult>
  readonly listModels?: (attempt: AttemptContext, callJson: CallJson) => Promise<readonly ListedModel[]>
}

/**
 * Puts protocol, endpoint, auth and framing together. The adapter connects when it is first used, keeps its own
 * connections, and sends nothing to any other origin than its base URL's.
 *
 * @param options what the host gave to the adapter's factory
 * @throws GatewayError `invalid_request` with path for a bad `baseURL`, header or key; a missing key fails at first use
 * @example
 * export const acme = (options?: AdapterOptions) =>
 *   defineAdapter({
 *     name: 'acme',
 *     baseURL: 'https://api.acme.example/v1',
 *     apiKeyVariable: 'ACME_API_KEY',
 *     models: ['acme-large'],
 *     protocol: acmeProtocol,
 *   }, options)
 */
export function defineAdapter<const Model extends string>(
  definition: AdapterDefinition<Model>,
  options: AdapterOptions = {},
): Adapter<Model> {
  checkOptions(options)
  const bounds = readBounds(options.bounds)
  const { name, protocol, embed, listModels } = definition
  const baseUrl = parseBaseUrl(options.baseURL ?? definition.baseURL, name)
  const protocolFor = typeof protocol === 'function' ? protocol : (): Protocol => protocol

  const connect = async (): Promise<Transport> => {
    if (options.fetch) return createFetchTransport(baseUrl.origin, options.fetch)
    // Loaded with the first request: undici is the heaviest thing that a gateway needs.
    const { createHttpTransport } = await import('./http-transport.js')
    return createHttpTransport(baseUrl.origin, options.dispatcher, bounds.maxHeaderBytes)
  }
  const { apiKey } = options
  const keys = Array.isArray(apiKey) && apiKey.length > 1 ? (apiKey as readonly string[]) : undefined
  const keyRing = keys && createKeyRing(keys)
  const endpoint = createEndpoint({
    baseUrl,
    keyOf:
      keys && keyRing
        ? createKeyListSource(keys, keyRing.current)
        : createKeySource(definition.apiKeyVariable, apiKey),
    keyRing,
    auth: definition.auth ?? ((key) => ({ authorization: `Bearer ${key}` })),
    headersOf: createHeaderSource(definition.headers, options.headers, definition.idempotencyHeader),
    requestIdHeader: definition.requestIdHeader ?? 'x-request-id',
    connect,
    bounds,
  })
  /** Calls beside the chat have the error bodies of the chat. */
  const withJson = <Result>(
    attempt: AttemptContext,
    use: (callJson: CallJson) => Promise<Result>,
  ): Promise<Result> =>
    withCallJson(
      endpoint,
      attempt,
      (answer) => protocolFor({ model: attempt.model, messages: [] }, attempt.model).decodeError(answer),
      use,
    )

  return {
    name,
    ...(keys && { keys: keyNames(keys) }),
    models: [...definition.models, ...((options.models ?? []) as readonly Model[])],
    chat: (request, attempt) => createChatSource({ endpoint, adapter: name, protocolFor, request, attempt }),
    ...(embed && {
      embed: (request, attempt) => withJson(attempt, (callJson) => embed(request, attempt, callJson)),
    }),
    ...(listModels && {
      listModels: (attempt) => withJson(attempt, (callJson) => listModels(attempt, callJson)),
    }),
    ...(definition.capabilities && { capabilities: definition.capabilities }),
    ...(definition.isAggregator && { isAggregator: true }),
    warm: () => endpoint.warm(),
    close: () => endpoint.close(),
  }
}

const OPTIONS = [
  'apiKey',
  'baseURL',
  'headers',
  'fetch',
  'dispatcher',
  'models',
  'bounds',
] satisfies (keyof AdapterOptions)[]

function checkOptions(options: AdapterOptions): void {
  const { apiKey, fetch, dispatcher, models } = options
  // Adapters have options of their own, so unknown ones pass; but a `baseUrl` would send the key to somebody else.
  for (const given of Object.keys(options)) {
    const meant = OPTIONS.find((option) => option.toLowerCase() === given.toLowerCase().replaceAll('_', ''))
    if (meant !== undefined && meant !== given)
      throw invalidOption(given, `is no option: it is spelt \`${meant}\``)
  }
  const isKey = (key: unknown): boolean => typeof key === 'string'
  if (
    apiKey !== undefined &&
    !isKey(apiKey) &&
    typeof apiKey !== 'function' &&
    !(Array.isArray(apiKey) && apiKey.every(isKey))
  ) {
    throw invalidOption('apiKey', 'must be a string, a list of strings or a function that gives one')
  }
  if (fetch !== undefined && typeof fetch !== 'function')
    throw invalidOption('fetch', 'must be a function like the global fetch')
  if (dispatcher !== undefined && typeof dispatcher?.dispatch !== 'function') {
    throw invalidOption('dispatcher', 'must be a dispatcher of undici, such as a ProxyAgent')
  }
  if (
    models !== undefined &&
    !(Array.isArray(models) && models.every((model) => typeof model === 'string'))
  ) {
    throw invalidOption('models', 'must be a list of model ids')
  }
}

function invalidOption(path: string, rule: string): GatewayError {
  return new GatewayError({ code: 'invalid_request', message: `${path} ${rule}`, path })
}
