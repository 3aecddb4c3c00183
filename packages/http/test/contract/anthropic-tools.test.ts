import type Anthropic from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { expect } from 'vitest'
import { z } from 'zod'
import { gemini } from '@turnout/gemini'
import { geminiEmulator } from '@turnout/testing/emulators'
import { ask, CLAUDE, mirrorClient, mockedClient, providerClient } from './anthropic-client.js'
import { scenario } from './scenario.js'

const sdk = '@anthropic-ai/sdk'
const weather: Anthropic.Tool = {
  name: 'weather',
  description: 'Tells the weather of a city.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}
const LOOP = [
  { toolCalls: [{ name: 'weather', id: 'call_1', arguments: { city: 'Bern' } }] },
  'Rain in Bern.',
]
/** Thinking, text and two calls: the order in which Anthropic gives them. */
const THINKING_LOOP = [
  {
    reasoning: 'Look it up.',
    text: 'One moment.',
    toolCalls: [
      { name: 'weather', arguments: { city: 'Bern' } },
      { name: 'weather', arguments: { city: 'Oslo' } },
    ],
  },
  { reasoning: 'Rain, then.', text: 'It rains in both.' },
]

const results = (message: Anthropic.Message): Anthropic.ToolResultBlockParam[] =>
  message.content
    .filter((block) => block.type === 'tool_use')
    .map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'rain' }))

scenario(sdk, 'a tool loop with another vendor', async (stage) => {
  const { client, mock } = await mockedClient(stage, LOOP)
  const first = await client.messages.create({ ...ask, tools: [weather], tool_choice: { type: 'any' } })
  expect(first.stop_reason).toBe('tool_use')
  expect(first.content).toMatchObject([{ type: 'tool_use', id: 'call_1', input: { city: 'Bern' } }])
  const second = await client.messages.create({
    ...ask,
    tools: [weather],
    messages: [
      ...ask.messages,
      { role: 'assistant', content: first.content },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: 'rain', is_error: true },
          { type: 'text', text: 'So?' },
        ],
      },
    ],
  })
  expect(second.content).toMatchObject([{ type: 'text', text: 'Rain in Bern.' }])
  expect(mock.calls[0]?.request).toMatchObject({
    tool_choice: 'required',
    tools: [{ type: 'function', function: { name: 'weather', parameters: weather.input_schema } }],
  })
  expect(mock.calls[1]?.request.messages).toEqual([
    { role: 'user', content: 'Say hello.' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_1', content: 'rain', is_error: true },
    { role: 'user', content: [{ type: 'text', text: 'So?' }] },
  ])
})

