import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mediaTypeOf, parseDataUrl, partsOf, textOf } from './media.js'

describe('parseDataUrl', () => {
  it.each([
    ['data:image/png;base64,iVBO', { mediaType: 'image/png', base64: 'iVBO' }],
    ['DATA:Image/PNG;BASE64,iVBO', { mediaType: 'image/png', base64: 'iVBO' }],
    ['data:text/plain;charset=utf-8;base64,aGk=', { mediaType: 'text/plain', base64: 'aGk=' }],
    ['data:,hi%20there', { mediaType: 'text/plain', base64: Buffer.from('hi there').toString('base64') }],
    ['data:;base64,aGk=', { mediaType: 'text/plain', base64: 'aGk=' }],
  ])('%s', (url, expected) => {
    expect(parseDataUrl(url)).toEqual(expected)
  })

  it.each([
    'https://example.com/a.png',
    'data:image/png;base64',
    '',
    'data:text/plain,%E0%A4%A',
    `data:${'x'.repeat(2_000)},y`,
  ])('not: %s', (url) => {
    expect(parseDataUrl(url)).toBeUndefined()
  })

  it('gives back the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const parsed = parseDataUrl(`data:application/pdf;base64,${Buffer.from(bytes).toString('base64')}`)
        expect(Buffer.from(parsed?.base64 ?? '', 'base64')).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it('is quick on a large image', () => {
    const base64 = 'A'.repeat(20_000_000)
    expect(parseDataUrl(`data:image/png;base64,${base64}`)?.base64).toHaveLength(20_000_000)
  })
})

describe('mediaTypeOf', () => {
  it.each([
    ['report.PDF', 'application/pdf'],
    ['a.b.jpeg', 'image/jpeg'],
    ['https://example.com/x/y.webp?size=2#top', 'image/webp'],
    ['archive.tar.zip', 'application/zip'],
  ])('%s is %s', (name, type) => {
    expect(mediaTypeOf(name)).toBe(type)
  })

  it.each(['noext', 'x.unknown', '', 'x.__proto__', 'x.constructor'])('%j is unknown', (name) => {
    expect(mediaTypeOf(name)).toBeUndefined()
  })
})

describe('partsOf and textOf', () => {
  const parts = [
    { type: 'text' as const, text: 'a' },
    { type: 'image_url' as const, image_url: { url: 'https://example.com/a.png' } },
    { type: 'text' as const, text: 'b' },
  ]

  it('reads content of every form', () => {
    expect(partsOf('hi')).toEqual([{ type: 'text', text: 'hi' }])
    expect(partsOf(parts)).toBe(parts)
    expect(partsOf(null)).toEqual([])
    expect(partsOf(undefined)).toEqual([])
  })

  it('joins the text and leaves out the rest', () => {
    expect(textOf('hi')).toBe('hi')
    expect(textOf(parts)).toBe('ab')
    expect(textOf([{ type: 'refusal', refusal: 'no' } as { type: string }])).toBe('')
    expect(textOf(null)).toBe('')
  })
})
