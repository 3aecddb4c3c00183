/** A `fetch` that hands out one prepared answer, and notes what it was asked. */

export interface SentRequest {
  readonly url: string
  readonly method: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface PreparedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body, one network read a piece. */
  readonly pieces: readonly Uint8Array[]
  /** After the last piece: the body ends (default), stays open and silent, or breaks. */
  readonly after?: 'end' | 'silence' | 'break'
}

export interface FixtureFetch {
  readonly fetch: typeof globalThis.fetch
  readonly requests: readonly SentRequest[]
  /** The call's signal was aborted or its body cancelled. */
  readonly cancelled: boolean
}

/** @param answer `undefined`: the call fails as one whose connection was reset. */
export function fixtureFetch(answer: PreparedAnswer | undefined): FixtureFetch {
  const requests: SentRequest[] = []
  let cancelled = false
  const cancel = (): void => {
    cancelled = true
  }
  return {
    requests,
    get cancelled() {
      return cancelled
    },
    fetch: async (input, init) => {
      const { body, method = 'GET' } = init ?? {}
      requests.push({
        url: input instanceof Request ? input.url : String(input),
        method,
        headers: Object.fromEntries(new Headers(init?.headers)),
        body: typeof body === 'string' ? body : await new Response(body).text(),
      })
      init?.signal?.addEventListener('abort', cancel, { once: true })
      if (!answer) {
        throw new TypeError('fetch failed', {
          cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
        })
      }
      const { status, headers } = answer
      return new Response(status === 204 ? null : bodyOf(answer, cancel), { status, headers: { ...headers } })
    },
  }
}

function bodyOf({ pieces, after = 'end' }: PreparedAnswer, onCancel: () => void): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces[at++]
        if (piece) controller.enqueue(piece)
        else if (after === 'end') controller.close()
        else if (after === 'break') controller.error(new TypeError('terminated'))
        else return new Promise(() => {})
        return undefined
      },
      cancel: onCancel,
    },
    { highWaterMark: 0 },
  )
}
