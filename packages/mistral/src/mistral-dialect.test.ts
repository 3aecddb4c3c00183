import type { ChatRequest } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import {
  answerWith,
  contextFor,
  encodeWith,
  errorOf,
  fold,
  readStream,
  sse,
  type Encoded,
} from '../../openai-compatible/test/chat-support.js'
import { mistralProtocol } from './mistral-protocol.js'
import { modelRules } from './models.js'

const protocol = mistralProtocol(modelRules)
const LARGE = 'mistral-large-latest'

function encode(request: Partial<ChatRequest>, model = LARGE, facts: object = {}): Encoded {
  return encodeWith(protocol, request, { adapter: 'mistral', model, ...facts })
}

const paths = ({ warnings }: Encoded): readonly unknown[] => warnings.map(({ code, path }) => [code, path])
const tools = [
  {
    type: 'function',
    function: { name: 'f', parameters: { type: 'object', properties: {} }, strict: true },
  },
] as const

describe('settings', () => {
  it('are those that Mistral knows, under its names', () => {
    const encoded = encode({
      ...{ temperature: 0.5, top_p: 0.9, max_tokens: 50, stop: ['x'], seed: 7, n: 2 },
      ...{ presence_penalty: 1, frequency_penalty: 1, prompt_cache_key: 'k', service_tier: 'auto' },
      ...{ metadata: { a: 'b' }, tools, tool_choice: 'required', parallel_tool_calls: false },
    })
    const { model, messages: _messages, ...settings } = encoded.body
    expect(settings).toEqual({
      ...{ temperature: 0.5, top_p: 0.9, max_tokens: 50, stop: ['x'], random_seed: 7, n: 2 },
      ...{ presence_penalty: 1, frequency_penalty: 1, prompt_cache_key: 'k', service_tier: 'auto' },
      ...{ metadata: { a: 'b' }, tools, tool_choice: 'required', parallel_tool_calls: false },
    })
    expect(model).toBe(LARGE)
    expect(encoded.warnings).toEqual([])
  })

  it.each<[keyof ChatRequest, unknown]>([
    ['top_k', 5],
    ['logit_bias', { 5: 1 }],
    ['logprobs', true],
    ['top_logprobs', 2],
    ['verbosity', 'low'],
    ['store', true],
    ['user', 'u'],
  ])('%s is dropped, or refused by policy', (name, value) => {
    const encoded = encode({ [name]: value })
    expect(Object.keys(encoded.body)).toEqual(['model', 'messages'])
    expect(paths(encoded)).toEqual([['setting_dropped', name]])
    const error = errorOf(() => encode({ [name]: value }, LARGE, { unsupported: 'error' }))
    expect(error).toMatchObject({ code: 'invalid_request', path: name })
  })

  it.each([
    [{ temperature: 2 }, { temperature: 1.5 }, 'temperature'],
    [{ temperature: 1.5 }, { temperature: 1.5 }, undefined],
    [{ seed: -3 }, { random_seed: 0 }, 'seed'],
  ])('%j is sent as %j', (request, sent, path) => {
    const encoded = encode(request)
    expect(encoded.body).toMatchObject(sent)
    expect(paths(encoded)).toEqual(path === undefined ? [] : [['setting_changed', path]])
  })

  it('asks for no usage in a stream: it comes by itself, and the field is refused', () => {
    const { body } = encode({}, LARGE, { stream: true })
    expect(body.stream).toBe(true)
    expect(body).not.toHaveProperty('stream_options')
  })

  it('merges provider_options last', () => {
    const provider_options = { mistral: { safe_prompt: true, temperature: 1 } }
    expect(encode({ temperature: 0.1, provider_options }).body).toMatchObject({
      safe_prompt: true,
      temperature: 1,
    })
  })
})

