import OpenAI from 'openai'
import { BadRequestError } from 'openai/error'
import { expect } from 'vitest'
import { createGateway, type Gateway, type UsageRow } from '@turnout/core'
import { mockAdapter } from '@turnout/testing'
import { failure, messages, MODEL, openaiClient } from './openai-client.js'
import { scenario } from './scenario.js'

/** What is ours is unknown to the client's types. */
const ask = (gateway: object, more: object = {}) =>
  ({ model: MODEL, messages, gateway, ...more }) as OpenAI.Chat.ChatCompletionCreateParamsNonStreaming

const groupsOf = async (gateway: Gateway, groupBy: 'tenant' | 'session' | `tag:${string}`) => {
  const rows: readonly UsageRow[] = await gateway.usage({ groupBy })
  return rows.map(({ group }) => group[groupBy])
}

scenario('openai', 'the gateway field of an answer', async (stage) => {
  const { client } = await openaiClient(stage, 'Hello!', { gateway: { routes: { summary: ['mock/a'] } } })
  const answer = await client.chat.completions.create({ model: 'summary', messages })
  expect(answer).toMatchObject({
    gateway: {
      route: 'summary',
      provider: 'mock',
      model: 'a',
      attempts: [{ kind: 'first', outcome: 'ok' }],
      trace: { requested: 'summary', outcome: 'ok' },
    },
  })
})

scenario('openai', 'the gateway field of a stream, with usage and without', async (stage) => {
  const { client } = await openaiClient(stage, 'Hello!')
  for (const include_usage of [false, true]) {
    const stream = await client.chat.completions.create({
      model: MODEL,
      messages,
      stream: true,
      stream_options: { include_usage },
    })
    const marked: OpenAI.Chat.ChatCompletionChunk[] = []
    for await (const chunk of stream) if ('gateway' in chunk) marked.push(chunk)
    expect(marked).toHaveLength(1)
    expect(marked[0]).toMatchObject({ gateway: { provider: 'mock', attempts: [{ outcome: 'ok' }] } })
    expect(marked[0]?.choices.map((choice) => choice.finish_reason)).toEqual(include_usage ? [] : ['stop'])
  }
})

scenario('openai', 'the gateway field of embeddings', async (stage) => {
  const { client } = await openaiClient(stage)
  const answer = await client.embeddings.create({ model: MODEL, input: 'red' })
  expect(answer).toMatchObject({ gateway: { provider: 'mock', attempts: [{ outcome: 'ok' }] } })
})

scenario('openai', 'call options in the body, under gateway', async (stage) => {
  const { client, gateway } = await openaiClient(stage, 'Hello!')
  const answer = await client.chat.completions.create(
    ask({ requestId: 'mine-1', tenant: 'acme', session: 's-1', tags: { team: 'search' } }),
  )
  expect(answer).toMatchObject({ _request_id: 'mine-1', gateway: { requestId: 'mine-1' } })
  expect(await groupsOf(gateway, 'tenant')).toEqual(['acme'])
  expect(await groupsOf(gateway, 'session')).toEqual(['s-1'])
  expect(await groupsOf(gateway, 'tag:team')).toEqual(['search'])
})

scenario('openai', 'call options in x-turnout headers', async (stage) => {
  const { client, gateway, mock } = await openaiClient(stage, 'Hello!', {
    client: { defaultHeaders: { 'x-turnout-tenant': 'acme', 'x-turnout-tags': 'team=search, env=prod' } },
  })
  const headers = {
    'x-turnout-request-id': 'mine-2',
    'x-turnout-session': 's-2',
    'x-turnout-priority': 'high',
    'x-turnout-idempotency-key': 'once',
    'x-turnout-max-attempts': '3',
    'x-turnout-max-cost-usd': '5',
    'x-turnout-timeout-ms': '5000',
  }
  const params = { model: MODEL, messages }
  const { data } = await client.chat.completions
    .create(params, { headers: { ...headers, 'x-turnout-max-cost-usd': null } })
    .withResponse()
  expect(data).toMatchObject({ gateway: { requestId: 'mine-2' } })
  expect(await groupsOf(gateway, 'tenant')).toEqual(['acme'])
  expect(await groupsOf(gateway, 'session')).toEqual(['s-2'])
  expect(await groupsOf(gateway, 'tag:env')).toEqual(['prod'])
  expect(mock.calls[0]?.attempt.idempotencyKey).toBe('once')
  // No price is known for the mock: under a limit on the cost it is left out.
  expect(await failure(client.chat.completions.create(params, { headers }))).toMatchObject({
    code: 'budget_exceeded',
  })
})

scenario('openai', 'a header wins over the body, and options of the fetch over both', async (stage) => {
  const { client, gateway } = await openaiClient(stage, 'Hello!', {
    surface: { options: { tenant: 'theirs', tags: { env: 'prod' } } },
  })
  await client.chat.completions.create(
    ask({ tenant: 'body', session: 'body', tags: { env: 'dev', team: 'x' } }),
    {
      headers: { 'x-turnout-tenant': 'header', 'x-turnout-session': 'header', 'x-turnout-tags': 'env=test' },
    },
  )
  expect(await groupsOf(gateway, 'tenant')).toEqual(['theirs'])
  expect(await groupsOf(gateway, 'session')).toEqual(['header'])
  expect(await groupsOf(gateway, 'tag:env')).toEqual(['prod'])
  expect(await groupsOf(gateway, 'tag:team')).toEqual(['x'])
})

