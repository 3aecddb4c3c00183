import type { ChatMessage } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { encode, plainRules } from '../../test/responses-support.js'

const items = (messages: readonly ChatMessage[], rules = plainRules): unknown[] =>
  encode({ messages }, rules).body.input as unknown[]
const one = (message: ChatMessage, rules = plainRules): unknown => items([message], rules)[0]
const text = (role: string, value: string): unknown => ({
  type: 'message',
  role,
  content: [{ type: 'input_text', text: value }],
})

describe('messages', () => {
  it('keeps system texts in their place, in the role that the model wants', () => {
    const messages: ChatMessage[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'developer', content: [{ type: 'text', text: 'In JSON.' }] },
    ]
    expect(items(messages)).toEqual([
      text('developer', 'Be brief.'),
      text('user', 'Hi'),
      text('developer', 'In JSON.'),
    ])
    expect(one(messages[2]!, { ...plainRules, systemRole: 'system' })).toEqual(text('system', 'In JSON.'))
  })

  it('writes every kind of part', () => {
    const content = [
      { type: 'text', text: 'Look' },
      { type: 'image_url', image_url: { url: 'https://example.org/a.png', detail: 'low' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      { type: 'file', file: { file_id: 'file-1' } },
      { type: 'file', file: { file_url: 'https://example.org/a.pdf' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA' } },
    ] as const
    expect(one({ role: 'user', content })).toEqual({
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_text', text: 'Look' },
        { type: 'input_image', image_url: 'https://example.org/a.png', detail: 'low' },
        { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
        { type: 'input_file', file_id: 'file-1' },
        { type: 'input_file', file_url: 'https://example.org/a.pdf' },
        { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' },
        { type: 'input_file', filename: 'file.pdf', file_data: 'data:application/pdf;base64,AAAA' },
      ],
    })
  })

  it.each([
    [
      'audio',
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
      'messages[0].content[0]',
      plainRules,
    ],
    [
      'an image',
      { type: 'image_url', image_url: { url: 'https://x/a.png' } },
      'messages[0].content[0]',
      { ...plainRules, images: false },
    ],
    [
      'a file',
      { type: 'file', file: { file_id: 'f' } },
      'messages[0].content[0]',
      { ...plainRules, files: false },
    ],
    ['a file without anything', { type: 'file', file: {} }, 'messages[0].content[0].file', plainRules],
    [
      'a file as bare base64',
      { type: 'file', file: { file_data: 'AAAA' } },
      'messages[0].content[0].file',
      plainRules,
    ],
  ] as const)('refuses %s', (_what, part, path, rules) => {
    expect(() => one({ role: 'user', content: [part] }, rules)).toThrowError(
      expect.objectContaining({ code: 'invalid_request', path }),
    )
  })

  it('passes on a part of the API’s own', () => {
    const part = { type: 'input_file', file_id: 'file-1' }
    expect(one({ role: 'user', content: [part as never] })).toMatchObject({ content: [part] })
  })

  it('drops names, with one word for all', () => {
    const { body, warnings } = encode({
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'user', content: 'Ho', name: 'ann' },
        { role: 'assistant', content: 'Hm', name: 'bob' },
      ],
    })
    expect(JSON.stringify(body.input)).not.toMatch(/ann|bob/)
    expect(warnings.map(({ path }) => path)).toEqual(['messages[1].name'])
  })

  it('marks cacheable prefixes where the model knows marks', () => {
    const marked = { ...plainRules, cacheBreakpoints: true }
    const cache_control = { type: 'ephemeral' } as const
    const mark = { prompt_cache_breakpoint: { mode: 'explicit' } }
    const parts = [
      { type: 'text', text: 'a', cache_control },
      { type: 'text', text: 'b' },
      { type: 'text', text: 'c' },
    ] as const
    expect(one({ role: 'user', content: parts }, marked)).toMatchObject({
      content: [
        { text: 'a', ...mark },
        { type: 'input_text', text: 'b' },
        { type: 'input_text', text: 'c' },
      ],
    })
    expect(one({ role: 'system', content: 'a', cache_control }, marked)).toMatchObject({ content: [mark] })
    const last = one({ role: 'user', content: parts.slice(1), cache_control }, marked)
    expect(last).toEqual({
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_text', text: 'b' },
        { type: 'input_text', text: 'c', ...mark },
      ],
    })
    expect(JSON.stringify(one({ role: 'user', content: parts, cache_control }))).not.toContain('prompt_cache')
  })
})

describe('the assistant', () => {
  it('says text and refusals in parts of its own', () => {
    expect(one({ role: 'assistant', content: 'Hello' })).toEqual({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'Hello' }],
    })
    const content = [
      { type: 'text', text: 'Well.' },
      { type: 'refusal', refusal: 'No.' },
    ] as const
    const refused = {
      type: 'message',
      role: 'assistant',
      content: [
        { type: 'output_text', text: 'Well.' },
        { type: 'refusal', refusal: 'No.' },
      ],
    }
    expect(one({ role: 'assistant', content })).toEqual(refused)
    expect(one({ role: 'assistant', content: 'Well.', refusal: 'No.' })).toEqual(refused)
  })

  it('keeps an empty turn', () => {
    expect(one({ role: 'assistant', content: null })).toMatchObject({
      content: [{ type: 'output_text', text: '' }],
    })
  })

  it('calls in items of their own, without an empty message', () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'files.read', arguments: '' } } as const
    expect(
      items([
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: 'ok' },
      ]),
    ).toEqual([
      { type: 'function_call', call_id: 'call_1', name: 'files_read', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'ok' },
    ])
  })

  it('shortens a foreign id the same way for the call and its result', () => {
    const id = `functions.read:0|${'x'.repeat(80)}`
    const call = { id, type: 'function', function: { name: 'f', arguments: '{"a":1}' } } as const
    const [called, result] = items([
      { role: 'assistant', content: 'On it', tool_calls: [call] },
      { role: 'tool', tool_call_id: id, content: [{ type: 'text', text: 'ok' }] },
    ] as const).slice(1) as { call_id: string; output?: unknown }[]
    expect(called?.call_id.length).toBeLessThanOrEqual(64)
    expect(result?.call_id).toBe(called?.call_id)
    expect(result?.output).toEqual([{ type: 'input_text', text: 'ok' }])
  })
})
