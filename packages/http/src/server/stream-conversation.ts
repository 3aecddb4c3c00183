/** What goes on over one WebSocket: requests by their ids, each a stream of its own. */
import type { RawData, WebSocket } from 'ws'
import type { Caller, SurfaceRequest } from '../exchange.js'
import { isSurfaceFault } from '../surface-fault.js'
import type { Surface } from '../surface.js'
import type { OpenRequests } from './open-requests.js'
import {
  cancelledMessage,
  errorMessage,
  isLast,
  messagesOf,
  readMessage,
  refusalMessage,
} from './stream-messages.js'

export interface ConversationParts {
  readonly surface: Surface
  readonly open: OpenRequests
  /** Of the request that the WebSocket began with. */
  header(name: string): string | undefined
  headerNames(): Iterable<string>
  /** Asked again for every request: the key may have been revoked, or have expired. */
  authorise(): Promise<Caller>
  isDraining(): boolean
}

export interface Conversation {
  take(data: RawData, isBinary: boolean): void
  /** Calls `then` when the requests under way have ended. */
  drain(then: () => void): void
  /** Ends what is under way with a last message each, and then calls `then`: the server does not wait any longer. */
  leave(then: () => void): void
  /** The socket is gone: ends what is under way. */
  end(): void
}

/** One client does not get more done at a time. */
const MAX_RUNNING = 32
/** What may lie in the socket before the next frames are pulled, in bytes. */
const HIGH_WATER_MARK = 64 * 1_024
const UNSUPPORTED_DATA = 1_003
const ABOUT_TO_END = 'the server is about to end; ask another one'

export function createConversation(socket: WebSocket, parts: ConversationParts): Conversation {
  const running = new Map<string, AbortController>()
  let whenDone: (() => void) | undefined
  let isLeaving = false
  const endedMessage = (id: string): string =>
    isLeaving ? errorMessage(id, 'closed', ABOUT_TO_END) : cancelledMessage(id)

  /** Settles when there is room for more. */
  const send = (text: string): void | Promise<void> => {
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount < HIGH_WATER_MARK) return socket.send(text)
    return new Promise((resolve) => {
      socket.send(text, () => resolve())
    })
  }

  const run = async (id: string, request: object, controller: AbortController): Promise<void> => {
    const caller = await parts.authorise()
    const { body, ...answer } = await parts.surface(chatRequest(request, parts, controller.signal), caller)
    if (typeof body === 'string') return void send(refusalMessage(id, { ...answer, body }))
    let hasEnded = false
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const frames = await body.next()
      if (frames === undefined || socket.readyState !== socket.OPEN) break
      for (const message of messagesOf(id, frames)) {
        if (isLast(message, id)) hasEnded = true
        // oxlint-disable-next-line no-await-in-loop -- the next is not asked for before this one is taken
        await send(message)
      }
    }
    body.cancel()
    if (hasEnded) return
    void send(
      controller.signal.aborted
        ? endedMessage(id)
        : errorMessage(id, 'stream_interrupted', 'the stream broke off'),
    )
  }

  const begin = async (id: string, request: object): Promise<void> => {
    const controller = new AbortController()
    const entry = { destroy: () => socket.terminate() }
    running.set(id, controller)
    parts.open.add(entry)
    try {
      await run(id, request, controller)
    } catch (error) {
      if (controller.signal.aborted) void send(endedMessage(id))
      else if (isSurfaceFault(error)) void send(errorMessage(id, 'authentication', error.message))
      else void send(errorMessage(id, 'internal', 'the server failed to answer'))
    } finally {
      running.delete(id)
      parts.open.remove(entry)
      if (running.size === 0) whenDone?.()
    }
  }

  const drain = (then: () => void): void => {
    whenDone = then
    if (running.size === 0) then()
  }
  const end = (): void => {
    for (const controller of running.values()) controller.abort()
  }

  return {
    take(data, isBinary) {
      if (isBinary) return socket.close(UNSUPPORTED_DATA, 'messages are text')
      const message = readMessage(textOf(data))
      const { id } = message
      if ('wrong' in message) return void send(errorMessage(id, 'invalid_request', message.wrong))
      if ('cancel' in message) return running.get(message.id)?.abort()
      if (parts.isDraining()) return void send(errorMessage(id, 'closed', ABOUT_TO_END))
      if (running.has(message.id))
        return void send(errorMessage(id, 'invalid_request', 'id: a request with this id is under way'))
      if (running.size >= MAX_RUNNING)
        return void send(
          errorMessage(id, 'queue_full', `${MAX_RUNNING} requests are under way; wait for one`),
        )
      void begin(message.id, message.request)
    },
    drain,
    leave(then) {
      isLeaving = true
      drain(then)
      end()
    },
    end,
  }
}

/** As if it had come over HTTP: the same checks, the same answers. */
function chatRequest(
  request: object,
  { header, headerNames }: ConversationParts,
  signal: AbortSignal,
): SurfaceRequest {
  return {
    method: 'POST',
    path: '/v1/chat/completions',
    query: '',
    header(name) {
      if (name === 'content-type') return 'application/json'
      // Those that name one call do not name all of a conversation.
      const isOfAll =
        name.startsWith('x-turnout-') && !name.endsWith('-request-id') && !name.endsWith('-idempotency-key')
      return isOfAll ? header(name) : undefined
    },
    headerNames,
    readBody: () => JSON.stringify({ ...request, stream: true }),
    signal,
  }
}

function textOf(data: RawData): string {
  if (Buffer.isBuffer(data)) return data.toString('utf8')
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data).toString('utf8')
}
