import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isGatewayError } from '../errors/gateway-error.js'
import { createFrameReader, type BodyEnd } from './framing.js'
import type { Frame } from './protocol.js'

const asked = { provider: 'acme', model: 'm-1' }

interface Reading {
  readonly frames: readonly { event?: string; data: string }[]
  readonly end?: BodyEnd['kind']
  readonly remainder?: string
  readonly json?: string
  readonly error?: string
}

/** Everything a body gives when it arrives in these pieces. */
function readPieces(pieces: readonly Uint8Array[]): Reading {
  const reader = createFrameReader(asked)
  const frames: Frame[] = []
  try {
    for (const piece of pieces) frames.push(...reader.read([piece]))
    const end = reader.end()
    if (end.kind === 'events') frames.push(...end.frames)
    return {
      frames: frames.map(({ event, data }) => (event === undefined ? { data } : { event, data })),
      end: end.kind,
      ...(end.kind === 'events' && { remainder: end.remainder }),
      ...(end.kind === 'json' && { json: end.text }),
    }
  } catch (error) {
    if (!isGatewayError(error)) throw error
    return { frames: [], error: error.code }
  }
}

const read = (text: string): Reading => readPieces([Buffer.from(text)])

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [...new Set(at.filter((place) => place > 0 && place < bytes.length))].sort((a, b) => a - b)
  return [...places, bytes.length].map((place, i) => bytes.subarray(i === 0 ? 0 : places[i - 1], place))
}

/**
 * The rules of the HTML standard, written down once more in the plainest way: whole text, line by line.
 * (Events without data are left out, as we leave them out; so are ids.)
 */
function reference(text: string): { event?: string; data: string }[] {
  const frames: { event?: string; data: string }[] = []
  let data: string[] = []
  let event = ''
  for (const line of `${text}\n\n`.split(/\r\n|\r|\n/)) {
    if (line === '') {
      if (data.join('\n') !== '')
        frames.push(event === '' ? { data: data.join('\n') } : { event, data: data.join('\n') })
      data = []
      event = ''
      continue
    }
    const [, field = line, value = ''] = /^([^:]*): ?([\s\S]*)$/.exec(line) ?? []
    if (field === 'data') data.push(value)
    if (field === 'event') event = value
  }
  return frames
}

