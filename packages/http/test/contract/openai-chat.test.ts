import { expect } from 'vitest'
import { messages, MODEL, openaiClient } from './openai-client.js'
import { scenario } from './scenario.js'

scenario('openai', 'a whole answer', async (stage) => {
  const { client, mock } = await openaiClient(stage, 'Hello!')
  const answer = await client.chat.completions.create({ model: MODEL, messages })
  expect(answer.choices[0]?.message.content).toBe('Hello!')
  expect(answer.choices[0]?.finish_reason).toBe('stop')
  expect(answer.usage?.total_tokens).toBeGreaterThan(0)
  expect(mock.calls).toHaveLength(1)
})

scenario('openai', 'a stream', async (stage) => {
  const { client } = await openaiClient(stage, 'One two three.')
  const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true })
  const texts: string[] = []
  const reasons: unknown[] = []
  for await (const chunk of stream) {
    texts.push(chunk.choices[0]?.delta.content ?? '')
    reasons.push(chunk.choices[0]?.finish_reason)
  }
  expect(texts.join('')).toBe('One two three.')
  expect(texts.filter(Boolean)).toHaveLength(3)
  expect(reasons.at(-1)).toBe('stop')
})

scenario('openai', 'a status of the provider, as the error class of the client', async (stage) => {
  const { client, mock } = await openaiClient(stage, { error: 'rate_limited', retryAfterMs: 1_500 })
  const error: unknown = await client.chat.completions
    .create({ model: MODEL, messages })
    .catch((e: unknown) => e)
  expect(error).toMatchObject({ name: 'Error', status: 429, code: 'rate_limited', type: 'rate_limit_error' })
  expect(mock.calls).toHaveLength(1)
})
