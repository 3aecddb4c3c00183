/** Where an adapter's requests go and with which credentials; the same for chat, embeddings and model lists. */
import type { AttemptContext, ResponseFacts } from '../contract/adapter.js'
import { GatewayError, isGatewayError } from '../errors/gateway-error.js'
import { withFacts } from '../errors/with-facts.js'
import type { AbortScope } from '../platform/abort.js'
import type { AnswerBounds } from './answer-bounds.js'
import { abortError, badResponse, type Asked } from './answer-error.js'
import type { KeySource } from './api-key.js'
import type { BaseUrl } from './base-url.js'
import type { HttpExchange, HttpHead, Transport } from './http-exchange.js'
import { parseErrorBody } from './parse-answer.js'
import type { ErrorAnswer } from './protocol.js'
import { codeForStatus, providerError } from './provider-error.js'
import type { KeyRing } from './key-ring.js'
import type { HeaderFields, HeaderLayers, HeaderSource } from './request-headers.js'

/** An error body says what it has to say in its first lines. */
const ERROR_BODY_BYTES = 65_536
/** Keys whose headers are kept. */
const MAX_KEYS = 16

export interface EndpointCall {
  readonly method: 'GET' | 'POST'
  /** Appended to the base URL. */
  readonly path: string
  readonly kind: HeaderLayers['kind']
  readonly headers?: HeaderFields | undefined
  readonly body?: string
  readonly attempt: AttemptContext
  readonly decodeError: (answer: ErrorAnswer) => GatewayError
}

export interface Endpoint {
  readonly origin: string
  readonly bounds: Required<AnswerBounds>
  /** Sends; resolves when the headers of a good answer are there. Rejects with a `GatewayError`. */
  open(call: EndpointCall, scope: AbortScope): Promise<HttpExchange>
  /** Connects ahead of the next request, where the transport can. */
  warm(): void
  close(): Promise<void>
}

export interface EndpointParts {
  readonly baseUrl: BaseUrl
  readonly keyOf: KeySource
  /** Where there are several keys: hears what became of those that no gateway chose. */
  readonly keyRing?: KeyRing | undefined
  readonly auth: (apiKey: string) => HeaderFields
  readonly headersOf: HeaderSource
  readonly requestIdHeader: string
  readonly connect: () => Promise<Transport>
  readonly bounds: Required<AnswerBounds>
}

export function createEndpoint(parts: EndpointParts): Endpoint {
  const { baseUrl, keyOf, keyRing, auth, headersOf, requestIdHeader } = parts
  let transport: Transport | undefined
  let connecting: Promise<Transport> | undefined
  const known = new Map<string, HeaderFields>()

  const connect = async (): Promise<Transport> => {
    connecting ??= parts.connect()
    try {
      transport = await connecting
      return transport
    } finally {
      connecting = undefined
    }
  }

  /** The same object for the same key, so that the headers stay memoised. */
  const credentialsFor = (key: string | undefined): HeaderFields | undefined => {
    if (key === undefined) return undefined
    let credentials = known.get(key)
    if (!credentials) {
      // A function may give a new one each time.
      if (known.size >= MAX_KEYS) known.clear()
      credentials = auth(key)
      known.set(key, credentials)
    }
    return credentials
  }

  return {
    origin: baseUrl.origin,
    bounds: parts.bounds,
    async open(call, scope) {
      const { attempt } = call
      const given = keyOf(attempt.provider, attempt.key)
      const key = given instanceof Promise ? await unlessAborted(given, scope) : given
      const way = transport ?? (await unlessAborted(connect(), scope))
      if (scope.aborted) throw abortError(scope.reason)
      const exchange = way.open({
        method: call.method,
        path: baseUrl.pathFor(call.path),
        headers: headersOf({
          kind: call.kind,
          encoded: call.headers,
          defaults: attempt.headers,
          credentials: credentialsFor(key),
          idempotencyKey: attempt.idempotencyKey,
        }),
        body: call.body,
        provider: attempt.provider,
        model: attempt.model,
        stream: call.kind === 'stream',
        mark: (mark) => attempt.mark(mark),
      })
      scope.onAbort((reason) => exchange.destroy(abortError(reason)))
      const head = await exchange.head()
      attempt.response(factsOf(head, requestIdHeader))
      try {
        // As nearly all are: not one promise more.
        if (isPlain(head)) return exchange
        return await goodAnswer(exchange, head, call, parts.bounds)
      } catch (error) {
        exchange.release()
        // A gateway chooses among the keys itself. Else: another key is at hand, the same request may succeed at once.
        if (attempt.key !== undefined || key === undefined) throw error
        if (keyRing?.note(key, error) && isGatewayError(error))
          throw withFacts(error, { retryable: true, retryAfterMs: 0 })
        throw error
      }
    },
    warm() {
      if (transport) transport.warm?.()
      else
        connect().then(
          (made) => made.warm?.(),
          () => {}, // the request itself will meet the same fault
        )
    },
    async close() {
      const open = transport ?? (await connecting?.catch(() => undefined))
      transport = undefined
      await open?.close()
    },
  }
}

