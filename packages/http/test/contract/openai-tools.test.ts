import { ContentFilterFinishReasonError, LengthFinishReasonError } from 'openai/error'
import type OpenAI from 'openai'
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod'
import { expect } from 'vitest'
import { z } from 'zod'
import { failure, messages, MODEL, openaiClient } from './openai-client.js'
import { scenario } from './scenario.js'

const city = z.object({ city: z.string(), days: z.number().nullable() })
const weather: OpenAI.Chat.ChatCompletionFunctionTool = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'Tells the weather of a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}
const call = { name: 'weather', arguments: { city: 'Rome' }, id: 'call_1' }

scenario('openai', 'a tool call and its result', async (stage) => {
  const { client, mock } = await openaiClient(stage, [{ toolCalls: [call] }, 'It is sunny in Rome.'])
  const first = await client.chat.completions.create({ model: MODEL, messages, tools: [weather] })
  const asked = first.choices[0]?.message
  expect(first.choices[0]?.finish_reason).toBe('tool_calls')
  expect(asked?.content).toBeNull()
  expect(asked?.tool_calls).toEqual([
    { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
  ])
  const second = await client.chat.completions.create({
    model: MODEL,
    tools: [weather],
    messages: [
      ...messages,
      asked as OpenAI.Chat.ChatCompletionMessage,
      { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
    ],
  })
  expect(second.choices[0]?.message.content).toBe('It is sunny in Rome.')
  expect(mock.calls[1]?.request.messages.at(-1)).toEqual({
    role: 'tool',
    tool_call_id: 'call_1',
    content: 'sunny',
  })
})

scenario('openai', 'tool calls in parallel, streamed in pieces', async (stage) => {
  const calls = [call, { name: 'weather', arguments: { city: 'Reykjavík' }, id: 'call_2' }]
  const { client } = await openaiClient(stage, { text: 'Let me see.', toolCalls: calls })
  const stream = client.chat.completions.stream({ model: MODEL, messages, tools: [weather] })
  const { choices } = await stream.finalChatCompletion()
  expect(choices[0]?.finish_reason).toBe('tool_calls')
  expect(choices[0]?.message.content).toBe('Let me see.')
  const given = choices[0]?.message.tool_calls?.map((one) => [one.id, one.function.arguments])
  expect(given).toEqual([
    ['call_1', '{"city":"Rome"}'],
    ['call_2', '{"city":"Reykjavík"}'],
  ])
})

scenario('openai', 'tool_choice and parallel_tool_calls reach the provider', async (stage) => {
  const { client, mock } = await openaiClient(stage, { toolCalls: [call] })
  const tool_choice = { type: 'function', function: { name: 'weather' } } as const
  await client.chat.completions.create({
    model: MODEL,
    messages,
    tools: [weather],
    tool_choice,
    parallel_tool_calls: false,
  })
  expect(mock.calls[0]?.request).toMatchObject({ tools: [weather], tool_choice, parallel_tool_calls: false })
})

const runnable = (asked: unknown[]) => ({
  type: 'function' as const,
  function: {
    name: 'weather',
    description: 'Tells the weather of a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
    parse: JSON.parse as (text: string) => { city: string },
    function(given: { city: string }) {
      asked.push(given)
      return `sunny in ${given.city}`
    },
  },
})

scenario('openai', 'a tool loop with runTools', async (stage) => {
  const { client, mock } = await openaiClient(stage, [{ toolCalls: [call] }, 'It is sunny in Rome.'])
  const asked: unknown[] = []
  const runner = client.chat.completions.runTools({ model: MODEL, messages, tools: [runnable(asked)] })
  expect(await runner.finalContent()).toBe('It is sunny in Rome.')
  expect(asked).toEqual([{ city: 'Rome' }])
  expect(mock.calls).toHaveLength(2)
  expect(mock.calls[1]?.request.messages.at(-1)).toMatchObject({ role: 'tool', content: 'sunny in Rome' })
})

scenario('openai', 'a tool loop with runTools, streamed', async (stage) => {
  const { client, mock } = await openaiClient(stage, [
    { toolCalls: [call, { ...call, id: 'call_2', arguments: { city: 'Oslo' } }] },
    'Sunny in both.',
  ])
  const asked: unknown[] = []
  const runner = client.chat.completions.runTools({
    model: MODEL,
    messages,
    stream: true,
    tools: [runnable(asked)],
  })
  expect(await runner.finalContent()).toBe('Sunny in both.')
  expect(asked).toEqual([{ city: 'Rome' }, { city: 'Oslo' }])
  expect(mock.calls).toHaveLength(2)
})

scenario('openai', 'parse() with a zod schema', async (stage) => {
  const { client, mock } = await openaiClient(stage, '{"city":"Rome","days":null}')
  const answer = await client.chat.completions.parse({
    model: MODEL,
    messages,
    response_format: zodResponseFormat(city, 'city'),
  })
  expect(answer.choices[0]?.message.parsed).toEqual({ city: 'Rome', days: null })
  expect(mock.calls[0]?.request.response_format).toMatchObject({
    type: 'json_schema',
    json_schema: {
      name: 'city',
      strict: true,
      schema: { required: ['city', 'days'], additionalProperties: false },
    },
  })
})

scenario('openai', 'parse() of a stream', async (stage) => {
  const { client } = await openaiClient(stage, { text: '{"city":"Rome","days":3}', chunkSize: 5 })
  const stream = client.chat.completions.stream({
    model: MODEL,
    messages,
    response_format: zodResponseFormat(city, 'city'),
  })
  expect((await stream.finalChatCompletion()).choices[0]?.message.parsed).toEqual({ city: 'Rome', days: 3 })
})

scenario('openai', 'parse() of a refusal', async (stage) => {
  const { client } = await openaiClient(stage, { refusal: 'I will not.' })
  const answer = await client.chat.completions.parse({
    model: MODEL,
    messages,
    response_format: zodResponseFormat(city, 'city'),
  })
  expect(answer.choices[0]?.message).toMatchObject({ refusal: 'I will not.', parsed: null })
})

scenario('openai', 'parse() of a refusal that is streamed', async (stage) => {
  const { client } = await openaiClient(stage, { refusal: 'I will not do that.' })
  const stream = client.chat.completions.stream({
    model: MODEL,
    messages,
    response_format: zodResponseFormat(city, 'city'),
  })
  const { finish_reason: reason, message } = (await stream.finalChatCompletion()).choices[0] ?? {}
  expect(message).toMatchObject({ refusal: 'I will not do that.', parsed: null })
  expect(reason).toBe('stop')
})

scenario('openai', 'parse() of an answer that was cut or filtered', async (stage) => {
  const { client } = await openaiClient(stage, [
    { text: '{"city":', finishReason: 'length' },
    { text: '{"city":', finishReason: 'content_filter' },
  ])
  const ask = () =>
    client.chat.completions.parse({
      model: MODEL,
      messages,
      response_format: zodResponseFormat(city, 'city'),
    })
  expect(await failure(ask())).toBeInstanceOf(LengthFinishReasonError)
  expect(await failure(ask())).toBeInstanceOf(ContentFilterFinishReasonError)
})

scenario('openai', 'parsed arguments of a zodFunction', async (stage) => {
  const { client } = await openaiClient(stage, {
    toolCalls: [{ name: 'weather', arguments: { city: 'Rome', days: 2 } }],
  })
  const answer = await client.chat.completions.parse({
    model: MODEL,
    messages,
    tools: [zodFunction({ name: 'weather', parameters: city })],
  })
  expect(answer.choices[0]?.message.tool_calls?.[0]?.function.parsed_arguments).toEqual({
    city: 'Rome',
    days: 2,
  })
})
