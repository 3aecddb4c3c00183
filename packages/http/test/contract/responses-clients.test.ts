/** Clients that speak the Responses API by themselves: the AI SDK's OpenAI provider and LangChain's ChatOpenAI. */
import { createOpenAI } from '@ai-sdk/openai'
import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import { tool as langchainTool } from '@langchain/core/tools'
import { ChatOpenAI } from '@langchain/openai'
import { APICallError, generateText, Output, stepCountIs, streamText, tool } from 'ai'
import { expect } from 'vitest'
import { z } from 'zod'
import { createGateway } from '@turnout/core'
import { anthropic } from '@turnout/anthropic'
import { mockAdapter, type MockAdapter, type MockReply, type Script } from '@turnout/testing'
import { anthropicEmulator } from '@turnout/testing/emulators'
import { MODEL } from './openai-client.js'
import { scenario, type Served, type Stage } from './scenario.js'

const AI_SDK = '@ai-sdk/openai (responses)'
const LANGCHAIN = '@langchain/openai (responses)'

interface Scripted extends Served {
  readonly mock: MockAdapter
}

async function scripted(stage: Stage, script: Script<MockReply>): Promise<Scripted> {
  const mock = mockAdapter(script)
  const served = await stage.serve(createGateway({ providers: { mock }, defaults: { maxAttempts: 1 } }))
  return { ...served, mock }
}

const aiSdk = ({ origin, fetch }: Served, model: string = MODEL) =>
  createOpenAI({ baseURL: `${origin}/v1`, apiKey: 'unused', fetch }).responses(model)

const weather = tool({
  description: 'Tells the weather of a city.',
  inputSchema: z.object({ city: z.string() }),
  execute: ({ city }) => `rain in ${city}`,
})

const callsWeather: MockReply = {
  text: 'Let me look.',
  toolCalls: [{ name: 'weather', id: 'call_1', arguments: { city: 'Bern' } }],
}

scenario(AI_SDK, 'generateText', async (stage) => {
  const { mock, ...served } = await scripted(stage, 'Hello!')
  const { text, usage, finishReason } = await generateText({ model: aiSdk(served), prompt: 'Say hello.' })
  expect({ text, finishReason }).toEqual({ text: 'Hello!', finishReason: 'stop' })
  expect(usage.totalTokens).toBeGreaterThan(0)
  expect(mock.calls).toHaveLength(1)
})

scenario(AI_SDK, 'streamText with reasoning', async (stage) => {
  const served = await scripted(stage, { reasoning: ['Hm, ', 'so.'], text: ['One ', 'two.'] })
  const result = streamText({ model: aiSdk(served), prompt: 'Count.' })
  const texts: string[] = []
  for await (const text of result.textStream) texts.push(text)
  expect(texts).toEqual(['One ', 'two.'])
  expect(await result.reasoningText).toBe('Hm, so.')
  expect(await result.finishReason).toBe('stop')
})

scenario(AI_SDK, 'a tool loop, streamed, with the defaults of that SDK (store: true)', async (stage) => {
  const { mock, ...served } = await scripted(stage, [callsWeather, 'Rain in Bern.'])
  const result = streamText({
    model: aiSdk(served),
    prompt: 'Weather in Bern?',
    tools: { weather },
    stopWhen: stepCountIs(3),
  })
  expect(await result.text).toBe('Rain in Bern.')
  expect(mock.calls[1]?.request.messages).toMatchObject([
    { role: 'user' },
    { role: 'assistant', content: 'Let me look.', tool_calls: [{ id: 'call_1' }] },
    { role: 'tool', tool_call_id: 'call_1', content: 'rain in Bern' },
  ])
})

