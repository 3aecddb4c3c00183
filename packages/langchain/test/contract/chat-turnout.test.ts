/** `ChatTurnout` and `TurnoutEmbeddings` under the real LangChain.js core. */
import {
  type AIMessage,
  type AIMessageChunk,
  HumanMessage,
  mapChatMessagesToStoredMessages,
  mapStoredMessagesToChatMessages,
  SystemMessage,
  ToolMessage,
  type BaseMessage,
} from '@langchain/core/messages'
import { StringOutputParser } from '@langchain/core/output_parsers'
import { ChatPromptTemplate } from '@langchain/core/prompts'
import { concat } from '@langchain/core/utils/stream'
import { tool } from '@langchain/core/tools'
import { anthropic } from '@turnout/anthropic'
import { createGateway, isGatewayError } from '@turnout/core'
import { mockAdapter } from '@turnout/testing'
import { anthropicEmulator } from '@turnout/testing/emulators'
import { expect } from 'vitest'
import * as z from 'zod'
import { ChatTurnout, TurnoutEmbeddings } from '../../src/index.js'
import { MODEL, scenario, type Stage } from './scenario.js'

const chat = (
  stage: Stage,
  script?: Parameters<Stage['scripted']>[0],
  fields: Partial<ConstructorParameters<typeof ChatTurnout>[0]> = {},
  options?: Parameters<Stage['scripted']>[1],
) => {
  const { gateway, mock } = stage.scripted(script, options)
  return { gateway, mock, model: new ChatTurnout({ gateway, model: MODEL, ...fields }) }
}
const weather = tool(async ({ city }: { city: string }) => `Rain in ${city}.`, {
  name: 'weather',
  description: 'The weather in a city.',
  schema: z.object({ city: z.string() }),
})
const failureOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}
async function collect(stream: AsyncIterable<AIMessageChunk>) {
  const chunks: AIMessageChunk[] = []
  for await (const chunk of stream) chunks.push(chunk)
  const [first, ...rest] = chunks
  return { chunks, whole: rest.reduce((sum, chunk) => concat(sum, chunk), first as AIMessageChunk) }
}

scenario('langchain', 'invoke', async (stage) => {
  const { model, mock } = chat(stage, {
    text: 'Hello!',
    usage: { inputTokens: 20, outputTokens: 7, cachedTokens: 4, cacheWriteTokens: 2, reasoningTokens: 3 },
  })
  const answer = await model.invoke([new SystemMessage('Be brief.'), new HumanMessage('Hi')])
  expect(answer.content).toBe('Hello!')
  expect(answer.usage_metadata).toEqual({
    input_tokens: 20,
    output_tokens: 7,
    total_tokens: 27,
    input_token_details: { cache_read: 4, cache_creation: 2 },
    output_token_details: { reasoning: 3 },
  })
  expect(answer.response_metadata).toMatchObject({
    model_name: 'some-model',
    finish_reason: 'stop',
    gateway: { provider: 'mock', model: 'some-model', route: null, attempts: 1 },
  })
  expect(mock.calls[0]?.request.messages).toEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
  ])
})

scenario('langchain', 'settings and call options arrive', async (stage) => {
  const { model, mock } = chat(stage, 'ok', {
    temperature: 0.2,
    maxTokens: 99,
    topP: 0.8,
    stop: ['END'],
    request: { reasoning_effort: 'low' },
    options: { tenant: 'acme', tags: { team: 'search' } },
  })
  await model.invoke('Hi', { stop: ['NOW'], request: { seed: 7 }, options: { requestId: 'req-of-mine' } })
  expect(mock.calls[0]).toMatchObject({
    request: {
      temperature: 0.2,
      max_completion_tokens: 99,
      top_p: 0.8,
      stop: ['NOW'],
      reasoning_effort: 'low',
      seed: 7,
    },
    attempt: { requestId: 'req-of-mine' },
  })
})

scenario('langchain', 'stream', async (stage) => {
  const { model, mock } = chat(stage, {
    text: ['One ', 'two ', 'three.'],
    usage: { inputTokens: 9, outputTokens: 3 },
  })
  const { chunks, whole } = await collect(await model.stream('Count.'))
  expect(chunks.map(({ content }) => content)).toEqual(['One ', 'two ', 'three.', ''])
  expect(whole.content).toBe('One two three.')
  expect(whole.usage_metadata).toMatchObject({ input_tokens: 9, output_tokens: 3, total_tokens: 12 })
  expect(whole.response_metadata).toMatchObject({ finish_reason: 'stop', gateway: { attempts: 1 } })
  expect(mock.calls).toHaveLength(1)
})

