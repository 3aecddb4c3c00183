import { networkError } from './network-error.js'
import { createExchange, type HttpExchange, type HttpRequest, type Transport } from './http-exchange.js'

/**
 * The same exchange over a given `fetch`, for tests and recorders. There is no connect phase to observe: `connected`
 * is marked at once, and the headers' clock covers it.
 */
export function createFetchTransport(origin: string, fetch: typeof globalThis.fetch): Transport {
  return { open: (request) => openWithFetch(origin, fetch, request), async close() {} }
}

function openWithFetch(origin: string, fetch: typeof globalThis.fetch, request: HttpRequest): HttpExchange {
  const controller = new AbortController()
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  let closed = false
  let headed = false
  let goOn: (() => void) | undefined
  let paused: Promise<void> | undefined

  const sink = createExchange({
    pause() {
      paused = new Promise((resolve) => {
        goOn = resolve
      })
    },
    resume() {
      paused = undefined
      goOn?.()
    },
    close(reason) {
      closed = true
      goOn?.()
      controller.abort(reason)
      // For doubles that do not listen to the signal.
      reader?.cancel(reason).catch(() => {})
    },
  })

  const run = async (): Promise<void> => {
    request.mark('connected')
    const response = await fetch(origin + request.path, {
      method: request.method,
      headers: pairsOf(request.headers),
      body: request.body,
      redirect: 'manual',
      signal: controller.signal,
    })
    if (closed) return response.body?.cancel().catch(() => {})
    // `fetch` has decoded the body already, whatever `content-encoding` says.
    const head = { status: response.status, headers: Object.fromEntries(response.headers) }
    headed = true
    request.mark('headers')
    sink.head(head)
    reader = response.body?.getReader()
    for (;;) {
      await paused
      const piece = await reader?.read()
      if (piece?.value === undefined) return sink.end()
      request.mark('alive')
      sink.data(piece.value)
    }
  }

  run().catch((error: unknown) => {
    const { provider, model, stream } = request
    const { host } = new URL(origin)
    sink.fail(networkError(error, { provider, model, host, stream, phase: headed ? 'body' : 'open' }))
  })
  return sink.exchange
}

function pairsOf(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i] ?? '', flat[i + 1] ?? ''])
  return pairs
}