scenario(AI_SDK, 'a tool loop with store: false', async (stage) => {
  const { mock, ...served } = await scripted(stage, [callsWeather, 'Rain in Bern.'])
  const { text } = await generateText({
    model: aiSdk(served),
    prompt: 'Weather in Bern?',
    tools: { weather },
    stopWhen: stepCountIs(3),
    providerOptions: { openai: { store: false } },
  })
  expect(text).toBe('Rain in Bern.')
  expect(mock.calls[1]?.request.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool'])
})

scenario(AI_SDK, 'signed reasoning over the turns of a tool loop', async (stage) => {
  await using upstream = await anthropicEmulator({
    replies: [
      { reasoning: 'A tool.', toolCalls: [{ name: 'weather', id: 'toolu_1', arguments: { city: 'Bern' } }] },
      'Rain.',
    ],
  })
  const served = await stage.serve(
    createGateway({ providers: { anthropic: anthropic({ apiKey: 'test-key', baseURL: upstream.baseURL }) } }),
  )
  const result = streamText({
    model: aiSdk(served, 'anthropic/claude-sonnet-4-5'),
    prompt: 'Weather in Bern?',
    tools: { weather },
    stopWhen: stepCountIs(3),
    providerOptions: {
      openai: {
        store: false,
        forceReasoning: true,
        reasoningEffort: 'low',
        include: ['reasoning.encrypted_content'],
      },
    },
  })
  expect(await result.text).toBe('Rain.')
  const sent = upstream.requests[1]?.body as { messages: { content: unknown }[] }
  expect(sent.messages[1]?.content).toMatchObject([
    { type: 'thinking', thinking: 'A tool.', signature: expect.any(String) as string },
    { type: 'tool_use', id: 'toolu_1' },
  ])
})

scenario(AI_SDK, 'structured output with zod', async (stage) => {
  const served = await scripted(stage, '{"title":"A turnout"}')
  const { output } = await generateText({
    model: aiSdk(served),
    prompt: 'A title.',
    output: Output.object({ schema: z.object({ title: z.string() }) }),
  })
  expect(output).toEqual({ title: 'A turnout' })
})

// That SDK decides by the status alone whether to try again, and does not read `x-should-retry`.
scenario(AI_SDK, 'a failure for good, once with maxRetries: 0', async (stage) => {
  const { mock, ...served } = await scripted(stage, { error: 'overloaded' })
  const error: unknown = await generateText({
    model: aiSdk(served),
    prompt: 'Hello.',
    maxRetries: 0,
  }).catch((e: unknown) => e)
  expect(error).toSatisfy(APICallError.isInstance)
  expect(error).toMatchObject({ responseHeaders: { 'x-should-retry': 'false' } })
  expect(mock.calls).toHaveLength(1)
})

scenario(AI_SDK, 'an error in the middle of a stream', async (stage) => {
  const served = await scripted(stage, {
    text: ['One ', 'two ', 'three.'],
    errorEvent: { afterChunks: 2, error: 'overloaded' },
  })
  const result = streamText({ model: aiSdk(served), prompt: 'Count.', onError() {} })
  let text = ''
  const errors: unknown[] = []
  for await (const part of result.fullStream) {
    if (part.type === 'text-delta') text += part.text
    if (part.type === 'error') errors.push(part.error)
  }
  expect(text).toBe('One two ')
  expect(errors).toHaveLength(1)
})

const langchain = ({ origin, fetch }: Served) =>
  new ChatOpenAI({
    model: MODEL,
    apiKey: 'unused',
    useResponsesApi: true,
    configuration: { baseURL: `${origin}/v1`, fetch },
  })

scenario(LANGCHAIN, 'invoke and stream', async (stage) => {
  const model = langchain(await scripted(stage, [{ text: 'Hello!' }, { text: ['One ', 'two.'] }]))
  const answer = await model.invoke('Say hello.')
  expect(answer.text).toBe('Hello!')
  expect(answer.usage_metadata?.total_tokens).toBeGreaterThan(0)
  let text = ''
  for await (const chunk of await model.stream('Count.')) text += chunk.text
  expect(text).toBe('One two.')
})

scenario(LANGCHAIN, 'a tool loop', async (stage) => {
  const { mock, ...served } = await scripted(stage, [callsWeather, 'Rain in Bern.'])
  const tools = [
    langchainTool(({ city }: { city: string }) => `rain in ${city}`, {
      name: 'weather',
      description: 'Tells the weather of a city.',
      schema: z.object({ city: z.string() }),
    }),
  ]
  const model = langchain(served).bindTools(tools)
  const question = new HumanMessage('Weather in Bern?')
  const first = await model.invoke([question])
  expect(first.tool_calls).toMatchObject([{ id: 'call_1', name: 'weather', args: { city: 'Bern' } }])
  const result = new ToolMessage({ tool_call_id: 'call_1', content: 'rain in Bern' })
  const second = await model.invoke([question, first, result])
  expect(second.text).toBe('Rain in Bern.')
  expect(mock.calls[1]?.request.messages).toMatchObject([
    { role: 'user' },
    { role: 'assistant', tool_calls: [{ id: 'call_1' }] },
    { role: 'tool', tool_call_id: 'call_1', content: 'rain in Bern' },
  ])
})
