import { APIError } from 'openai'
import { zodTextFormat } from 'openai/helpers/zod'
import type { ResponseInputItem } from 'openai/resources/responses/responses'
import { expect } from 'vitest'
import { z } from 'zod'
import { createGateway } from '@turnout/core'
import { anthropic } from '@turnout/anthropic'
import { anthropicEmulator } from '@turnout/testing/emulators'
import OpenAI from 'openai'
import { MODEL, openaiClient } from './openai-client.js'
import { scenario } from './scenario.js'

const weather: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'weather',
  description: 'Tells the weather of a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: false,
}

const failed = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error)

scenario('openai (responses)', 'a whole answer', async (stage) => {
  const { client, mock } = await openaiClient(stage, 'Hello!')
  const response = await client.responses.create({
    model: MODEL,
    instructions: 'Be kind.',
    input: 'Say hello.',
    max_output_tokens: 50,
  })
  expect(response.output_text).toBe('Hello!')
  expect(response).toMatchObject({
    object: 'response',
    status: 'completed',
    error: null,
    instructions: 'Be kind.',
  })
  expect(response.usage?.total_tokens).toBe(
    (response.usage?.input_tokens ?? 0) + (response.usage?.output_tokens ?? 0),
  )
  expect(mock.calls[0]?.request).toMatchObject({
    messages: [
      { role: 'developer', content: 'Be kind.' },
      { role: 'user', content: 'Say hello.' },
    ],
    max_completion_tokens: 50,
  })
})

scenario('openai (responses)', 'a stream, its events in order', async (stage) => {
  const { client } = await openaiClient(stage, { text: ['One ', 'two.'] })
  const stream = await client.responses.create({ model: MODEL, input: 'Count.', stream: true })
  const types: string[] = []
  const numbers: number[] = []
  let text = ''
  for await (const event of stream) {
    types.push(event.type)
    numbers.push(event.sequence_number)
    if (event.type === 'response.output_text.delta') text += event.delta
  }
  expect(types).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ])
  expect(numbers).toEqual(numbers.map((_, i) => i))
  expect(text).toBe('One two.')
})

scenario(
  'openai (responses)',
  'the helper responses.stream, whose final response equals the whole one',
  async (stage) => {
    const reply = {
      reasoning: 'Thinking.',
      text: 'Done.',
      toolCalls: [{ name: 'weather', arguments: { city: 'Bern' } }],
    }
    const { client } = await openaiClient(stage, [reply, reply])
    const asked = { model: MODEL, input: 'Weather?', tools: [weather] }
    const streamed = await client.responses.stream(asked).finalResponse()
    const whole = await client.responses.create(asked)
    const shape = (output: readonly { type: string }[]): unknown => output.map(({ type }) => type)
    expect(streamed.output_text).toBe('Done.')
    expect(shape(streamed.output)).toEqual(['reasoning', 'message', 'function_call'])
    expect(shape(whole.output)).toEqual(shape(streamed.output))
    expect(whole.usage).toEqual(streamed.usage)
  },
)

scenario('openai (responses)', 'a tool loop by sending the output back', async (stage) => {
  const { client, mock } = await openaiClient(stage, [
    { toolCalls: [{ name: 'weather', id: 'call_1', arguments: { city: 'Bern' } }] },
    'Rain in Bern.',
  ])
  const input: ResponseInputItem[] = [{ role: 'user', content: 'Weather in Bern?' }]
  const first = await client.responses.create({ model: MODEL, input, tools: [weather] })
  const call = first.output.find((item) => item.type === 'function_call')
  expect(call).toMatchObject({ call_id: 'call_1', name: 'weather', arguments: '{"city":"Bern"}' })
  input.push(...(first.output as ResponseInputItem[]), {
    type: 'function_call_output',
    call_id: 'call_1',
    output: 'rain',
  })
  const second = await client.responses.create({ model: MODEL, input, tools: [weather] })
  expect(second.output_text).toBe('Rain in Bern.')
  expect(mock.calls[1]?.request.messages.slice(1)).toEqual([
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_1', content: 'rain' },
  ])
})