scenario('langchain', 'batch', async (stage) => {
  const { model, mock } = chat(stage, ({ lastUserText }) => `You said ${lastUserText}.`)
  const answers = await model.batch(['a', 'b', 'c'])
  expect(answers.map(({ text }) => text)).toEqual(['You said a.', 'You said b.', 'You said c.'])
  expect(mock.calls).toHaveLength(3)
})

scenario('langchain', 'in a chain with a prompt and a parser', async (stage) => {
  const { model, mock } = chat(stage, 'Salut!')
  const chain = ChatPromptTemplate.fromMessages([
    ['system', 'You speak {language}.'],
    ['human', '{text}'],
  ])
    .pipe(model)
    .pipe(new StringOutputParser())
  expect(await chain.invoke({ language: 'French', text: 'Hello!' })).toBe('Salut!')
  expect(mock.calls[0]?.request.messages[0]).toEqual({ role: 'system', content: 'You speak French.' })
})

for (const how of ['invoke', 'stream'] as const) {
  scenario('langchain', `a tool loop with bindTools (${how})`, async (stage) => {
    const { model, mock } = chat(stage, [
      {
        text: 'Let me look.',
        toolCalls: [
          { name: 'weather', arguments: '{ "city": "Oslo" }', id: 'call_1' },
          { name: 'weather', arguments: { city: 'Rome' }, id: 'call_2' },
        ],
      },
      'It rains in both.',
    ])
    const agent = model.bindTools([weather])
    const ask = async (messages: BaseMessage[]): Promise<AIMessage | AIMessageChunk> =>
      how === 'invoke' ? agent.invoke(messages) : (await collect(await agent.stream(messages))).whole
    const messages: BaseMessage[] = [new HumanMessage('Where does it rain?')]
    for (let step = 0; step < 5; step++) {
      const answer = await ask(messages)
      messages.push(answer)
      if (!answer.tool_calls?.length) break
      for (const call of answer.tool_calls) {
        const result: ToolMessage = await weather.invoke(call)
        messages.push(result)
      }
    }
    expect(messages.at(-1)?.text).toBe('It rains in both.')
    expect(mock.calls[0]?.request.tools).toMatchObject([
      { type: 'function', function: { name: 'weather', parameters: { required: ['city'] } } },
    ])
    expect(mock.calls[1]?.request.messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: 'Let me look.',
        tool_calls: [
          // The exact text, spaces included: what a provider signed must not be written anew.
          { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{ "city": "Oslo" }' } },
          { id: 'call_2', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'Rain in Oslo.' },
      { role: 'tool', tool_call_id: 'call_2', content: 'Rain in Rome.' },
    ])
  })

  scenario('langchain', `signed reasoning goes back over a tool loop and a store (${how})`, async (stage) => {
    const server = await stage.emulated(anthropicEmulator, {
      replies: [
        {
          reasoning: 'Look it up.',
          text: 'One moment.',
          toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }],
        },
        'It rains.',
      ],
    })
    const { gateway } = stage.over({
      providers: { claude: anthropic({ apiKey: 'key-1', baseURL: server.baseURL }) },
    })
    const model = new ChatTurnout({
      gateway,
      model: 'claude/claude-sonnet-4-5',
      request: { reasoning_effort: 'low' },
    }).bindTools([weather])
    const question = new HumanMessage('Weather in Oslo?')
    const first =
      how === 'invoke'
        ? await model.invoke([question])
        : (await collect(await model.stream([question]))).whole
    expect(first.contentBlocks.map(({ type }) => type)).toEqual(['reasoning', 'text', 'tool_call'])
    const result: ToolMessage = await weather.invoke(first.tool_calls![0]!)
    const stored = JSON.parse(
      JSON.stringify(mapChatMessagesToStoredMessages([question, first, result])),
    ) as never
    const second = await model.invoke(mapStoredMessagesToChatMessages(stored))
    // The server refuses the second call unless the thinking comes back as it was signed.
    expect(second.text).toBe('It rains.')
    expect(server.requests.map(({ status }) => status)).toEqual([200, 200])
    expect(JSON.stringify(server.requests[1]?.body)).toContain('"signature"')
  })
}

