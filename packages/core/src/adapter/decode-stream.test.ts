import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { events, plainProtocol, textIn } from '../../test/plain-protocol.js'
import type { ChatChunk } from '../contract/chat-response.js'
import type { ErrorCode } from '../errors/error-code.js'
import { createStreamDecoder } from './decode-stream.js'
import type { Protocol, ProtocolContext } from './protocol.js'

const context: ProtocolContext = {
  adapter: 'plain',
  provider: 'acme',
  model: 'm-1',
  origin: 'https://acme.example',
  stream: true,
  unsupported: 'warn',
  request: { model: 'm-1', messages: [] },
  warn() {},
}

interface Decoded {
  readonly text: string
  readonly chunks: number
  readonly done: boolean
  readonly error?: ErrorCode
}

/** Reads as the chat source does: until it is done, fails, or the body ends. */
function decode(pieces: readonly Uint8Array[], protocol: Protocol = plainProtocol): Decoded {
  const decoder = createStreamDecoder(protocol, context)
  const chunks: ChatChunk[] = []
  for (const piece of [...pieces, undefined]) {
    const batch = piece ? decoder.push([piece]) : decoder.end()
    chunks.push(...batch.chunks)
    if (batch.error)
      return { text: textIn(chunks), chunks: chunks.length, done: false, error: batch.error.code }
    if (batch.done) return { text: textIn(chunks), chunks: chunks.length, done: true }
  }
  throw new Error('the decoder neither finished nor failed')
}

const good = events({ text: 'Hé' }, { text: 'llo 👋' }, { stop: true })

