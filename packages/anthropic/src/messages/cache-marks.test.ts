import type { CacheControl, ChatMessage } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { chatRequest, encode } from '../../test/protocol-support.js'

const MINUTES: CacheControl = { type: 'ephemeral' }
const HOUR: CacheControl = { type: 'ephemeral', ttl: '1h' }
const user = (text: string, cache_control?: CacheControl): ChatMessage => ({
  role: 'user',
  content: text,
  ...(cache_control && { cache_control }),
})
const answer = (text: string, cache_control?: CacheControl): ChatMessage => ({
  role: 'assistant',
  content: text,
  ...(cache_control && { cache_control }),
})

/** Every mark in the body with the text, id or name of what it stands on. */
function marks(body: unknown): unknown[] {
  const found: unknown[] = []
  JSON.stringify(body, (_key, value: unknown) => {
    const block = value as {
      cache_control?: CacheControl
      text?: string
      name?: string
      tool_use_id?: string
    } | null
    if (block?.cache_control)
      found.push([block.text ?? block.name ?? block.tool_use_id, block.cache_control.ttl ?? '5m'])
    return value
  })
  return found.toSorted()
}

describe('cache_control', () => {
  it('stands on tools, system text, parts and the last block of a message', () => {
    const { body, warnings } = encode(
      chatRequest({ tools: [{ type: 'function', function: { name: 'f' }, cache_control: HOUR }] }, [
        { role: 'system', content: 'Rules', cache_control: HOUR },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'A', cache_control: MINUTES },
            { type: 'text', text: 'B' },
          ],
        },
        {
          role: 'assistant',
          content: '',
          tool_calls: [{ id: 't1', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 't1', content: 'C', cache_control: MINUTES },
      ]),
    )
    expect(marks(body)).toEqual([
      ['A', '5m'],
      ['Rules', '1h'],
      ['f', '1h'],
      ['t1', '5m'],
    ])
    expect(warnings).toEqual([])
    expect(body['system']).toEqual([
      { type: 'text', text: 'Rules', cache_control: { type: 'ephemeral', ttl: '1h' } },
    ])
  })

  it("prefers the last part's own mark to the message's", () => {
    const { body } = encode(
      chatRequest({}, [
        { role: 'user', content: [{ type: 'text', text: 'A', cache_control: HOUR }], cache_control: MINUTES },
      ]),
    )
    expect(marks(body)).toEqual([['A', '1h']])
  })

  it('keeps four breakpoints: the first and the last three', () => {
    const { body, codes, paths } = encode(
      chatRequest({}, [
        user('1', MINUTES),
        answer('2', MINUTES),
        user('3', MINUTES),
        answer('4', MINUTES),
        user('5', MINUTES),
        answer('6', MINUTES),
        user('7'),
      ]),
    )
    expect(marks(body)).toEqual([
      ['1', '5m'],
      ['4', '5m'],
      ['5', '5m'],
      ['6', '5m'],
    ])
    expect([codes, paths]).toEqual([
      ['setting_dropped', 'setting_dropped'],
      ['messages[1].cache_control', 'messages[2].cache_control'],
    ])
  })

  it('leaves one place for automatic caching', () => {
    const { body, codes } = encode(
      chatRequest({ provider_options: { anthropic: { cache_control: { type: 'ephemeral' } } } }, [
        user('1', MINUTES),
        answer('2', MINUTES),
        user('3', MINUTES),
        answer('4', MINUTES),
        user('5'),
      ]),
    )
    expect(marks(body.messages)).toEqual([
      ['1', '5m'],
      ['3', '5m'],
      ['4', '5m'],
    ])
    expect(body['cache_control']).toEqual({ type: 'ephemeral' })
    expect(codes).toEqual(['setting_dropped'])
  })

  it('lets no hour follow minutes', () => {
    const { body, codes, paths } = encode(
      chatRequest({}, [user('1', HOUR), answer('2', MINUTES), user('3', HOUR)]),
    )
    expect(marks(body)).toEqual([
      ['1', '1h'],
      ['2', '5m'],
      ['3', '5m'],
    ])
    expect([codes, paths]).toEqual([['setting_changed'], ['messages[2].cache_control']])
  })

  it('goes with blank text that is dropped', () => {
    const { body } = encode(
      chatRequest({}, [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'A' },
            { type: 'text', text: ' ', cache_control: HOUR },
          ],
        },
      ]),
    )
    expect(marks(body)).toEqual([])
  })
})