scenario('langchain', 'tool calls are streamed piece by piece', async (stage) => {
  const { model } = chat(stage, {
    toolCalls: [{ name: 'weather', arguments: { city: 'Oslo by the fjord' } }],
    chunkSize: 5,
  })
  const { chunks, whole } = await collect(await model.bindTools([weather]).stream('Hi'))
  const pieces = chunks.flatMap(({ tool_call_chunks: calls }) => calls ?? [])
  expect(pieces.length).toBeGreaterThan(3)
  expect(pieces[0]).toMatchObject({ name: 'weather', index: 0 })
  expect(whole.tool_calls).toMatchObject([{ name: 'weather', args: { city: 'Oslo by the fjord' } }])
  expect(whole.response_metadata).toMatchObject({ finish_reason: 'tool_calls' })
})

scenario('langchain', 'tool_choice', async (stage) => {
  const { model, mock } = chat(stage, 'ok')
  for (const choice of ['auto', 'any', 'none', 'weather']) {
    await model.bindTools([weather], { tool_choice: choice }).invoke('Hi')
  }
  expect(mock.calls.map(({ request }) => request.tool_choice)).toEqual([
    'auto',
    'required',
    'none',
    { type: 'function', function: { name: 'weather' } },
  ])
})

scenario(
  'langchain',
  'arguments that are no JSON are an invalid tool call, and go back as they are',
  async (stage) => {
    const { model, mock } = chat(stage, [
      { toolCalls: [{ name: 'weather', arguments: '{"city":', id: 'call_1' }], finishReason: 'length' },
      'Again.',
    ])
    const answer = await model.invoke('Hi')
    expect(answer.invalid_tool_calls).toMatchObject([{ name: 'weather', args: '{"city":', id: 'call_1' }])
    await model.invoke([
      new HumanMessage('Hi'),
      answer,
      new ToolMessage({ tool_call_id: 'call_1', content: 'cut off', status: 'error' }),
    ])
    expect(mock.calls[1]?.request.messages.slice(1)).toMatchObject([
      { role: 'assistant', tool_calls: [{ id: 'call_1', function: { arguments: '{"city":' } }] },
      { role: 'tool', tool_call_id: 'call_1', is_error: true },
    ])
  },
)

scenario('langchain', 'withStructuredOutput with zod', async (stage) => {
  const { model, mock } = chat(stage, { reasoning: 'Hm.', text: '{"title":"Hi","tags":["a"]}' })
  const schema = z.object({ title: z.string(), tags: z.array(z.string()) })
  const answer = await model.withStructuredOutput(schema, { name: 'note' }).invoke('Hi')
  expect(answer.title).toBe('Hi')
  expect(answer).toEqual({ title: 'Hi', tags: ['a'] })
  expect(mock.calls[0]?.request.response_format).toMatchObject({
    type: 'json_schema',
    json_schema: { name: 'note', strict: true, schema: { required: ['title', 'tags'] } },
  })
})

scenario('langchain', 'withStructuredOutput with JSON Schema, and with the raw message', async (stage) => {
  const { model, mock } = chat(stage, ['{"n":1}', 'no JSON'])
  const schema = { title: 'Number', type: 'object', properties: { n: { type: 'number' } } }
  const structured = model.withStructuredOutput(schema, { includeRaw: true })
  const good = await structured.invoke('Hi')
  const bad = await structured.invoke('Hi')
  expect([good.parsed, good.raw.text, bad.parsed, bad.raw.text]).toEqual([
    { n: 1 },
    '{"n":1}',
    null,
    'no JSON',
  ])
  expect(mock.calls[0]?.request.response_format).toMatchObject({ json_schema: { name: 'Number' } })
})

scenario('langchain', 'withStructuredOutput by a forced tool, and by plain JSON', async (stage) => {
  const { model, mock } = chat(stage, [{ toolCalls: [{ name: 'note', arguments: { n: 1 } }] }, '{"n":2}'])
  const schema = z.object({ n: z.number() })
  const byTool = model.withStructuredOutput(schema, { name: 'note', method: 'functionCalling' })
  const byJson = model.withStructuredOutput(schema, { method: 'jsonMode' })
  expect([await byTool.invoke('Hi'), await byJson.invoke('Hi')]).toEqual([{ n: 1 }, { n: 2 }])
  expect(mock.calls[0]?.request.tool_choice).toEqual({ type: 'function', function: { name: 'note' } })
  expect(mock.calls[1]?.request.response_format).toEqual({ type: 'json_object' })
  expect(() => model.withStructuredOutput(schema, { method: 'magic' })).toThrow(/no method "magic"/)
})

