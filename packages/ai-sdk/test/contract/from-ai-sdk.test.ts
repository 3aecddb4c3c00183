/** Models of the AI SDK as adapters of a gateway, and there and back again. */
import type {
  EmbeddingModelV3,
  LanguageModelV3,
  LanguageModelV3Content,
  LanguageModelV3GenerateResult,
  LanguageModelV3StreamPart,
  LanguageModelV3Usage,
} from '@ai-sdk/provider'
import { APICallError, LoadAPIKeyError, NoSuchModelError } from '@ai-sdk/provider'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import {
  checkChunkInvariants,
  createGateway,
  isGatewayError,
  type ChatChunk,
  type ChatMessage,
} from '@turnout/core'
import { openaiEmulator } from '@turnout/testing/emulators'
import { generateText, streamText, wrapLanguageModel } from 'ai'
import { MockEmbeddingModelV3, MockLanguageModelV3, MockProviderV3, simulateReadableStream } from 'ai/test'
import { expect } from 'vitest'
import { createTurnout, fromAiSdk, type AiSdkSource } from '../../src/index.js'
import { scenario } from './scenario.js'

const usage: LanguageModelV3Usage = {
  inputTokens: { total: 20, noCache: 8, cacheRead: 10, cacheWrite: 2 },
  outputTokens: { total: 7, text: 4, reasoning: 3 },
}
const messages: readonly ChatMessage[] = [{ role: 'user', content: 'Hi' }]
const stop = { unified: 'stop', raw: 'end_turn' } as const

const answering = (
  content: LanguageModelV3Content[],
  more: Partial<LanguageModelV3GenerateResult> = {},
): MockLanguageModelV3 =>
  new MockLanguageModelV3({
    provider: 'acme.chat',
    modelId: 'acme-1',
    doGenerate: { content, finishReason: stop, usage, warnings: [], ...more },
  })
const streaming = (chunks: LanguageModelV3StreamPart[]): MockLanguageModelV3 =>
  new MockLanguageModelV3({
    provider: 'acme.chat',
    modelId: 'acme-1',
    doStream: async () => ({ stream: simulateReadableStream({ chunks, chunkDelayInMs: null }) }),
  })
const failing = (error: unknown): MockLanguageModelV3 => {
  const fail = (): never => {
    throw error
  }
  return new MockLanguageModelV3({
    provider: 'acme.chat',
    modelId: 'acme-1',
    doGenerate: fail,
    doStream: fail,
  })
}
const over = (source: AiSdkSource, maxAttempts = 1) =>
  createGateway({ providers: { acme: fromAiSdk(source) }, defaults: { maxAttempts } })
const finish: LanguageModelV3StreamPart = { type: 'finish', finishReason: stop, usage }

async function read(stream: AsyncIterable<ChatChunk>) {
  const chunks: ChatChunk[] = []
  try {
    for await (const chunk of stream) chunks.push(chunk)
    return { chunks, error: undefined }
  } catch (error) {
    return { chunks, error }
  }
}

scenario('fromAiSdk', 'a whole answer', async () => {
  const model = answering([{ type: 'text', text: 'Hello!' }], {
    response: {
      id: 'r-1',
      modelId: 'acme-1-2026',
      timestamp: new Date(5_000),
      headers: { 'x-request-id': 'up-1', 'set-cookie': 'a=b' },
    },
  })
  const gateway = over(model)
  const answer = await gateway.chat({
    model: gateway.model('acme-1'),
    messages,
    temperature: 0.5,
    max_tokens: 9,
  })
  expect(answer).toMatchObject({ id: 'r-1', model: 'acme-1-2026', created: 5 })
  expect(answer.choices[0]).toMatchObject({
    message: { content: 'Hello!' },
    finish_reason: 'stop',
    native_finish_reason: 'end_turn',
  })
  expect(answer.usage).toMatchObject({
    prompt_tokens: 20,
    completion_tokens: 7,
    prompt_tokens_details: { cached_tokens: 10, cache_write_tokens: 2 },
    completion_tokens_details: { reasoning_tokens: 3 },
  })
  expect(answer.gateway.attempts[0]).toMatchObject({ providerRequestId: 'up-1' })
  expect(answer.gateway.attempts[0]?.headers).not.toHaveProperty('set-cookie')
  expect(model.doGenerateCalls[0]).toMatchObject({
    prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    temperature: 0.5,
    maxOutputTokens: 9,
  })
})

