/** Puts an answer on the wire along its timeline. */
import type { AnswerReply, ErrorReply } from '../script/reply.js'
import type { Answer } from '../script/resolve-answer.js'
import { timeline } from '../script/timeline.js'
import type { AnswerWriter } from './answer-writer.js'
import type { StreamWire, WireAnswer } from './vendor.js'

type Headers = Readonly<Record<string, string>>

/** A stream: head, chunk by chunk, tail and end mark. */
export async function playStream(
  reply: AnswerReply,
  wire: StreamWire,
  headers: Headers,
  writer: AnswerWriter,
): Promise<void> {
  if (reply.drip) writer.drip(reply.drip.bytes ?? 1, reply.drip.everyMs)
  writer.head(200, { 'content-type': wire.contentType, 'cache-control': 'no-cache', ...headers })
  const errorFirst = reply.errorEvent !== undefined && reply.errorEvent.afterChunks <= 0
  if (!errorFirst || wire.headBeforeError) await writer.write(wire.head)
  let piecesSent = 0
  for (const step of timeline(reply, wire.pieces.length)) {
    if (!writer.open) return
    switch (step.type) {
      case 'wait':
        await writer.pause(step.ms)
        break
      case 'ping':
        await writer.write(wire.ping)
        break
      case 'piece': {
        const piece = wire.pieces[step.index] ?? ''
        writer.chunkSent()
        await writer.write(step.broken ? breakLastEvent(piece) : piece)
        piecesSent++
        break
      }
      case 'error':
        return writer.finish(wire.errorEvent(step.error, piecesSent))
      case 'cut':
        if (step.insideEvent) await writer.write(firstHalf(wire.pieces[step.next] ?? wire.tail))
        // Gives the last bytes a turn to leave before the connection breaks.
        await writer.pause(1)
        return writer.cut(step.how)
      case 'end':
        await writer.write(step.mark ? wire.tail : (wire.tailWithoutMark ?? wire.tail))
        return writer.finish(step.mark ? wire.endMark : '')
    }
  }
}

export interface WholeWire {
  readonly body: string
  readonly headers: Headers
  errorAnswer(error: ErrorReply): WireAnswer
}

/** A whole answer takes as long as its stream would; faults in the middle of a stream are faults of the body. */
export async function playWhole(
  reply: AnswerReply,
  answer: Answer,
  wire: WholeWire,
  writer: AnswerWriter,
): Promise<void> {
  const headers = { 'content-type': 'application/json', ...wire.headers }
  let broken = false
  for (const step of timeline(reply, answer.pieces.length)) {
    if (step.type === 'wait' && !(await writer.pause(step.ms))) return
    if (step.type === 'piece') broken ||= step.broken
    if (step.type === 'error') return writer.answer(wire.errorAnswer(step.error))
    if (step.type === 'cut') {
      writer.head(200, headers)
      await writer.write(firstHalf(wire.body))
      await writer.pause(1)
      return writer.cut(step.how)
    }
  }
  const body = broken ? firstHalf(wire.body) : wire.body
  if (!reply.drip) return writer.raw(200, headers, body)
  writer.drip(reply.drip.bytes ?? 1, reply.drip.everyMs)
  writer.head(200, headers)
  await writer.write(body)
  writer.finish()
}

function firstHalf(text: string): string {
  return text.slice(0, Math.ceil(text.length / 2))
}

/** Cuts the JSON of the last event, leaves its frame: the reader sees an event that does not parse. */
function breakLastEvent(wire: string): string {
  const frameEnd = wire.trimEnd().length
  const dataStart = wire.lastIndexOf('\ndata: ', frameEnd) + 1
  return wire.slice(0, dataStart + Math.ceil((frameEnd - dataStart) * 0.6)) + wire.slice(frameEnd)
}
