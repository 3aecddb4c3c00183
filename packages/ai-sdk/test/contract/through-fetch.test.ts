/** Without this package: @ai-sdk/openai-compatible, with a gateway behind its `fetch`. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { createGateway } from '@turnout/core'
import { mockAdapter, type MockReply, type Script } from '@turnout/testing'
import { APICallError, embedMany, generateText, Output, stepCountIs, streamText, tool } from 'ai'
import { expect } from 'vitest'
import * as z from 'zod'
import { scenario, type Stage } from '../../../http/test/contract/scenario.js'

const MODEL = 'mock/some-model'
const prompt = 'Say hello.'

async function compatible(stage: Stage, script?: Script<MockReply>) {
  const mock = mockAdapter(script)
  const gateway = createGateway({ providers: { mock }, defaults: { maxAttempts: 1 } })
  const { origin, fetch } = await stage.serve(gateway)
  const turnout = createOpenAICompatible({
    name: 'turnout',
    baseURL: `${origin}/v1`,
    fetch,
    includeUsage: true,
    supportsStructuredOutputs: true,
  })
  return { mock, turnout }
}

scenario('@ai-sdk/openai-compatible', 'generateText', async (stage) => {
  const { turnout } = await compatible(stage, {
    reasoning: 'Hm.',
    text: 'Hello!',
    usage: { inputTokens: 20, outputTokens: 7, cachedTokens: 4, reasoningTokens: 3 },
  })
  const { text, reasoningText, usage } = await generateText({ model: turnout(MODEL), prompt })
  expect([text, reasoningText]).toEqual(['Hello!', 'Hm.'])
  expect(usage).toMatchObject({
    inputTokens: 20,
    outputTokens: 7,
    inputTokenDetails: { cacheReadTokens: 4 },
    outputTokenDetails: { reasoningTokens: 3 },
  })
})

scenario('@ai-sdk/openai-compatible', 'streamText, with usage', async (stage) => {
  const { turnout } = await compatible(stage, {
    text: ['One ', 'two.'],
    usage: { inputTokens: 9, outputTokens: 3 },
  })
  const result = streamText({ model: turnout(MODEL), prompt })
  expect(await result.text).toBe('One two.')
  expect(await result.usage).toMatchObject({ inputTokens: 9, outputTokens: 3 })
  expect(await result.finishReason).toBe('stop')
})

scenario('@ai-sdk/openai-compatible', 'a tool loop with streamText', async (stage) => {
  const { turnout, mock } = await compatible(stage, [
    { toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }] },
    'It rains.',
  ])
  const weather = tool({ inputSchema: z.object({ city: z.string() }), execute: async () => 'rain' })
  const result = streamText({ model: turnout(MODEL), prompt, tools: { weather }, stopWhen: stepCountIs(3) })
  await result.consumeStream()
  expect(await result.text).toBe('It rains.')
  expect(mock.calls[1]?.request.messages.at(-1)).toMatchObject({ role: 'tool', content: 'rain' })
})

scenario('@ai-sdk/openai-compatible', 'Output.object with zod', async (stage) => {
  const { turnout, mock } = await compatible(stage, '{"n":1}')
  const output = Output.object({ schema: z.object({ n: z.number() }) })
  const result = await generateText({ model: turnout(MODEL), prompt, output })
  expect(result.output).toEqual({ n: 1 })
  expect(mock.calls[0]?.request.response_format?.type).toBe('json_schema')
})

scenario('@ai-sdk/openai-compatible', 'a failed call, once, with maxRetries: 0', async (stage) => {
  const { turnout, mock } = await compatible(stage, { error: 'rate_limited', retryAfterMs: 5 })
  const error: unknown = await generateText({ model: turnout(MODEL), prompt, maxRetries: 0 }).catch(
    (thrown: unknown) => thrown,
  )
  expect(APICallError.isInstance(error) && error.statusCode).toBe(429)
  expect(mock.calls).toHaveLength(1)
})

scenario('@ai-sdk/openai-compatible', 'a stream that breaks', async (stage) => {
  const { turnout } = await compatible(stage, {
    text: ['One ', 'two'],
    cut: { afterChunks: 1, how: 'reset' },
  })
  const errors: unknown[] = []
  const result = streamText({
    model: turnout(MODEL),
    prompt,
    onError: ({ error }) => void errors.push(error),
  })
  let text = ''
  for await (const part of result.fullStream) if (part.type === 'text-delta') text += part.text
  expect(text).toBe('One ')
  expect(errors.length).toBeGreaterThan(0)
})

scenario('@ai-sdk/openai-compatible', 'an abort', async (stage) => {
  const { turnout, mock } = await compatible(stage, { fault: 'silence' })
  const controller = new AbortController()
  const asking = generateText({ model: turnout(MODEL), prompt, abortSignal: controller.signal }).catch(
    (error: unknown) => error,
  )
  await expect.poll(() => mock.calls.length).toBe(1)
  controller.abort()
  expect(((await asking) as Error).name).toBe('AbortError')
  await expect.poll(() => mock.calls[0]?.aborted).toBe(true)
})

scenario('@ai-sdk/openai-compatible', 'embedMany', async (stage) => {
  const { turnout } = await compatible(stage)
  const { embeddings } = await embedMany({ model: turnout.embeddingModel(MODEL), values: ['a', 'b'] })
  expect(embeddings).toHaveLength(2)
  expect(typeof embeddings[0]?.[0]).toBe('number')
})