scenario('fromAiSdk', 'a stream keeps the chunk invariants', async () => {
  const gateway = over(
    streaming([
      { type: 'stream-start', warnings: [] },
      { type: 'response-metadata', id: 'r-1', modelId: 'acme-1-2026', timestamp: new Date(5_000) },
      { type: 'reasoning-start', id: '0' },
      { type: 'reasoning-delta', id: '0', delta: 'Hm.' },
      { type: 'reasoning-end', id: '0' },
      { type: 'text-start', id: '1' },
      { type: 'text-delta', id: '1', delta: 'Let me ' },
      { type: 'text-delta', id: '1', delta: 'look.' },
      { type: 'text-end', id: '1' },
      { type: 'source', sourceType: 'url', id: 's', url: 'https://a.example/', title: 'A' },
      { type: 'tool-input-start', id: 'c1', toolName: 'weather' },
      { type: 'tool-input-delta', id: 'c1', delta: '{"city":' },
      { type: 'tool-input-delta', id: 'c1', delta: '"Oslo"}' },
      { type: 'tool-input-end', id: 'c1' },
      { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: '{"city":"Oslo"}' },
      { type: 'tool-call', toolCallId: 'c2', toolName: 'now', input: '{}' },
      { type: 'finish', finishReason: { unified: 'tool-calls', raw: 'tool_use' }, usage },
    ]),
  )
  const stream = gateway.stream({ model: gateway.model('acme-1'), messages })
  const { chunks, error } = await read(stream)
  expect(error).toBeUndefined()
  expect(checkChunkInvariants(chunks)).toEqual([])
  const { choices } = await stream.final()
  expect(choices[0]).toMatchObject({
    finish_reason: 'tool_calls',
    message: {
      content: 'Let me look.',
      reasoning_content: 'Hm.',
      tool_calls: [
        { id: 'c1', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
        { id: 'c2', function: { name: 'now', arguments: '{}' } },
      ],
      annotations: [{ type: 'url_citation', url_citation: { url: 'https://a.example/', title: 'A' } }],
    },
  })
})

scenario('fromAiSdk', 'a stream that ends without its finish is stream_interrupted, wherever', async () => {
  const parts: LanguageModelV3StreamPart[] = [
    { type: 'stream-start', warnings: [] },
    { type: 'response-metadata', id: 'r-1' },
    { type: 'text-start', id: '0' },
    { type: 'text-delta', id: '0', delta: 'One ' },
    { type: 'text-delta', id: '0', delta: 'two' },
    { type: 'text-end', id: '0' },
  ]
  const codes: unknown[] = []
  for (const end of [1, 2, 3, 4, 5, 6]) {
    const gateway = over(streaming(parts.slice(0, end)))
    const { error } = await read(gateway.stream({ model: gateway.model('acme-1'), messages }))
    codes.push(isGatewayError(error) && error.code)
  }
  const cut = 'stream_interrupted'
  expect(codes).toEqual(['bad_response', cut, cut, cut, cut, cut])
})

scenario('fromAiSdk', 'errors are classified', async () => {
  const answered = (
    statusCode: number | undefined,
    text = 'no',
    responseHeaders: Record<string, string> = {},
  ) => new APICallError({ message: text, url: 'u', requestBodyValues: {}, statusCode, responseHeaders })
  const cases: readonly (readonly [unknown, string])[] = [
    [answered(401), 'authentication'],
    [answered(404), 'not_found'],
    [answered(429, 'slow down', { 'retry-after': '3' }), 'rate_limited'],
    [answered(429, 'insufficient_quota'), 'quota_exhausted'],
    [answered(400, 'prompt is too long'), 'context_length'],
    [answered(400, 'bad field'), 'invalid_request'],
    [answered(529), 'overloaded'],
    [answered(500), 'upstream_error'],
    [answered(undefined, 'Cannot connect to API'), 'upstream_error'],
    [new TypeError('fetch failed'), 'upstream_error'],
    [new LoadAPIKeyError({ message: 'ACME_API_KEY is missing' }), 'authentication'],
    [new NoSuchModelError({ modelId: 'acme-1', modelType: 'languageModel' }), 'not_found'],
    [new Error('a bug'), 'bad_response'],
  ]
  const seen: unknown[] = []
  for (const [error] of cases) {
    // A gateway each: the second call would wait as long as the first was told to.
    const [one, other] = [over(failing(error)), over(failing(error))]
    const ask = { model: one.model('acme-1'), messages }
    const whole: unknown = await one.chat(ask).catch((thrown: unknown) => thrown)
    const { error: streamed } = await read(other.stream(ask))
    const codes = [whole, streamed].map((each) => isGatewayError(each) && each.code)
    seen.push(codes[0] === codes[1] ? codes[0] : codes)
  }
  expect(seen).toEqual(cases.map(([, code]) => code))
})

scenario('fromAiSdk', 'a model that fails is retried by the gateway, as it says', async () => {
  const limited = new APICallError({
    message: 'slow down',
    url: 'u',
    requestBodyValues: {},
    statusCode: 429,
    responseHeaders: { 'retry-after-ms': '1' },
  })
  let calls = 0
  const model = new MockLanguageModelV3({
    provider: 'acme',
    modelId: 'acme-1',
    doGenerate: async () => {
      calls++
      if (calls === 1) throw limited
      return { content: [{ type: 'text', text: 'Now.' }], finishReason: stop, usage, warnings: [] }
    },
  })
  const gateway = over(model, 3)
  const answer = await gateway.chat({ model: gateway.model('acme-1'), messages })
  expect(answer.choices[0]?.message.content).toBe('Now.')
  expect(answer.gateway.attempts.map(({ kind, error }) => [kind, error?.code])).toEqual([
    ['first', 'rate_limited'],
    ['retry', undefined],
  ])
})

scenario('fromAiSdk', 'messages, tools and formats in its words', async () => {
  const model = answering([{ type: 'text', text: '{}' }])
  const gateway = over(model)
  await gateway.chat({
    model: gateway.model('acme-1'),
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } },
          { type: 'input_audio', input_audio: { data: 'SUQz', format: 'mp3' } },
          { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBE', filename: 'a.pdf' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'no such city', is_error: true },
    ],
    tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
    tool_choice: { type: 'function', function: { name: 'weather' } },
    response_format: { type: 'json_schema', json_schema: { name: 'note', schema: { type: 'object' } } },
    provider_options: { acme: { thinking: true }, other: { x: 1 } },
  })
  expect(model.doGenerateCalls[0]).toMatchObject({
    prompt: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look' },
          { type: 'file', mediaType: 'image/png', data: 'iVBO' },
          { type: 'file', mediaType: 'audio/mpeg', data: 'SUQz' },
          { type: 'file', mediaType: 'application/pdf', data: 'JVBE', filename: 'a.pdf' },
        ],
      },
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Oslo' } }],
      },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: 'c1',
            toolName: 'weather',
            output: { type: 'error-text', value: 'no such city' },
          },
        ],
      },
    ],
    tools: [{ type: 'function', name: 'weather', inputSchema: { type: 'object' } }],
    toolChoice: { type: 'tool', toolName: 'weather' },
    responseFormat: { type: 'json', name: 'note', schema: { type: 'object' } },
    providerOptions: { acme: { thinking: true } },
  })
  expect(model.doGenerateCalls[0]?.providerOptions).not.toHaveProperty('other')
})