describe('createStreamDecoder', () => {
  it.each<[string, string, Decoded]>([
    ['a good stream', good, { text: 'Héllo 👋', chunks: 4, done: true }],
    [
      'nothing after the end mark',
      `${good}${events({ text: 'more' }, { error: 'late' })}`,
      { text: 'Héllo 👋', chunks: 4, done: true },
    ],
    [
      'events of other types',
      `${events({ ping: 1 }, 7, null, ['x'])}: hi\n\n${good}`,
      { text: 'Héllo 👋', chunks: 4, done: true },
    ],
    ['a last event without blank line', good.trimEnd(), { text: 'Héllo 👋', chunks: 4, done: true }],
    [
      'no end mark',
      events({ text: 'Hé' }),
      { text: 'Hé', chunks: 1, done: false, error: 'stream_interrupted' },
    ],
    ['comments only', ': a\n\n: b\n\n', { text: '', chunks: 0, done: false, error: 'stream_interrupted' }],
    [
      'a last event that is cut',
      `${events({ text: 'Hé' })}data: {"text":"llo`,
      { text: 'Hé', chunks: 1, done: false, error: 'stream_interrupted' },
    ],
    [
      'a malformed event',
      `${events({ text: 'Hé' })}data: {"text":\n\n${good}`,
      { text: 'Hé', chunks: 1, done: false, error: 'bad_response' },
    ],
    [
      'a malformed first event',
      'data: {oops\n\n',
      { text: '', chunks: 0, done: false, error: 'bad_response' },
    ],
    [
      'an error event first',
      events({ error: 'Overloaded' }),
      { text: '', chunks: 0, done: false, error: 'overloaded' },
    ],
    [
      'an error event later',
      events({ text: 'Hé' }, { error: 'Overloaded' }),
      { text: 'Hé', chunks: 1, done: false, error: 'overloaded' },
    ],
    [
      'an error object without data: after events',
      `${events({ text: 'Hé' })}{\n  "error": "Overloaded"\n}\n`,
      { text: 'Hé', chunks: 1, done: false, error: 'overloaded' },
    ],
    [
      'an error in a list after events',
      `${events({ text: 'Hé' })}[{"error":"Overloaded"}]`,
      { text: 'Hé', chunks: 1, done: false, error: 'overloaded' },
    ],
    [
      'words without data: after events',
      `${events({ text: 'Hé' })}{oops`,
      { text: 'Hé', chunks: 1, done: false, error: 'stream_interrupted' },
    ],
    [
      'an error object in place of the stream',
      '{"error":"Overloaded"}',
      { text: '', chunks: 0, done: false, error: 'overloaded' },
    ],
    [
      'a whole answer in place of the stream',
      ' \n{"text":"Héllo"}',
      { text: 'Héllo', chunks: 3, done: true },
    ],
    [
      'a list in place of the stream',
      '[{"text":"Hé"}\n,\n{"text":"llo"},{"stop":true}]',
      { text: 'Héllo', chunks: 4, done: true },
    ],
    [
      'a list with an error',
      '[{"text":"Hé"},{"error":"x"}]',
      { text: 'Hé', chunks: 1, done: false, error: 'overloaded' },
    ],
    [
      'a list without end mark',
      '[{"text":"Hé"}]',
      { text: 'Hé', chunks: 1, done: false, error: 'stream_interrupted' },
    ],
    ['cut JSON', '{"text":"Hé', { text: '', chunks: 0, done: false, error: 'bad_response' }],
    ['JSON of another shape', '{"answer":1}', { text: '', chunks: 0, done: false, error: 'bad_response' }],
    ['an HTML page', '<html>', { text: '', chunks: 0, done: false, error: 'bad_response' }],
    ['an empty body', '\n', { text: '', chunks: 0, done: false, error: 'bad_response' }],
  ])('reads %s, cut at every byte', (_what, text, expected) => {
    const bytes = Buffer.from(text)
    expect(decode([bytes])).toEqual(expected)
    for (let place = 1; place < bytes.length; place++) {
      expect(decode([bytes.subarray(0, place), bytes.subarray(place)]), `cut at ${place}`).toEqual(expected)
    }
    expect(decode([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(expected)
  })

  it('gives a clean FIN at any byte before the end mark as an interruption or a refusal, never as an end', () => {
    const bytes = Buffer.from(good)
    const mark = Buffer.from(good.trimEnd()).length
    for (let place = 0; place < mark; place++) {
      const { done, error, text } = decode([bytes.subarray(0, place)])
      expect(
        { done, known: ['stream_interrupted', 'bad_response'].includes(error ?? '') },
        `FIN at ${place}`,
      ).toEqual({ done: false, known: true })
      expect('Héllo 👋'.startsWith(text)).toBe(true)
    }
  })

  it('hands out all chunks of one read at once', () => {
    const batch = createStreamDecoder(plainProtocol, context).push([Buffer.from(good)])
    expect(batch).toMatchObject({ done: true })
    expect(batch.chunks).toHaveLength(4)
  })

  it('turns whatever a protocol throws into an error of ours, without quoting the answer', () => {
    const broken: Protocol = {
      ...plainProtocol,
      step() {
        throw new TypeError('boom')
      },
    }
    const { error } = createStreamDecoder(broken, context).push([Buffer.from(good)])
    expect(error).toMatchObject({
      code: 'bad_response',
      provider: 'acme',
      model: 'm-1',
      cause: new TypeError('boom'),
    })
    const malformed = createStreamDecoder(plainProtocol, context).push([
      Buffer.from('data: {"text":"a secret" oops\n\n'),
    ])
    expect(JSON.stringify(malformed.error)).not.toContain('secret')
  })

  it('has the error of a protocol that fails at the end', () => {
    const broken: Protocol = {
      ...plainProtocol,
      end() {
        throw new RangeError('boom')
      },
    }
    expect(createStreamDecoder(broken, context).push([Buffer.from(good)])).toMatchObject({
      done: false,
      error: { code: 'bad_response' },
    })
  })

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), fc.boolean(), (pieces, asEvents) => {
        const bytes = asEvents
          ? pieces.map((piece) => Buffer.concat([Buffer.from('data: '), piece, Buffer.from('\n\n')]))
          : pieces
        expect(decode(bytes).done).toBe(false)
      }),
    )
  })
})