scenario('openai (responses)', 'a tool loop with previous_response_id', async (stage) => {
  const { client, mock } = await openaiClient(stage, [
    { toolCalls: [{ name: 'weather', id: 'call_1', arguments: { city: 'Bern' } }] },
    'Rain in Bern.',
  ])
  const first = await client.responses.create({ model: MODEL, input: 'Weather in Bern?', tools: [weather] })
  const second = await client.responses.create({
    model: MODEL,
    previous_response_id: first.id,
    input: [{ type: 'function_call_output', call_id: 'call_1', output: 'rain' }],
    tools: [weather],
  })
  expect(second.output_text).toBe('Rain in Bern.')
  expect(mock.calls[1]?.request.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool'])
})

scenario('openai (responses)', 'an answer that was not to be stored is not found again', async (stage) => {
  const { client } = await openaiClient(stage, ['One.', 'Two.'])
  const first = await client.responses.create({ model: MODEL, input: 'One?', store: false })
  const error = await failed(
    client.responses.create({ model: MODEL, previous_response_id: first.id, input: 'Two?' }),
  )
  expect(error).toMatchObject({ status: 400, param: 'previous_response_id' })
})

scenario('openai (responses)', "one tenant never finds another's answer", async (stage) => {
  const { client } = await openaiClient(stage, ['One.', 'Two.'])
  const of = (tenant: string) => ({ headers: { 'x-turnout-tenant': tenant } })
  const first = await client.responses.create({ model: MODEL, input: 'One?' }, of('a'))
  const ask = (tenant: string): Promise<unknown> =>
    failed(
      client.responses.create({ model: MODEL, previous_response_id: first.id, input: 'Two?' }, of(tenant)),
    )
  expect(await ask('b')).toMatchObject({ status: 400 })
  expect(await ask('a')).toMatchObject({ status: 'completed' })
})

scenario('openai (responses)', 'parse() with zod', async (stage) => {
  const { client, mock } = await openaiClient(stage, '{"title":"A turnout"}')
  const response = await client.responses.parse({
    model: MODEL,
    input: 'A title.',
    text: { format: zodTextFormat(z.object({ title: z.string() }), 'page') },
  })
  expect(response.output_parsed).toEqual({ title: 'A turnout' })
  expect(mock.calls[0]?.request.response_format).toMatchObject({
    json_schema: { name: 'page', strict: true },
  })
})

scenario('openai (responses)', 'a refusal', async (stage) => {
  const { client } = await openaiClient(stage, [{ refusal: 'I will not.' }, { refusal: 'I will not.' }])
  const whole = await client.responses.create({ model: MODEL, input: 'Do harm.' })
  const streamed = await client.responses.stream({ model: MODEL, input: 'Do harm.' }).finalResponse()
  const content = [{ type: 'refusal', refusal: 'I will not.' }]
  expect(whole.output[0]).toMatchObject({ type: 'message', content })
  expect(streamed.output[0]).toMatchObject({ type: 'message', content })
})

scenario('openai (responses)', 'an answer cut by its length is incomplete', async (stage) => {
  const reply = { text: 'Half an', finishReason: 'length' } as const
  const { client } = await openaiClient(stage, [reply, reply])
  const whole = await client.responses.create({ model: MODEL, input: 'Talk.', max_output_tokens: 16 })
  expect(whole).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })
  const stream = await client.responses.create({ model: MODEL, input: 'Talk.', stream: true })
  const types: string[] = []
  for await (const { type } of stream) types.push(type)
  expect(types.at(-1)).toBe('response.incomplete')
})

scenario('openai (responses)', 'images and files reach the provider', async (stage) => {
  const { client, mock } = await openaiClient(stage, 'A cat.')
  const url = 'data:image/png;base64,iVBORw0KGgo='
  await client.responses.create({
    model: MODEL,
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What is it?' },
          { type: 'input_image', image_url: url, detail: 'low' },
          { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
        ],
      },
    ],
  })
  expect(mock.calls[0]?.request.messages[0]?.content).toEqual([
    { type: 'text', text: 'What is it?' },
    { type: 'image_url', image_url: { url, detail: 'low' } },
    { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } },
  ])
})

