import type Anthropic from '@anthropic-ai/sdk'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import { expect } from 'vitest'
import { z } from 'zod'
import type { GatewayMeta } from '@turnout/core'
import { ask, CLAUDE, failed, mirrorClient, mockedClient, MODEL } from './anthropic-client.js'
import { scenario } from './scenario.js'

const sdk = '@anthropic-ai/sdk'
/** As the client notes it. */
const idOf = (message: object): unknown => (message as Record<string, unknown>)['_request_id']
const usage = {
  inputTokens: 100,
  cachedTokens: 60,
  cacheWriteTokens: 30,
  outputTokens: 20,
  reasoningTokens: 5,
}

scenario(sdk, 'a whole answer', async (stage) => {
  const { client, mock } = await mockedClient(stage, { text: 'Hello!', usage, model: 'some-model-7' })
  // The newest client's types have no temperature any more; many callers have.
  const asked = { ...ask, system: 'Be kind.', temperature: 0.5 }
  const message = await client.messages.create(asked)
  expect(message).toMatchObject({
    type: 'message',
    role: 'assistant',
    model: 'some-model-7',
    content: [{ type: 'text', text: 'Hello!', citations: null }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    stop_details: null,
    usage: {
      input_tokens: 10,
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_5m_input_tokens: 30, ephemeral_1h_input_tokens: 0 },
      output_tokens: 20,
      output_tokens_details: { thinking_tokens: 5 },
    },
  })
  expect(mock.calls[0]?.request).toMatchObject({
    messages: [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Say hello.' },
    ],
    max_tokens: 1_000,
    temperature: 0.5,
  })
})

scenario(sdk, "the gateway's own field and request id beside the answer", async (stage) => {
  const { client, mock } = await mockedClient(stage, 'Hello!')
  const message = await client.messages.create(ask)
  const { gateway } = message as unknown as { gateway: GatewayMeta }
  expect(gateway).toMatchObject({ provider: 'mock', attempts: [{ outcome: 'ok' }] })
  expect(idOf(message)).toBe(gateway.requestId)
  expect(mock.calls[0]?.attempt.requestId).toBe(gateway.requestId)
})

scenario(sdk, 'a stream, its events in order', async (stage) => {
  const { client } = await mockedClient(stage, { text: ['One ', 'two.'], usage })
  const stream = await client.messages.create({ ...ask, stream: true })
  const events: Anthropic.RawMessageStreamEvent[] = []
  for await (const event of stream) events.push(event)
  expect(events.map(({ type }) => type)).toEqual([
    'message_start',
    'content_block_start',
    'content_block_delta',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ])
  expect(events.at(-2)).toMatchObject({
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { input_tokens: 10, cache_read_input_tokens: 60, output_tokens: 20 },
    gateway: { provider: 'mock' },
  })
})

scenario(
  sdk,
  'the helper messages.stream: its events, and a final message like the whole one',
  async (stage) => {
    const reply = {
      text: 'One moment.',
      toolCalls: [
        { name: 'weather', id: 'call_1', arguments: { city: 'Bern' } },
        { name: 'now', id: 'call_2' },
      ],
      usage,
    }
    const { client } = await mockedClient(stage, reply)
    const texts: string[] = []
    const blocks: string[] = []
    const stream = client.messages
      .stream(ask)
      .on('text', (text) => texts.push(text))
      .on('contentBlock', ({ type }) => blocks.push(type))
    const streamed = await stream.finalMessage()
    const whole = await client.messages.create(ask)
    expect(texts.join('')).toBe('One moment.')
    expect(texts.length).toBeGreaterThan(1)
    expect(blocks).toEqual(['text', 'tool_use', 'tool_use'])
    expect(streamed.content).toEqual(whole.content)
    expect(streamed.content[1]).toMatchObject({ id: 'call_1', name: 'weather', input: { city: 'Bern' } })
    expect(streamed.content[2]).toMatchObject({ id: 'call_2', name: 'now', input: {} })
    expect(streamed.stop_reason).toBe('tool_use')
    expect(streamed.usage.input_tokens).toBe(whole.usage.input_tokens)
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens)
    expect(stream.request_id).toMatch(/^req_/)
  },
)

