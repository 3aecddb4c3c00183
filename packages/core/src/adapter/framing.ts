import { StringDecoder } from 'node:string_decoder'
import { createParser } from 'eventsource-parser'
import { amountOf, ANSWER_BOUNDS, beyondBound, type AnswerBounds } from './answer-bounds.js'
import { htmlInstead, type Asked } from './answer-error.js'
import type { Frame } from './protocol.js'

/** What stands between events and is none: enough for any error object. */
const REMAINDER_LIMIT_CHARS = 1_048_576
const INDENT_LIMIT_CHARS = 1_024

/** What a body turned out to be, once it has ended. */
export type BodyEnd =
  /** Nothing but white space came. */
  | { readonly kind: 'empty' }
  /** No events, but JSON: a whole answer or an error. `text` is not parsed yet. */
  | { readonly kind: 'json'; readonly text: string }
  /** Events came. `frames`: the last one, when its blank line was missing. `remainder`: lines that belong to none. */
  | { readonly kind: 'events'; readonly frames: readonly Frame[]; readonly remainder: string }

export interface FrameReader {
  /** The events that these bytes complete. Comments and events without data are life, not frames. */
  read(bytes: readonly Uint8Array[]): readonly Frame[]
  /** Call it once, when the body has ended cleanly. */
  end(): BodyEnd
}

/**
 * Reads server-sent events from the bytes of one body, however they are cut: line ends may be LF, CRLF or CR, and a
 * character, a line or an event may be spread over any number of reads. The content type is not asked: what does
 * not look like events is JSON (an error, a whole answer) or refused.
 *
 * @throws GatewayError `bad_response` from `read` for an HTML page and for a line or event that is too long
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createFrameReader(asked: Asked, bounds: Required<AnswerBounds> = ANSWER_BOUNDS): FrameReader {
  const { maxEventChars, maxBodyBytes } = bounds
  const decoder = new StringDecoder('utf8')
  let frames: Frame[] = []
  let remainder = ''
  let tooLong = false
  const parser = createParser({
    onEvent(event) {
      if (event.data !== '') frames.push(event)
    },
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') tooLong = true
      else if (error.line !== undefined && remainder.length < REMAINDER_LIMIT_CHARS)
        remainder += `${error.line}\n`
    },
    maxBufferSize: maxEventChars,
  })

  let kind: 'unknown' | 'events' | 'json' = 'unknown'
  let start = ''
  const json: string[] = []
  let jsonChars = 0

  const takeJson = (text: string): void => {
    jsonChars += text.length
    if (jsonChars > maxBodyBytes)
      throw beyondBound(asked, `more than ${amountOf(maxBodyBytes)} characters of JSON`, 'maxBodyBytes')
    json.push(text)
  }
  const takeEvents = (text: string): void => {
    parser.feed(text)
    if (tooLong)
      throw beyondBound(asked, `an event of more than ${amountOf(maxEventChars)} characters`, 'maxEventChars')
  }
  /** Decides by the first character that is not white space; until then keeps what came. */
  const sniff = (text: string): void => {
    start = start === '' ? withoutByteOrderMark(text) : start + text
    const first = start.trimStart()[0]
    if (first === undefined) {
      // Keep-alives: blank lines mean nothing in either kind, and nobody indents a first line like this.
      start = start.slice(Math.max(start.lastIndexOf('\n'), start.lastIndexOf('\r')) + 1)
      if (start.length > INDENT_LIMIT_CHARS) start = ' '
      return
    }
    if (first === '<') throw htmlInstead(asked, 'events')
    kind = first === '{' || first === '[' ? 'json' : 'events'
    if (kind === 'json') takeJson(start)
    else takeEvents(start)
    start = ''
  }

  return {
    read(bytes) {
      frames = []
      for (const piece of bytes) {
        const text = decoder.write(piece)
        if (text === '') continue
        if (kind === 'events') takeEvents(text)
        else if (kind === 'json') takeJson(text)
        else sniff(text)
      }
      return frames
    },
    end() {
      frames = []
      const rest = decoder.end()
      if (kind === 'json') return { kind, text: json.join('') + rest }
      if (kind === 'unknown') return { kind: 'empty' }
      // Two line ends: the first completes the last line, the second its event.
      takeEvents(`${rest}\n\n`)
      return { kind, frames, remainder }
    },
  }
}

export function withoutByteOrderMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}