scenario('fromAiSdk', 'settings without a name there are dropped with a warning, or refused', async () => {
  const gateway = over(answering([{ type: 'text', text: 'ok' }]))
  const ask = { model: gateway.model('acme-1'), messages, reasoning_effort: 'low' as const, user: 'u' }
  const { gateway: meta } = await gateway.chat(ask)
  expect(meta.warnings.map(({ code, path }) => [code, path])).toEqual([
    ['setting_dropped', 'user'],
    ['setting_dropped', 'reasoning_effort'],
  ])
  await expect(gateway.chat(ask, { unsupported: 'error' })).rejects.toMatchObject({
    code: 'invalid_request',
    path: 'user',
  })
})

scenario(
  'fromAiSdk',
  'an address that the model does not take is refused before anything is sent',
  async () => {
    const model = answering([{ type: 'text', text: 'ok' }])
    const gateway = over(model)
    const url = 'https://a.example/cat.png'
    const ask = gateway.chat({
      model: gateway.model('acme-1'),
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
    })
    await expect(ask).rejects.toMatchObject({
      code: 'invalid_request',
      path: 'messages[0].content[0].image_url.url',
    })
    expect(model.doGenerateCalls).toHaveLength(0)
  },
)

scenario('fromAiSdk', 'what its package notes on parts goes back with the next turn', async () => {
  const noted: LanguageModelV3Content[] = [
    { type: 'reasoning', text: 'Hm.', providerMetadata: { acme: { signature: 'sig-1' } } },
    { type: 'text', text: 'Yes.' },
  ]
  const model = answering(noted)
  const gateway = over(model)
  const id = gateway.model('acme-1')
  const first = await gateway.chat({ model: id, messages })
  const answer = JSON.parse(JSON.stringify(first.choices[0]?.message)) as ChatMessage
  const question: ChatMessage = { role: 'user', content: 'Sure?' }
  await gateway.chat({ model: id, messages: [...messages, answer, question] })
  expect(model.doGenerateCalls[1]?.prompt[1]).toEqual({
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'Hm.', providerOptions: { acme: { signature: 'sig-1' } } },
      { type: 'text', text: 'Yes.' },
    ],
  })
  // A message that was edited since is no longer what was signed.
  const edited = { ...answer, content: 'No.' } as ChatMessage
  const third = await gateway.chat({ model: id, messages: [...messages, edited, question] })
  expect(JSON.stringify(model.doGenerateCalls[2]?.prompt)).not.toContain('sig-1')
  expect(third.gateway.warnings.map(({ code }) => code)).toEqual(['state_dropped'])
})