scenario('langchain', 'reasoning is a block of its own', async (stage) => {
  const { model } = chat(stage, { reasoning: ['Hm, ', 'well.'], text: ['Yes', '.'] })
  const whole = await model.invoke('Hi')
  const streamed = (await collect(await model.stream('Hi'))).whole
  for (const answer of [whole, streamed]) {
    expect(answer.contentBlocks).toMatchObject([
      { type: 'reasoning', reasoning: 'Hm, well.' },
      { type: 'text', text: 'Yes.' },
    ])
    expect(answer.text).toBe('Yes.')
  }
})

scenario('langchain', 'images, files and audio, in all three spellings', async (stage) => {
  const { model, mock } = chat(stage, 'ok')
  await model.invoke([
    new HumanMessage({
      content: [
        { type: 'text', text: 'Look:' },
        { type: 'image_url', image_url: { url: 'https://a.example/a.png' } },
        { type: 'image', source_type: 'base64', mime_type: 'image/png', data: 'iVBO' },
        { type: 'image', mimeType: 'image/png', data: new Uint8Array([137, 80]) },
        { type: 'file', mimeType: 'application/pdf', data: 'JVBE', metadata: { filename: 'a.pdf' } },
        { type: 'audio', mimeType: 'audio/mpeg', data: 'SUQz' },
      ],
    }),
  ])
  expect(mock.calls[0]?.request.messages[0]?.content).toEqual([
    { type: 'text', text: 'Look:' },
    { type: 'image_url', image_url: { url: 'https://a.example/a.png' } },
    { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } },
    { type: 'image_url', image_url: { url: 'data:image/png;base64,iVA=' } },
    { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBE', filename: 'a.pdf' } },
    { type: 'input_audio', input_audio: { data: 'SUQz', format: 'mp3' } },
  ])
})

scenario('langchain', 'a block that cannot be sent is an error that names it', async (stage) => {
  const { model, mock } = chat(stage, 'ok')
  const error = await failureOf(model.invoke([new HumanMessage({ content: [{ type: 'video', url: 'x' }] })]))
  expect(error).toMatchObject({ code: 'invalid_request', path: 'messages[0].content[0]' })
  expect(mock.calls).toHaveLength(0)
})

scenario('langchain', 'a refusal', async (stage) => {
  const { model } = chat(stage, { refusal: 'I cannot help.', finishReason: 'content_filter' })
  const answer = await model.invoke('Hi')
  expect(answer.additional_kwargs['refusal']).toBe('I cannot help.')
  expect(answer.response_metadata).toMatchObject({ finish_reason: 'content_filter' })
})

scenario('langchain', 'a failed call is not retried by LangChain', async (stage) => {
  const { model, mock } = chat(stage, { error: 'rate_limited', retryAfterMs: 5 })
  const error = await failureOf(model.invoke('Hi'))
  expect(isGatewayError(error, 'rate_limited') && error.retryAfterMs).toBe(5)
  expect(mock.calls).toHaveLength(1)
})

scenario('langchain', 'the gateway fails over under it', async (stage) => {
  const { gateway, mock } = stage.scripted(
    { byModel: { bad: { error: 'quota_exhausted' }, good: 'From the second.' } },
    { routes: { fast: ['mock/bad', 'mock/good'] }, defaults: { maxAttempts: 3 } },
  )
  const answer = await new ChatTurnout({ gateway, model: 'fast' }).invoke('Hi')
  expect(answer.text).toBe('From the second.')
  expect(answer.response_metadata).toMatchObject({ gateway: { route: 'fast', model: 'good', attempts: 2 } })
  expect(mock.calls).toHaveLength(2)
})

scenario('langchain', 'a stream that breaks is an error after what had come', async (stage) => {
  const { model, mock } = chat(stage, {
    text: ['One ', 'two ', 'three'],
    cut: { afterChunks: 2, how: 'reset' },
  })
  const seen: string[] = []
  const error = await failureOf(
    (async () => {
      for await (const chunk of await model.stream('Hi')) seen.push(chunk.text)
    })(),
  )
  expect(seen.join('')).toBe('One two ')
  expect(error).toMatchObject({ code: 'stream_interrupted' })
  expect(mock.calls).toHaveLength(1)
})