/** A good answer with a body that nothing has to be done to. */
const isPlain = ({ status, encoding }: HttpHead): boolean => status === 200 && encoding === undefined

/** The exchange of an answer with a body that is worth reading. */
async function goodAnswer(
  exchange: HttpExchange,
  head: HttpHead,
  call: EndpointCall,
  bounds: Required<AnswerBounds>,
): Promise<HttpExchange> {
  const { attempt, decodeError } = call
  const { status, headers, encoding } = head
  if (status >= 300 && status < 400) throw redirected(attempt, head)
  if (status === 204 || status === 205) throw badResponse(attempt, `an empty body (${status})`)
  const body =
    encoding === undefined ? exchange : await decompressedOrClosed(exchange, encoding, attempt, bounds)
  if (status >= 200 && status < 300) return body

  const { provider, model } = attempt
  const answer: ErrorAnswer = {
    status,
    headers,
    provider,
    model,
    body: parseErrorBody(await readUpTo(body, ERROR_BODY_BYTES)),
  }
  body.release()
  throw errorFrom(answer, decodeError)
}

async function decompressedOrClosed(
  exchange: HttpExchange,
  encoding: string,
  asked: Asked,
  bounds: Required<AnswerBounds>,
): Promise<HttpExchange> {
  try {
    // Loaded when a server compresses although nobody asked: zlib costs every start-up 5 ms.
    const { decompressed } = await import('./decompress.js')
    return decompressed(exchange, encoding, asked, bounds)
  } catch (error) {
    exchange.destroy(error as GatewayError)
    throw error
  }
}

/** A protocol that fails on an error body must not hide the status. */
function errorFrom(answer: ErrorAnswer, decodeError: EndpointCall['decodeError']): GatewayError {
  try {
    return decodeError(answer)
  } catch (cause) {
    return providerError(answer, { code: codeForStatus(answer.status), cause })
  }
}

/** The start of a body; the rest, and what a broken connection withholds, does not matter. */
async function readUpTo(exchange: HttpExchange, limitBytes: number): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = []
  let room = limitBytes
  try {
    while (room > 0) {
      const batch = await exchange.read()
      if (!batch) break
      for (const bytes of batch) {
        if (room > 0) pieces.push(bytes.subarray(0, room))
        room -= bytes.length
      }
    }
  } catch (error) {
    if (isGatewayError(error, 'aborted', 'timeout', 'closed')) throw error
  }
  return pieces
}

/** Followed, a redirect would carry the key to another server: it is an error that names the host, never the URL. */
function redirected(asked: Asked, head: HttpHead): GatewayError {
  const { provider, model } = asked
  const location = head.headers['location'] ?? ''
  const host = URL.canParse(location) ? ` to ${new URL(location).host}` : ''
  return new GatewayError({
    code: 'bad_response',
    message: `${provider} answered with a redirect${host} (${head.status}), which is not followed: mend baseURL`,
    provider,
    model,
    status: head.status,
    retryable: false,
  })
}

function factsOf(head: HttpHead, requestIdHeader: string): ResponseFacts {
  const { status, headers } = head
  const providerRequestId = headers[requestIdHeader]
  const isSafe = headers['set-cookie'] === undefined && headers.location === undefined
  return { status, headers: isSafe ? headers : withoutSecrets(headers), providerRequestId }
}

/** Cookies, and places that may be signed: an error names the host of a redirect, and no more of it. */
function withoutSecrets({
  'set-cookie': _cookies,
  location: _place,
  ...headers
}: HttpHead['headers']): HttpHead['headers'] {
  return headers
}

function unlessAborted<Value>(promise: Promise<Value>, scope: AbortScope): Promise<Value> {
  return new Promise((resolve, reject) => {
    const forget = scope.onAbort((reason) => reject(abortError(reason)))
    promise.then(resolve, reject).finally(forget)
  })
}