describe('reasoning', () => {
  it.each([
    ['mistral-small-latest', 'high', { reasoning_effort: 'high' }, []],
    ['mistral-small-latest', 'none', { reasoning_effort: 'none' }, []],
    ['mistral-small-latest', 'low', { reasoning_effort: 'high' }, ['setting_changed']],
    ['magistral-medium-latest', 'low', { prompt_mode: 'reasoning' }, ['setting_dropped']],
    ['magistral-medium-latest', 'none', {}, ['setting_dropped']],
    [LARGE, 'high', {}, ['setting_dropped']],
    [LARGE, 'none', {}, []],
    ['tomorrow-1', 'high', { reasoning_effort: 'high' }, []],
  ])('%s asked for %s is sent %j', (model, reasoning_effort, sent, warned) => {
    const encoded = encode({ reasoning_effort }, model)
    const { model: _model, messages: _messages, ...settings } = encoded.body
    expect(settings).toEqual(sent)
    expect(encoded.warnings.map(({ code }) => code)).toEqual(warned)
  })

  const messages = [
    { role: 'user', content: 'A' },
    { role: 'assistant', content: 'B', reasoning_content: 'why' },
    { role: 'user', content: 'C' },
  ] as const

  it.each([
    ['magistral-medium-latest', true],
    ['mistral-small-latest', true],
    [LARGE, false],
    ['tomorrow-1', false],
  ])('goes back to %s as thinking: %s', (model, sent) => {
    const { content } = encode({ messages }, model).body.messages[1]
    expect(content).toEqual(
      sent
        ? [
            { type: 'thinking', thinking: [{ type: 'text', text: 'why' }], closed: true },
            { type: 'text', text: 'B' },
          ]
        : 'B',
    )
  })
})

describe('messages', () => {
  it('map ids of other vendors to nine letters and digits, calls and results alike, and name the tool', () => {
    const ids = ['call_abc123', 'functions.look:0', '', 'g6fVbXS8K', 'toolu_01AbCdEf']
    const messages = ids.flatMap((id) => [
      { role: 'user', content: 'Go' } as const,
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id, type: 'function', function: { name: 'look.up', arguments: '' } }],
      } as const,
      { role: 'tool', tool_call_id: id, content: 'ok' } as const,
      { role: 'assistant', content: 'Done' } as const,
    ])
    const sent: any[] = encode({ messages: [...messages, { role: 'user', content: 'So?' }] }).body.messages
    const calls = sent.flatMap(({ tool_calls: made }) => made ?? [])
    const results = sent.filter(({ role }) => role === 'tool')
    expect(calls.map(({ id }) => id)).toEqual(results.map((result) => result.tool_call_id))
    expect(calls.every(({ id }) => /^[A-Za-z0-9]{9}$/.test(id))).toBe(true)
    expect(calls[3]?.id).toBe('g6fVbXS8K')
    expect(new Set(calls.map(({ id }) => id)).size).toBe(ids.length)
    expect(calls[0]?.function).toEqual({ name: 'look_up', arguments: '{}' })
    expect(results.map(({ name }) => name)).toEqual(ids.map(() => 'look_up'))
  })

  it('put an answer behind media that came out of a tool result', () => {
    const image_url = { url: 'data:image/png;base64,AA==' }
    const { body } = encode({
      messages: [
        { role: 'user', content: 'Go' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'g6fVbXS8K', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'g6fVbXS8K', content: [{ type: 'image_url', image_url }] },
      ],
    })
    expect(body.messages.map(({ role }: { role: string }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'assistant',
      'user',
    ])
  })

  it('carry neither names nor cache marks', () => {
    const cache_control = { type: 'ephemeral' } as const
    const encoded = encode({
      messages: [
        { role: 'developer', content: 'A', cache_control },
        { role: 'user', content: [{ type: 'text', text: 'B', cache_control }], name: 'ann' },
      ],
    })
    expect(encoded.body.messages).toEqual([
      { role: 'system', content: 'A' },
      { role: 'user', content: 'B' },
    ])
    expect(paths(encoded)).toEqual([['setting_dropped', 'messages[1].name']])
  })

  it.each([
    [{ type: 'image_url', image_url: { url: 'https://a.example/i.png', detail: 'low' } }, undefined],
    [
      { type: 'file', file: { file_url: 'https://a.example/f.pdf' } },
      { type: 'document_url', document_url: 'https://a.example/f.pdf' },
    ],
    [
      { type: 'file', file: { file_data: 'data:application/pdf;base64,AA==', filename: 'f.pdf' } },
      { type: 'document_url', document_url: 'data:application/pdf;base64,AA==', document_name: 'f.pdf' },
    ],
    [
      { type: 'file', file: { file_id: 'u-1' } },
      { type: 'file', file_id: 'u-1' },
    ],
  ] as const)('carry %j', (part, wire) => {
    const { body } = encode({ messages: [{ role: 'user', content: [part] }] })
    expect(body.messages[0].content).toEqual([wire ?? part])
  })

  it('carry audio as bare base64, to models that hear', () => {
    const part = { type: 'input_audio', input_audio: { data: 'AA==', format: 'mp3' } } as const
    const messages = [{ role: 'user', content: [part] }] as const
    expect(encode({ messages }, 'voxtral-small-latest').body.messages[0].content).toEqual([
      { type: 'input_audio', input_audio: 'AA==' },
    ])
    expect(errorOf(() => encode({ messages }))).toMatchObject({
      code: 'invalid_request',
      path: 'messages[0].content[0]',
    })
  })
})

