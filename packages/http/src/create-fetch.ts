/** The surfaces as a `fetch`: no port, no socket. */
import type { UnderlyingSource } from 'node:stream/web'
import type { CallSignal, Gateway, RequestOptions } from '@turnout/core'
import { badOption } from './check-surface-options.js'
import type { Caller, EventFrames, SurfaceRequest } from './exchange.js'
import { createSurface, type CreateSurfaceOptions } from './surface.js'
import type { SurfaceFault } from './surface-fault.js'
import { createWholeResponses } from './whole-response.js'

type Fetch = typeof globalThis.fetch

export interface FetchOptions extends CreateSurfaceOptions {
  /** Where the surfaces are mounted, when requests come with more in their path: `/api/ai`, with no slash at its end. */
  readonly basePath?: string
  /** Hold for every call, over what the request asks for: the tenant, tags, clocks. Not beside `authorise`. */
  readonly options?: RequestOptions
  /** The largest body in bytes, of `Request`s and streams; a body that is a string is in memory already. Default 10 MiB. */
  readonly maxBodyBytes?: number
}

const MAX_BODY_BYTES = 10 * 1024 * 1024

/**
 * A `fetch` that is answered by the gateway, for clients that take one. It rejects only when it is aborted: every failure
 * is a `Response`, which clients make their own errors of, and which tells them not to try again themselves.
 *
 * @throws GatewayError `invalid_request` for options that are none
 * @example
 * const client = new OpenAI({ fetch: createFetch(gateway), baseURL: 'http://gateway.invalid/v1', apiKey: 'unused' })
 * await client.chat.completions.create({ model: 'fast-summary', messages })
 */
export function createFetch(gateway: Gateway, options: FetchOptions = {}): Fetch {
  const { basePath = '', options: held = {}, maxBodyBytes = MAX_BODY_BYTES } = options
  if (!/^(?:\/[^/?#]+)*$/.test(basePath))
    throw badOption('basePath', 'must begin with a slash and end without one, as in "/api/ai"')
  const surface = createSurface(gateway, options)
  const wholeResponse = createWholeResponses()
  const caller: Caller | undefined = options.authorise ? undefined : { options: held, mayUse: () => true }
  return async (input, init) => {
    const request = surfaceRequest(input, init, basePath, maxBodyBytes)
    if (request.signal?.aborted) throw request.signal.reason
    const { status, headers, body } = await surface(request, caller)
    if (request.signal?.aborted) {
      if (typeof body !== 'string') body.cancel()
      throw request.signal.reason
    }
    if (typeof body === 'string') return wholeResponse(body, { status, headers })
    return new Response(bodyStream(body, request.signal), { status, headers })
  }
}

type FetchInput = Parameters<Fetch>[0]
type FetchInit = NonNullable<Parameters<Fetch>[1]>

/** A `Request` is only looked into where `init` does not say the same: making one costs more than the whole detour. */
function surfaceRequest(
  input: FetchInput,
  init: FetchInit | undefined,
  basePath: string,
  maxBodyBytes: number,
): SurfaceRequest {
  const given = input instanceof Request ? input : undefined
  const { pathname, search } = new URL(input instanceof Request ? input.url : input)
  const headers = init?.headers ?? given?.headers
  const named = headers instanceof Headers ? headers : new Headers(headers)
  const body = init?.body ?? given?.body
  const signal = init?.signal ?? given?.signal
  return {
    method: (init?.method ?? given?.method ?? 'GET').toUpperCase(),
    path: withoutBase(pathname, basePath),
    query: search,
    header: (name) => named.get(name) ?? undefined,
    headerNames: () => named.keys(),
    readBody: () => (typeof body === 'string' ? body : readBody(body, maxBodyBytes, signal)),
    signal,
  }
}

function withoutBase(path: string, basePath: string): string {
  if (basePath === '') return path
  // Elsewhere than there: nothing of ours.
  return path.startsWith(basePath) && (path[basePath.length] ?? '/') === '/'
    ? path.slice(basePath.length)
    : ''
}

async function readBody(
  body: FetchInit['body'],
  maxBytes: number,
  signal: AbortSignal | null | undefined,
): Promise<string> {
  const reader = streamOf(body)?.getReader()
  if (!reader) return ''
  const onAbort = (): void => void reader.cancel(signal?.reason).catch(() => {})
  signal?.addEventListener('abort', onAbort, { once: true })
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { done, value } = await reader.read().catch(unfinished)
      signal?.throwIfAborted()
      if (done) return text + decoder.decode()
      size += value.byteLength
      if (size > maxBytes) throw fault(413, tooLarge(maxBytes))
      text += decoder.decode(value, { stream: true })
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    void reader.cancel().catch(() => {})
  }
}

function streamOf(body: FetchInit['body']): ReadableStream<Uint8Array> | null {
  try {
    return new Response(body).body
  } catch {
    throw fault(400, 'the body was read before it came here; hand the request on unread, or with its text')
  }
}

function unfinished(): never {
  throw fault(408, 'the body did not come to its end')
}

const tooLarge = (maxBytes: number): string =>
  `the body is larger than ${maxBytes} bytes; send less, or raise maxBodyBytes`

const fault = (status: SurfaceFault['status'], message: string): SurfaceFault => ({
  fault: true,
  status,
  message,
})

const encoder = new TextEncoder()

/** Pulled as it is read, and ended at once by the signal. */
function bodyStream(frames: EventFrames, signal: CallSignal | null | undefined): ReadableStream<Uint8Array> {
  let isOver = false
  let onAbort: () => void
  const end = (): void => {
    isOver = true
    signal?.removeEventListener('abort', onAbort)
  }
  const source: UnderlyingSource<Uint8Array> = {
    start(controller) {
      onAbort = () => {
        end()
        frames.cancel()
        controller.error(signal?.reason)
      }
      signal?.addEventListener('abort', onAbort)
    },
    async pull(controller) {
      const text = await frames.next()
      if (isOver) return
      if (text !== undefined) return controller.enqueue(encoder.encode(text))
      end()
      controller.close()
    },
    cancel() {
      end()
      frames.cancel()
    },
  }
  return new ReadableStream(source, { highWaterMark: 0 })
}
