/**
 * One request to a surface and its answer, free of sockets and of the web's `Request` and `Response`: `createFetch` and
 * the server turn theirs into these, so that neither pays for the other's.
 */
import type { CallSignal, RequestOptions } from '@turnout/core'

export interface SurfaceRequest {
  readonly method: string
  /** Without query, as sent, below where the surfaces are mounted: `/v1/chat/completions`. */
  readonly path: string
  /** With its question mark; empty without one. */
  readonly query: string
  /** @param name in lower case */
  header(name: string): string | undefined
  /** Of all headers, in lower case. Without it, misspelt `x-turnout-…` headers go unnoticed. */
  headerNames?(): Iterable<string>
  /**
   * The whole body, once.
   * @throws SurfaceFault when it is too large, or does not come in time
   */
  readBody(): string | Promise<string>
  /** Aborted when the client is gone. */
  readonly signal: CallSignal | undefined
}

export interface SurfaceAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | EventFrames
}

/** The frames of an event stream, pulled as the client takes them; never rejects: a failure is a frame of its own. */
export interface EventFrames {
  /** The next frames, several at once where they came together; `undefined` at the end. */
  next(): Promise<string | undefined>
  /** The client is gone: ends the call. */
  cancel(): void
}

/** Who asks, as the keys of a server know them. Without keys everybody may do everything. */
export interface Caller {
  /** Hold for every call, over what the request asks for: its tenant, its tags. */
  readonly options: RequestOptions
  /** Whose answers it may come back to (`previous_response_id`) where `options` have no tenant. Default: everybody's. */
  readonly account?: string
  /** @param model as the request names it */
  mayUse(model: string): boolean
  /** Whether fields of a provider's own go to it unchecked (`provider_options`, tools that Anthropic runs). Default `true`. */
  readonly mayPassOn?: boolean
}

/**
 * Says who asks, once a request has been matched to its endpoint: what may be done is decided by that object, never by
 * an address. `createSurface(gateway, { authorise })`, in place of a `caller` that is known before.
 * @throws SurfaceFault 401 for a key that is none, 403 for an endpoint it may not use, 503 when that cannot be known now
 */
export type Authorise = (request: SurfaceRequest, endpoint: Endpoint) => Caller | Promise<Caller>

/** One method and path of a surface. */
export interface Endpoint {
  readonly method: 'GET' | 'POST'
  /** `/v1/models/:model`; the last segment of a pattern takes the rest of the path, slashes included. */
  readonly path: string
  /** Shapes the errors of this endpoint, those from before it is asked included. */
  readonly dialect: 'openai' | 'anthropic'
  /** Needs no key, such as whether the server lives. Default `false`. */
  readonly isOpen?: boolean
  handle(
    request: SurfaceRequest,
    caller: Caller,
    params: Readonly<Record<string, string>>,
  ): Promise<SurfaceAnswer>
}