for (const stream of [false, true]) {
  scenario(sdk, `a tool loop with the toolRunner${stream ? ', streaming' : ''}`, async (stage) => {
    const { client, mock } = await mockedClient(stage, LOOP)
    const cities: string[] = []
    const tool = betaZodTool({
      name: 'weather',
      description: 'Tells the weather of a city.',
      inputSchema: z.object({ city: z.string() }),
      run({ city }) {
        cities.push(city)
        return 'rain'
      },
    })
    const message = await client.beta.messages.toolRunner({ ...ask, tools: [tool], stream }).runUntilDone()
    expect(message.content).toMatchObject([{ type: 'text', text: 'Rain in Bern.' }])
    expect(cities).toEqual(['Bern'])
    // It asks for a thread first, which is refused before a provider is asked.
    expect(mock.calls).toHaveLength(2)
    expect(mock.calls[1]?.request.messages.at(-1)).toMatchObject({ role: 'tool', tool_call_id: 'call_1' })
  })

  scenario(
    sdk,
    `signed thinking over the turns of a tool loop${stream ? ', streaming' : ''}, as Anthropic wants it back`,
    async (stage) => {
      await using mirror = await mirrorClient(stage, THINKING_LOOP)
      const asked = {
        ...ask,
        model: CLAUDE,
        max_tokens: 4_000,
        tools: [weather],
        thinking: { type: 'enabled' as const, budget_tokens: 2_000 },
      }
      const send = (messages: Anthropic.MessageParam[]): Promise<Anthropic.Message> =>
        stream
          ? mirror.client.messages.stream({ ...asked, messages }).finalMessage()
          : mirror.client.messages.create({ ...asked, messages })
      const first = await send(ask.messages)
      expect(first.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use', 'tool_use'])
      const turns: Anthropic.MessageParam[] = [
        ...ask.messages,
        { role: 'assistant', content: first.content },
        { role: 'user', content: results(first) },
      ]
      // The server refuses this unless the thinking comes back as it was signed.
      const second = await send(turns)
      expect(second.content).toMatchObject([
        { type: 'thinking', thinking: 'Rain, then.' },
        { type: 'text', text: 'It rains in both.' },
      ])
      const third = await send([
        ...turns,
        { role: 'assistant', content: second.content },
        { role: 'user', content: 'Thanks.' },
      ])
      expect(third.stop_reason).toBe('end_turn')
      const last = mirror.server.requests[2]?.body as { messages: { content: unknown }[] }
      expect(last.messages[1]?.content).toEqual(first.content)
      expect(mirror.server.requests.map(({ status }) => status)).toEqual([200, 200, 200])
    },
  )
}

scenario(sdk, 'the toolRunner without threads', async (stage) => {
  const { client, mock } = await mockedClient(stage, LOOP)
  const run = (): string => 'rain'
  const tool = betaZodTool({ name: 'weather', description: 'Tells.', inputSchema: z.object({}), run })
  const runner = client.beta.messages.toolRunner({ ...ask, tools: [tool], thread: false })
  expect((await runner.runUntilDone()).content).toMatchObject([{ text: 'Rain in Bern.' }])
  expect(mock.calls).toHaveLength(2)
})

scenario(sdk, 'thinking whose text is left out, and goes back all the same', async (stage) => {
  await using mirror = await mirrorClient(stage, [{ reasoning: 'Hm.', text: 'Yes.' }, 'Sure.'])
  const asked = {
    ...ask,
    model: 'claude-opus-4-6',
    thinking: { type: 'adaptive' as const, display: 'omitted' as const },
  }
  const first = await mirror.client.messages.stream(asked).finalMessage()
  expect(first.content).toMatchObject([{ type: 'thinking', thinking: '' }, { type: 'text' }])
  await mirror.client.messages.create({
    ...asked,
    messages: [
      ...ask.messages,
      { role: 'assistant', content: first.content },
      { role: 'user', content: 'Sure?' },
    ],
  })
  const sent = mirror.server.requests[1]?.body as { messages: { content: unknown[] }[] }
  expect(sent.messages[1]?.content[0]).toEqual(first.content[0])
})

scenario(sdk, "another vendor's thinking, for those who asked to see thinking", async (stage) => {
  const { client, mock } = await mockedClient(stage, { reasoning: 'Hm.', text: 'Yes.' })
  const thinking = { type: 'enabled' as const, budget_tokens: 2_000 }
  const shown = [
    { type: 'thinking', thinking: 'Hm.', signature: '' },
    { type: 'text', text: 'Yes.' },
  ]
  const first = await client.messages.create({ ...ask, max_tokens: 4_000, thinking })
  expect(first.content).toMatchObject(shown)
  const streamed = await client.messages.stream({ ...ask, max_tokens: 4_000, thinking }).finalMessage()
  expect(streamed.content).toMatchObject(shown)
  expect((await client.messages.create(ask)).content).toMatchObject([{ type: 'text', text: 'Yes.' }])
  expect((await client.messages.stream(ask).finalMessage()).content).toMatchObject([{ text: 'Yes.' }])
  await client.messages.create({
    ...ask,
    messages: [
      ...ask.messages,
      { role: 'assistant', content: first.content },
      { role: 'user', content: 'Sure?' },
    ],
  })
  // Unsigned it is no block of Anthropic's, only what was thought.
  expect(mock.calls.at(-1)?.request.messages[1]).toEqual({
    role: 'assistant',
    content: 'Yes.',
    reasoning_content: 'Hm.',
  })
})

scenario(sdk, 'a conversation that goes on with another provider', async (stage) => {
  await using mirror = await mirrorClient(stage, THINKING_LOOP)
  const thinking = { type: 'enabled' as const, budget_tokens: 2_000 }
  const first = await mirror.client.messages.create({
    ...ask,
    model: CLAUDE,
    max_tokens: 4_000,
    tools: [weather],
    thinking,
  })
  const { client, mock } = await mockedClient(stage, 'It rains.')
  await client.messages.create({
    ...ask,
    tools: [weather],
    messages: [
      ...ask.messages,
      { role: 'assistant', content: first.content },
      { role: 'user', content: results(first) },
    ],
  })
  expect(mock.calls[0]?.request.messages.map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'tool',
    'tool',
  ])
  expect(mock.calls[0]?.request.messages[1]).toMatchObject({
    content: 'One moment.',
    reasoning_content: 'Look it up.',
  })
})

for (const stream of [false, true]) {
  scenario(
    sdk,
    `thought signatures of Gemini over a tool loop${stream ? ', streaming' : ''}`,
    async (stage) => {
      await using server = await geminiEmulator({ replies: THINKING_LOOP })
      const client = await providerClient(stage, {
        gemini: gemini({ apiKey: 'upstream-key', baseURL: server.baseURL }),
      })
      const asked = { ...ask, model: 'gemini/gemini-3-pro-preview', tools: [weather] }
      const send = (messages: Anthropic.MessageParam[]): Promise<Anthropic.Message> =>
        stream
          ? client.messages.stream({ ...asked, messages }).finalMessage()
          : client.messages.create({ ...asked, messages })
      const first = await send(ask.messages)
      expect(first.stop_reason).toBe('tool_use')
      expect(first.content[0]).toMatchObject({ type: 'text', text: 'One moment.' })
      const second = await send([
        ...ask.messages,
        { role: 'assistant', content: first.content },
        { role: 'user', content: results(first) },
      ])
      expect(second.content[0]).toMatchObject({ type: 'text', text: 'It rains in both.' })
      const sent = JSON.stringify(server.requests[1]?.body)
      expect(sent).toContain('"thoughtSignature":"')
      // What the adapter sends when it has lost them.
      expect(sent).not.toContain('skip_thought_signature_validator')
    },
  )
}

scenario(sdk, 'the reasoning of a tool loop, for vendors that want it back', async (stage) => {
  const { client, mock } = await mockedClient(stage, THINKING_LOOP)
  const first = await client.messages.stream({ ...ask, tools: [weather] }).finalMessage()
  await client.messages.create({
    ...ask,
    tools: [weather],
    messages: [
      ...ask.messages,
      { role: 'assistant', content: first.content },
      { role: 'user', content: results(first) },
    ],
  })
  expect(mock.calls[1]?.request.messages[1]).toMatchObject({ reasoning_content: 'Look it up.' })
})
