import type { ChatMessage, ChatRequest, Tool } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { chatRequest, encode, protocol, protocolContext, fold } from '../../test/protocol-support.js'

const tool = (name: string, more: Partial<Tool['function']> = {}): Tool => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { city: { type: 'string' } } }, ...more },
})
const sent = (fields: Partial<ChatRequest>, model = 'claude-sonnet-4-5') =>
  encode(chatRequest(fields), { model })

describe('definitions', () => {
  it('puts the schema where Anthropic looks for it', () => {
    const { body, warnings } = sent({ tools: [tool('get_weather', { description: 'Weather of a city' })] })
    expect(body['tools']).toEqual([
      {
        name: 'get_weather',
        description: 'Weather of a city',
        input_schema: { type: 'object', properties: { city: { type: 'string' } } },
      },
    ])
    expect(warnings).toEqual([])
    expect(body).not.toHaveProperty('tool_choice')
  })

  it.each([
    ['none', undefined, { type: 'object', properties: {} }, 0],
    [
      'without a type',
      { properties: { a: { type: 'string' } } },
      { type: 'object', properties: { a: { type: 'string' } } },
      0,
    ],
    [
      'that is a reference',
      { $ref: '#/$defs/A', $defs: { A: { type: 'object', required: ['x'] } } },
      { type: 'object', required: ['x'], $defs: { A: { type: 'object', required: ['x'] } } },
      0,
    ],
    [
      'of parts',
      {
        type: 'object',
        allOf: [
          { properties: { a: {} }, required: ['a'] },
          { properties: { b: {} }, required: ['b'] },
        ],
      },
      { type: 'object', properties: { a: {}, b: {} }, required: ['a', 'b'] },
      0,
    ],
    [
      'of options',
      {
        anyOf: [
          { properties: { a: {}, c: {} }, required: ['a', 'c'] },
          { properties: { b: {} }, required: ['b', 'c'] },
        ],
      },
      { type: 'object', properties: { a: {}, b: {}, c: {} }, required: ['c'] },
      1,
    ],
  ])('mends a schema %s', (_name, parameters, expected, warned) => {
    const { body, codes } = sent({ tools: [tool('f', { parameters })] })
    expect((body['tools'] as { input_schema: unknown }[])[0]?.input_schema).toEqual(expected)
    expect(codes).toHaveLength(warned)
  })

  it.each([[{ type: 'string' }], [{ type: ['object', 'null'] }], [[]]])(
    'refuses a schema whose root is no object: %j',
    (parameters) => {
      expect(() => sent({ tools: [tool('f', { parameters: parameters as never })] })).toThrow(
        expect.objectContaining({ code: 'invalid_request', path: 'tools[0].function.parameters' }),
      )
    },
  )

  it('sends strict tools where there are any', () => {
    const parameters = { type: 'object', properties: { n: { type: 'integer', minimum: 1 } } }
    const strict = sent({ tools: [tool('f', { parameters, strict: true })] })
    expect(strict.body['tools']).toMatchObject([
      {
        strict: true,
        input_schema: {
          properties: { n: { type: 'integer', description: '(minimum: 1)' } },
          additionalProperties: false,
        },
      },
    ])
    expect(strict.codes).toEqual(['setting_changed'])
    const older = sent({ tools: [tool('f', { parameters, strict: true })] }, 'claude-opus-4-1')
    expect(older.body['tools']).toEqual([{ name: 'f', input_schema: parameters }])
    expect(older.paths).toEqual(['tools[0].function.strict'])
    expect(sent({ tools: [tool('f', { strict: false })] }).warnings).toEqual([])
  })

  it('maps names that the API refuses, in history and choice too, and back', () => {
    const messages: ChatMessage[] = [
      { role: 'user', content: 'x' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'files.read', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'y' },
    ]
    const request = chatRequest(
      { tools: [tool('files.read')], tool_choice: { type: 'function', function: { name: 'files.read' } } },
      messages,
    )
    const { body } = encode(request)
    expect(body).toMatchObject({
      tools: [{ name: 'files_read' }],
      tool_choice: { type: 'tool', name: 'files_read' },
      messages: [{}, { content: [{ name: 'files_read' }] }, {}],
    })
    const chunks = protocol.decode(
      {
        id: 'm',
        type: 'message',
        model: 'c',
        content: [{ type: 'tool_use', id: 't', name: 'files_read', input: {} }],
        stop_reason: 'tool_use',
      },
      protocolContext({ request }),
    )
    expect(fold(chunks).choices[0]?.message.tool_calls?.[0]?.function.name).toBe('files.read')
  })

  it('defines the tools of the history again when the request has none', () => {
    const messages: ChatMessage[] = [
      { role: 'user', content: 'x' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'look', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'y' },
    ]
    const { body, warnings } = encode(chatRequest({}, messages))
    expect(body).toMatchObject({
      tools: [{ name: 'look', input_schema: { type: 'object', properties: {} } }],
      tool_choice: { type: 'none' },
    })
    expect(warnings).toEqual([])
  })
})

describe('choice', () => {
  const tools = [tool('a'), tool('b')]
  it.each([
    ['auto', undefined, { type: 'auto' }],
    ['none', undefined, { type: 'none' }],
    ['required', undefined, { type: 'any' }],
    [{ type: 'function', function: { name: 'b' } }, undefined, { type: 'tool', name: 'b' }],
    [undefined, false, { type: 'auto', disable_parallel_tool_use: true }],
    ['required', false, { type: 'any', disable_parallel_tool_use: true }],
    ['none', false, { type: 'none' }],
    [undefined, true, undefined],
  ] as const)('%j with parallel_tool_calls %j', (tool_choice, parallel_tool_calls, expected) => {
    const { body, warnings } = sent({
      tools,
      ...(tool_choice && { tool_choice }),
      ...(parallel_tool_calls !== undefined && { parallel_tool_calls }),
    })
    expect(body['tool_choice']).toEqual(expected)
    expect(warnings).toEqual([])
  })

  it.each(['required', { type: 'function', function: { name: 'b' } }] as const)(
    'becomes auto for models that cannot be forced: %j',
    (tool_choice) => {
      const { body, codes, paths } = sent({ tools, tool_choice }, 'claude-opus-5-5')
      expect([body['tool_choice'], codes, paths]).toEqual([
        { type: 'auto' },
        ['setting_changed'],
        ['tool_choice'],
      ])
    },
  )

  it('is dropped without tools', () => {
    const { body, paths } = sent({ tool_choice: 'required' })
    expect([body['tool_choice'], paths]).toEqual([undefined, ['tool_choice']])
    expect(sent({ tool_choice: 'auto' }).warnings).toEqual([])
  })
})
