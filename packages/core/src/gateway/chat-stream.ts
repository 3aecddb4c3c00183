/** The stream a caller holds: one consumer, pull by pull, over whatever the pipeline delivers. */
import type { ChatChunk, ChatResponse } from '../contract/chat-response.js'
import type { Delivery } from '../pipeline/deliver.js'
import type { AbortScope } from '../platform/abort.js'
import { readParts, type StreamPart } from './stream-parts.js'

/**
 * An answer as it comes. Iterate it once, or call one of its methods; after iterating, `text()` and `final()` still
 * work. Breaking out of `for await` closes the provider's socket. Errors are thrown where the stream is read.
 *
 * @example
 * const stream = gateway.stream({ model: 'fast-summary', messages })
 * for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '')
 * const { usage, gateway: meta } = await stream.final()
 */
export interface ChatStream extends AsyncIterableIterator<ChatChunk, undefined>, AsyncDisposable {
  /** The next chunks, as many as came together; `undefined` at the end. Cheaper than one by one for what passes them on. */
  nextBatch(): Promise<readonly ChatChunk[] | undefined>
  /** Drains what is left and gives the text of the first choice. */
  text(): Promise<string>
  /** Drains what is left and gives the whole answer. */
  final(): Promise<ChatResponse>
  /** The stream as blocks instead of chunks; consumes it. */
  parts(): AsyncIterable<StreamPart>
  /** Stops at once, also while a `next()` is pending, which then ends. */
  return(): Promise<IteratorResult<ChatChunk, undefined>>
  throw(error?: unknown): Promise<IteratorResult<ChatChunk, undefined>>
}

type Result = IteratorResult<ChatChunk, undefined>
interface Waiter {
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}
const DONE: Result = { done: true, value: undefined }

/**
 * @param start begins the call; runs on the next microtask, so that making a stream never throws.
 * @param scope aborted when the caller breaks off.
 */
export function createChatStream(start: () => Promise<Delivery>, scope: AbortScope): ChatStream {
  const started = Promise.resolve().then(start)
  started.catch(() => {}) // an unread failure is no unhandled rejection
  /** Concurrent `next()` calls, served in order. */
  const waiters: Waiter[] = []
  let delivering: Delivery | undefined
  let batch: readonly ChatChunk[] = []
  let at = 0
  let pumping = false
  let ended = false

  const end = (): void => {
    ended = true
    batch = []
    at = 0
    for (const waiter of waiters.splice(0)) waiter.resolve(DONE)
  }
  // Steps instead of an async loop: what waits for the provider is one promise, and no frame.
  const serve = (delivery: Delivery): void => {
    while (waiters.length > 0) {
      // Who has aborted gets nothing more, also of what has been read: the delivery says that it was aborted.
      if (at >= batch.length || scope.aborted) return void delivery.next().then(take, fail)
      waiters.shift()?.resolve({ done: false, value: batch[at++] as ChatChunk })
    }
    pumping = false
  }
  const take = (next: readonly ChatChunk[] | undefined): void => {
    if (ended || !next) {
      pumping = false
      return end()
    }
    batch = next
    at = 0
    serve(delivering as Delivery)
  }
  const fail = (error: unknown): void => {
    pumping = false
    waiters.shift()?.reject(error)
    end()
  }
  const pump = (): void => {
    pumping = true
    if (delivering) return serve(delivering)
    started.then((delivery) => {
      delivering = delivery
      serve(delivery)
    }, fail)
  }
  // Hand-written rather than an async generator: a generator's return() waits behind a pending next().
  const next = (): Promise<Result> => {
    if (ended) return Promise.resolve(DONE)
    if (waiters.length === 0 && at < batch.length && !scope.aborted)
      return Promise.resolve({ done: false, value: batch[at++] as ChatChunk })
    return new Promise((resolve, reject) => {
      waiters.push({ resolve, reject })
      if (!pumping) pump()
    })
  }
  const drained = async (): Promise<Delivery> => {
    while (!(await next()).done) {
      /* folded by the delivery */
    }
    return started
  }

  const stream: ChatStream = {
    next,
    async nextBatch() {
      const { value, done } = await next()
      if (done) return undefined
      const rest = batch.slice(at)
      at = batch.length
      return rest.length > 0 ? [value, ...rest] : [value]
    },
    return() {
      if (!ended) {
        end()
        scope.abort(new Error('the consumer stopped reading'))
      }
      return Promise.resolve(DONE)
    },
    async throw(error) {
      await stream.return()
      throw error
    },
    [Symbol.asyncIterator]: () => stream,
    async [Symbol.asyncDispose]() {
      await stream.return()
    },
    async text() {
      // The answer and not only its text: a stream that broke off must not pass for a short one.
      await stream.final()
      return (await started).text()
    },
    final: async () => (await drained()).response(),
    parts: () => readParts(stream),
  }
  return stream
}
