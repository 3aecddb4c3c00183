import OpenAI, {
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import type { Emulator, EmulatorOptions, EmulatorReply } from '../emulator.js'
import { openaiEmulator } from './openai-emulator.js'

const running: Emulator[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
})

async function start(options: EmulatorOptions, apiKey = 'key-1') {
  const server = await openaiEmulator(options)
  running.push(server)
  return { server, client: new OpenAI({ baseURL: server.baseURL, apiKey, maxRetries: 0 }) }
}

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

const ask = (model = 'gpt-4.1') => ({
  model,
  messages: [{ role: 'user' as const, content: 'What is the weather in Oslo?' }],
})
const weather = {
  type: 'function' as const,
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
}

const toolReply: EmulatorReply = {
  text: 'Let me look.',
  toolCalls: [
    { name: 'weather', arguments: { city: 'Oslo' } },
    { name: 'weather', arguments: { city: 'Bergen' } },
  ],
  usage: { inputTokens: 90, outputTokens: 17, cachedTokens: 64, cacheWriteTokens: 8, reasoningTokens: 5 },
}

describe('openaiEmulator, driven by the official SDK', () => {
  it('answers whole and streamed with the same text and usage', async () => {
    const { client } = await start({
      replies: { text: 'It is raining, ü and 🌧.', usage: { inputTokens: 9, outputTokens: 7 } },
    })
    const whole = await client.chat.completions.create(ask())
    expect(whole.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: 'It is raining, ü and 🌧.', refusal: null },
    })
    expect(whole.usage).toMatchObject({ prompt_tokens: 9, completion_tokens: 7, total_tokens: 16 })
    expect(whole.model).toBe('gpt-4.1')
    expect(whole.id).toMatch(/^chatcmpl-[A-Za-z0-9]{29}$/)

    const stream = client.chat.completions.stream({ ...ask(), stream_options: { include_usage: true } })
    const deltas: string[] = []
    stream.on('content', (delta) => deltas.push(delta))
    const final = await stream.finalChatCompletion()
    expect(deltas).toEqual(['It', ' is', ' raining,', ' ü', ' and', ' 🌧.'])
    expect(final.choices[0]?.message.content).toBe('It is raining, ü and 🌧.')
    expect(final.usage).toEqual(whole.usage)
  })

  it('sends parallel tool calls, streamed in fragments', async () => {
    const { client } = await start({ replies: toolReply })
    const whole = await client.chat.completions.create({ ...ask(), tools: [weather] })
    const calls = whole.choices[0]?.message.tool_calls
    expect(whole.choices[0]?.finish_reason).toBe('tool_calls')
    expect(calls).toMatchObject([
      { type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
      { type: 'function', function: { name: 'weather', arguments: '{"city":"Bergen"}' } },
    ])
    expect(new Set(calls?.map(({ id }) => id)).size).toBe(2)
    expect(whole.usage).toMatchObject({
      prompt_tokens: 90,
      completion_tokens: 17,
      total_tokens: 107,
      prompt_tokens_details: { cached_tokens: 64, cache_write_tokens: 8 },
      completion_tokens_details: { reasoning_tokens: 5 },
    })

    const stream = client.chat.completions.stream({
      ...ask(),
      tools: [weather],
      stream_options: { include_usage: true },
    })
    const fragments: string[] = []
    stream.on('chunk', (chunk) => {
      for (const call of chunk.choices[0]?.delta.tool_calls ?? [])
        fragments.push(`${call.index}:${call.function?.name ?? ''}${call.function?.arguments ?? ''}`)
    })
    const final = await stream.finalChatCompletion()
    expect(fragments).toEqual([
      '0:weather',
      '0:{"city":"Osl',
      '0:o"}',
      '1:weather',
      '1:{"city":"Ber',
      '1:gen"}',
    ])
    expect(final.choices[0]?.message.tool_calls).toMatchObject(
      (calls ?? []).map((call) => ({
        type: 'function',
        function: 'function' in call ? call.function : undefined,
      })),
    )
    expect(final.usage).toEqual(whole.usage)
  })

  it('gives usage in a stream only when asked to, on a chunk without choices', async () => {
    const { client } = await start({ replies: 'Hi' })
    const read = async (options?: { include_usage: boolean }) => {
      const chunks = []
      for await (const chunk of await client.chat.completions.create({
        ...ask(),
        stream: true,
        stream_options: options,
      }))
        chunks.push(chunk)
      return chunks
    }
    const silent = await read()
    expect(silent.every((chunk) => !('usage' in chunk))).toBe(true)
    const counted = await read({ include_usage: true })
    expect(counted.slice(0, -1).every((chunk) => chunk.usage === null && chunk.choices.length === 1)).toBe(
      true,
    )
    expect(counted.at(-1)).toMatchObject({
      choices: [],
      usage: { total_tokens: expect.any(Number) as number },
    })
  })

  it('keeps several choices, logprobs and refusals', async () => {
    const { client } = await start({ replies: ['Yes', { refusal: 'I cannot help with that.' }] })
    const two = await client.chat.completions.create({ ...ask(), n: 2, logprobs: true })
    expect(two.choices.map(({ index, message }) => [index, message.content])).toEqual([
      [0, 'Yes'],
      [1, 'Yes'],
    ])
    expect(two.choices[1]?.logprobs?.content).toMatchObject([{ token: 'Yes', logprob: -0.125 }])
    const refused = await client.chat.completions.create(ask())
    expect(refused.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: null, refusal: 'I cannot help with that.' },
    })
  })

  it('says stop to a forced tool call, as the vendor does', async () => {
    const { client } = await start({ replies: toolReply })
    const choice = { type: 'function' as const, function: { name: 'weather' } }
    const finish = async (tool_choice: 'required' | typeof choice) =>
      (await client.chat.completions.create({ ...ask(), tools: [weather], tool_choice })).choices[0]
        ?.finish_reason
    expect([await finish('required'), await finish(choice)]).toEqual(['tool_calls', 'stop'])
  })

  it('counts reasoning but never shows it', async () => {
    const { client } = await start({ replies: { reasoning: 'x'.repeat(40), text: 'Done' } })
    const answer = await client.chat.completions.create(ask('gpt-5'))
    expect(answer.usage?.completion_tokens_details?.reasoning_tokens).toBe(10)
    expect(JSON.stringify(answer)).not.toContain('xxxx')
  })

  it.each([
    ['invalid_request', BadRequestError, 400, null],
    ['authentication', AuthenticationError, 401, 'invalid_api_key'],
    ['permission', PermissionDeniedError, 403, 'unsupported_country_region_territory'],
    ['not_found', NotFoundError, 404, 'model_not_found'],
    ['rate_limited', RateLimitError, 429, 'rate_limit_exceeded'],
    ['quota_exhausted', RateLimitError, 429, 'insufficient_quota'],
    ['context_length', BadRequestError, 400, 'context_length_exceeded'],
    ['content_filtered', BadRequestError, 400, 'content_policy_violation'],
    ['overloaded', InternalServerError, 503, 'server_is_overloaded'],
    ['upstream_error', InternalServerError, 500, null],
  ] as const)(
    'answers %s with the class, status and code that the SDK knows',
    async (error, type, status, code) => {
      const { client } = await start({ replies: { error, message: 'Told so.' } })
      const failure = await failureOf(client.chat.completions.create(ask()))
      expect(failure).toBeInstanceOf(type)
      expect(failure).toMatchObject({ status, code, message: expect.stringContaining('Told so.') as string })
    },
  )

  it('tells the wait of a rate limit in every header the SDK reads', async () => {
    const { client } = await start({
      replies: { error: 'rate_limited', retryAfterMs: 73_588, headers: { 'x-extra': 'yes' } },
    })
    const failure = await failureOf(client.chat.completions.create(ask()))
    const { headers } = failure as { headers: Headers }
    expect(Object.fromEntries(headers)).toMatchObject({
      'retry-after': '74',
      'retry-after-ms': '73588',
      'x-ratelimit-reset-requests': '1m13.588s',
      'x-extra': 'yes',
    })
  })

  it('refuses missing and unknown keys', async () => {
    const { server } = await start({ apiKeys: ['good'] })
    const wrong = new OpenAI({ baseURL: server.baseURL, apiKey: 'bad-key', maxRetries: 0 })
    await expect(wrong.models.list()).rejects.toBeInstanceOf(AuthenticationError)
    const missing = await fetch(`${server.baseURL}/models`)
    expect(missing.status).toBe(401)
    expect(await missing.json()).toMatchObject({ error: { code: null, type: 'invalid_request_error' } })
    await expect(new OpenAI({ baseURL: server.baseURL, apiKey: 'good' }).models.list()).resolves.toBeDefined()
  })

  it('lists models, refuses others, and answers unknown paths in its own shape', async () => {
    const { server, client } = await start({ models: ['gpt-4.1'] })
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['gpt-4.1'])
    expect(await client.models.retrieve('gpt-4.1')).toMatchObject({ id: 'gpt-4.1', object: 'model' })
    await expect(client.models.retrieve('gpt-99')).rejects.toBeInstanceOf(NotFoundError)
    await expect(client.chat.completions.create(ask('gpt-99'))).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    })
    const lost = await fetch(`${server.url}/v2/chat`, {
      method: 'POST',
      headers: { authorization: 'Bearer k' },
    })
    expect(lost.status).toBe(404)
    expect(await lost.json()).toMatchObject({ error: { message: 'Invalid URL (POST /v2/chat)' } })
  })

  it('embeds deterministically, in both encodings', async () => {
    const { client } = await start({})
    const input = { model: 'text-embedding-3-small', input: ['one', 'two'], dimensions: 8 }
    const plain = await client.embeddings.create({ ...input, encoding_format: 'float' })
    const packed = await client.embeddings.create(input)
    expect(plain.data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, 8],
      [1, 8],
    ])
    expect(packed.data.map(({ embedding }) => [...embedding])).toEqual(
      plain.data.map(({ embedding }) => embedding),
    )
    expect(plain.data[0]?.embedding).not.toEqual(plain.data[1]?.embedding)
    expect(plain.usage).toEqual({ prompt_tokens: 2, total_tokens: 2 })
  })

  it('records what was sent, without the credential in plain sight', async () => {
    const { server, client } = await start({}, 'key-secret-1')
    await client.chat.completions.create({ ...ask(), user: 'u1' }, { headers: { 'x-trace': 't1' } })
    const request = await server.received(1)
    await request.settled
    expect(request).toMatchObject({
      index: 0,
      method: 'POST',
      path: '/v1/chat/completions',
      model: 'gpt-4.1',
      status: 200,
      outcome: 'finished',
      aborted: false,
      body: { user: 'u1', model: 'gpt-4.1' },
    })
    expect(request.headers['x-trace']).toBe('t1')
    expect(request.apiKey).toBe('key-secret-1')
    expect(JSON.stringify(request)).not.toContain('key-secret-1')
  })
})