scenario('openai', 'options that are none: refused with their place', async (stage) => {
  const { client, mock } = await openaiClient(stage)
  const inBody = await failure(client.chat.completions.create(ask({ tenat: 'acme' })))
  expect(inBody).toBeInstanceOf(BadRequestError)
  expect(inBody).toMatchObject({ param: 'gateway.tenat' })
  for (const [header, value] of [
    ['x-turnout-max-attempts', 'many'],
    ['x-turnout-timeout-ms', ''],
    ['x-turnout-tags', 'nameless'],
    ['x-turnout-tenent', 'acme'],
    ['x-turnout-colour', 'red'],
  ] as const) {
    const error = await failure(
      client.chat.completions.create({ model: MODEL, messages }, { headers: { [header]: value } }),
    )
    expect(error).toMatchObject({ status: 400, param: header })
  }
  const typo = { headers: { 'x-turnout-tenent': 'acme' } }
  const misspelt = await failure(client.chat.completions.create({ model: MODEL, messages }, typo))
  expect((misspelt as BadRequestError).message).toContain('did you mean x-turnout-tenant?')
  const priority = { headers: { 'x-turnout-priority': 'urgent' } }
  const error = await failure(client.chat.completions.create({ model: MODEL, messages }, priority))
  expect(error).toMatchObject({ status: 400, code: 'invalid_request' })
  expect(mock.calls).toHaveLength(0)
})

scenario('openai', 'rescue: restart is refused, hold and continue are not', async (stage) => {
  const { client } = await openaiClient(stage, 'Hello!')
  const restart = await failure(client.chat.completions.create(ask({ rescue: 'restart' })))
  expect(restart).toMatchObject({ status: 400, param: 'gateway.rescue' })
  for (const rescue of ['hold', 'continue']) {
    const stream = client.chat.completions.stream(ask({ rescue }) as never)
    expect((await stream.finalChatCompletion()).choices[0]?.message.content).toBe('Hello!')
  }
})

scenario(
  'openai',
  'a route that restarts broken streams: an error here, never two answers',
  async (stage) => {
    const { client } = await openaiClient(
      stage,
      { byModel: { bad: { text: ['One ', 'two.'], cut: { afterChunks: 1 } }, good: 'Another answer.' } },
      {
        gateway: {
          defaults: { maxAttempts: 6 },
          routes: { summary: { targets: ['mock/bad', 'mock/good'], rescue: 'restart' } },
        },
      },
    )
    const stream = await client.chat.completions.create({ model: 'summary', messages, stream: true })
    let text = ''
    const error = await failure(
      (async () => {
        for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
      })(),
    )
    expect(text).toBe('One ')
    expect(error).toMatchObject({ param: 'gateway.rescue' })
  },
)

scenario('openai', 'a stream that is carried on by another provider', async (stage) => {
  const { client } = await openaiClient(
    stage,
    { byModel: { bad: { text: ['One ', 'two.'], cut: { afterChunks: 1 } }, good: 'One two three.' } },
    {
      gateway: {
        defaults: { maxAttempts: 6 },
        routes: { summary: { targets: ['mock/bad', 'mock/good'], rescue: 'continue' } },
      },
    },
  )
  const stream = client.chat.completions.stream({ model: 'summary', messages })
  expect((await stream.finalChatCompletion()).choices[0]?.message.content).toBe('One two three.')
})

scenario('openai', 'a budget that is used up', async (stage) => {
  const { client } = await openaiClient(stage, 'Hello!', {
    gateway: {
      catalog: { 'mock/some-model': { price: { inputUsd: 1, outputUsd: 1 } } },
      budgets: { tiny: { period: 'day', limitUsd: 0.000_001 } },
    },
  })
  const error = await failure(client.chat.completions.create({ model: MODEL, messages, max_tokens: 1_000 }))
  expect(error).toMatchObject({ status: 402, code: 'budget_exceeded', type: 'insufficient_quota' })
})

scenario(
  'openai',
  'a client that is there already, by withOptions: its headers come along',
  async (stage) => {
    const gateway = createGateway({ providers: { mock: mockAdapter('Hello!') } })
    const { origin, fetch } = await stage.serve(gateway)
    const others: string[] = []
    const client = new OpenAI({
      apiKey: 'sk-theirs',
      defaultHeaders: { 'x-turnout-tenant': 'acme' },
      fetch(url) {
        others.push(url as string)
        return Promise.resolve(Response.json({ object: 'list', data: [] }))
      },
    })
    const wrapped = client.withOptions({ fetch, baseURL: `${origin}/v1`, maxRetries: 0 })
    const answer = await wrapped.chat.completions.create({ model: MODEL, messages })
    expect(answer.choices[0]?.message.content).toBe('Hello!')
    expect(await groupsOf(gateway, 'tenant')).toEqual(['acme'])
    expect(others).toEqual([])
    await client.models.list()
    expect(others).toEqual(['https://api.openai.com/v1/models'])
  },
)
