/** The whole way: gateway, adapter and real HTTP to a server that checks requests as OpenAI does. */
import { createGateway } from '@turnout/core'
import type { ChatMessage } from '@turnout/core/adapter'
import { openaiEmulator, type Emulator, type EmulatorOptions } from '@turnout/testing/emulators'
import { afterEach, describe, expect, it } from 'vitest'
import { openai } from '../src/index.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function start(
  replies: EmulatorOptions['replies'],
): Promise<{ gateway: ReturnType<typeof gatewayTo>; server: Emulator }> {
  const server = await openaiEmulator({ replies })
  const gateway = gatewayTo(server)
  closing.push(
    () => server.close(),
    () => gateway.close(),
  )
  return { gateway, server }
}

function gatewayTo({ baseURL }: Emulator) {
  return createGateway({ providers: { openai: openai({ baseURL, apiKey: 'key-1' }) } })
}

const tools = [
  {
    type: 'function',
    function: {
      name: 'weather.today',
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
    },
  },
] as const
const calls = [
  { name: 'weather_today', arguments: { city: 'Oslo' } },
  { name: 'weather_today', arguments: { city: 'Bergen' } },
]

describe.each([
  ['gpt-4.1', '/v1/chat/completions'],
  ['gpt-5.6', '/v1/responses'],
])('%s over %s', (model, path) => {
  it.each(['whole', 'streamed'])('a tool turn, %s', async (how) => {
    const { gateway, server } = await start([
      { text: 'Let me look.', toolCalls: calls },
      { text: 'Rain in both. 🌧' },
    ])
    const ask = (messages: readonly ChatMessage[]) => {
      const request = {
        model: `openai/${model}` as const,
        messages,
        tools,
        temperature: 0.2,
        max_tokens: 500,
      }
      return how === 'whole' ? gateway.chat(request) : gateway.stream(request).final()
    }
    const history: ChatMessage[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Weather?' },
    ]
    const first = await ask(history)
    const message = first.choices[0]?.message
    expect(first.choices[0]?.finish_reason).toBe('tool_calls')
    expect(
      message?.tool_calls?.map(({ function: { name, arguments: text } }) => [name, JSON.parse(text)]),
    ).toEqual([
      ['weather.today', { city: 'Oslo' }],
      ['weather.today', { city: 'Bergen' }],
    ])
    const results =
      message?.tool_calls?.map(({ id }): ChatMessage => ({
        role: 'tool',
        tool_call_id: id,
        content: 'rain',
      })) ?? []
    const second = await ask([...history, message as ChatMessage, ...results])
    expect(second.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: 'Rain in both. 🌧' },
    })
    expect(second.usage.total_tokens).toBeGreaterThan(0)
    expect(second.gateway.estimated).toBe(false)
    expect(server.requests.map((request) => [request.path, request.status])).toEqual([
      [path, 200],
      [path, 200],
    ])
  })

  it('an error inside the stream comes after the text, with what there was', async () => {
    const { gateway } = await start([
      { text: ['One ', 'two ', 'three'], errorEvent: { afterChunks: 2, error: 'upstream_error' } },
    ])
    const answer = gateway.stream({
      model: `openai/${model}`,
      messages: [{ role: 'user', content: 'Count' }],
    })
    const error: any = await answer.final().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'stream_interrupted', cause: { code: 'upstream_error' } })
    expect(error.partial.choices[0].message.content).toBe('One two ')
  })

  it('a stream cut before its end is no answer', async () => {
    const { gateway } = await start([{ text: ['One ', 'two ', 'three'], cut: { afterChunks: 2 } }])
    const answer = gateway.stream({
      model: `openai/${model}`,
      messages: [{ role: 'user', content: 'Count' }],
    })
    await expect(answer.final()).rejects.toMatchObject({ code: 'stream_interrupted' })
  })
})

describe('a model whose rules are not known yet', () => {
  it('is asked once more without the setting that it refused', async () => {
    const server = await openaiEmulator({ replies: ['Done.'] })
    // Told that the model never reasons, the adapter sends what the server then refuses.
    const modelRules = { 'gpt-5.6': { reasoning: false, whileReasoning: {} } } as const
    const gateway = createGateway({
      providers: { openai: openai({ baseURL: server.baseURL, apiKey: 'key-1', api: 'chat', modelRules }) },
    })
    closing.push(
      () => server.close(),
      () => gateway.close(),
    )
    const answer = await gateway.chat({
      model: 'openai/gpt-5.6',
      messages: [{ role: 'user', content: 'Hi' }],
      temperature: 0.2,
    })
    expect(answer.choices[0]?.message.content).toBe('Done.')
    expect(answer.gateway.warnings).toMatchObject([{ code: 'setting_dropped', path: 'temperature' }])
    expect(server.requests.map(({ status }) => status)).toEqual([400, 200])
  })
})

describe('embeddings', () => {
  it('are read from base64', async () => {
    const { gateway } = await start(['unused'])
    const { data, usage } = await gateway.embed({ model: 'openai/text-embedding-3-small', input: ['a', 'b'] })
    expect(data.map(({ embedding }) => embedding.length)).toEqual([1_536, 1_536])
    expect(data[0]?.embedding).not.toEqual(data[1]?.embedding)
    expect(usage.prompt_tokens).toBeGreaterThan(0)
  })
})