scenario('openai (responses)', 'a status of the provider, with no retry of the client', async (stage) => {
  const { client, mock } = await openaiClient(stage, { error: 'overloaded' })
  const error = await failed(client.responses.create({ model: MODEL, input: 'Hello.' }))
  expect(error).toBeInstanceOf(APIError)
  expect(error).toMatchObject({ code: 'overloaded' })
  expect(mock.calls).toHaveLength(1)
})

scenario(
  'openai (responses)',
  'an error in the middle of a stream is thrown after the text',
  async (stage) => {
    const reply = {
      text: ['One ', 'two ', 'three.'],
      errorEvent: { afterChunks: 2, error: 'overloaded' },
    } as const
    const { client, mock } = await openaiClient(stage, reply)
    const stream = await client.responses.create({ model: MODEL, input: 'Count.', stream: true })
    let text = ''
    const read = async (): Promise<void> => {
      for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta
    }
    const error = await failed(read())
    expect(error).toBeInstanceOf(APIError)
    expect(text).toBe('One two ')
    expect(mock.calls).toHaveLength(1)
  },
)

scenario('openai (responses)', 'abort during a stream reaches the provider', async (stage) => {
  const { client, mock } = await openaiClient(stage, { text: 'a '.repeat(500), chunkDelayMs: 20 })
  const stream = await client.responses.create({ model: MODEL, input: 'Talk.', stream: true })
  for await (const event of stream) if (event.type === 'response.output_text.delta') break
  stream.controller.abort()
  await expect.poll(() => mock.calls[0]?.outcome).toBe('aborted')
})

for (const [what, extra, param] of [
  ['a tool that OpenAI runs itself', { tools: [{ type: 'web_search' }] }, 'tools[0].type'],
  ['a background call', { background: true }, 'background'],
  ['a stored conversation', { conversation: 'conv_1' }, 'conversation'],
  ['an item of nobody', { input: [{ type: 'item_reference', id: 'msg_1' }] }, 'input[0].id'],
  ['a kind of item that only OpenAI knows', { input: [{ type: 'computer_call' }] }, 'input[0].type'],
] as const) {
  scenario('openai (responses)', `${what} is refused by name`, async (stage) => {
    const { client, mock } = await openaiClient(stage, 'Hello!')
    const body = {
      model: MODEL,
      input: 'Hello.',
      ...extra,
    } as unknown as OpenAI.Responses.ResponseCreateParamsNonStreaming
    expect(await failed(client.responses.create(body))).toMatchObject({ status: 400, param })
    expect(mock.calls).toHaveLength(0)
  })
}

scenario(
  'openai (responses)',
  'signed reasoning goes back to its provider over the turns of a tool loop',
  async (stage) => {
    await using upstream = await anthropicEmulator({
      replies: [
        {
          reasoning: 'A tool.',
          toolCalls: [{ name: 'weather', id: 'toolu_1', arguments: { city: 'Bern' } }],
        },
        'Rain.',
      ],
    })
    const gateway = createGateway({
      providers: { anthropic: anthropic({ apiKey: 'test-key', baseURL: upstream.baseURL }) },
    })
    const { origin, fetch } = await stage.serve(gateway)
    const client = new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'unused', fetch })
    const asked = {
      model: 'anthropic/claude-sonnet-4-5',
      tools: [weather],
      reasoning: { effort: 'low' as const },
    }
    const first = await client.responses.stream({ ...asked, input: 'Weather in Bern?' }).finalResponse()
    expect(first.output.map(({ type }) => type)).toEqual(['reasoning', 'function_call'])
    const second = await client.responses.create({
      ...asked,
      input: [
        { role: 'user', content: 'Weather in Bern?' },
        ...first.output,
        { type: 'function_call_output', call_id: 'toolu_1', output: 'rain' },
      ] as ResponseInputItem[],
    })
    expect(second.output_text).toBe('Rain.')
    const sent = upstream.requests[1]?.body as { messages: { role: string; content: unknown }[] }
    expect(sent.messages[1]).toMatchObject({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'A tool.', signature: expect.any(String) as string },
        { type: 'tool_use' },
      ],
    })
  },
)
