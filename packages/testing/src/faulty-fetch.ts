/** A `fetch` that fails on purpose, around a real or a fake one. */

/** What happens to one call. Without any field the call goes through. */
export interface FetchFault {
  /** Before anything else, in milliseconds. */
  readonly delayMs?: number
  /** The call fails like one whose connection was refused, reset, or whose name was not found. */
  readonly fail?: 'refused' | 'reset' | 'dns'
  /** The call never settles, until it is aborted. */
  readonly silence?: boolean
  /** An answer of yours in place of the real one; the inner fetch is not called. */
  readonly response?: {
    readonly status?: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
  }
  /** The body arrives in pieces of so many bytes. */
  readonly sliceBytes?: number
  /** The body ends after so many bytes: cleanly, or (default) in an error as of a broken connection. */
  readonly cutAfterBytes?: number
  readonly cutHow?: 'end' | 'error'
  /** The body stops after so many bytes and never goes on. */
  readonly stallAfterBytes?: number
}

export interface FetchCall {
  readonly url: string
  readonly init: RequestInit | undefined
  /** The call's signal was aborted, or its body was cancelled. */
  readonly aborted: boolean
}

export type FaultyFetch = typeof globalThis.fetch & { readonly calls: readonly FetchCall[] }

type Faults =
  | readonly (FetchFault | 'ok')[]
  | ((call: { readonly index: number; readonly url: string }) => FetchFault | 'ok')

const CODES = { refused: 'ECONNREFUSED', reset: 'ECONNRESET', dns: 'ENOTFOUND' } as const

/**
 * Wraps `fetch` so that its calls fail as told: one fault a call, then everything goes through.
 *
 * @param inner the real `fetch`, or a double of yours.
 * @example
 * const fetch = faultyFetch(globalThis.fetch, [{ fail: 'reset' }, { cutAfterBytes: 200 }, 'ok'])
 * const gateway = createGateway({ providers: { openai: openai({ fetch }) } })
 */
export function faultyFetch(inner: typeof globalThis.fetch, faults: Faults): FaultyFetch {
  const calls: { url: string; init: RequestInit | undefined; aborted: boolean }[] = []

  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const index = calls.length
    const url = input instanceof Request ? input.url : String(input)
    const call = { url, init, aborted: false }
    calls.push(call)
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined)
    const gone = abortOf(signal, () => {
      call.aborted = true
    })
    const fault = typeof faults === 'function' ? faults({ index, url }) : (faults[index] ?? 'ok')
    if (fault === 'ok') return Promise.race([inner(input, init), gone])
    if (fault.delayMs !== undefined) await Promise.race([sleep(fault.delayMs), gone])
    if (fault.silence) return gone
    if (fault.fail) throw networkError(CODES[fault.fail])
    const response = fault.response
      ? new Response(fault.response.body ?? '', {
          status: fault.response.status ?? 200,
          headers: { ...fault.response.headers },
        })
      : await Promise.race([inner(input, init), gone])
    return damage(response, fault, gone, () => {
      call.aborted = true
    })
  }
  return Object.assign(fetch, { calls })
}

/** The response with its body cut, stalled or sliced. */
function damage(response: Response, fault: FetchFault, gone: Promise<never>, onCancel: () => void): Response {
  const { sliceBytes, cutAfterBytes, stallAfterBytes } = fault
  const limit = cutAfterBytes ?? stallAfterBytes
  if (!response.body || (sliceBytes === undefined && limit === undefined)) return response
  const reader = response.body.getReader()
  let left = limit ?? Infinity
  let rest: Uint8Array = new Uint8Array()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (left <= 0 && cutAfterBytes !== undefined) {
          await reader.cancel()
          if (fault.cutHow === 'end') return controller.close()
          throw networkError('ECONNRESET', 'terminated')
        }
        if (left <= 0) return gone
        if (rest.length === 0) {
          const { done, value } = await Promise.race([reader.read(), gone])
          if (done) return controller.close()
          rest = value
        }
        const size = Math.min(rest.length, left, sliceBytes ?? Infinity)
        controller.enqueue(rest.slice(0, size))
        rest = rest.subarray(size)
        left -= size
      },
      cancel(reason) {
        onCancel()
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  })
}

/** Rejects when the signal is aborted, with its reason. */
function abortOf(signal: AbortSignal | null | undefined, onAbort: () => void): Promise<never> {
  const gone = new Promise<never>((_, reject) => {
    const abort = (): void => {
      onAbort()
      reject(signal?.reason as Error)
    }
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
  gone.catch(() => {})
  return gone
}

/** What Node's `fetch` throws: the cause tells what happened. */
function networkError(code: string, message = 'fetch failed'): TypeError {
  return new TypeError(message, { cause: Object.assign(new Error(`${code}, as told to`), { code }) })
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
