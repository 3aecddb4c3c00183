/** The course of an answer, step by step: delays, chunks and faults in the order in which they happen. */
import type { AnswerReply, ErrorReply } from './reply.js'

export type Step =
  /** Silence; `Infinity` until the other side gives up. */
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'ping' }
  /** A chunk, counted from 0; `broken`: its JSON is cut off. */
  | { readonly type: 'piece'; readonly index: number; readonly broken: boolean }
  /** An error event; nothing follows. */
  | { readonly type: 'error'; readonly error: ErrorReply }
  /** The connection ends; nothing follows. `next` is the piece that would have come. */
  | {
      readonly type: 'cut'
      readonly how: 'end' | 'fin' | 'reset'
      readonly insideEvent: boolean
      readonly next: number
    }
  /** Finish reason and usage, then the end mark; nothing follows. */
  | { readonly type: 'end'; readonly mark: boolean }

/** Steps after the headers. Lazy, for a stall with keep-alives has no end. */
export function* timeline(reply: AnswerReply, pieceCount: number): Generator<Step, void, undefined> {
  for (let index = 0; index <= pieceCount; index++) {
    yield* silence(
      index === 0 ? reply.firstTokenDelayMs : index < pieceCount ? reply.chunkDelayMs : 0,
      reply.pingEveryMs,
    )
    // A fault after more chunks than there are happens at the end, instead of the end mark.
    const reached = (afterChunks: number): boolean => index === Math.min(afterChunks, pieceCount)
    if (reply.stall && reached(reply.stall.afterChunks))
      yield* silence(reply.stall.forMs ?? Infinity, reply.pingEveryMs)
    if (reply.errorEvent && reached(reply.errorEvent.afterChunks)) {
      const { error, message } = reply.errorEvent
      return yield { type: 'error', error: message === undefined ? { error } : { error, message } }
    }
    if (reply.cut && reached(reply.cut.afterChunks)) {
      return yield {
        type: 'cut',
        how: reply.cut.how ?? 'end',
        insideEvent: reply.cut.insideEvent ?? false,
        next: index,
      }
    }
    if (index < pieceCount) yield { type: 'piece', index, broken: reply.brokenChunk === index + 1 }
  }
  yield { type: 'end', mark: reply.endMark ?? true }
}

function* silence(ms = 0, pingEveryMs = Infinity): Generator<Step, void, undefined> {
  let left = ms
  while (left > 0) {
    const wait = pingEveryMs > 0 ? Math.min(left, pingEveryMs) : left
    yield { type: 'wait', ms: wait }
    left -= wait
    if (left > 0) yield { type: 'ping' }
  }
}
