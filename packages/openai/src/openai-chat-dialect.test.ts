import type { ChatRequest } from '@turnout/core/adapter'
import { chatProtocol } from '@turnout/openai-compatible'
import { describe, expect, it } from 'vitest'
import { encodeWith, errorOf, type Encoded } from '../../openai-compatible/test/chat-support.js'
import { modelRules } from './models.js'
import { openaiChatDialect } from './openai-chat-dialect.js'

const protocol = chatProtocol(openaiChatDialect(modelRules))

function encode(model: string, request: Partial<ChatRequest>, facts: object = {}): Encoded {
  return encodeWith(protocol, request, { adapter: 'openai', model, ...facts })
}

const tool = {
  type: 'function',
  function: { name: 'f', parameters: { type: 'object', properties: {} } },
} as const
const dropped = ({ warnings }: Encoded) =>
  warnings.filter(({ code }) => code === 'setting_dropped').map(({ path }) => path)
const changed = ({ warnings }: Encoded) =>
  warnings.filter(({ code }) => code === 'setting_changed').map(({ path }) => path)

const sampling = {
  temperature: 0.5,
  top_p: 0.9,
  presence_penalty: 1,
  frequency_penalty: 1,
  logit_bias: { 5: 1 },
  logprobs: true,
  top_logprobs: 2,
  stop: ['x'],
} as const

describe('by family', () => {
  it.each([
    ['gpt-4o', {}, false],
    ['gpt-4.1-mini', {}, false],
    ['gpt-5-chat-latest', {}, false],
    ['o3', {}, true],
    ['gpt-5', {}, true],
    ['gpt-5.1', {}, false],
    ['gpt-5.1', { reasoning_effort: 'none' }, false],
    ['gpt-5.1', { reasoning_effort: 'low' }, true],
    ['gpt-5.6', {}, true],
    ['gpt-5.6', { reasoning_effort: 'none' }, false],
    ['gpt-6-astra', { reasoning_effort: 'none' }, true],
    ['gpt-99', {}, true],
    ['my-deployment', {}, false],
  ] as const)('%s with %j drops sampling: %s', (model, request, drops) => {
    const encoded = encode(model, { ...sampling, ...request })
    expect(Object.keys(sampling).filter((name) => name in encoded.body)).toEqual(
      drops ? [] : Object.keys(sampling),
    )
    expect(dropped(encoded)).toEqual(drops ? Object.keys(sampling).toSorted(byWireOrder) : [])
  })

  it.each([
    ['gpt-4o', 'system'],
    ['o3', 'developer'],
    ['gpt-5.6', 'developer'],
    ['o1-mini', 'user'],
    ['my-deployment', 'system'],
  ])('%s gets instructions as %s', (model, role) => {
    const messages = [
      { role: 'developer', content: 'A' },
      { role: 'system', content: 'B' },
    ] as const
    expect(
      encode(model, { messages }).body.messages.map((message: { role: string }) => message.role),
    ).toEqual([role, role])
  })

  it.each([
    ['gpt-4o', 'high', undefined],
    ['o3', 'minimal', 'low'],
    ['gpt-5', 'none', 'minimal'],
    ['gpt-5.1', 'xhigh', 'high'],
    ['gpt-5.6', 'max', 'max'],
    ['my-deployment', 'odd', 'odd'],
  ])('%s asked for %s is sent %s', (model, asked, sent) => {
    expect(encode(model, { reasoning_effort: asked }).body.reasoning_effort).toBe(sent)
  })

  it.each([
    ['gpt-4o', ['verbosity']],
    ['o3', ['verbosity', 'parallel_tool_calls']],
    ['gpt-5', []],
  ])('%s takes neither of %j', (model, names) => {
    expect(dropped(encode(model, { verbosity: 'low', parallel_tool_calls: false, tools: [tool] }))).toEqual(
      names,
    )
  })

  it('limits the answer to what the model can, under the new name', () => {
    const encoded = encode('gpt-4o', { max_tokens: 100_000 })
    expect(encoded.body).toMatchObject({ max_completion_tokens: 16_384 })
    expect(encoded.body).not.toHaveProperty('max_tokens')
    expect(changed(encoded)).toEqual(['max_tokens'])
  })

  it('marks cacheable prefixes from gpt-5.6 on', () => {
    const messages = [
      { role: 'user', content: [{ type: 'text', text: 'A', cache_control: { type: 'ephemeral' } }] },
    ] as const
    expect(encode('gpt-5.6', { messages }).body.messages[0].content[0]).toHaveProperty(
      'prompt_cache_breakpoint',
    )
    expect(encode('gpt-4o', { messages }).body.messages[0].content[0]).toEqual({ type: 'text', text: 'A' })
  })
})

describe('tools beside reasoning', () => {
  it.each([
    ['gpt-5.4', {}, undefined],
    ['gpt-5.4', { reasoning_effort: 'low' }, 'none'],
    ['gpt-5.6', {}, 'none'],
    ['gpt-5.6', { reasoning_effort: 'none' }, 'none'],
    ['gpt-5', { reasoning_effort: 'low' }, 'low'],
  ])('%s with %j sends effort %s', (model, request, effort) => {
    expect(encode(model, { tools: [tool], ...request }).body.reasoning_effort).toBe(effort)
  })

  it('tells of the change', () => {
    expect(changed(encode('gpt-5.6', { tools: [tool] }))).toEqual(['reasoning_effort'])
    expect(changed(encode('gpt-5.6', {}))).toEqual([])
  })

  it('is refused where reasoning cannot be turned off', () => {
    expect(errorOf(() => encode('gpt-6-astra', { tools: [tool] }))).toMatchObject({
      code: 'invalid_request',
      path: 'tools',
    })
  })
})

