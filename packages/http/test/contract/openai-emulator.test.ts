/** Through a real adapter to a provider on a port of its own: the whole way. */
import OpenAI from 'openai'
import { RateLimitError } from 'openai/error'
import { zodResponseFormat } from 'openai/helpers/zod'
import { expect } from 'vitest'
import { z } from 'zod'
import { createGateway, type Adapter, type GatewayOptions } from '@turnout/core'
import { anthropic } from '@turnout/anthropic'
import { openai } from '@turnout/openai'
import { anthropicEmulator, openaiEmulator, type Emulator } from '@turnout/testing/emulators'
import { failure, messages } from './openai-client.js'
import { scenario, type Stage } from './scenario.js'

async function clientOf(stage: Stage, up: Adapter, options: Partial<GatewayOptions> = {}): Promise<OpenAI> {
  const gateway = createGateway({ ...options, providers: { up }, defaults: { maxAttempts: 1 } })
  const { origin, fetch } = await stage.serve(gateway)
  return new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'unused', fetch })
}
const openaiAt = ({ baseURL }: Emulator): Adapter => openai({ baseURL, apiKey: 'sk-test', api: 'chat' })
const anthropicAt = ({ baseURL }: Emulator): Adapter => anthropic({ baseURL, apiKey: 'sk-test' })
const model = 'up/gpt-4.1-mini'

scenario('openai', 'several choices (n: 2), through the OpenAI adapter', async (stage) => {
  await using emulator = await openaiEmulator({ replies: 'One two three.' })
  const client = await clientOf(stage, openaiAt(emulator))
  const answer = await client.chat.completions.create({ model, messages, n: 2 })
  expect(answer.choices.map(({ index, message }) => [index, message.content])).toEqual([
    [0, 'One two three.'],
    [1, 'One two three.'],
  ])
  const texts = ['', '']
  const reasons: unknown[] = []
  const stream = await client.chat.completions.create({ model, messages, n: 2, stream: true })
  for await (const { choices } of stream)
    for (const { index, delta, finish_reason: reason } of choices) {
      texts[index] += delta.content ?? ''
      if (reason) reasons.push(reason)
    }
  expect(texts).toEqual(['One two three.', 'One two three.'])
  expect(reasons).toEqual(['stop', 'stop'])
})

scenario('openai', 'logprobs, through the OpenAI adapter', async (stage) => {
  await using emulator = await openaiEmulator({ replies: 'One two.' })
  const client = await clientOf(stage, openaiAt(emulator))
  const answer = await client.chat.completions.create({ model, messages, logprobs: true })
  expect(answer.choices[0]?.logprobs?.content?.map(({ token }) => token).join('')).toBe('One two.')
})

scenario('openai', 'parse(), tools and a stream, through the OpenAI adapter', async (stage) => {
  await using emulator = await openaiEmulator({
    replies: [
      '{"city":"Rome"}',
      { toolCalls: [{ name: 'weather', arguments: { city: 'Rome' } }] },
      'One two.',
    ],
  })
  const client = await clientOf(stage, openaiAt(emulator))
  const response_format = zodResponseFormat(z.object({ city: z.string() }), 'city')
  const parsed = await client.chat.completions.parse({ model, messages, response_format })
  expect(parsed.choices[0]?.message.parsed).toEqual({ city: 'Rome' })
  const tools = [
    {
      type: 'function' as const,
      function: { name: 'weather', parameters: { type: 'object', properties: {} } },
    },
  ]
  const called = await client.chat.completions.create({ model, messages, tools })
  expect(called.choices[0]?.message.tool_calls?.[0]).toMatchObject({
    function: { arguments: '{"city":"Rome"}' },
  })
  const stream = client.chat.completions.stream({ model, messages, stream_options: { include_usage: true } })
  const final = await stream.finalChatCompletion()
  expect(final.choices[0]?.message.content).toBe('One two.')
  expect(final.usage?.total_tokens).toBeGreaterThan(0)
})

