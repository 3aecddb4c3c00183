import type { UserPart } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { chatRequest, encode } from '../../test/protocol-support.js'

const sent = (part: object) =>
  encode(chatRequest({}, [{ role: 'user', content: [{ type: 'text', text: 'See:' }, part as UserPart] }]))
const block = (part: object): unknown => (sent(part).body.messages[0]!.content as unknown[])[1]
const file = (fields: object) => ({ type: 'file', file: fields })
const image = (url: string, more: object = {}) => ({ type: 'image_url', image_url: { url, ...more } })
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('images', () => {
  it.each([
    ['a data URI', 'data:image/png;base64,iVBO', { type: 'base64', media_type: 'image/png', data: 'iVBO' }],
    [
      'a data URI with a wrong spelling',
      'data:image/jpg;base64,AAAA',
      { type: 'base64', media_type: 'image/jpeg', data: 'AAAA' },
    ],
    ['a URL', 'https://example.com/a.png?b=1', { type: 'url', url: 'https://example.com/a.png?b=1' }],
  ])('%s', (_name, url, source) => expect(block(image(url))).toEqual({ type: 'image', source }))

  it.each([
    ['of another type', 'data:image/tiff;base64,AAAA'],
    ['that are no image', 'data:application/pdf;base64,AAAA'],
    ['of another scheme', 'file:///etc/passwd'],
    ['that are no URL', 'picture.png'],
  ])('refuses those %s', (_name, url) => {
    expect(() => block(image(url))).toThrow(
      expect.objectContaining({ code: 'invalid_request', path: 'messages[0].content[1].image_url.url' }),
    )
  })

  it('warns about a wish for detail, but not about auto', () => {
    expect(sent(image('https://example.com/a.png', { detail: 'low' })).codes).toEqual(['setting_dropped'])
    expect(sent(image('https://example.com/a.png', { detail: 'auto' })).codes).toEqual([])
  })
})

describe('files', () => {
  it.each([
    [
      'a PDF',
      { file_data: 'data:application/pdf;base64,JVBE', filename: 'a.pdf' },
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' },
        title: 'a.pdf',
      },
    ],
    [
      'a PDF without data URI',
      { file_data: 'JVBE', filename: 'a.PDF' },
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' },
        title: 'a.PDF',
      },
    ],
    [
      'text',
      { file_data: `data:text/markdown;base64,${base64('# Zażółć')}`, filename: 'a.md' },
      {
        type: 'document',
        source: { type: 'text', media_type: 'text/plain', data: '# Zażółć' },
        title: 'a.md',
      },
    ],
    [
      'JSON',
      { file_data: `data:application/json;base64,${base64('{}')}` },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: '{}' } },
    ],
    [
      'an image',
      { file_data: 'data:image/webp;base64,AAAA', filename: 'a.webp' },
      { type: 'image', source: { type: 'base64', media_type: 'image/webp', data: 'AAAA' } },
    ],
    [
      'a URL',
      { file_url: 'https://example.com/a.pdf' },
      { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } },
    ],
    [
      'an image URL',
      { file_url: 'https://example.com/a.gif?x=1' },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.gif?x=1' } },
    ],
    [
      'an uploaded file',
      { file_id: 'file_1', filename: 'a.pdf' },
      { type: 'document', source: { type: 'file', file_id: 'file_1' }, title: 'a.pdf' },
    ],
    [
      'an uploaded image',
      { file_id: 'file_1', filename: 'a.png' },
      { type: 'image', source: { type: 'file', file_id: 'file_1' } },
    ],
  ])('%s', (_name, fields, expected) => expect(block(file(fields))).toEqual(expected))

  it.each([
    ['nothing in them', {}, 'messages[0].content[1].file'],
    ['no type to tell', { file_data: 'AAAA' }, 'messages[0].content[1].file.file_data'],
    [
      'an office document',
      { file_data: 'AAAA', filename: 'a.docx' },
      'messages[0].content[1].file.file_data',
    ],
    ['sound', { file_data: 'data:audio/wav;base64,AAAA' }, 'messages[0].content[1].file.file_data'],
  ])('refuses files with %s', (_name, fields, path) => {
    expect(() => block(file(fields))).toThrow(expect.objectContaining({ code: 'invalid_request', path }))
  })
})

describe('what Anthropic does not take', () => {
  it.each([
    ['audio', { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }],
    ['unknown parts', { type: 'hologram' }],
  ])('refuses %s', (_name, part) => {
    expect(() => block(part)).toThrow(
      expect.objectContaining({ code: 'invalid_request', path: 'messages[0].content[1]' }),
    )
  })

  it('says nothing of the content in its message', () => {
    expect(() => block(image('file:///home/secret.png'))).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') }),
    )
  })
})