scenario('fromAiSdk', 'an abort reaches the model, and is not waited for', async () => {
  let seen: AbortSignal | undefined
  const model = new MockLanguageModelV3({
    provider: 'acme',
    modelId: 'acme-1',
    doGenerate: async ({ abortSignal }) => {
      seen = abortSignal
      return new Promise<never>(() => {}) // deaf
    },
  })
  const gateway = over(model)
  const controller = new AbortController()
  const asking = gateway.chat({ model: gateway.model('acme-1'), messages }, { signal: controller.signal })
  const failed = asking.catch((error: unknown) => error)
  await expect.poll(() => seen).toBeDefined()
  controller.abort()
  expect(await failed).toMatchObject({ code: 'aborted', name: 'AbortError' })
  expect(seen?.aborted).toBe(true)
})

scenario('fromAiSdk', 'a provider serves every model id, language and embeddings', async () => {
  const language = answering([{ type: 'text', text: 'Hello!' }])
  const embedding = new MockEmbeddingModelV3({
    provider: 'acme',
    maxEmbeddingsPerCall: 2,
    doEmbed: async ({ values }) => ({
      embeddings: values.map((value) => [value.length, 0]),
      usage: { tokens: values.length },
      warnings: [],
    }),
  })
  const provider = new MockProviderV3({
    languageModels: { 'acme-9': language },
    embeddingModels: { e: embedding },
  })
  const gateway = over(provider)
  const answer = await gateway.chat({ model: gateway.model('acme/acme-9'), messages })
  expect(answer.choices[0]?.message.content).toBe('Hello!')
  const vectors = await gateway.embed({ model: gateway.model('acme/e'), input: ['a', 'bb', 'ccc'] })
  expect(vectors.data.map((each) => each.embedding)).toEqual([
    [1, 0],
    [2, 0],
    [3, 0],
  ])
  expect(vectors.usage.prompt_tokens).toBe(3)
  await expect(gateway.chat({ model: gateway.model('acme/unknown'), messages })).rejects.toMatchObject({
    code: 'not_found',
  })
})

