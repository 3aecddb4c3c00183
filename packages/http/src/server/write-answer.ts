/** Answers of a surface, onto node's response. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EventFrames, SurfaceAnswer } from '../exchange.js'

/** How long a client may go on sending what nobody reads, so that it gets to read why. */
const LINGER_MS = 1_000

/**
 * Writes an answer; settles when all of it is with the socket, or the client has gone.
 * @param more headers that every answer has
 */
export function writeAnswer(
  message: IncomingMessage,
  response: ServerResponse,
  answer: SurfaceAnswer,
  more: Readonly<Record<string, string>>,
): void | Promise<void> {
  const { status, body } = answer
  if (typeof body !== 'string') {
    response.writeHead(status, { ...answer.headers, ...more, ...STREAM_HEADERS })
    return writeFrames(response, body)
  }
  const headers: Record<string, string | number> = { ...WHOLE_HEADERS, ...more, ...answer.headers }
  headers['content-length'] = Buffer.byteLength(body)
  if (message.complete || !hasBody(message)) {
    // One write of head and body: `end(body)` makes it two, and joins them for the system at more cost.
    response.cork()
    response.writeHead(status, headers)
    if (message.method !== 'HEAD') response.write(body)
    response.uncork()
    response.end()
    return
  }
  // The rest of what it sends is not wanted. Closing at once would reset the connection before the answer is read.
  headers['connection'] = 'close'
  response.writeHead(status, headers)
  response.write(body)
  message.resume()
  const end = (): void => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(end, LINGER_MS)
  message.once('end', end).once('close', end)
}

const WHOLE_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
/** Proxies are asked to pass on what comes as it comes. */
const STREAM_HEADERS = {
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined

/** Pulls as fast as the client takes. */
async function writeFrames(response: ServerResponse, frames: EventFrames): Promise<void> {
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const frame = await frames.next()
    if (response.destroyed) return frames.cancel()
    if (frame === undefined) break
    // oxlint-disable-next-line no-await-in-loop -- the next is not asked for before this one is taken
    if (!response.write(frame)) await drained(response)
  }
  response.end()
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off('drain', settle).off('close', settle)
      resolve()
    }
    response.on('drain', settle).on('close', settle)
    if (response.destroyed) settle()
  })
}
