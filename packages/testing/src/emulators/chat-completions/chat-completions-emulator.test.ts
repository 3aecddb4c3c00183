import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import type { Emulator } from '../emulator.js'
import { openaiProfile } from '../openai/openai-profile.js'
import { chatCompletionsEmulator } from './chat-completions-emulator.js'
import type { ChatProfile } from './chat-profile.js'

let server: Emulator
afterEach(() => server.close())

/** A made-up vendor with the differences that are found in the wild. */
const acme: ChatProfile = {
  ...openaiProfile,
  name: 'acme',
  basePath: '/compatible/v1',
  knownFields: undefined,
  rules: undefined,
  reasoningField: 'reasoning_content',
  toolCalls: 'whole',
  makeToolCallId: () => 'abcdefghi',
  streamUsage: { place: 'finish-chunk', when: 'always' },
  extras: {},
  endpoints: undefined,
  embeddingDimensions: undefined,
  models: ['acme-1'],
}

describe('chatCompletionsEmulator', () => {
  it('speaks as its profile says', async () => {
    server = await chatCompletionsEmulator(acme, {
      replies: {
        reasoning: 'Hm, well.',
        text: 'Yes.',
        toolCalls: [{ name: 'f', arguments: { long: 'x'.repeat(40) } }],
        usage: { inputTokens: 3, outputTokens: 9, reasoningTokens: 4 },
      },
    })
    expect(server.baseURL).toBe(`${server.url}/compatible/v1`)
    const client = new OpenAI({ baseURL: server.baseURL, apiKey: 'k', maxRetries: 0 })
    const body = { model: 'acme-1', messages: [{ role: 'user' as const, content: 'Hi' }], top_k: 5 }
    const whole = await client.chat.completions.create(body)
    expect(whole.choices[0]?.message).toMatchObject({
      reasoning_content: 'Hm, well.',
      content: 'Yes.',
      tool_calls: [{ id: 'abcdefghi' }],
    })

    const chunks: OpenAI.ChatCompletionChunk[] = []
    for await (const chunk of await client.chat.completions.create({ ...body, stream: true }))
      chunks.push(chunk)
    const deltas = chunks.map((chunk) => chunk.choices[0]?.delta as Record<string, unknown>)
    expect(deltas.map((delta) => delta['reasoning_content']).join('')).toBe('Hm, well.')
    expect(chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? [])).toMatchObject([
      { index: 0, id: 'abcdefghi', function: { name: 'f', arguments: `{"long":"${'x'.repeat(40)}"}` } },
    ])
    expect(
      chunks
        .filter(({ usage }) => usage)
        .map(({ choices, usage }) => [choices[0]?.finish_reason, usage?.total_tokens]),
    ).toEqual([['tool_calls', 12]])
  })

  it('has only the endpoints of its profile, and keeps nothing when told so', async () => {
    server = await chatCompletionsEmulator(acme, { record: false })
    const status = async (path: string): Promise<number> =>
      (
        await fetch(`${server.baseURL}${path}`, {
          method: 'POST',
          headers: { authorization: 'Bearer k' },
          body: '{}',
        })
      ).status
    expect([
      await status('/responses'),
      await status('/embeddings'),
      await status('/chat/completions'),
    ]).toEqual([404, 404, 400])
    expect(server.requests).toEqual([])
  })
})