scenario('langchain', 'an abort before the call and during it', async (stage) => {
  const { model, mock } = chat(stage, { fault: 'silence' })
  const before = await failureOf(model.invoke('Hi', { signal: AbortSignal.abort() }))
  expect((before as Error).name).toBe('AbortError')
  expect(mock.calls).toHaveLength(0)
  const controller = new AbortController()
  const asking = failureOf(model.invoke('Hi', { signal: controller.signal }))
  await expect.poll(() => mock.calls.length).toBe(1)
  controller.abort()
  expect(((await asking) as Error).name).toBe('AbortError')
  await expect.poll(() => mock.calls[0]?.aborted).toBe(true)
})

scenario('langchain', 'an abort in the middle of a stream', async (stage) => {
  const { model, mock } = chat(stage, { text: ['One ', 'two '], stall: { afterChunks: 1 } })
  const controller = new AbortController()
  const error = await failureOf(
    (async () => {
      for await (const _ of await model.stream('Hi', { signal: controller.signal })) controller.abort()
    })(),
  )
  expect((error as Error).name).toMatch(/Abort/)
  await expect.poll(() => mock.calls[0]?.aborted).toBe(true)
})

// LangChain reads one chunk ahead, and its generators cannot be left before that has come.
scenario('langchain', 'a reader who leaves ends the call with the next chunk', async (stage) => {
  const { model, mock } = chat(stage, { text: Array.from({ length: 1_000 }, () => 'word '), chunkDelayMs: 5 })
  for await (const _ of await model.stream('Hi')) break
  await expect.poll(() => mock.calls[0]?.aborted).toBe(true)
})

scenario('langchain', 'callbacks see tokens, the end and errors', async (stage) => {
  const { model } = chat(stage, [{ text: ['a', 'b'] }, { error: 'overloaded' }])
  const seen: unknown[] = []
  const callbacks = [
    {
      handleLLMNewToken: (token: string) => void seen.push(token),
      handleLLMEnd: (output: { llmOutput?: Record<string, unknown> }) =>
        void seen.push(Object.keys(output.llmOutput ?? {})),
      handleLLMError: (error: Error) => void seen.push(error.name),
    },
  ]
  await collect(await model.stream('Hi', { callbacks }))
  await failureOf(model.invoke('Hi', { callbacks }))
  await expect.poll(() => seen).toEqual(['a', 'b', '', ['tokenUsage'], 'GatewayError'])
})

scenario('langchain', 'streamEvents', async (stage) => {
  const { model } = chat(stage, { text: ['a', 'b'] })
  const names: string[] = []
  for await (const { event } of model.streamEvents('Hi', { version: 'v2' })) names.push(event)
  expect(names[0]).toBe('on_chat_model_start')
  expect(names).toContain('on_chat_model_stream')
  expect(names.at(-1)).toBe('on_chat_model_end')
})

scenario('langchain', 'embeddings', async (stage) => {
  const { gateway } = stage.scripted()
  const asked: unknown[] = []
  gateway.on('request-end', ({ trace }) => asked.push(trace.requested))
  const embeddings = new TurnoutEmbeddings({ gateway, model: MODEL, dimensions: 4, batchSize: 2 })
  const vectors = await embeddings.embedDocuments(['a', 'b', 'c'])
  expect(vectors.map(({ length }) => length)).toEqual([4, 4, 4])
  expect(await embeddings.embedQuery('a')).toEqual(vectors[0])
  expect(await embeddings.embedDocuments([])).toEqual([])
  expect(asked).toEqual([MODEL, MODEL, MODEL])
})

scenario('langchain', 'embeddings that fail are not retried by LangChain', async (stage) => {
  const { gateway } = stage.scripted()
  let calls = 0
  gateway.on('request-end', () => void calls++)
  const embeddings = new TurnoutEmbeddings({ gateway, model: 'nowhere/x' })
  expect(await failureOf(embeddings.embedQuery('a'))).toMatchObject({ code: 'no_route' })
  expect(calls).toBe(1)
})

scenario('langchain', 'the compiler knows the routes', async () => {
  const gateway = createGateway({ providers: { mock: mockAdapter('ok') }, routes: { fast: ['mock/a'] } })
  // @ts-expect-error there is no such route
  const misspelt = new ChatTurnout({ gateway, model: 'fsat' })
  expect(await failureOf(misspelt.invoke('Hi'))).toMatchObject({ code: 'no_route' })
  await gateway.close()
})