scenario(sdk, 'parse() with zod', async (stage) => {
  const { client, mock } = await mockedClient(stage, '{"title":"A turnout"}')
  const format = zodOutputFormat(z.object({ title: z.string() }))
  const message = await client.messages.parse({ ...ask, output_config: { format } })
  expect(message.parsed_output).toEqual({ title: 'A turnout' })
  const streamed = await client.messages.stream({ ...ask, output_config: { format } }).finalMessage()
  expect(streamed.parsed_output).toEqual({ title: 'A turnout' })
  expect(mock.calls[0]?.request.response_format).toMatchObject({
    type: 'json_schema',
    json_schema: { schema: { properties: { title: { type: 'string' } } } },
  })
})

scenario(sdk, 'a schema that Anthropic itself is held to', async (stage) => {
  await using mirror = await mirrorClient(stage, '{"title":"A turnout"}')
  const format = zodOutputFormat(z.object({ title: z.string() }))
  const message = await mirror.client.messages.parse({ ...ask, model: CLAUDE, output_config: { format } })
  expect(message.parsed_output).toEqual({ title: 'A turnout' })
})

scenario(sdk, 'an answer that was cut off by its limit', async (stage) => {
  const { client } = await mockedClient(stage, { text: 'On and', finishReason: 'length' })
  expect((await client.messages.create(ask)).stop_reason).toBe('max_tokens')
  expect((await client.messages.stream(ask).finalMessage()).stop_reason).toBe('max_tokens')
})

scenario(sdk, 'a refusal', async (stage) => {
  await using mirror = await mirrorClient(stage, { refusal: 'Not this.', finishReason: 'content_filter' })
  const asked = { ...ask, model: CLAUDE }
  const expected = {
    stop_reason: 'refusal',
    stop_details: { type: 'refusal', category: null, explanation: 'Not this.' },
  }
  expect(await mirror.client.messages.create(asked)).toMatchObject(expected)
  expect(await mirror.client.messages.stream(asked).finalMessage()).toMatchObject(expected)
})

scenario(sdk, "a refusal in another vendor's way", async (stage) => {
  const { client } = await mockedClient(stage, {
    refusal: 'I cannot help with that.',
    finishReason: 'stop',
  })
  const expected = { stop_reason: 'refusal', stop_details: { explanation: 'I cannot help with that.' } }
  expect(await client.messages.create(ask)).toMatchObject(expected)
  expect(await client.messages.stream(ask).finalMessage()).toMatchObject(expected)
})

scenario(sdk, 'a stop sequence', async (stage) => {
  const answer = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: CLAUDE,
    content: [{ type: 'text', text: 'One' }],
    stop_reason: 'stop_sequence',
    stop_sequence: 'two',
    usage: { input_tokens: 5, output_tokens: 1 },
  }
  await using mirror = await mirrorClient(stage, {
    body: JSON.stringify(answer),
    headers: { 'content-type': 'application/json' },
  })
  const asked = { ...ask, model: CLAUDE }
  expect(await mirror.client.messages.create({ ...asked, stop_sequences: ['two'] })).toMatchObject({
    stop_reason: 'stop_sequence',
    stop_sequence: 'two',
  })
  expect(await mirror.client.messages.create({ ...asked, stop_sequences: ['two', 'three'] })).toMatchObject({
    stop_reason: 'stop_sequence',
    stop_sequence: null,
  })
})

scenario(sdk, 'a turn that was paused, and goes on', async (stage) => {
  const content = [
    { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'turnout' } },
  ]
  const answer = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: CLAUDE,
    content: [{ type: 'text', text: 'Let me look.' }, ...content],
    stop_reason: 'pause_turn',
    usage: { input_tokens: 5, output_tokens: 1 },
  }
  await using mirror = await mirrorClient(stage, [
    { body: JSON.stringify(answer), headers: { 'content-type': 'application/json' } },
    'Found.',
  ])
  const asked = { ...ask, model: CLAUDE }
  const first = await mirror.client.messages.create(asked)
  expect(first.stop_reason).toBe('pause_turn')
  expect(first.content[1]).toEqual(content[0])
  const turns: Anthropic.MessageParam[] = [...ask.messages, { role: 'assistant', content: first.content }]
  // The emulator does not know such blocks: what counts is that they are there.
  await failed(mirror.client.messages.create({ ...asked, messages: turns }))
  const body = mirror.server.requests[1]?.body as { messages: { content: unknown[] }[] }
  expect(body.messages[1]?.content[1]).toEqual(content[0])
})