describe('response_format', () => {
  it('has the fields of a schema that Mistral knows, the schema always', () => {
    const json_schema = { name: 'a', strict: null, extra: 1 }
    expect(encode({ response_format: { type: 'json_schema', json_schema } }).body.response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'a', schema: {} },
    })
    const full = { name: 'a', description: 'd', schema: { type: 'object' }, strict: true }
    expect(
      encode({ response_format: { type: 'json_schema', json_schema: full } }).body.response_format,
    ).toEqual({ type: 'json_schema', json_schema: full })
  })

  it('asks for JSON in words too', () => {
    const encoded = encode({ response_format: { type: 'json_object' } })
    expect(encoded.body.response_format).toEqual({ type: 'json_object' })
    expect(encoded.body.messages[0]).toMatchObject({ role: 'system', content: /JSON/ })
  })
})

describe('an answer that continues a message', () => {
  const request = {
    messages: [
      { role: 'user', content: 'A story' },
      { role: 'assistant', content: 'Once upon' },
    ],
  } as const
  const context = () => contextFor(request, { model: LARGE })
  const head = { id: 'a', created: 1, model: 'm' }

  it('is asked for and read without the message', () => {
    expect(encode(request).body.messages[1]).toEqual({
      role: 'assistant',
      content: 'Once upon',
      prefix: true,
    })
    const body = {
      ...head,
      choices: [{ index: 0, message: { content: 'Once upon a time' }, finish_reason: 'stop' }],
    }
    expect(fold(protocol.decode(body, context())).choices[0]?.message.content).toBe(' a time')
  })

  it('is read so in a stream too', () => {
    const events = ['Once', ' upon a', ' time'].map((content, i) => ({
      ...head,
      choices: [{ index: 0, delta: { content }, finish_reason: i === 2 ? 'stop' : null }],
    }))
    const { chunks, error } = readStream(protocol, [Buffer.from(sse(...events, '[DONE]'))], context())
    expect(error).toBeUndefined()
    expect(fold(chunks).choices[0]?.message.content).toBe(' a time')
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: ' a' })
  })
})

describe('a field that was refused', () => {
  it.each([
    ['random_seed', 'seed'],
    ['reasoning_effort', 'reasoning_effort'],
  ])('%s is the setting %s', (field, setting) => {
    const body = { detail: [{ type: 'extra_forbidden', loc: ['body', field], msg: 'Extra inputs' }] }
    expect(protocol.decodeError(answerWith(422, body)).unsupportedSetting).toBe(setting)
  })
})

describe('audio', () => {
  it('is counted where the prompt leaves it out', () => {
    const usage = { prompt_tokens: 9, completion_tokens: 248, total_tokens: 632, prompt_audio_seconds: 30 }
    const body = {
      id: 'a',
      choices: [{ index: 0, message: { content: 'A' }, finish_reason: 'stop' }],
      usage,
    }
    expect(fold(protocol.decode(body, contextFor())).usage).toMatchObject({
      prompt_tokens: 384,
      completion_tokens: 248,
      total_tokens: 632,
      prompt_tokens_details: { audio_tokens: 375 },
    })
  })
})