scenario('openai', 'a rate limit of a real provider: asked once, its retry-after kept', async (stage) => {
  await using emulator = await openaiEmulator({ replies: { error: 'rate_limited', retryAfterMs: 7_000 } })
  const client = await clientOf(stage, openaiAt(emulator))
  const error = await failure(client.chat.completions.create({ model, messages }))
  expect(error).toBeInstanceOf(RateLimitError)
  expect((error as RateLimitError).headers.get('retry-after')).toBe('7')
  expect(emulator.requests).toHaveLength(1)
})

scenario('openai', 'a socket that breaks in the middle of a stream', async (stage) => {
  await using emulator = await openaiEmulator({
    replies: { text: ['One ', 'two.'], cut: { afterChunks: 1, how: 'reset' }, chunkDelayMs: 20 },
  })
  const client = await clientOf(stage, openaiAt(emulator))
  const stream = await client.chat.completions.create({ model, messages, stream: true })
  let text = ''
  const error = await failure(
    (async () => {
      for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
    })(),
  )
  expect(text).toBe('One ')
  expect(error).toMatchObject({ code: 'stream_interrupted' })
})

scenario('openai', 'an abort closes the socket of the provider', async (stage) => {
  await using emulator = await openaiEmulator({
    replies: { text: ['One ', 'two.'], stall: { afterChunks: 1 } },
  })
  const client = await clientOf(stage, openaiAt(emulator))
  const stream = await client.chat.completions.create({ model, messages, stream: true })
  for await (const { choices } of stream) if (choices[0]?.delta.content) break
  await expect.poll(() => emulator.requests[0]?.aborted).toBe(true)
})

scenario('openai', 'embeddings, through the OpenAI adapter', async (stage) => {
  await using emulator = await openaiEmulator()
  const client = await clientOf(stage, openaiAt(emulator))
  const embed = async (encoding_format?: 'float') =>
    client.embeddings.create({
      model: 'up/text-embedding-3-small',
      input: ['red', 'green'],
      dimensions: 16,
      ...(encoding_format && { encoding_format }),
    })
  const [decoded, floats] = [await embed(), await embed('float')]
  expect(decoded.data.map(({ embedding }) => embedding.length)).toEqual([16, 16])
  expect(decoded.data).toEqual(floats.data)
})

const thinkingThenTool = [
  { reasoning: 'I need the weather.', toolCalls: [{ name: 'weather', arguments: { city: 'Rome' } }] },
  'It is sunny.',
]
const weather = {
  name: 'weather',
  description: 'Tells the weather of a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
}
const thoughtful = {
  model: 'up/claude-sonnet-4-5',
  reasoning_effort: 'low',
  max_completion_tokens: 4_000,
} as const

scenario(
  'openai',
  'Claude behind the client: signed thinking comes back with the tool result',
  async (stage) => {
    await using emulator = await anthropicEmulator({ replies: thinkingThenTool })
    const client = await clientOf(stage, anthropicAt(emulator))
    const tools = [{ type: 'function' as const, function: weather }]
    const first = await client.chat.completions.create({ ...thoughtful, messages, tools })
    const asked = first.choices[0]?.message as OpenAI.Chat.ChatCompletionMessage
    const result = { role: 'tool' as const, tool_call_id: asked.tool_calls?.[0]?.id ?? '', content: 'sunny' }
    const second = await client.chat.completions.create({
      ...thoughtful,
      messages: [...messages, asked, result],
      tools,
    })
    expect(second.choices[0]?.message.content).toBe('It is sunny.')
    expect(JSON.stringify(emulator.requests[1]?.body)).toContain('"signature"')
  },
)

scenario(
  'openai',
  'Claude behind runTools, which strips fields: replayMemory keeps the thinking',
  async (stage) => {
    await using emulator = await anthropicEmulator({ replies: thinkingThenTool })
    const client = await clientOf(stage, anthropicAt(emulator), { replayMemory: true })
    const parse = JSON.parse as (text: string) => { city: string }
    const run = ({ city }: { city: string }) => `sunny in ${city}`
    const runner = client.chat.completions.runTools({
      ...thoughtful,
      messages: [...messages],
      tools: [{ type: 'function', function: { ...weather, parse, function: run } }],
    })
    expect(await runner.finalContent()).toBe('It is sunny.')
    expect(JSON.stringify(emulator.requests[1]?.body)).toContain('"signature"')
  },
)
