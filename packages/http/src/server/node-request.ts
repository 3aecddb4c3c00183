/** What node:http gives, as a request to a surface. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CallSignal } from '@turnout/core'
import type { SurfaceRequest } from '../exchange.js'
import type { SurfaceFault } from '../surface-fault.js'

export interface NodeRequest extends SurfaceRequest {
  readonly signal: CallSignal
  /** Where it is answered; nowhere yet for what asks to become a WebSocket. */
  readonly response: ServerResponse | undefined
  /** Ends the watching of the key it was let in with; set when it was. */
  unwatch: (() => void) | undefined
}

/**
 * @param basePath where the surfaces are mounted, without a slash at its end
 */
export function nodeRequest(
  message: IncomingMessage,
  response: ServerResponse | undefined,
  signal: CallSignal,
  basePath: string,
  maxBodyBytes: number,
): NodeRequest {
  const { headers } = message
  const url = withoutBase(message.url ?? '', basePath)
  const mark = url.indexOf('?')
  return {
    // Node leaves the body of an answer to HEAD away.
    method: message.method === 'HEAD' ? 'GET' : (message.method ?? ''),
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark),
    header(name) {
      // Node keeps the first of several: what stands before us may have looked at another one.
      if (name === 'authorization' && isTwice(message.rawHeaders)) return 'several'
      const value = headers[name]
      return typeof value === 'string' ? value : value?.join(', ')
    },
    headerNames: () => Object.keys(headers),
    readBody: () => readBody(message, maxBodyBytes),
    signal,
    response,
    unwatch: undefined,
  }
}

function withoutBase(url: string, basePath: string): string {
  if (basePath === '') return url
  // Elsewhere than there: nothing of ours.
  return url.startsWith(basePath) && (url[basePath.length] ?? '/') === '/' ? url.slice(basePath.length) : ''
}

function isTwice(rawHeaders: readonly string[]): boolean {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === 13 && name.toLowerCase() === 'authorization') count++
  }
  return count > 1
}

const NOTHING = Buffer.alloc(0)
/** Of the network a body comes in some thousands at most. More are chunks of a byte or so: work for nothing. */
const MAX_PIECES = 65_536

/** Grows by doubling, so that a body never takes much more than twice what has come of it. */
function withRoom(held: Buffer, used: number, needed: number): Buffer {
  if (used + needed <= held.length) return held
  const grown = Buffer.allocUnsafe(Math.max(used + needed, 2 * used))
  held.copy(grown, 0, 0, used)
  return grown
}

function readBody(message: IncomingMessage, maxBytes: number): string | Promise<string> {
  const encoding = message.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    throw fault(415, 'content-encoding: send the body as it is, uncompressed')
  if (Number(message.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
  // A framework has read it already; what it made of it is all that is left.
  if (message.readableEnded || message.destroyed) return alreadyRead(message)
  return new Promise((resolve, reject) => {
    let held: Buffer = NOTHING
    let bytes = 0
    let pieces = 0
    const settle = (): void => {
      message.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone)
    }
    const onData = (piece: Buffer): void => {
      if (bytes + piece.length > maxBytes || ++pieces > MAX_PIECES) {
        settle()
        reject(asError(tooLarge(maxBytes)))
      } else if (pieces === 1) {
        held = piece
        bytes = piece.length
      } else {
        held = withRoom(held, bytes, piece.length)
        bytes += piece.copy(held, bytes)
      }
    }
    const onEnd = (): void => {
      settle()
      resolve(held.toString('utf8', 0, bytes))
    }
    const onGone = (): void => {
      settle()
      reject(asError(fault(408, 'the body did not come to its end')))
    }
    message.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone)
  })
}

function alreadyRead(message: IncomingMessage & { readonly body?: unknown }): string {
  const { body } = message
  if (typeof body === 'string') return body
  if (Buffer.isBuffer(body)) return body.toString('utf8')
  if (body !== undefined) return JSON.stringify(body)
  throw fault(400, 'the body was read before it came here; mount this handler before a body parser')
}

const tooLarge = (maxBytes: number): SurfaceFault =>
  fault(413, `the body is larger than ${maxBytes} bytes, which it may have here`)

const fault = (status: SurfaceFault['status'], message: string): SurfaceFault => ({
  fault: true,
  status,
  message,
})

/** A fault is data, with a stack of nobody's. */
const asError = (given: SurfaceFault): Error => given as unknown as Error
