/** What an emulator keeps of every request it got. */

export interface RecordedRequest {
  /** Counts from 0 over the emulator's life. */
  readonly index: number
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case; without the credential, which is under `apiKey`. */
  readonly headers: Readonly<Record<string, string>>
  /** The credential that was sent; not enumerable, so that printing a request does not show it. */
  readonly apiKey: string | undefined
  /** Parsed JSON; the text when it is no JSON; `undefined` without a body. */
  readonly body: unknown
  /** The model that was asked, where the path or body names one. */
  readonly model: string | undefined
  /** Status that was answered; `undefined` while there is none. */
  readonly status: number | undefined
  /** Chunks of content sent so far. */
  readonly chunksSent: number
  /** `cut`: the script broke the connection; `aborted`: the client did. */
  readonly outcome: 'pending' | 'finished' | 'cut' | 'aborted'
  /** The client went away before the answer was complete. */
  readonly aborted: boolean
  /** Milliseconds since the emulator was started. */
  readonly startedAtMs: number
  /** Milliseconds from the request to its end; `undefined` while it runs. */
  readonly durationMs: number | undefined
  /** Resolves when the request has its outcome. */
  readonly settled: Promise<void>
}

/** The emulator's own, writable side of a recorded request. */
export interface RequestRecord {
  readonly request: RecordedRequest
  setModel(model: string): void
  setStatus(status: number): void
  chunkSent(): void
  settle(outcome: 'finished' | 'cut' | 'aborted'): void
}

type Arrival = Pick<
  RecordedRequest,
  'index' | 'method' | 'path' | 'query' | 'headers' | 'apiKey' | 'body' | 'startedAtMs'
>

/** @param now the clock that `startedAtMs` was read from. */
export function recordRequest(arrival: Arrival, now: () => number): RequestRecord {
  const { apiKey, ...visible } = arrival
  let markSettled = (): void => {}
  const settled = new Promise<void>((resolve) => {
    markSettled = resolve
  })
  const request = {
    ...visible,
    model: undefined as string | undefined,
    status: undefined as number | undefined,
    chunksSent: 0,
    outcome: 'pending' as RecordedRequest['outcome'],
    aborted: false,
    durationMs: undefined as number | undefined,
    settled,
  }
  Object.defineProperty(request, 'apiKey', { value: apiKey })
  return {
    request: request as typeof request & { readonly apiKey: string | undefined },
    setModel(model) {
      request.model = model
    },
    setStatus(status) {
      request.status = status
    },
    chunkSent() {
      request.chunksSent++
    },
    settle(outcome) {
      if (request.outcome !== 'pending') return
      request.outcome = outcome
      request.aborted = outcome === 'aborted'
      request.durationMs = now() - arrival.startedAtMs
      markSettled()
    },
  }
}
