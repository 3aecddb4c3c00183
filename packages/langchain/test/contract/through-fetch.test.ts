/** Without this package: LangChain's own OpenAI models, with a gateway behind their `fetch`. */
import {
  HumanMessage,
  type AIMessageChunk,
  type BaseMessage,
  type ToolMessage,
} from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { concat } from '@langchain/core/utils/stream'
import { ChatOpenAI, OpenAIEmbeddings, type ChatOpenAIFields } from '@langchain/openai'
import { createGateway } from '@turnout/core'
import { mockAdapter, type MockReply, type Script } from '@turnout/testing'
import { expect } from 'vitest'
import * as z from 'zod'
import { scenario, type Stage } from '../../../http/test/contract/scenario.js'

const MODEL = 'mock/some-model'

async function openai(stage: Stage, script?: Script<MockReply>, fields: ChatOpenAIFields = {}) {
  const mock = mockAdapter(script)
  const gateway = createGateway({ providers: { mock }, defaults: { maxAttempts: 1 } })
  const { origin, fetch } = await stage.serve(gateway)
  const configuration = { baseURL: `${origin}/v1`, fetch }
  const model = new ChatOpenAI({ model: MODEL, apiKey: 'unused', maxRetries: 0, configuration, ...fields })
  return { mock, model, configuration }
}
const weather = tool(async ({ city }: { city: string }) => `Rain in ${city}.`, {
  name: 'weather',
  description: 'The weather in a city.',
  schema: z.object({ city: z.string() }),
})

scenario('@langchain/openai', 'invoke', async (stage) => {
  const { model } = await openai(stage, {
    text: 'Hello!',
    usage: { inputTokens: 20, outputTokens: 7, cachedTokens: 4 },
  })
  const answer = await model.invoke('Hi')
  expect(answer.text).toBe('Hello!')
  expect(answer.usage_metadata).toMatchObject({
    input_tokens: 20,
    output_tokens: 7,
    input_token_details: { cache_read: 4 },
  })
})

scenario('@langchain/openai', 'stream, with usage', async (stage) => {
  const { model } = await openai(stage, {
    text: ['One ', 'two.'],
    usage: { inputTokens: 9, outputTokens: 3 },
  })
  let whole: AIMessageChunk | undefined
  for await (const chunk of await model.stream('Hi')) whole = whole ? concat(whole, chunk) : chunk
  expect(whole?.text).toBe('One two.')
  expect(whole?.usage_metadata).toMatchObject({ input_tokens: 9, output_tokens: 3 })
})

scenario('@langchain/openai', 'a tool loop', async (stage) => {
  const { model, mock } = await openai(stage, [
    { toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' }, id: 'call_1' }] },
    'It rains.',
  ])
  const agent = model.bindTools([weather])
  const messages: BaseMessage[] = [new HumanMessage('Weather in Oslo?')]
  const first = await agent.invoke(messages)
  const result: ToolMessage = await weather.invoke(first.tool_calls![0]!)
  const second = await agent.invoke([...messages, first, result])
  expect(second.text).toBe('It rains.')
  expect(mock.calls[1]?.request.messages.at(-1)).toMatchObject({
    role: 'tool',
    tool_call_id: 'call_1',
    content: 'Rain in Oslo.',
  })
})

scenario('@langchain/openai', 'withStructuredOutput with zod', async (stage) => {
  const { model, mock } = await openai(stage, '{"n":1}')
  const schema = z.object({ n: z.number() })
  const answer = await model.withStructuredOutput(schema, { name: 'note', method: 'jsonSchema' }).invoke('Hi')
  expect(answer).toEqual({ n: 1 })
  expect(mock.calls[0]?.request.response_format).toMatchObject({ json_schema: { name: 'note' } })
})

scenario('@langchain/openai', 'the Responses API', async (stage) => {
  const { model } = await openai(stage, 'Hello!', { useResponsesApi: true })
  expect((await model.invoke('Hi')).text).toBe('Hello!')
  let text = ''
  for await (const chunk of await model.stream('Hi')) text += chunk.text
  expect(text).toBe('Hello!')
})

scenario('@langchain/openai', 'a failed call, once, with maxRetries: 0', async (stage) => {
  const { model, mock } = await openai(stage, { error: 'rate_limited', retryAfterMs: 5 })
  await expect(model.invoke('Hi')).rejects.toMatchObject({ status: 429, code: 'rate_limited' })
  expect(mock.calls).toHaveLength(1)
})

scenario('@langchain/openai', 'an abort', async (stage) => {
  const { model, mock } = await openai(stage, { fault: 'silence' })
  const controller = new AbortController()
  const asking = model.invoke('Hi', { signal: controller.signal }).catch((error: unknown) => error)
  await expect.poll(() => mock.calls.length).toBe(1)
  controller.abort()
  expect(((await asking) as Error).name).toMatch(/Abort/)
  await expect.poll(() => mock.calls[0]?.aborted).toBe(true)
})

scenario('@langchain/openai', 'embeddings', async (stage) => {
  const { configuration } = await openai(stage)
  const embeddings = new OpenAIEmbeddings({ model: MODEL, apiKey: 'unused', maxRetries: 0, configuration })
  const vectors = await embeddings.embedDocuments(['a', 'b'])
  expect(vectors).toHaveLength(2)
  expect(vectors[0]?.length).toBeGreaterThan(0)
})
