import { describe, expect, it } from 'vitest'
import type { ChatRequest, ProtocolContext, UserPart } from '@turnout/core/adapter'
import { chatRequest, protocolContext } from '../../test/protocol-context.js'
import { encodeRequest, type GenerateContentOptions } from './encode-request.js'
import type { GenerateContentRequest } from './wire-types.js'

function encode(
  fields: Partial<ChatRequest>,
  given: Partial<ProtocolContext> = {},
  options: GenerateContentOptions = {},
) {
  const context = protocolContext(given)
  const { path, body } = encodeRequest(chatRequest(fields), context, options)
  return {
    path,
    body: body as GenerateContentRequest & Record<string, unknown>,
    warned: context.warnings.map(({ code, path: at }) => `${code} ${at}`),
  }
}

describe('path', () => {
  it.each([
    ['gemini-2.5-flash', false, '/models/gemini-2.5-flash:generateContent'],
    ['models/gemini-2.5-flash', true, '/models/gemini-2.5-flash:streamGenerateContent?alt=sse'],
    ['tunedModels/my-model', false, '/tunedModels/my-model:generateContent'],
  ])('%s, stream %s', (model, stream, path) => {
    expect(encode({}, { model, stream }).path).toBe(path)
  })

  it.each(['../files', 'a/../b', 'a?b', 'a:b', 'a b', '', '/a', 'a/', 'a#b', 'a%2f'])(
    'refuses the model id "%s"',
    (model) => {
      expect(() => encode({}, { model })).toThrow(
        expect.objectContaining({ code: 'invalid_request', path: 'model' }),
      )
    },
  )
})

describe('tools', () => {
  const parameters = { type: 'object', properties: { q: { type: 'string' } } }
  const weather = {
    type: 'function' as const,
    function: { name: 'weather', description: 'Tells it.', parameters },
  }

  it('declares them', () => {
    const { body, warned } = encode({
      tools: [
        weather,
        { type: 'function', function: { name: 'now', parameters: { type: 'object', properties: {} } } },
      ],
    })
    expect(body.tools).toEqual([
      {
        functionDeclarations: [
          { name: 'weather', description: 'Tells it.', parametersJsonSchema: parameters },
          { name: 'now' },
        ],
      },
    ])
    expect(body.toolConfig).toBeUndefined()
    expect(warned).toEqual([])
  })

  it.each([
    ['auto', undefined],
    ['none', { functionCallingConfig: { mode: 'NONE' } }],
    ['required', { functionCallingConfig: { mode: 'ANY' } }],
  ] as const)('tool_choice %s', (tool_choice, toolConfig) => {
    expect(encode({ tools: [weather], tool_choice }).body.toolConfig).toEqual(toolConfig)
    expect(encode({ tool_choice }).body.toolConfig).toBeUndefined()
  })

  it('tells what Gemini has no word for', () => {
    const strict = {
      type: 'function' as const,
      function: {
        name: 'f',
        strict: true,
        parameters: { properties: { a: { type: 'string', pattern: 'x' } } },
      },
    }
    const { body, warned } = encode({ tools: [strict], parallel_tool_calls: false })
    expect(body.tools).toEqual([
      {
        functionDeclarations: [
          { name: 'f', parametersJsonSchema: { type: 'object', properties: { a: { type: 'string' } } } },
        ],
      },
    ])
    expect(warned).toEqual([
      'setting_dropped parallel_tool_calls',
      'setting_dropped tools[0].function.strict',
      'setting_changed tools[0].function.parameters',
    ])
  })

  it('refuses them where the model calls none', () => {
    expect(() => encode({ tools: [weather] }, { model: 'gemini-2.5-flash-image' })).toThrow(
      expect.objectContaining({ path: 'tools' }),
    )
  })
})

describe('other fields', () => {
  it('are not sent where the API would refuse them', () => {
    const { body, warned } = encode({
      user: 'u',
      metadata: { a: 'b' },
      verbosity: 'low',
      logit_bias: { 1: 2 },
      prompt_cache_key: 'k',
      service_tier: 'scale',
      stream: true,
      stream_options: { include_usage: true },
    })
    expect(Object.keys(body)).toEqual(['contents'])
    expect(warned).toEqual(
      ['service_tier', 'metadata', 'user', 'verbosity', 'logit_bias', 'prompt_cache_key'].map(
        (path) => `setting_dropped ${path}`,
      ),
    )
  })

  it('are translated', () => {
    expect(encode({ service_tier: 'default', store: false }).body).toMatchObject({
      serviceTier: 'standard',
      store: false,
    })
    expect(encode({ service_tier: 'auto' }).body.serviceTier).toBeUndefined()
  })

  it('become labels on Vertex', () => {
    const { body, warned } = encode({ metadata: { team: 'x' }, store: true }, {}, { vertex: true })
    expect(body).toMatchObject({ labels: { team: 'x' } })
    expect(body.store).toBeUndefined()
    expect(warned).toEqual([])
  })

  it('do not change the request', () => {
    const freeze = <Value>(value: Value): Value => {
      if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze)
      return value
    }
    const request = freeze(
      chatRequest({
        tools: [
          {
            type: 'function',
            function: { name: 'f', parameters: { type: 'object', properties: { a: { const: 1 } } } },
          },
        ],
        provider_options: { gemini: { generationConfig: { topK: 1 }, tools: [{}] } },
        temperature: 1,
        stop: ['a'],
      }),
    )
    expect(() => encodeRequest(request, protocolContext(), {})).not.toThrow()
  })
})