describe('createFrameReader', () => {
  it.each<[string, string, { event?: string; data: string }[]]>([
    ['plain events', 'data: a\n\ndata: b\n\n', [{ data: 'a' }, { data: 'b' }]],
    ['event names', 'event: ping\ndata: a\n\ndata: b\n\n', [{ event: 'ping', data: 'a' }, { data: 'b' }]],
    ['CRLF', 'event: e\r\ndata: a\r\n\r\ndata: b\r\n\r\n', [{ event: 'e', data: 'a' }, { data: 'b' }]],
    ['CR alone', 'data: a\r\rdata: b\r\r', [{ data: 'a' }, { data: 'b' }]],
    [
      'line ends of all kinds',
      'data: a\r\ndata: b\rdata: c\n\r\ndata: d\n\r',
      [{ data: 'a\nb\nc' }, { data: 'd' }],
    ],
    ['a byte order mark', '\uFEFFdata: a\n\n', [{ data: 'a' }]],
    ['comments', ': keep-alive\n\ndata: a\n: in between\ndata: b\n\n:\n\n', [{ data: 'a\nb' }]],
    ['no space after the colon', 'data:a\n\ndata:  b\n\n', [{ data: 'a' }, { data: ' b' }]],
    ['a field without a colon', 'data\ndata: a\n\n', [{ data: '\na' }]],
    ['several data lines', 'data: {"a":\ndata: 1}\n\n', [{ data: '{"a":\n1}' }]],
    [
      'ids and retry times',
      'id: 7\nretry: 10\ndata: a\n\nretry: x\ndata: b\n\n',
      [{ data: 'a' }, { data: 'b' }],
    ],
    ['a last event without its blank line', 'data: a\n\ndata: b', [{ data: 'a' }, { data: 'b' }]],
    ['a last line end without its blank line', 'data: a\n\ndata: b\n', [{ data: 'a' }, { data: 'b' }]],
    ['events without data', 'event: ping\n\ndata:\n\ndata: a\n\n', [{ data: 'a' }]],
    ['NUL', 'data: a\0b\n\n', [{ data: 'a\0b' }]],
    ['blank lines first', '\n\r\n\ndata: a\n\n', [{ data: 'a' }]],
    ['data that looks like JSON', 'data: {"a":"<b>"}\n\n', [{ data: '{"a":"<b>"}' }]],
    ['text in all scripts', 'data: žluťoučký 你好 👩‍👩‍👧 \u2028\n\n', [{ data: 'žluťoučký 你好 👩‍👩‍👧 \u2028' }]],
  ])('reads %s, cut at every byte', (_what, text, frames) => {
    expect(reference(text.replace('\uFEFF', ''))).toEqual(frames)
    const bytes = Buffer.from(text)
    for (let place = 0; place <= bytes.length; place++) {
      expect(readPieces(cut(bytes, [place])), `cut at ${place}`).toMatchObject({ frames, end: 'events' })
    }
    expect(readPieces([...bytes].map((byte) => Uint8Array.of(byte)))).toMatchObject({ frames })
  })

  const line = fc.oneof(
    fc.stringMatching(/^(?:data|event|id|retry|other)(?::| :|: )[^\r\n]{0,12}$/),
    fc.constantFrom(
      '',
      ':',
      ': ping',
      'data',
      'data: {"text":"é你👍"}',
      'event: message_stop',
      '"error": {',
      '}',
    ),
    fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, '')}`),
  )
  const body = fc
    .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 30 })
    .map((lines) => `data: first\n\n${lines.flat().join('')}`)

  it('gives the same events as the standard, however it is cut', () => {
    fc.assert(
      fc.property(body, fc.array(fc.nat(400), { maxLength: 40 }), (text, places) => {
        const whole = read(text)
        expect(whole.frames).toEqual(reference(text))
        expect(readPieces(cut(Buffer.from(text), places))).toEqual(whole)
      }),
      { numRuns: 500 },
    )
  })

  it('gives the same for any bytes, however they are cut, and throws nothing raw', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.array(fc.nat(200), { maxLength: 20 }),
        (bytes, places) => {
          expect(readPieces(cut(bytes, places))).toEqual(readPieces([bytes]))
        },
      ),
    )
  })

  it('hands out the events of one read together', () => {
    const reader = createFrameReader(asked)
    expect(
      reader.read([Buffer.from('data: a\n\nda'), Buffer.from('ta: b\n\n: x\n\ndata: c\n')]),
    ).toHaveLength(2)
    expect(reader.read([Buffer.from('\n')])).toHaveLength(1)
  })

  it('keeps what stands outside of events, for instance an error object', () => {
    const { frames, remainder } = read('data: a\n\n{\n  "error": {\n    "code": 503\n  }\n}\n')
    expect(frames).toEqual([{ data: 'a' }])
    expect(JSON.parse(remainder ?? '')).toEqual({ error: { code: 503 } })
  })

  it.each([
    ['an object', '{"error":{"message":"no"}}'],
    ['an array', '[{"a":1}\r\n,\r\n{"a":2}]'],
    ['JSON after white space', ' \n\n {"a":1}'],
    ['JSON after a byte order mark', '\uFEFF{"a":1}'],
    ['JSON that is cut', '{"a":'],
  ])('knows %s from events', (_what, text) => {
    const bytes = Buffer.from(text)
    for (let place = 0; place <= bytes.length; place++) {
      const { end, json, frames } = readPieces(cut(bytes, [place]))
      expect({ end, json: json?.trim(), frames }).toEqual({
        end: 'json',
        json: text.replace('\uFEFF', '').trim(),
        frames: [],
      })
    }
  })

  it.each(['', ' ', '\n\n\n', '\uFEFF'])('calls %j empty', (text) => {
    expect(read(text)).toMatchObject({ end: 'empty', frames: [] })
  })

  it('is not filled by white space without end', () => {
    const reader = createFrameReader(asked)
    for (let i = 0; i < 40; i++) expect(reader.read([Buffer.alloc(65_536, 0x0a)])).toEqual([])
    expect(reader.read([Buffer.from('data: a\n\n')])).toEqual([{ data: 'a' }])
  })

  it('refuses an HTML page at its first character, without quoting it', () => {
    const reader = createFrameReader(asked)
    let caught: unknown
    try {
      reader.read([Buffer.from('\n  <!DOCTYPE html><title>secret 502</title>')])
    } catch (error) {
      caught = error
    }
    expect(isGatewayError(caught, 'bad_response')).toBe(true)
    expect(String(caught)).toContain('HTML')
    expect(String(caught)).not.toContain('secret')
  })

  const MIB = Buffer.alloc(1_048_576, 0x61)
  const feedMiB = (count: number, start: string, between = ''): string | undefined => {
    const reader = createFrameReader(asked)
    try {
      reader.read([Buffer.from(start)])
      for (let i = 0; i < count; i++) reader.read([MIB, Buffer.from(between)])
      return undefined
    } catch (error) {
      return isGatewayError(error) ? error.code : 'raw'
    }
  }

  it('takes an event of 15 MiB and refuses one of 17', () => {
    expect(feedMiB(15, 'data: ')).toBeUndefined()
    expect(feedMiB(17, 'data: ')).toBe('bad_response')
    expect(feedMiB(17, 'data: ', '\ndata: ')).toBe('bad_response')
    expect(feedMiB(17, 'unknown')).toBe('bad_response')
  })

  it('refuses JSON in place of events beyond 32 MiB', () => {
    expect(feedMiB(31, '{"a":"')).toBeUndefined()
    expect(feedMiB(33, '{"a":"')).toBe('bad_response')
  })
})