scenario('fromAiSdk', 'models of specifications V2 and V4', async () => {
  const call = async (options: { prompt: unknown }) => ({ options })
  const seen: unknown[] = []
  const make = (specificationVersion: 'v2' | 'v4', finishReason: unknown, counts: unknown) => ({
    specificationVersion,
    provider: 'acme',
    modelId: 'acme-1',
    supportedUrls: {},
    doGenerate: async (options: { prompt: unknown; reasoning?: unknown }) => {
      seen.push((await call(options)).options)
      return {
        content: [{ type: 'text', text: specificationVersion }],
        finishReason,
        usage: counts,
        warnings: [],
      }
    },
    doStream: async () => Promise.reject(new Error('not asked')),
  })
  const png = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } } as const
  const results: unknown[] = []
  for (const model of [
    make('v2', 'stop', { inputTokens: 20, outputTokens: 7, totalTokens: 27, cachedInputTokens: 10 }),
    make('v4', { unified: 'stop', raw: 'stop' }, usage),
  ]) {
    const gateway = over(model)
    const { choices, usage: told } = await gateway.chat({
      model: gateway.model('acme-1'),
      messages: [{ role: 'user', content: [png] }],
      reasoning_effort: 'low',
    })
    results.push([
      choices[0]?.message.content,
      choices[0]?.finish_reason,
      told.prompt_tokens,
      told.total_tokens,
    ])
  }
  expect(results).toEqual([
    ['v2', 'stop', 20, 27],
    ['v4', 'stop', 20, 27],
  ])
  expect(seen[0]).toMatchObject({ prompt: [{ content: [{ data: 'iVBO' }] }] })
  expect(seen[1]).toMatchObject({
    prompt: [{ content: [{ data: { type: 'data', data: 'iVBO' } }] }],
    reasoning: 'low',
  })
})

scenario('fromAiSdk', 'what is no model is refused at once', async () => {
  expect(() => fromAiSdk('acme-1' as never)).toThrow(/fromAiSdk takes a provider/)
  expect(() => fromAiSdk({ specificationVersion: 'v1', doGenerate() {} } as never)).toThrow(
    /specification v1/,
  )
})

scenario('fromAiSdk', 'the real @ai-sdk/openai-compatible over HTTP, failed over to', async (stage) => {
  const server = await stage.emulated(openaiEmulator, {
    replies: ['Over HTTP.', 'Streamed over HTTP.'],
  })
  const acme = createOpenAICompatible({
    name: 'acme',
    baseURL: server.baseURL,
    apiKey: 'k',
    includeUsage: true,
  })
  const down = failing(
    new APICallError({ message: 'down', url: 'u', requestBodyValues: {}, statusCode: 402 }),
  )
  const { gateway } = stage.over({
    providers: { acme: fromAiSdk(acme), down: fromAiSdk(down) },
    routes: { both: ['down/acme-1', 'acme/gpt-4.1-mini'] },
    defaults: { maxAttempts: 2 },
  })
  const answer = await gateway.chat({ model: 'both', messages })
  expect(answer.choices[0]?.message.content).toBe('Over HTTP.')
  expect(answer.gateway.estimated).toBe(false)
  expect(await gateway.stream({ model: 'both', messages }).text()).toBe('Streamed over HTTP.')
})

