import * as fc from 'fast-check'
import { isGatewayError } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { fixtures } from '../../test/fixtures.js'
import { fold, protocol, protocolContext, readStream } from '../../test/protocol-support.js'

const messageOf = (name: string) => {
  const fixture = fixtures.find((other) => other.name === name)
  return fold(protocol.decode(JSON.parse(fixture?.body ?? ''), protocolContext()))
}

describe('what the standard fields carry', () => {
  it("gives citations of web pages in OpenAI's shape, with their place in the text", () => {
    const { annotations, content } = messageOf('web search with citations').choices[0]?.message ?? {}
    expect(annotations).toEqual([
      {
        type: 'url_citation',
        url_citation: {
          url: 'https://example.com/a',
          title: 'A page',
          start_index: 6,
          end_index: 15,
          cited_text: 'Version 9',
        },
      },
    ])
    expect(content?.slice(6, 15)).toBe('version 9')
  })

  it('keeps the fields of other citations', () => {
    expect(messageOf('citations of a document').choices[0]?.message.annotations).toEqual([
      {
        type: 'char_location',
        cited_text: 'Oslo is cold.',
        document_index: 0,
        document_title: 'facts.txt',
        start_char_index: 0,
        end_char_index: 13,
        start_index: 0,
        end_index: 13,
      },
    ])
  })

  it('gives reasoning as text and in details', () => {
    expect(
      messageOf('thinking, redacted thinking and a tool call').choices[0]?.message.reasoning_details,
    ).toEqual([
      {
        type: 'reasoning.text',
        text: 'The user wants the weather. Call the tool.',
        signature: 'SW52ZW50ZWQgc2lnbmF0dXJl',
        index: 0,
        format: 'anthropic-claude-v1',
      },
      { type: 'reasoning.encrypted', data: 'UmVkYWN0ZWQ=', index: 1, format: 'anthropic-claude-v1' },
    ])
  })

  it("tells the hour's part of cache writes, and the service tier", () => {
    const { usage, service_tier } = messageOf('cache read and written, an hour of it')
    expect(usage).toEqual({
      prompt_tokens: 3710,
      completion_tokens: 4,
      total_tokens: 3714,
      prompt_tokens_details: { cached_tokens: 3000, cache_write_tokens: 700, cache_write_1h_tokens: 500 },
    })
    expect(service_tier).toBe('standard')
  })

  it('gives no usage when there is none', () => {
    const chunks = protocol.decode(
      { id: 'm', type: 'message', model: 'c', content: [], stop_reason: 'end_turn' },
      protocolContext(),
    )
    expect(chunks).toHaveLength(1)
  })
})

describe('what is no answer', () => {
  it.each([[undefined], [null], ['<html>'], [[]], [{}], [{ content: 'text' }], [42]])(
    '%j is a bad_response',
    (body) => {
      expect(() => protocol.decode(body, protocolContext())).toThrow(
        expect.objectContaining({ code: 'bad_response', provider: 'claude' }),
      )
    },
  )

  it('skips blocks that are none', () => {
    const chunks = protocol.decode(
      { id: 'm', content: [null, 'x', { text: 'y' }, { type: 'text', text: 'z' }], stop_reason: 'end_turn' },
      protocolContext(),
    )
    expect(fold(chunks).choices[0]?.message.content).toBe('z')
  })

  it('never fails on an error body, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), fc.integer({ min: 300, max: 599 }), (body, status) => {
        const error = protocol.decodeError({ status, headers: {}, body, provider: 'claude', model: 'm' })
        expect(isGatewayError(error) && error.status).toBe(status)
      }),
    )
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (type, message, details) => {
        const error = protocol.decodeError({
          status: 400,
          headers: {},
          body: { error: { type, message, details } },
          provider: 'claude',
          model: 'm',
        })
        expect(isGatewayError(error)).toBe(true)
      }),
    )
  })

  it('throws nothing but gateway errors for strange events', () => {
    const types = [
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
      'ping',
    ]
    const event = fc.record(
      {
        type: fc.constantFrom(...types),
        index: fc.oneof(fc.nat(3), fc.anything()),
        message: fc.anything(),
        content_block: fc.anything(),
        delta: fc.anything(),
        usage: fc.anything(),
      },
      { requiredKeys: ['type'] },
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), (events) => {
        const body = events.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('')
        const { error } = readStream([new TextEncoder().encode(body)], protocolContext({ stream: true }))
        expect(error === undefined || isGatewayError(error)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