describe("fields of OpenAI's own", () => {
  it('user becomes the safety identifier, hashed when it is long', () => {
    expect(encode('gpt-4o', { user: 'u' }).body).toMatchObject({ safety_identifier: 'u' })
    const long = encode('gpt-4o', { user: 'u'.repeat(65), prompt_cache_key: 'k'.repeat(65) })
    expect(long.body.safety_identifier).toMatch(/^[0-9a-f]{64}$/)
    expect(long.body.prompt_cache_key.length).toBeLessThanOrEqual(64)
    expect(changed(long)).toEqual(['user', 'prompt_cache_key'])
    expect(encode('gpt-4o', { user: 'u'.repeat(65) }).body.safety_identifier).toBe(
      long.body.safety_identifier,
    )
  })

  it('metadata needs store', () => {
    expect(encode('gpt-4o', { metadata: { a: 'b' }, store: true }).body.metadata).toEqual({ a: 'b' })
    const without = encode('gpt-4o', { metadata: { a: 'b' } })
    expect(without.body).not.toHaveProperty('metadata')
    expect(dropped(without)).toEqual(['metadata'])
  })

  it('top_k is none of them, and four stops are the most', () => {
    const encoded = encode('gpt-4o', { top_k: 5, stop: ['a', 'b', 'c', 'd', 'e'] })
    expect(encoded.body.stop).toEqual(['a', 'b', 'c', 'd'])
    expect([...dropped(encoded), ...changed(encoded)]).toEqual(['top_k', 'stop'])
  })

  it("ids of other vendors' calls are cut to 40 characters, calls and results alike", () => {
    const id = `toolu_${'x'.repeat(50)}`
    const { messages } = encode('gpt-4o', {
      messages: [
        {
          role: 'assistant',
          tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: id, content: 'x' },
      ],
    }).body
    expect(messages[0].tool_calls[0].id.length).toBeLessThanOrEqual(40)
    expect(messages[1].tool_call_id).toBe(messages[0].tool_calls[0].id)
  })

  it('asks for usage in streams and takes only wav and mp3', () => {
    expect(encode('gpt-4o', {}, { stream: true }).body.stream_options).toEqual({ include_usage: true })
    const messages = [
      { role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AA==', format: 'ogg' } }] },
    ] as const
    expect(errorOf(() => encode('gpt-4o-audio-preview', { messages })).path).toBe(
      'messages[0].content[0].input_audio.format',
    )
    expect(errorOf(() => encode('gpt-4o', { messages })).path).toBe('messages[0].content[0]')
  })

  it('adds the word JSON where json_object needs it', () => {
    expect(
      encode('gpt-4o', { response_format: { type: 'json_object' } }).warnings.map(({ code }) => code),
    ).toEqual(['content_changed'])
  })
})

describe('strict schemas', () => {
  const loose = { type: 'object', properties: { a: { type: 'string' } } }
  const tight = { ...loose, required: ['a'] }
  const format = (schema: object, strict: boolean): Partial<ChatRequest> => ({
    response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { ...schema }, strict } },
  })

  it('are closed', () => {
    const encoded = encode('gpt-4o', {
      ...format(tight, true),
      tools: [{ type: 'function', function: { name: 'f', parameters: tight, strict: true } }],
    })
    expect(encoded.body.response_format.json_schema).toEqual({
      name: 'n',
      strict: true,
      schema: { ...tight, additionalProperties: false },
    })
    expect(encoded.body.tools[0].function).toMatchObject({
      strict: true,
      parameters: { additionalProperties: false },
    })
    expect(encoded.warnings).toEqual([])
  })

  it('become loose, with the place and the reason, where they cannot be', () => {
    const encoded = encode('gpt-4o', {
      ...format(loose, true),
      tools: [{ type: 'function', function: { name: 'f', parameters: loose, strict: true } }],
    })
    expect(encoded.body.response_format.json_schema).toEqual({ name: 'n', strict: false, schema: loose })
    expect(encoded.body.tools[0].function).toMatchObject({ strict: false, parameters: loose })
    expect(changed(encoded)).toEqual([
      'tools[0].function.parameters.properties.a',
      'response_format.json_schema.schema.properties.a',
    ])
  })

  it('get a name that is taken', () => {
    const response_format = {
      type: 'json_schema',
      json_schema: { name: 'my answer', schema: loose },
    } as const
    expect(encode('gpt-4o', { response_format }).body.response_format.json_schema).toEqual({
      name: 'my_answer',
      schema: loose,
      strict: false,
    })
    const bare = { type: 'json_schema', json_schema: { name: 'n', strict: true } } as const
    expect(encode('gpt-4o', { response_format: bare }).body.response_format.json_schema).toMatchObject({
      strict: false,
    })
  })

  it('are left alone where strictness was not asked for', () => {
    expect(encode('gpt-4o', format(loose, false)).body.response_format.json_schema).toEqual({
      name: 'n',
      strict: false,
      schema: loose,
    })
    expect(
      encode('gpt-4o', { tools: [{ type: 'function', function: { name: 'f', parameters: loose } }] }).body
        .tools[0].function.parameters,
    ).toEqual(loose)
  })

  it('become JSON by instruction on models without schemas', () => {
    const encoded = encode('gpt-4-turbo', format(tight, true))
    expect(encoded.body.response_format).toEqual({ type: 'json_object' })
    expect(encoded.body.messages[0].role).toBe('system')
  })
})

const WIRE_ORDER = [
  'temperature',
  'top_p',
  'stop',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
]
function byWireOrder(a: string, b: string): number {
  return WIRE_ORDER.indexOf(a) - WIRE_ORDER.indexOf(b)
}
