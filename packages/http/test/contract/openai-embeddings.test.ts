import { APIUserAbortError, InternalServerError, NotFoundError } from 'openai/error'
import { expect } from 'vitest'
import { failure, MODEL, openaiClient } from './openai-client.js'
import { scenario } from './scenario.js'

const input = ['red', 'green', 'blue']

scenario('openai', "embeddings in the client's default encoding, base64", async (stage) => {
  const { client } = await openaiClient(stage)
  const { data, usage, object } = await client.embeddings.create({ model: MODEL, input })
  expect(object).toBe('list')
  expect(data.map(({ index }) => index)).toEqual([0, 1, 2])
  expect(data.map(({ embedding }) => embedding.length)).toEqual([8, 8, 8])
  expect(usage.total_tokens).toBeGreaterThan(0)
})

scenario('openai', 'embeddings as floats and as base64: the same numbers', async (stage) => {
  const { client } = await openaiClient(stage)
  const vectors = async (encoding_format?: 'float' | 'base64') => {
    const { data } = await client.embeddings.create({
      model: MODEL,
      input,
      ...(encoding_format && { encoding_format }),
    })
    return data.map(({ embedding }) => embedding)
  }
  const floats = await vectors('float')
  const decoded = await vectors()
  expect(decoded).toEqual(floats)
  const encoded = (await vectors('base64')) as unknown as string[]
  const bytes = encoded.map((text) => Uint8Array.from(Buffer.from(text, 'base64')).buffer)
  expect(bytes.map((buffer) => [...new Float32Array(buffer)])).toEqual(floats)
})

scenario('openai', 'embeddings of one text, with dimensions', async (stage) => {
  const { client } = await openaiClient(stage)
  const { data, model } = await client.embeddings.create({ model: MODEL, input: 'red', dimensions: 3 })
  expect(data[0]?.embedding).toHaveLength(3)
  expect(model).toBe('some-model')
})

scenario('openai', 'embeddings of a model that nobody knows', async (stage) => {
  const { client } = await openaiClient(stage)
  const error = await failure(client.embeddings.create({ model: 'nothing', input }))
  expect(error).toBeInstanceOf(NotFoundError)
})

scenario('openai', 'embeddings of a gateway that is closed, asked once', async (stage) => {
  const { client, gateway } = await openaiClient(stage)
  await gateway.close()
  const error = await failure(client.embeddings.create({ model: MODEL, input }))
  expect(error).toBeInstanceOf(InternalServerError)
  expect(error).toMatchObject({ code: 'closed' })
})

scenario('openai', 'embeddings that are aborted before they are sent', async (stage) => {
  const { client } = await openaiClient(stage)
  const asked = client.embeddings.create({ model: MODEL, input }, { signal: AbortSignal.abort() })
  expect(await failure(asked)).toBeInstanceOf(APIUserAbortError)
})

scenario('openai', 'the list of models: routes and models', async (stage) => {
  const { client } = await openaiClient(stage, 'Hello!', {
    gateway: { routes: { summary: ['mock/a', 'mock/b'] } },
  })
  const models = []
  for await (const model of client.models.list()) models.push(model)
  expect(models.map(({ id }) => id)).toContain('summary')
  expect(models.find(({ id }) => id === 'summary')).toMatchObject({
    object: 'model',
    owned_by: 'turnout',
    gateway: { kind: 'route', targets: ['mock/a', 'mock/b'] },
  })
  expect(models.find(({ id }) => id === 'mock/mock-model')).toMatchObject({ owned_by: 'mock' })
})

scenario(
  'openai',
  'one model: a route, a listed one, one behind a known provider, and none',
  async (stage) => {
    const { client } = await openaiClient(stage, 'Hello!', { gateway: { routes: { summary: ['mock/a'] } } })
    expect(await client.models.retrieve('summary')).toMatchObject({ id: 'summary', owned_by: 'turnout' })
    expect(await client.models.retrieve('mock/mock-model')).toMatchObject({ id: 'mock/mock-model' })
    expect(await client.models.retrieve('mock/tomorrow')).toMatchObject({
      id: 'mock/tomorrow',
      owned_by: 'mock',
    })
    expect(await failure(client.models.retrieve('sumary'))).toMatchObject({
      status: 404,
      code: 'no_route',
      message: expect.stringContaining('summary') as unknown,
    })
  },
)