scenario(sdk, 'images and documents, to a provider of another vendor', async (stage) => {
  const { client, mock } = await mockedClient(stage, 'A picture.')
  await client.messages.create({
    ...ask,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
          {
            type: 'document',
            source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
            title: 'A',
          },
          { type: 'text', text: 'What is it?' },
        ],
      },
    ],
  })
  expect(mock.calls[0]?.request.messages[0]?.content).toEqual([
    { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
    { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
    { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERi0=', filename: 'A' } },
    { type: 'text', text: 'What is it?' },
  ])
})

scenario(sdk, 'tokens counted without asking a provider', async (stage) => {
  await using mirror = await mirrorClient(stage)
  const asked = { model: CLAUDE, messages: ask.messages, system: 'Be kind.' }
  const short = await mirror.client.messages.countTokens(asked)
  const long = await mirror.client.messages.countTokens({ ...asked, system: 'Be kind. '.repeat(200) })
  expect(short.input_tokens).toBeGreaterThan(3)
  expect(short.input_tokens).toBeLessThan(60)
  expect(long.input_tokens).toBeGreaterThan(short.input_tokens + 300)
  // Anthropic's tokenizer is not public, and the answer says so.
  expect(short).toMatchObject({
    gateway: { provider: 'anthropic', model: CLAUDE, estimated: true, method: 'scaled' },
  })
  expect(mirror.server.requests).toHaveLength(0)
})

scenario(sdk, 'the list of models, and one of them', async (stage) => {
  const { client } = await mockedClient(stage, 'x', { gateway: { routes: { fast: ['mock/mock-model'] } } })
  const ids: string[] = []
  for await (const { id, type } of client.models.list()) ids.push(`${type} ${id}`)
  expect(ids).toEqual(expect.arrayContaining(['model fast', 'model mock/mock-model']))
  expect(await client.models.retrieve('fast')).toMatchObject({ id: 'fast', type: 'model' })
  expect(await failed(client.models.retrieve('no-such-model'))).toMatchObject({
    status: 404,
    type: 'not_found_error',
  })
})

scenario(sdk, 'options of the gateway in the body and in headers', async (stage) => {
  const { client, mock } = await mockedClient(stage, [{ error: 'upstream_error' }, 'Hello!'])
  const body = { ...ask, gateway: { maxAttempts: 2, tags: { team: 'search' } } }
  const message = await client.messages.create(body, { headers: { 'x-turnout-request-id': 'my-id' } })
  expect(idOf(message)).toBe('my-id')
  expect(mock.calls).toHaveLength(2)
})

scenario(sdk, 'neither keys nor betas of the client reach a provider, unless they may', async (stage) => {
  const betas = (server: { requests: readonly { headers: Readonly<Record<string, string>> }[] }): unknown =>
    server.requests.map(({ headers }) => headers['anthropic-beta'])
  const asked = { ...ask, model: CLAUDE, betas: ['a-2025', 'b-2025'] }
  await using none = await mirrorClient(stage)
  await none.client.beta.messages.create(asked)
  expect(betas(none.server)).toEqual([undefined])
  await using some = await mirrorClient(stage, 'Yes.', { surface: { anthropicBetas: ['b-2025'] } })
  await some.client.beta.messages.create(asked)
  expect(betas(some.server)).toEqual(['b-2025'])
  expect(some.server.requests[0]?.apiKey).toBe('upstream-key')
  expect(JSON.stringify(some.server.requests[0]?.headers)).not.toContain('unused')
})

scenario(sdk, 'a model that only another vendor has', async (stage) => {
  const { client, mock } = await mockedClient(stage, 'Hello!')
  await client.messages.create({ ...ask, model: MODEL, thinking: { type: 'enabled', budget_tokens: 8_000 } })
  expect(mock.calls[0]?.request).toMatchObject({ reasoning_effort: 'medium' })
})
