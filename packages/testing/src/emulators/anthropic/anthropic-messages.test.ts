import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from '@anthropic-ai/sdk'
import { afterEach, describe, expect, it } from 'vitest'
import type { Emulator, EmulatorOptions } from '../emulator.js'
import { anthropicEmulator } from './anthropic-emulator.js'

const running: Emulator[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
})

async function start(options: EmulatorOptions, apiKey = 'key-1') {
  const server = await anthropicEmulator(options)
  running.push(server)
  return { server, client: new Anthropic({ baseURL: server.baseURL, apiKey, maxRetries: 0 }) }
}

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )
const ask = {
  model: 'claude-haiku-4-5',
  max_tokens: 4_000,
  messages: [{ role: 'user' as const, content: 'Weather in Oslo?' }],
}
const tools = [
  { name: 'weather', input_schema: { type: 'object' as const, properties: { city: { type: 'string' } } } },
]

describe('anthropicEmulator, driven by the official SDK', () => {
  it('answers whole and streamed with the same message', async () => {
    const { client } = await start({
      replies: { text: 'It is raining, ü and 🌧.', usage: { inputTokens: 9, outputTokens: 7 } },
    })
    const whole = await client.messages.create(ask)
    expect(whole).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'claude-haiku-4-5',
      stop_reason: 'end_turn',
    })
    expect(whole.content).toMatchObject([{ type: 'text', text: 'It is raining, ü and 🌧.' }])
    expect(whole.usage).toMatchObject({ input_tokens: 9, output_tokens: 7 })

    const stream = client.messages.stream(ask)
    const texts: string[] = []
    stream.on('text', (text) => texts.push(text))
    const final = await stream.finalMessage()
    expect(texts).toEqual(['It', ' is', ' raining,', ' ü', ' and', ' 🌧.'])
    expect(final.stop_reason).toBe('end_turn')
    expect(final.usage).toMatchObject({ input_tokens: 9, output_tokens: 7 })
  })

  it('streams thinking, text and parallel tools as blocks of their own, with the same usage', async () => {
    const { client } = await start({
      replies: {
        reasoning: 'Two cities.',
        text: 'Let me look.',
        toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }, { name: 'now' }],
        usage: {
          inputTokens: 100,
          outputTokens: 40,
          cachedTokens: 60,
          cacheWriteTokens: 30,
          reasoningTokens: 12,
        },
      },
    })
    const whole = await client.messages.create({ ...ask, tools })
    expect(whole.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use', 'tool_use'])
    expect(whole.content[2]).toMatchObject({ name: 'weather', input: { city: 'Oslo' } })
    expect(whole.content[3]).toMatchObject({ name: 'now', input: {} })
    expect(whole.stop_reason).toBe('tool_use')
    expect(whole.usage).toMatchObject({
      input_tokens: 10,
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 30,
      output_tokens: 40,
      cache_creation: { ephemeral_5m_input_tokens: 30 },
      output_tokens_details: { thinking_tokens: 12 },
    })

    const events: string[] = []
    const stream = client.messages.stream({ ...ask, tools })
    stream.on('streamEvent', (event) =>
      events.push(event.type === 'content_block_delta' ? event.delta.type : event.type),
    )
    const final = await stream.finalMessage()
    const strip = ({ content }: Anthropic.Message) =>
      content.map((block) => ('id' in block ? { ...block, id: '' } : { ...block, citations: undefined }))
    expect(strip(final)).toEqual(strip(whole))
    expect(final.usage).toMatchObject({
      input_tokens: 10,
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 30,
      output_tokens: 40,
    })
    expect(events).toEqual([
      'message_start',
      'content_block_start',
      'thinking_delta',
      'thinking_delta',
      'signature_delta',
      'content_block_stop',
      'content_block_start',
      'text_delta',
      'text_delta',
      'text_delta',
      'content_block_stop',
      'content_block_start',
      'input_json_delta',
      'input_json_delta',
      'input_json_delta',
      'content_block_stop',
      'content_block_start',
      'input_json_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
  })

  it('takes its own thinking back, and refuses edited or foreign thinking', async () => {
    const { client } = await start({
      replies: [{ reasoning: 'Hm.', toolCalls: [{ name: 'weather' }] }, 'Rain.'],
    })
    const thinking = { type: 'enabled' as const, budget_tokens: 1_024 }
    const first = await client.messages.create({ ...ask, tools, thinking })
    const [thought, call] = first.content as [Anthropic.ThinkingBlock, Anthropic.ToolUseBlock]
    const again = (block: Anthropic.ContentBlockParam[]) =>
      client.messages.create({
        ...ask,
        tools,
        thinking,
        messages: [
          ...ask.messages,
          { role: 'assistant', content: block },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'rain' }] },
        ],
      })
    await expect(again([thought, call])).resolves.toMatchObject({ stop_reason: 'end_turn' })
    await expect(again([{ ...thought, thinking: 'Edited.' }, call])).rejects.toThrow('Invalid `signature`')
    await expect(again([{ ...thought, signature: 'other' }, call])).rejects.toThrow('Invalid `signature`')
    await expect(again([call])).rejects.toThrow('Expected `thinking`')
  })

  it('omits thinking text when asked to, and says why an answer stopped', async () => {
    const { client } = await start({
      replies: [{ reasoning: 'Hm.', text: 'x', finishReason: 'length' }, { refusal: 'No.' }],
    })
    const omitted = await client.messages.create({
      ...ask,
      model: 'claude-opus-5-5',
      thinking: { type: 'adaptive', display: 'omitted' },
    })
    expect(omitted.content[0]).toMatchObject({
      type: 'thinking',
      thinking: '',
      signature: expect.stringMatching(/^Emu/) as string,
    })
    expect(omitted.stop_reason).toBe('max_tokens')
    const refused = await client.messages.stream(ask).finalMessage()
    expect(refused).toMatchObject({ stop_reason: 'refusal', content: [{ type: 'text', text: 'No.' }] })
  })

  it.each([
    ['invalid_request', BadRequestError, 400, 'invalid_request_error', 'false'],
    ['authentication', AuthenticationError, 401, 'authentication_error', 'false'],
    ['permission', PermissionDeniedError, 403, 'permission_error', 'false'],
    ['not_found', NotFoundError, 404, 'not_found_error', 'false'],
    ['rate_limited', RateLimitError, 429, 'rate_limit_error', 'true'],
    ['quota_exhausted', BadRequestError, 400, 'invalid_request_error', 'false'],
    ['context_length', BadRequestError, 400, 'invalid_request_error', 'false'],
    ['timeout', InternalServerError, 504, 'timeout_error', 'true'],
    ['overloaded', InternalServerError, 529, 'overloaded_error', 'true'],
    ['upstream_error', InternalServerError, 500, 'api_error', 'true'],
  ] as const)(
    'answers %s with the class, status and type that the SDK knows',
    async (error, type, status, wireType, retry) => {
      const { client } = await start({ replies: { error, message: 'Told so.', retryAfterMs: 1_500 } })
      const failure = await failureOf(client.messages.create(ask))
      expect(failure).toBeInstanceOf(type)
      expect(failure).toMatchObject({
        status,
        error: { type: 'error', error: { type: wireType } },
        message: expect.stringContaining('Told so.') as string,
      })
      const { headers, requestID, error: body } = failure as APIError & { error: { request_id: string } }
      expect(headers?.get('retry-after')).toBe('2')
      expect(headers?.get('x-should-retry')).toBe(retry)
      expect(requestID).toBe(body.request_id)
    },
  )

  it('keeps the wording that marks an error', async () => {
    const { client } = await start({
      replies: [{ error: 'context_length' }, { error: 'quota_exhausted', message: 'More.' }],
    })
    await expect(client.messages.create(ask)).rejects.toThrow(/prompt is too long: \d+ tokens > \d+ maximum/)
    await expect(client.messages.create(ask)).rejects.toThrow(/credit balance is too low.* More\./)
  })

  it('throws an overload that comes under status 200', async () => {
    const { client } = await start({
      replies: { text: 'a b', errorEvent: { afterChunks: 1, error: 'overloaded' } },
    })
    const failure = await failureOf(client.messages.stream(ask).finalMessage())
    expect(failure).toBeInstanceOf(APIError)
    expect((failure as Error).message).toContain('overloaded_error')
  })

  it('checks keys wherever they stand', async () => {
    const { server, client } = await start({ apiKeys: ['good'] }, 'bad')
    await expect(client.models.list()).rejects.toBeInstanceOf(AuthenticationError)
    const get = (headers: Record<string, string>) => fetch(`${server.url}/v1/models`, { headers })
    expect((await get({})).status).toBe(401)
    expect((await get({ 'x-api-key': 'good' })).status).toBe(200)
    expect((await get({ authorization: 'Bearer good' })).status).toBe(200)
    expect((await get({ authorization: 'Bearer good', 'x-api-key': 'bad' })).status).toBe(401)
    expect(JSON.stringify(server.requests)).not.toContain('good')
  })

  it('counts tokens, lists models and refuses unknown ones and unknown paths', async () => {
    const { server, client } = await start({ models: ['claude-haiku-4-5'] })
    const { max_tokens: _, ...body } = ask
    expect(await client.messages.countTokens(body)).toEqual({ input_tokens: expect.any(Number) as number })
    const listed = await client.models.list()
    expect(listed.data.map(({ id }) => id)).toEqual(['claude-haiku-4-5'])
    await expect(client.messages.create({ ...ask, model: 'claude-9' })).rejects.toThrow('model: claude-9')
    const lost = await fetch(`${server.url}/v2`, { headers: { 'x-api-key': 'k' } })
    expect(await lost.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } })
  })
})
