import type { ServerResponse } from 'node:http'
import type { RequestRecord } from './recorded-request.js'
import type { WireAnswer } from './vendor.js'

/** Writes one answer: knows when the client has gone, waits for the socket, and keeps the record. */
export interface AnswerWriter {
  /** The client is still there. */
  readonly open: boolean
  /** Waits; `false` when the client went away meanwhile. */
  pause(ms: number): Promise<boolean>
  /** Status line and headers, sent at once. */
  head(status: number, headers: Readonly<Record<string, string>>): void
  /** Part of the body; resolves when the socket takes more. */
  write(bytes: string | Uint8Array): Promise<void>
  /** A chunk of content was written: counted on the record. */
  chunkSent(): void
  /** Completes the body. */
  finish(bytes?: string | Uint8Array): void
  /** A whole answer with a known length. */
  answer(answer: WireAnswer): void
  raw(status: number, headers: Readonly<Record<string, string>>, body: string | Uint8Array): void
  /** Ends the connection on purpose, see `AnswerReply.cut`. */
  cut(how: 'end' | 'fin' | 'reset'): void
  /** Makes the body trickle from now on. */
  drip(bytes: number, everyMs: number): void
}

export function createAnswerWriter(response: ServerResponse, record: RequestRecord): AnswerWriter {
  const wakeUps = new Set<() => void>()
  let open = true
  let dripping: { readonly bytes: number; readonly everyMs: number } | undefined
  response.once('close', () => {
    open = false
    record.settle(response.writableFinished ? 'finished' : 'aborted')
    for (const wake of wakeUps) wake()
  })
  // A client that goes away while we write is an outcome, not an error.
  response.on('error', () => {})

  const wakeAfter = (start: (wake: () => void) => () => void): Promise<boolean> =>
    new Promise((resolve) => {
      if (!open) return resolve(false)
      const wake = (): void => {
        stop()
        wakeUps.delete(wake)
        resolve(open)
      }
      const stop = start(wake)
      wakeUps.add(wake)
    })

  const writer: AnswerWriter = {
    get open() {
      return open
    },
    pause(ms) {
      if (ms <= 0) return Promise.resolve(open)
      return wakeAfter((wake) => {
        if (ms === Infinity) return () => {}
        const timer = setTimeout(wake, ms)
        return () => clearTimeout(timer)
      })
    },
    head(status, headers) {
      record.setStatus(status)
      response.writeHead(status, headers)
      response.flushHeaders()
    },
    async write(bytes) {
      if (!open || bytes.length === 0) return
      if (dripping) return drip(Buffer.from(bytes as string), dripping)
      if (response.write(bytes)) return
      await wakeAfter((wake) => {
        response.once('drain', wake)
        return () => response.off('drain', wake)
      })
    },
    chunkSent: () => record.chunkSent(),
    finish(bytes) {
      if (open) response.end(bytes)
    },
    answer({ status, headers, body }) {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      writer.raw(status, { 'content-type': 'application/json', ...headers }, text)
    },
    raw(status, headers, body) {
      if (!open) return
      record.setStatus(status)
      response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers })
      response.end(body)
    },
    cut(how) {
      record.settle('cut')
      if (how === 'end') response.end()
      else if (how === 'fin') response.socket?.end()
      else response.socket?.resetAndDestroy()
    },
    drip(bytes, everyMs) {
      dripping = { bytes, everyMs }
    },
  }

  async function drip(
    bytes: Buffer,
    pace: { readonly bytes: number; readonly everyMs: number },
  ): Promise<void> {
    for (let start = 0; start < bytes.length; start += pace.bytes) {
      response.write(bytes.subarray(start, start + pace.bytes))
      if (!(await writer.pause(pace.everyMs))) return
    }
  }
  return writer
}