describe('provider_options', () => {
  it('win, field by field in generationConfig, and add to the tools', () => {
    const { body } = encode({
      temperature: 1,
      max_tokens: 5,
      tools: [{ type: 'function', function: { name: 'f' } }],
      provider_options: {
        gemini: {
          generationConfig: { temperature: 0, mediaResolution: 'MEDIA_RESOLUTION_LOW' },
          tools: [{ googleSearch: {} }],
          safetySettings: [],
        },
        openai: { never: 'sent' },
      },
    })
    expect(body.generationConfig).toEqual({
      temperature: 0,
      maxOutputTokens: 5,
      mediaResolution: 'MEDIA_RESOLUTION_LOW',
    })
    expect(body.tools).toEqual([{ functionDeclarations: [{ name: 'f' }] }, { googleSearch: {} }])
    expect(body.safetySettings).toEqual([])
    expect(body).not.toHaveProperty('never')
  })

  it('with cachedContent leave out what is in it', () => {
    const { body, warned } = encode({
      messages: [
        { role: 'system', content: 's' },
        { role: 'user', content: 'u' },
      ],
      tools: [{ type: 'function', function: { name: 'f' } }],
      tool_choice: 'required',
      provider_options: { gemini: { cachedContent: 'cachedContents/abc' } },
    })
    expect(Object.keys(body)).toEqual(['contents', 'cachedContent'])
    expect(warned).toHaveLength(3)
  })

  it('cannot change prototypes', () => {
    const gemini = JSON.parse('{"__proto__":{"polluted":1},"x":1}') as Record<string, never>
    const { body } = encode({ provider_options: { gemini } })
    expect(Object.getPrototypeOf(body)).toBe(Object.prototype)
    expect(body.x).toBe(1)
  })
})

describe('content parts', () => {
  const encodeOne = (part: object, given: Partial<ProtocolContext> = {}) => {
    const got = encode({ messages: [{ role: 'user', content: [part as UserPart] }] }, given)
    return { part: got.body.contents[0]?.parts?.[0], warned: got.warned }
  }

  it.each<[string, object, object]>([
    [
      'inline image',
      { type: 'image_url', image_url: { url: 'data:image/webp;base64,QUJD', detail: 'auto' } },
      { inlineData: { mimeType: 'image/webp', data: 'QUJD' } },
    ],
    [
      'image URL',
      { type: 'image_url', image_url: { url: 'https://x.example/a.png?sig=1' } },
      { fileData: { mimeType: 'image/png', fileUri: 'https://x.example/a.png?sig=1' } },
    ],
    [
      'image in Cloud Storage',
      { type: 'image_url', image_url: { url: 'gs://bucket/a.jpg' } },
      { fileData: { mimeType: 'image/jpeg', fileUri: 'gs://bucket/a.jpg' } },
    ],
    [
      'audio',
      { type: 'input_audio', input_audio: { data: 'QUJD', format: 'mp3' } },
      { inlineData: { mimeType: 'audio/mp3', data: 'QUJD' } },
    ],
    [
      'pdf',
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,QUJD' } },
      { inlineData: { mimeType: 'application/pdf', data: 'QUJD' } },
    ],
    [
      'bare base64',
      { type: 'file', file: { filename: 'a.pdf', file_data: 'QUJD' } },
      { inlineData: { mimeType: 'application/pdf', data: 'QUJD' } },
    ],
    [
      'file URL',
      { type: 'file', file: { file_url: 'https://x.example/a.pdf' } },
      { fileData: { mimeType: 'application/pdf', fileUri: 'https://x.example/a.pdf' } },
    ],
    [
      'uploaded file',
      { type: 'file', file: { file_id: 'files/abc', filename: 'a.mp4' } },
      {
        fileData: {
          mimeType: 'video/mp4',
          fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc',
        },
      },
    ],
  ])('%s', (_name, part, wire) => {
    expect(encodeOne(part)).toEqual({ part: wire, warned: [] })
  })

  it('warns about a guessed type and a resolution that cannot be set', () => {
    const { part, warned } = encodeOne({
      type: 'image_url',
      image_url: { url: 'https://x.example/image', detail: 'high' },
    })
    expect(part).toEqual({ fileData: { mimeType: 'image/jpeg', fileUri: 'https://x.example/image' } })
    expect(warned).toEqual([
      'setting_dropped messages[0].content[0].image_url.detail',
      'content_changed messages[0].content[0].image_url.url',
    ])
  })

  it.each<[string, object, Partial<ProtocolContext>, string]>([
    [
      'a URL where the model fetches none',
      { type: 'image_url', image_url: { url: 'https://x.example/a.png' } },
      { model: 'gemini-2.0-flash' },
      'messages[0].content[0].image_url.url',
    ],
    [
      'a file without a type',
      { type: 'file', file: { file_data: 'QUJD' } },
      {},
      'messages[0].content[0].file.filename',
    ],
    [
      'a file without content',
      { type: 'file', file: { filename: 'a.pdf' } },
      {},
      'messages[0].content[0].file',
    ],
    ['an unknown part', { type: 'hologram' }, {}, 'messages[0].content[0]'],
  ])('refuses %s', (_name, part, given, path) => {
    expect(() => encodeOne(part, given)).toThrow(expect.objectContaining({ code: 'invalid_request', path }))
  })
})
