import { expect, it } from 'vitest'
import type { AttemptContext, CallJson } from '@turnout/core/adapter'
import { embed } from './embeddings.js'

const attempt = { provider: 'gemini', model: 'gemini-embedding-001' } as AttemptContext

interface Call {
  readonly method: string
  readonly path: string
  readonly body?: { requests: { content: { parts: [{ text: string }] } }[] }
}

function server(vector: (text: string) => unknown): { calls: Call[]; callJson: CallJson } {
  const calls: Call[] = []
  return {
    calls,
    callJson: (call) => {
      calls.push(call as Call)
      return Promise.resolve({
        embeddings: (call as Call).body?.requests.map(({ content }) => ({
          values: vector(content.parts[0].text),
        })),
      })
    },
  }
}

it('asks for a hundred at a time and keeps the order', async () => {
  const { calls, callJson } = server((text) => [Number(text), 0])
  const input = Array.from({ length: 201 }, (_, i) => String(i))
  const { vectors, usage } = await embed({ model: 'r', input }, attempt, callJson)
  expect(calls.map(({ path, body }) => [path, body?.requests.length])).toEqual(
    [100, 100, 1].map((count) => ['/models/gemini-embedding-001:batchEmbedContents', count]),
  )
  expect(vectors).toEqual(input.map((text) => [Number(text), 0]))
  expect(usage).toBeUndefined()
})

it('normalises shortened vectors and passes own fields on', async () => {
  const { calls, callJson } = server(() => [3, 4])
  const asked = {
    model: 'r',
    input: 'x',
    dimensions: 2,
    provider_options: { gemini: { taskType: 'RETRIEVAL_QUERY' } },
  }
  expect((await embed(asked, attempt, callJson)).vectors).toEqual([[0.6, 0.8]])
  expect(calls[0]?.body?.requests).toEqual([
    {
      model: 'models/gemini-embedding-001',
      content: { parts: [{ text: 'x' }] },
      outputDimensionality: 2,
      taskType: 'RETRIEVAL_QUERY',
    },
  ])
  expect((await embed({ ...asked, dimensions: undefined }, attempt, callJson)).vectors).toEqual([[3, 4]])
  expect((await embed(asked, attempt, server(() => [0, 0]).callJson)).vectors).toEqual([[0, 0]])
})

it.each([[null], [{}], [{ embeddings: [] }], [{ embeddings: [null] }], [{ embeddings: [{ values: 'x' }] }]])(
  'refuses the answer %j',
  async (answer) => {
    await expect(
      embed({ model: 'r', input: 'x' }, attempt, () => Promise.resolve(answer)),
    ).rejects.toMatchObject({ code: 'bad_response' })
  },
)