scenario('fromAiSdk', 'gateway, model, gateway: nothing is lost on the way', async (stage) => {
  const { turnout: inner, mock } = stage.scripted({
    reasoning: 'Hm.',
    text: 'One moment.',
    toolCalls: [{ name: 'weather', arguments: '{ "city": "Oslo" }', id: 'c1' }],
    usage: { inputTokens: 20, outputTokens: 7, cachedTokens: 4, reasoningTokens: 3 },
  })
  const outer = over(inner('mock/acme-1'))
  const ask = { model: outer.model('acme/mock/acme-1'), messages }
  const whole = await outer.chat(ask)
  const streamed = await outer.stream(ask).final()
  for (const { choices, usage: told } of [whole, streamed]) {
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'One moment.',
        reasoning_content: 'Hm.',
        tool_calls: [{ id: 'c1', function: { name: 'weather', arguments: '{ "city": "Oslo" }' } }],
      },
    })
    expect(told).toMatchObject({
      prompt_tokens: 20,
      completion_tokens: 7,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 3 },
    })
  }
  expect(mock.calls).toHaveLength(2)
})

scenario('fromAiSdk', 'an error of the inner gateway keeps its code', async (stage) => {
  const { turnout: inner, mock } = stage.scripted({ error: 'rate_limited', retryAfterMs: 5 })
  const outer = over(inner('mock/acme-1'))
  await expect(outer.chat({ model: outer.model('acme/mock/acme-1'), messages })).rejects.toMatchObject({
    code: 'rate_limited',
    retryAfterMs: 5,
  })
  expect(mock.calls).toHaveLength(1)
})

scenario('fromAiSdk', 'model, gateway, SDK: middleware around it', async () => {
  const model: LanguageModelV3 = answering([{ type: 'text', text: 'Hello!' }])
  const turnout = createTurnout(over(model))
  const wrapped = wrapLanguageModel({
    model: turnout('acme/acme-1'),
    middleware: { specificationVersion: 'v3' },
  })
  expect((await generateText({ model: wrapped, prompt: 'Hi' })).text).toBe('Hello!')
})

scenario('fromAiSdk', 'an embedding model alone', async () => {
  const embedding: EmbeddingModelV3 = new MockEmbeddingModelV3({
    provider: 'acme',
    modelId: 'e',
    doEmbed: { embeddings: [[1, 2]], warnings: [] },
  })
  const gateway = over(embedding)
  const { data } = await gateway.embed({ model: gateway.model('e'), input: 'a' })
  expect(data[0]?.embedding).toEqual([1, 2])
  await expect(gateway.chat({ model: gateway.model('acme/e'), messages })).rejects.toMatchObject({
    code: 'not_found',
  })
})

scenario('fromAiSdk', 'streamText through gateway and model', async () => {
  const turnout = createTurnout(
    over(
      streaming([
        { type: 'stream-start', warnings: [{ type: 'unsupported', feature: 'seed' }] },
        { type: 'text-start', id: '0' },
        { type: 'text-delta', id: '0', delta: 'Hel' },
        { type: 'text-delta', id: '0', delta: 'lo!' },
        { type: 'text-end', id: '0' },
        finish,
      ]),
    ),
  )
  const result = streamText({ model: turnout('acme/acme-1'), prompt: 'Hi' })
  expect(await result.text).toBe('Hello!')
  expect((await result.providerMetadata)?.turnout?.warnings).toMatchObject([
    { code: 'setting_dropped', message: 'seed' },
  ])
})
