import type { FaultReply } from '../script/reply.js'
import type { AnswerWriter } from './answer-writer.js'

const PAGE =
  '<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1><p>The proxy could not reach the server.</p></body></html>\n'

/** Plays a reply that is no answer at all. */
export async function playFault(reply: FaultReply, stream: boolean, writer: AnswerWriter): Promise<void> {
  const contentType = stream ? 'text/event-stream; charset=utf-8' : 'application/json'
  switch (reply.fault) {
    case 'reset':
      return writer.cut('reset')
    case 'silence':
      await writer.pause(Infinity)
      return
    case 'headers-only':
      writer.head(reply.status ?? 200, { 'content-type': contentType })
      await writer.pause(Infinity)
      return
    case 'empty':
      return writer.raw(reply.status ?? 200, { 'content-type': contentType }, '')
    case 'html':
      return writer.raw(reply.status ?? 200, { 'content-type': 'text/html; charset=utf-8' }, PAGE)
    case 'truncated':
      return writer.raw(
        reply.status ?? 200,
        { 'content-type': 'application/json' },
        '{"id":"cut-short","choices":[{"index":0,"mess',
      )
  }
}
