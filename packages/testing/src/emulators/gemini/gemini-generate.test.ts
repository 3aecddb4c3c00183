import { ApiError, GoogleGenAI, type FunctionCall } from '@google/genai'
import { afterEach, describe, expect, it } from 'vitest'
import type { Emulator, EmulatorOptions } from '../emulator.js'
import { geminiEmulator } from './gemini-emulator.js'

const running: Emulator[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
})

async function start(options: EmulatorOptions, apiKey = 'key-1') {
  const server = await geminiEmulator(options)
  running.push(server)
  return { server, client: new GoogleGenAI({ apiKey, httpOptions: { baseUrl: server.url } }) }
}

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )
const ask = { model: 'gemini-2.5-flash', contents: 'Weather in Oslo?' }
const tools = [
  {
    functionDeclarations: [
      { name: 'weather', parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } } } },
    ],
  },
]

async function read(
  client: GoogleGenAI,
  request: Parameters<GoogleGenAI['models']['generateContentStream']>[0],
) {
  const chunks = []
  for await (const chunk of await client.models.generateContentStream(request)) chunks.push(chunk)
  return chunks
}

describe('geminiEmulator, driven by the official SDK', () => {
  it('answers whole and streamed with the same text and usage', async () => {
    const { client } = await start({
      replies: {
        text: 'It is raining, ü and 🌧.',
        usage: { inputTokens: 9, outputTokens: 7, cachedTokens: 4 },
      },
    })
    const whole = await client.models.generateContent(ask)
    expect(whole.text).toBe('It is raining, ü and 🌧.')
    expect(whole.candidates?.[0]?.finishReason).toBe('STOP')
    expect(whole.modelVersion).toBe('gemini-2.5-flash')
    const usage = {
      promptTokenCount: 9,
      candidatesTokenCount: 7,
      totalTokenCount: 16,
      cachedContentTokenCount: 4,
    }
    expect(whole.usageMetadata).toMatchObject(usage)

    const chunks = await read(client, ask)
    expect(chunks.map((chunk) => chunk.text).filter(Boolean)).toEqual([
      'It',
      ' is',
      ' raining,',
      ' ü',
      ' and',
      ' 🌧.',
    ])
    expect(chunks.at(-1)?.usageMetadata).toMatchObject(usage)
    expect(chunks.map((chunk) => chunk.candidates?.[0]?.finishReason).filter(Boolean)).toEqual(['STOP'])
    expect(chunks[0]?.usageMetadata).toEqual({
      promptTokenCount: 9,
      totalTokenCount: 9,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 9 }],
    })
  })

  it('sends parallel calls whole, and thoughts only when asked', async () => {
    const { client } = await start({
      replies: {
        reasoning: 'Two cities.',
        toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }, { name: 'now' }],
        usage: { inputTokens: 10, outputTokens: 50, reasoningTokens: 30 },
      },
    })
    const calls: FunctionCall[] = [
      { name: 'weather', args: { city: 'Oslo' } },
      { name: 'now', args: {} },
    ]
    const whole = await client.models.generateContent({ ...ask, config: { tools } })
    expect(whole.functionCalls).toEqual(calls)
    expect(whole.usageMetadata).toMatchObject({
      promptTokenCount: 10,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      totalTokenCount: 60,
    })
    expect(JSON.stringify(whole)).not.toContain('Two cities.')

    const chunks = await read(client, {
      ...ask,
      config: { tools, thinkingConfig: { includeThoughts: true } },
    })
    const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? [])
    expect(parts.filter((part) => part.thought).map((part) => part.text)).toEqual(['Two', ' cities.'])
    expect(parts.flatMap((part) => (part.functionCall ? [part.functionCall] : []))).toEqual(calls)
    expect(chunks.at(-1)?.usageMetadata).toMatchObject({ thoughtsTokenCount: 30, totalTokenCount: 60 })
  })

  it('signs the first call on Gemini 3, wants the signature back, and finds out a wrong one', async () => {
    const { client } = await start({
      replies: [
        {
          toolCalls: [
            { name: 'weather', arguments: { city: 'Oslo' } },
            { name: 'weather', arguments: { city: 'Bergen' } },
          ],
        },
        'Rain.',
      ],
    })
    const asked = { role: 'user', parts: [{ text: 'Weather?' }] }
    const first = await client.models.generateContent({
      model: 'gemini-3-pro',
      contents: [asked],
      config: { tools },
    })
    const parts = first.candidates?.[0]?.content?.parts ?? []
    expect(parts.map((part) => part.thoughtSignature !== undefined)).toEqual([true, false])
    const responses = parts.map(() => ({
      functionResponse: { name: 'weather', response: { result: 'rain' } },
    }))
    const again = (model: object[]) =>
      client.models.generateContent({
        model: 'gemini-3-pro',
        contents: [asked, { role: 'model', parts: model }, { role: 'user', parts: responses }],
        config: { tools },
      })
    expect((await again(parts)).text).toBe('Rain.')
    const bare = parts.map((part) => ({ ...part, thoughtSignature: undefined }))
    await expect(again(bare)).rejects.toThrow('missing a thought_signature')
    await expect(again([{ ...bare[0], thoughtSignature: 'b3RoZXI=' }, bare[1] ?? {}])).rejects.toThrow(
      'not valid',
    )
    await expect(
      again([{ ...bare[0], thoughtSignature: 'skip_thought_signature_validator' }, bare[1] ?? {}]),
    ).resolves.toBeDefined()
  })

  it('signs text on Gemini 3: in a stream on an empty last part', async () => {
    const { client } = await start({ replies: 'Rain.' })
    const last = (await read(client, { ...ask, model: 'gemini-3-pro' })).at(-1)
    expect(last?.candidates?.[0]?.content?.parts).toEqual([
      { text: '', thoughtSignature: expect.any(String) as string },
    ])
  })

  it.each([
    ['invalid_request', 400, 'INVALID_ARGUMENT'],
    ['authentication', 400, 'API_KEY_INVALID'],
    ['permission', 403, 'PERMISSION_DENIED'],
    ['not_found', 404, 'NOT_FOUND'],
    ['rate_limited', 429, 'PerMinute'],
    ['quota_exhausted', 429, 'PerDay'],
    ['context_length', 400, 'exceeds the maximum number of tokens'],
    ['timeout', 504, 'DEADLINE_EXCEEDED'],
    ['overloaded', 503, 'UNAVAILABLE'],
    ['upstream_error', 500, 'INTERNAL'],
  ] as const)('answers %s with the status and words that the SDK reports', async (error, status, words) => {
    const { client } = await start({ replies: { error, message: 'Told so.', retryAfterMs: 34_400 } })
    const failure = await failureOf(client.models.generateContent(ask))
    expect(failure).toBeInstanceOf(ApiError)
    const { message, status: told } = failure as ApiError
    expect(told).toBe(status)
    expect(message).toContain(words)
    expect(message).toContain('Told so.')
    expect(message).toContain('"retryDelay":"34.4s"')
  })

  it('sends an error in a stream as bare JSON', async () => {
    const { client } = await start({
      replies: { text: 'a', errorEvent: { afterChunks: 0, error: 'overloaded' } },
    })
    await expect(read(client, ask)).rejects.toThrow('UNAVAILABLE')
  })

  it('streams a JSON array without alt=sse, and CRLF with it', async () => {
    const { server } = await start({ replies: 'one two' })
    const post = async (query: string) => {
      const response = await fetch(
        `${server.baseURL}/models/gemini-2.5-flash:streamGenerateContent${query}`,
        {
          method: 'POST',
          headers: { 'x-goog-api-key': 'k' },
          body: JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] }),
        },
      )
      return response.text()
    }
    const events = (await post('?alt=sse'))
      .split('\r\n\r\n')
      .filter(Boolean)
      .map((event) => JSON.parse(event.replace('data: ', '')) as object)
    const list = JSON.parse(await post('')) as object[]
    expect(list).toHaveLength(3)
    const strip = (body: object[]) => body.map((entry) => ({ ...entry, responseId: '' }))
    expect(strip(list)).toEqual(strip(events))
  })

  it('refuses missing and wrong keys in its own way', async () => {
    const { server, client } = await start({ apiKeys: ['good'] }, 'bad')
    expect(await failureOf(client.models.generateContent(ask))).toMatchObject({
      status: 400,
      message: expect.stringContaining('API_KEY_INVALID') as string,
    })
    expect((await fetch(`${server.baseURL}/models`)).status).toBe(403)
    expect((await fetch(`${server.baseURL}/models?key=good`)).status).toBe(200)
    expect(JSON.stringify(server.requests.map(({ headers }) => headers))).not.toContain('good')
  })

  it('lists models page by page, counts, embeds, and answers unknown paths with a page', async () => {
    const { server, client } = await start({
      models: ['gemini-2.5-flash', 'gemini-embedding-001', 'gemini-3-pro'],
    })
    const names = []
    for await (const model of await client.models.list({ config: { pageSize: 2 } })) names.push(model.name)
    expect(names).toEqual(['models/gemini-2.5-flash', 'models/gemini-embedding-001', 'models/gemini-3-pro'])
    expect((await client.models.countTokens(ask)).totalTokens).toBeGreaterThan(0)
    const embedded = await client.models.embedContent({
      model: 'gemini-embedding-001',
      contents: ['one', 'two'],
      config: { outputDimensionality: 8 },
    })
    expect(embedded.embeddings?.map(({ values }) => values?.length)).toEqual([8, 8])
    await expect(client.models.generateContent({ ...ask, model: 'gemini-9' })).rejects.toThrow(
      'models/gemini-9 is not found',
    )
    const lost = await fetch(`${server.url}/v1/nothing`, { headers: { 'x-goog-api-key': 'k' } })
    expect([lost.status, lost.headers.get('content-type')]).toEqual([404, 'text/html; charset=UTF-8'])
  })
})
