import type { ChatRequest, JsonSchema, ResponseFormat, Tool } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { chatRequest, encode, fold, protocol, protocolContext } from '../../test/protocol-support.js'

const OLDER = 'claude-sonnet-4-20250514'
const schema = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] }
const format = (given: JsonSchema | undefined = schema, more: object = {}): ResponseFormat => ({
  type: 'json_schema',
  json_schema: { name: 'recipe', ...(given && { schema: given }), ...more },
})
const tool: Tool = { type: 'function', function: { name: 'look', parameters: { type: 'object' } } }
const tree = { type: 'object', properties: { children: { type: 'array', items: { $ref: '#' } } } }
const sent = (fields: Partial<ChatRequest>, model: string) => encode(chatRequest(fields), { model })
const decoded = (fields: Partial<ChatRequest>, content: readonly object[], model = OLDER) =>
  fold(
    protocol.decode(
      {
        id: 'm',
        type: 'message',
        model,
        content,
        stop_reason: 'tool_use',
        usage: { input_tokens: 1, output_tokens: 1 },
      },
      protocolContext({ model, request: chatRequest(fields) }),
    ),
  ).choices[0]

describe('a schema', () => {
  it("is the API's own format from 4.5 on", () => {
    const { body, warnings } = sent({ response_format: format(), reasoning_effort: 'low' }, 'claude-opus-4-8')
    expect(body['output_config']).toEqual({
      effort: 'low',
      format: { type: 'json_schema', schema: { ...schema, additionalProperties: false } },
    })
    expect(body).not.toHaveProperty('tools')
    expect(warnings).toEqual([])
  })

  it('warns about what is not enforced', () => {
    const limited = { type: 'object', properties: { age: { type: 'integer', minimum: 0 } } }
    const { body, codes, warnings } = sent({ response_format: format(limited) }, 'claude-sonnet-4-5')
    expect(body['output_config']).toMatchObject({
      format: { schema: { properties: { age: { description: '(minimum: 0)' } } } },
    })
    expect(codes).toEqual(['setting_changed'])
    expect(warnings[0]?.message).toContain('properties.age.minimum')
  })

  it('is a tool that must be called before 4.5', () => {
    const { body, warnings } = sent({ response_format: format(schema, { description: 'A recipe' }) }, OLDER)
    expect(body).toMatchObject({
      tools: [{ name: 'recipe', description: 'A recipe', input_schema: schema }],
      tool_choice: { type: 'tool', name: 'recipe', disable_parallel_tool_use: true },
    })
    expect(body).not.toHaveProperty('output_config')
    expect(warnings).toEqual([])
  })

  it.each([
    [undefined, { type: 'any' }],
    ['auto', { type: 'any' }],
    ['required', { type: 'any' }],
    ['none', { type: 'tool', name: 'recipe', disable_parallel_tool_use: true }],
    [
      { type: 'function', function: { name: 'look' } },
      { type: 'tool', name: 'look' },
    ],
  ] as const)("stands beside the caller's tools; tool_choice %j", (tool_choice, expected) => {
    const fields: Partial<ChatRequest> = {
      tools: [tool],
      response_format: format(),
      ...(tool_choice && { tool_choice }),
    }
    const { body } = sent(fields, OLDER)
    expect((body['tools'] as { name: string }[]).map(({ name }) => name)).toEqual(['look', 'recipe'])
    expect(body['tool_choice']).toEqual(expected)
  })

  it('is read back as text, and only once', () => {
    const fields: Partial<ChatRequest> = { tools: [tool], response_format: format() }
    expect(
      decoded(fields, [
        { type: 'tool_use', id: 't1', name: 'recipe', input: { title: 'Soup' } },
        { type: 'tool_use', id: 't2', name: 'recipe', input: {} },
      ]),
    ).toMatchObject({ finish_reason: 'stop', message: { content: '{"title":"Soup"}' } })
    const called = decoded(fields, [{ type: 'tool_use', id: 't1', name: 'look', input: {} }])
    expect(called).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: null, tool_calls: [{ id: 't1' }] },
    })
  })

  it('takes another name when a tool has it', () => {
    const named = { ...tool, function: { ...tool.function, name: 'recipe' } }
    const { body } = sent({ tools: [named], response_format: format() }, OLDER)
    expect((body['tools'] as { name: string }[]).map(({ name }) => name)).toEqual(['recipe', 'recipe_2'])
    expect(
      decoded({ tools: [named], response_format: format() }, [
        { type: 'tool_use', id: 't', name: 'recipe_2', input: { title: 'x' } },
      ]),
    ).toMatchObject({ finish_reason: 'stop', message: { content: '{"title":"x"}' } })
  })

  it('may contain itself only as a tool', () => {
    const { body } = sent({ response_format: format(tree) }, 'claude-sonnet-4-5')
    expect(body).toMatchObject({
      tools: [{ name: 'recipe', input_schema: tree }],
      tool_choice: { type: 'tool', name: 'recipe' },
    })
    expect(() => sent({ response_format: format(tree) }, 'claude-opus-5-5')).toThrow(
      expect.objectContaining({ code: 'invalid_request', path: 'response_format.json_schema.schema' }),
    )
  })

  it('must be an object where it is a tool', () => {
    expect(() => sent({ response_format: format({ type: 'array', items: {} }) }, OLDER)).toThrow(
      expect.objectContaining({ code: 'invalid_request', path: 'response_format.json_schema.schema' }),
    )
  })

  it('leaves no state that would wait for a tool result', () => {
    const choice = decoded({ response_format: format() }, [
      { type: 'thinking', thinking: 'Hm', signature: 's' },
      { type: 'tool_use', id: 't', name: 'recipe', input: { title: 'x' } },
    ])
    expect(choice?.message.provider_state).toBeUndefined()
  })
})

describe('any JSON object', () => {
  it.each([[{ type: 'json_object' }], [{ type: 'json_schema', json_schema: { name: 'recipe' } }]] as [
    ResponseFormat,
  ][])('is asked for in words: %j', (response_format) => {
    const { body, codes } = encode(
      chatRequest({ response_format }, [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'x' },
      ]),
    )
    expect(body['system']).toEqual([
      { type: 'text', text: 'Be brief.' },
      { type: 'text', text: expect.stringContaining('JSON object') },
    ])
    expect(codes).toEqual(['setting_changed'])
  })

  it('is nothing special as text', () => {
    expect(encode(chatRequest({ response_format: { type: 'text' } })).body).not.toHaveProperty('system')
  })
})
