/** One HTTP request and its answer, pulled by the reader: the seam between transports and everything above. */
import type { AttemptMark } from '../contract/adapter.js'
import { GatewayError } from '../errors/gateway-error.js'

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  /** Path and query, from the root of the transport's origin. */
  readonly path: string
  /** Names and values in turn; validated. */
  readonly headers: readonly string[]
  readonly body?: string
  /** Whose errors they are. */
  readonly provider: string
  readonly model: string
  /** A stream was asked for: a connection that breaks while it is read is `stream_interrupted`. */
  readonly stream: boolean
  mark(mark: AttemptMark): void
}

export interface HttpHead {
  readonly status: number
  /** Names in lower case; repeated ones joined by a comma. */
  readonly headers: Readonly<Record<string, string>>
  /** `content-encoding` when the body still is in it. */
  readonly encoding?: string
}

/** Pull-based: what nobody reads is not taken from the socket, beyond 256 KiB. */
export interface HttpExchange {
  /** Rejects with a `GatewayError`, like `read`. */
  head(): Promise<HttpHead>
  /** All bytes that have come since the last read; `undefined` at the end of the body. One read at a time. */
  read(): Promise<readonly Uint8Array[] | undefined>
  /** Nothing more is wanted: reads on briefly so that the connection can be used again, else closes it. */
  release(): void
  /** Closes the connection; whoever waits gets `reason`. */
  destroy(reason: GatewayError): void
}

/** A way to one origin. Opening never throws. */
export interface Transport {
  open(request: HttpRequest): HttpExchange
  /** Connects ahead of the next request. Absent where connections are somebody else's. */
  warm?(): void
  close(): Promise<void>
}

/** What a transport tells of one exchange. */
export interface ExchangeSink {
  readonly exchange: HttpExchange
  readonly head: (head: HttpHead) => void
  readonly data: (bytes: Uint8Array) => void
  readonly end: () => void
  readonly fail: (error: GatewayError) => void
}

/** What an exchange asks of its transport. */
export interface Flow {
  pause(): void
  resume(): void
  /** Gives up the connection; nothing that it still brings counts. */
  close(reason: GatewayError): void
  /** The answer came whole and is nonsense: who sends that is not asked again on the same connection. */
  retire?(reason: GatewayError): void
}

type Bytes = readonly Uint8Array[] | undefined

/** Unread bytes from which on the socket is not read. */
const HIGH_WATER_BYTES = 262_144
/** The same for pieces, since each holds more memory than its bytes. */
const HIGH_WATER_PIECES = 4_096
/** From here on, joining pieces costs less than keeping and decoding them one by one. */
const FEW_PIECES = 8
/** What may be thrown away to save a connection, and how long that may take. */
const RELEASE_BYTES = 65_536
const RELEASE_MS = 1_000

export function createExchange(flow: Flow): ExchangeSink {
  let head: HttpHead | undefined
  let queue: Uint8Array[] = []
  let queuedBytes = 0
  let paused = false
  let ended = false
  let failure: GatewayError | undefined
  let wake: (() => void) | undefined
  let releaseTimer: NodeJS.Timeout | undefined

  const changed = (): void => {
    const waiting = wake
    wake = undefined
    waiting?.()
  }
  const change = (resolve: () => void): void => {
    wake = resolve
  }
  const resume = (): void => {
    if (!paused || failure) return
    paused = false
    flow.resume()
  }
  const settle = (error: GatewayError | undefined): void => {
    if (ended || failure) return
    if (releaseTimer) clearTimeout(releaseTimer)
    if (error) failure = error
    else ended = true
    changed()
  }
  const close = (reason: GatewayError): void => {
    if (ended || failure) return
    settle(reason)
    flow.close(reason)
  }

  /** All that has come; woken without any, it waits on. */
  const take = (): Bytes | Promise<Bytes> => {
    if (queue.length === 0) {
      if (failure) throw failure
      return ended ? undefined : exchange.read()
    }
    const batch = queue
    queue = []
    queuedBytes = 0
    // A flood is read in turns with everything else that waits in this process.
    if (paused) setImmediate(resume)
    return batch.length < FEW_PIECES ? batch : [Buffer.concat(batch)]
  }

  const exchange: HttpExchange = {
    async head() {
      for (;;) {
        if (head) return head
        if (failure) throw failure
        await new Promise<void>(change)
      }
    },
    // No async function: a read is pending as long as the provider is silent, and its frame would be kept so long.
    read: () =>
      queue.length === 0 && !failure && !ended
        ? new Promise<void>(change).then(take)
        : Promise.resolve().then(take),
    release() {
      queue = []
      queuedBytes = 0
      if (ended || failure || releaseTimer) return
      releaseTimer = setTimeout(close, RELEASE_MS, notReusable())
      // The socket keeps the loop turning until then; the timer must not.
      releaseTimer.unref()
      resume()
    },
    destroy(reason) {
      queue = []
      queuedBytes = 0
      if (ended && reason.code === 'bad_response') flow.retire?.(reason)
      close(reason)
    },
  }

  return {
    exchange,
    head(answer) {
      head = answer
      changed()
    },
    data(bytes) {
      if (failure) return
      queuedBytes += bytes.length
      if (releaseTimer) {
        if (queuedBytes > RELEASE_BYTES) close(notReusable())
        return
      }
      queue.push(bytes)
      if ((queuedBytes >= HIGH_WATER_BYTES || queue.length >= HIGH_WATER_PIECES) && !paused) {
        paused = true
        flow.pause()
      }
      changed()
    },
    end: () => settle(undefined),
    fail: settle,
  }
}

function notReusable(): GatewayError {
  return new GatewayError({
    code: 'aborted',
    message: 'the connection was closed: its answer went on after its end',
  })
}
