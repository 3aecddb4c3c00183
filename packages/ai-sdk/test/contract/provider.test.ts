/** The real `ai` package on top of the gateway. scripts/test-newest-clients.mjs runs this with its newest major too. */
import { anthropic } from '@turnout/anthropic'
import { isGatewayError } from '@turnout/core'
import { openai } from '@turnout/openai'
import { anthropicEmulator, openaiEmulator } from '@turnout/testing/emulators'
import {
  APICallError,
  embed,
  embedMany,
  generateObject,
  generateText,
  jsonSchema,
  NoObjectGeneratedError,
  Output,
  stepCountIs,
  streamText,
  tool,
  type ModelMessage,
} from 'ai'
import { expect } from 'vitest'
import * as z from 'zod'
import type { TurnoutCallOptions, TurnoutMetadata } from '../../src/index.js'
import { MODEL, scenario } from './scenario.js'

// The SDK's own note to the console; the warnings themselves are asserted on.
globalThis.AI_SDK_LOG_WARNINGS = false

const prompt = 'Say hello.'
const weather = tool({
  description: 'The weather in a city.',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ city, sky: 'rain' }),
})
const errorOf = async (work: PromiseLike<unknown>): Promise<unknown> => {
  try {
    await work
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}
/** What streamText tells of errors; it throws none. */
const collected = () => {
  const errors: unknown[] = []
  return { errors, onError: ({ error }: { error: unknown }) => void errors.push(error) }
}

scenario('ai', 'generateText answers', async (stage) => {
  const { turnout, mock } = stage.scripted({
    text: 'Hello!',
    usage: {
      inputTokens: 120,
      outputTokens: 30,
      cachedTokens: 100,
      cacheWriteTokens: 5,
      reasoningTokens: 10,
    },
  })
  const { text, usage, finishReason, response, providerMetadata, warnings } = await generateText({
    model: turnout(MODEL),
    prompt,
  })
  expect(text).toBe('Hello!')
  expect(finishReason).toBe('stop')
  expect(usage).toMatchObject({
    inputTokens: 120,
    outputTokens: 30,
    totalTokens: 150,
    inputTokenDetails: { noCacheTokens: 15, cacheReadTokens: 100, cacheWriteTokens: 5 },
    outputTokenDetails: { textTokens: 20, reasoningTokens: 10 },
  })
  expect(response.modelId).toBe('some-model')
  expect(response.id).toBe('mock-1')
  const told = providerMetadata?.turnout as unknown as TurnoutMetadata
  expect(told).toMatchObject({
    provider: 'mock',
    model: 'some-model',
    route: null,
    attempts: 1,
    cache: 'off',
  })
  expect(warnings ?? []).toEqual([])
  expect(mock.calls).toHaveLength(1)
})

scenario('ai', 'settings arrive as the gateway spells them', async (stage) => {
  const { turnout, mock } = stage.scripted('ok')
  await generateText({
    model: turnout(MODEL),
    system: 'Be brief.',
    prompt,
    maxOutputTokens: 50,
    temperature: 0.3,
    topP: 0.9,
    topK: 40,
    presencePenalty: 0.1,
    frequencyPenalty: 0.2,
    stopSequences: ['END'],
    seed: 7,
  })
  expect(mock.calls[0]?.request).toMatchObject({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: prompt },
    ],
    max_completion_tokens: 50,
    temperature: 0.3,
    top_p: 0.9,
    top_k: 40,
    presence_penalty: 0.1,
    frequency_penalty: 0.2,
    stop: ['END'],
    seed: 7,
  })
})

scenario('ai', 'providerOptions.turnout are call options and settings', async (stage) => {
  const { turnout, mock } = stage.scripted('ok')
  await generateText({
    model: turnout(MODEL),
    prompt,
    headers: { 'x-turnout-idempotency-key': 'once-1' },
    providerOptions: {
      turnout: {
        requestId: 'req-of-mine',
        tenant: 'acme',
        tags: { feature: 'summary' },
        reasoningEffort: 'low',
        user: 'u-1',
        providerOptions: { mock: { extra: true } },
      } satisfies TurnoutCallOptions,
    },
  })
  expect(mock.calls[0]).toMatchObject({
    request: { reasoning_effort: 'low', user: 'u-1', provider_options: { mock: { extra: true } } },
    attempt: { requestId: 'req-of-mine', idempotencyKey: 'once-1' },
  })
})

scenario('ai', 'a misspelt option is an error that names it', async (stage) => {
  const { turnout, mock } = stage.scripted('ok')
  const error = await errorOf(
    generateText({ model: turnout(MODEL), prompt, providerOptions: { turnout: { prioritty: 'high' } } }),
  )
  expect(error).toMatchObject({ statusCode: 400, data: { code: 'invalid_request' } })
  expect((error as Error).message).toMatch(/prioritty.*priority/)
  expect(mock.calls).toHaveLength(0)
})

scenario('ai', 'what cannot be passed on is a warning', async (stage) => {
  const { turnout } = stage.scripted('ok')
  const { warnings } = await generateText({
    model: turnout(MODEL),
    prompt,
    headers: { 'x-mine': '1' },
    providerOptions: { openai: { store: false } },
  })
  expect(warnings?.map((warning) => 'feature' in warning && warning.feature)).toEqual([
    'providerOptions.openai',
    'headers.x-mine',
  ])
})

scenario('ai', 'streamText streams text', async (stage) => {
  const { turnout, mock } = stage.scripted({
    text: ['One ', 'two ', 'three.'],
    usage: { inputTokens: 9, outputTokens: 3 },
  })
  const result = streamText({ model: turnout(MODEL), prompt })
  const pieces: string[] = []
  for await (const piece of result.textStream) pieces.push(piece)
  expect(pieces).toEqual(['One ', 'two ', 'three.'])
  expect(await result.finishReason).toBe('stop')
  expect(await result.usage).toMatchObject({ inputTokens: 9, outputTokens: 3, totalTokens: 12 })
  expect((await result.providerMetadata)?.turnout).toMatchObject({ provider: 'mock', attempts: 1 })
  expect(mock.calls).toHaveLength(1)
})

scenario('ai', 'streamText streams reasoning before text', async (stage) => {
  const { turnout } = stage.scripted({ reasoning: ['Hm, ', 'well.'], text: 'Yes.' })
  const result = streamText({ model: turnout(MODEL), prompt })
  const kinds: string[] = []
  for await (const part of result.fullStream) if (/^(text|reasoning)-/.test(part.type)) kinds.push(part.type)
  expect(kinds).toEqual([
    'reasoning-start',
    'reasoning-delta',
    'reasoning-delta',
    'reasoning-end',
    'text-start',
    'text-delta',
    'text-end',
  ])
  expect(await result.reasoningText).toBe('Hm, well.')
})

scenario('ai', 'generateText gives reasoning', async (stage) => {
  const { turnout } = stage.scripted({ reasoning: 'Hm.', text: 'Yes.' })
  const { reasoningText, text } = await generateText({ model: turnout(MODEL), prompt })
  expect([reasoningText, text]).toEqual(['Hm.', 'Yes.'])
})

scenario('ai', 'a tool loop with generateText', async (stage) => {
  const { turnout, mock } = stage.scripted([
    { text: 'Let me look.', toolCalls: [{ name: 'weather', arguments: '{ "city": "Oslo" }', id: 'call_1' }] },
    'It rains in Oslo.',
  ])
  const { text, steps, totalUsage } = await generateText({
    model: turnout(MODEL),
    prompt,
    tools: { weather },
    stopWhen: stepCountIs(5),
  })
  expect(text).toBe('It rains in Oslo.')
  expect(steps.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop'])
  expect(totalUsage.totalTokens).toBe((steps[0]?.usage.totalTokens ?? 0) + (steps[1]?.usage.totalTokens ?? 0))
  expect(mock.calls[0]?.request.tools).toMatchObject([
    { type: 'function', function: { name: 'weather', parameters: { required: ['city'] } } },
  ])
  expect(mock.calls[1]?.request.messages.slice(1)).toEqual([
    {
      role: 'assistant',
      content: 'Let me look.',
      // The exact text, spaces included: what a provider signed must not be written anew.
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{ "city": "Oslo" }' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_1', content: '{"city":"Oslo","sky":"rain"}' },
  ])
})

scenario('ai', 'a tool loop with streamText, two calls at once', async (stage) => {
  const { turnout, mock } = stage.scripted([
    {
      toolCalls: [
        { name: 'weather', arguments: { city: 'Oslo' } },
        { name: 'weather', arguments: { city: 'Rome' } },
      ],
    },
    'Rain in both.',
  ])
  const result = streamText({ model: turnout(MODEL), prompt, tools: { weather }, stopWhen: stepCountIs(5) })
  await result.consumeStream()
  expect(await result.text).toBe('Rain in both.')
  const steps = await result.steps
  expect(steps[0]?.toolResults.map(({ output }) => output)).toEqual([
    { city: 'Oslo', sky: 'rain' },
    { city: 'Rome', sky: 'rain' },
  ])
  expect(mock.calls[1]?.request.messages.map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'tool',
    'tool',
  ])
})

scenario('ai', 'tool input is streamed piece by piece', async (stage) => {
  const { turnout } = stage.scripted({
    toolCalls: [{ name: 'weather', arguments: { city: 'Oslo by the fjord' } }],
    chunkSize: 5,
  })
  const result = streamText({
    model: turnout(MODEL),
    prompt,
    tools: { weather: tool({ inputSchema: z.object({ city: z.string() }) }) },
  })
  const deltas: string[] = []
  const kinds = new Set<string>()
  for await (const part of result.fullStream) {
    kinds.add(part.type)
    if (part.type === 'tool-input-delta') deltas.push(part.delta)
  }
  expect(deltas.length).toBeGreaterThan(2)
  expect(deltas.join('')).toBe('{"city":"Oslo by the fjord"}')
  expect([...kinds]).toEqual(expect.arrayContaining(['tool-input-start', 'tool-input-end', 'tool-call']))
  expect(await result.finishReason).toBe('tool-calls')
})

scenario('ai', 'toolChoice', async (stage) => {
  const call = { toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }] }
  const { turnout, mock } = stage.scripted(['As you like.', 'No call.', call, call])
  const tools = { weather: tool({ inputSchema: z.object({ city: z.string() }) }) }
  for (const toolChoice of ['auto', 'none', 'required', { type: 'tool', toolName: 'weather' }] as const) {
    await generateText({ model: turnout(MODEL), prompt, tools, toolChoice })
  }
  expect(mock.calls.map(({ request }) => request.tool_choice)).toEqual([
    'auto',
    'none',
    'required',
    { type: 'function', function: { name: 'weather' } },
  ])
})

scenario('ai', 'a tool that fails tells the model so', async (stage) => {
  const { turnout, mock } = stage.scripted([{ toolCalls: [{ name: 'broken', id: 'call_1' }] }, 'Sorry.'])
  const broken = tool({
    inputSchema: z.object({}),
    execute: async (): Promise<string> => {
      throw new Error('out of order')
    },
  })
  const { text } = await generateText({
    model: turnout(MODEL),
    prompt,
    tools: { broken },
    stopWhen: stepCountIs(3),
  })
  expect(text).toBe('Sorry.')
  expect(mock.calls[1]?.request.messages.at(-1)).toMatchObject({
    role: 'tool',
    tool_call_id: 'call_1',
    is_error: true,
    content: expect.stringContaining('out of order') as string,
  })
})

for (const how of ['generateText', 'streamText'] as const) {
  scenario('ai', `signed reasoning goes back over a tool loop (${how})`, async (stage) => {
    const server = await stage.emulated(anthropicEmulator, {
      replies: [
        {
          reasoning: 'Look it up.',
          text: 'One moment.',
          toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }],
        },
        { reasoning: 'It rains.', text: 'It rains.' },
        'As I said.',
      ],
    })
    const claude = anthropic({ apiKey: 'key-1', baseURL: server.baseURL })
    const { turnout } = stage.over({ providers: { claude } })
    const ask = {
      model: turnout('claude/claude-sonnet-4-5'),
      tools: { weather },
      stopWhen: stepCountIs(5),
      providerOptions: { turnout: { reasoningEffort: 'low' } },
    }
    const messages: ModelMessage[] = [{ role: 'user', content: 'Weather in Oslo?' }]
    const run = async (history: ModelMessage[]) => {
      if (how === 'generateText') return generateText({ ...ask, messages: history })
      const result = streamText({ ...ask, messages: history })
      await result.consumeStream()
      return { text: await result.text, response: await result.response }
    }
    // The server refuses every later call unless the thinking comes back as it was signed.
    const first = await run(messages)
    expect(first.text).toBe('It rains.')
    const history = JSON.parse(
      JSON.stringify([...messages, ...first.response.messages, { role: 'user', content: 'Sure?' }]),
    ) as ModelMessage[]
    expect((await run(history)).text).toBe('As I said.')
    const sent = server.requests.map(({ body }) => JSON.stringify(body))
    expect(sent).toHaveLength(3)
    expect(sent[1]).toContain('"signature"')
    expect(server.requests.every(({ status }) => status === 200)).toBe(true)
  })
}

scenario('ai', 'encrypted reasoning of OpenAI Responses goes back', async (stage) => {
  const server = await stage.emulated(openaiEmulator, {
    replies: [
      { reasoning: 'Look it up.', toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }] },
      'It rains.',
    ],
  })
  const { turnout } = stage.over({
    providers: { openai: openai({ apiKey: 'key-1', baseURL: server.baseURL }) },
  })
  const result = streamText({
    model: turnout('openai/gpt-5.1'),
    prompt: 'Weather in Oslo?',
    tools: { weather },
    stopWhen: stepCountIs(5),
    providerOptions: { turnout: { reasoningEffort: 'low' } },
  })
  await result.consumeStream()
  expect(await result.text).toBe('It rains.')
  expect(JSON.stringify(server.requests[1]?.body)).toContain('encrypted_content')
})

scenario('ai', 'generateObject with zod', async (stage) => {
  const { turnout, mock } = stage.scripted('{"title":"Hi","tags":["a"]}')
  const schema = z.object({ title: z.string(), tags: z.array(z.string()) })
  const { object } = await generateObject({ model: turnout(MODEL), prompt, schema, schemaName: 'note' })
  expect(object).toEqual({ title: 'Hi', tags: ['a'] })
  expect(mock.calls[0]?.request.response_format).toMatchObject({
    type: 'json_schema',
    json_schema: { name: 'note', strict: true, schema: { required: ['title', 'tags'] } },
  })
})

scenario('ai', 'Output.object with zod, streamed', async (stage) => {
  const { turnout, mock } = stage.scripted({ text: ['{"title":', '"Hi"}'] })
  const result = streamText({
    model: turnout(MODEL),
    prompt,
    output: Output.object({ schema: z.object({ title: z.string() }) }),
  })
  const partial: unknown[] = []
  for await (const value of result.partialOutputStream) partial.push(value)
  expect(partial.at(-1)).toEqual({ title: 'Hi' })
  expect(mock.calls[0]?.request.response_format?.type).toBe('json_schema')
})

scenario('ai', 'generateObject with a JSON schema, and without one', async (stage) => {
  const { turnout, mock } = stage.scripted('{"n":1}')
  const schema = jsonSchema<{ n: number }>({ type: 'object', properties: { n: { type: 'number' } } })
  const typed = await generateObject({ model: turnout(MODEL), prompt, schema })
  const free = await generateObject({ model: turnout(MODEL), prompt, output: 'no-schema' })
  expect([typed.object, free.object]).toEqual([{ n: 1 }, { n: 1 }])
  expect(mock.calls.map(({ request }) => request.response_format?.type)).toEqual([
    'json_schema',
    'json_object',
  ])
})

scenario('ai', 'a refusal is text with the finish reason content-filter', async (stage) => {
  const { turnout } = stage.scripted({ refusal: 'I cannot help with that.', finishReason: 'content_filter' })
  const model = turnout(MODEL)
  const { text, finishReason } = await generateText({ model, prompt })
  expect([text, finishReason]).toEqual(['I cannot help with that.', 'content-filter'])
  const error = await errorOf(generateObject({ model, prompt, schema: z.object({ n: z.number() }) }))
  expect(NoObjectGeneratedError.isInstance(error) && error.finishReason).toBe('content-filter')
})

scenario('ai', 'finish reasons, ours and the provider’s own', async (stage) => {
  const { turnout } = stage.scripted([{ text: 'cut', finishReason: 'length' }])
  const result = await generateText({ model: turnout(MODEL), prompt })
  expect([result.finishReason, result.rawFinishReason]).toEqual(['length', 'length'])
})

scenario('ai', 'images, files and audio', async (stage) => {
  const { turnout, mock } = stage.scripted('ok')
  const png = Buffer.from('iVBORw0KGgo=', 'base64')
  await generateText({
    model: turnout(MODEL),
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look:' },
          { type: 'image', image: new Uint8Array(png) },
          { type: 'file', mediaType: 'application/pdf', data: 'JVBERi0=', filename: 'a.pdf' },
          { type: 'file', mediaType: 'audio/mpeg', data: 'SUQz' },
        ],
      },
    ],
  })
  expect(mock.calls[0]?.request.messages).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Look:' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
        { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERi0=', filename: 'a.pdf' } },
        { type: 'input_audio', input_audio: { data: 'SUQz', format: 'mp3' } },
      ],
    },
  ])
})

scenario('ai', 'marks of prompt caching', async (stage) => {
  const { turnout, mock } = stage.scripted('ok')
  const cacheControl = { type: 'ephemeral' } as const
  await generateText({
    model: turnout(MODEL),
    messages: [
      {
        role: 'user',
        content: [{ type: 'text', text: 'Long.', providerOptions: { anthropic: { cacheControl } } }],
      },
      { role: 'assistant', content: 'Yes.', providerOptions: { turnout: { cacheControl } } },
      { role: 'user', content: 'And?' },
    ],
  })
  expect(mock.calls[0]?.request.messages.slice(0, 2)).toEqual([
    { role: 'user', content: [{ type: 'text', text: 'Long.', cache_control: cacheControl }] },
    { role: 'assistant', content: 'Yes.', cache_control: cacheControl },
  ])
})

scenario('ai', 'a failed call is not retried by the SDK', async (stage) => {
  const { turnout, mock } = stage.scripted({ error: 'rate_limited', retryAfterMs: 1_500 })
  const error = await errorOf(generateText({ model: turnout(MODEL), prompt }))
  // Itself, and not a RetryError around three of them.
  expect(APICallError.isInstance(error)).toBe(true)
  expect(error).toMatchObject({
    statusCode: 429,
    isRetryable: false,
    responseHeaders: { 'retry-after-ms': '1500' },
    data: { code: 'rate_limited' },
  })
  expect(isGatewayError((error as Error).cause, 'rate_limited')).toBe(true)
  expect(JSON.stringify(error)).not.toContain(prompt)
  expect(mock.calls).toHaveLength(1)
})

scenario('ai', 'the gateway fails over under it', async (stage) => {
  const { turnout, mock } = stage.scripted(
    { byModel: { bad: { error: 'quota_exhausted' }, good: 'From the second.' } },
    { routes: { fast: ['mock/bad', 'mock/good'] }, defaults: { maxAttempts: 3 } },
  )
  const result = streamText({ model: turnout('fast'), prompt })
  expect(await result.text).toBe('From the second.')
  expect((await result.providerMetadata)?.turnout).toMatchObject({
    route: 'fast',
    model: 'good',
    attempts: 2,
  })
  expect(mock.calls).toHaveLength(2)
})

scenario('ai', 'streamText tells of a call that fails before its first word', async (stage) => {
  const { turnout, mock } = stage.scripted({ error: 'overloaded' })
  const { errors, onError } = collected()
  const result = streamText({ model: turnout(MODEL), prompt, onError })
  await result.consumeStream()
  expect(errors).toHaveLength(1)
  expect(errors[0]).toMatchObject({ statusCode: 503, isRetryable: false, data: { code: 'overloaded' } })
  expect(mock.calls).toHaveLength(1)
})

scenario('ai', 'a stream that breaks is an error after what had come', async (stage) => {
  const { turnout, mock } = stage.scripted({
    text: ['One ', 'two ', 'three'],
    cut: { afterChunks: 2, how: 'reset' },
  })
  const { errors, onError } = collected()
  const result = streamText({ model: turnout(MODEL), prompt, onError })
  let text = ''
  for await (const part of result.fullStream) if (part.type === 'text-delta') text += part.text
  expect(text).toBe('One two ')
  expect(errors).toHaveLength(1)
  expect(errors[0]).toMatchObject({ isRetryable: false, data: { code: 'stream_interrupted' } })
  expect(await result.finishReason).toBe('error')
  expect((await result.usage).outputTokens).toBeGreaterThan(0)
  expect(mock.calls).toHaveLength(1)
})

scenario('ai', 'an abort before the call', async (stage) => {
  const { turnout, mock } = stage.scripted('never')
  const error = await errorOf(
    generateText({ model: turnout(MODEL), prompt, abortSignal: AbortSignal.abort() }),
  )
  expect((error as Error).name).toBe('AbortError')
  expect(mock.calls).toHaveLength(0)
})

scenario('ai', 'an abort while the answer is awaited', async (stage) => {
  const { turnout, mock } = stage.scripted({ fault: 'silence' })
  const controller = new AbortController()
  const asking = errorOf(generateText({ model: turnout(MODEL), prompt, abortSignal: controller.signal }))
  await expect.poll(() => mock.calls.length).toBe(1)
  controller.abort()
  const error = await asking
  expect(error).toBe(controller.signal.reason)
  expect(mock.calls[0]?.aborted).toBe(true)
})

scenario('ai', 'an abort in the middle of a stream', async (stage) => {
  const { turnout, mock } = stage.scripted({ text: ['One ', 'two '], stall: { afterChunks: 1 } })
  const controller = new AbortController()
  const { errors, onError } = collected()
  const result = streamText({ model: turnout(MODEL), prompt, abortSignal: controller.signal, onError })
  const kinds: string[] = []
  for await (const part of result.fullStream) {
    kinds.push(part.type)
    if (part.type === 'text-delta') controller.abort()
  }
  expect(kinds.at(-1)).toBe('abort')
  expect(errors).toEqual([])
  await expect.poll(() => mock.calls[0]?.aborted).toBe(true)
})

scenario('ai', 'a reader who leaves ends the call', async (stage) => {
  const { turnout, mock } = stage.scripted({ text: ['One ', 'two '], stall: { afterChunks: 1 } })
  const { stream } = await turnout(MODEL).doStream({
    prompt: [{ role: 'user', content: [{ type: 'text', text: prompt }] }],
  })
  await stream.cancel()
  await expect.poll(() => mock.calls[0]?.aborted).toBe(true)
})

scenario('ai', 'a call that takes too long', async (stage) => {
  const { turnout } = stage.scripted({ fault: 'silence' })
  const error = await errorOf(
    generateText({
      model: turnout(MODEL),
      prompt,
      providerOptions: { turnout: { timeout: { totalMs: 20 } } },
    }),
  )
  expect(error).toMatchObject({
    statusCode: 504,
    isRetryable: false,
    data: { code: 'timeout', phase: 'total' },
  })
})

scenario('ai', 'embed and embedMany', async (stage) => {
  const { turnout, mock, gateway } = stage.scripted()
  const seen: unknown[] = []
  gateway.on('request-end', ({ trace }) => seen.push(trace.requested))
  const one = await embed({
    model: turnout.embeddingModel(MODEL),
    value: 'a',
    providerOptions: { turnout: { dimensions: 4 } },
  })
  expect(one.embedding).toHaveLength(4)
  const values = ['a', 'b', 'c']
  const many = await embedMany({ model: turnout.embeddingModel(MODEL), values })
  expect(many.embeddings).toHaveLength(3)
  expect(many.usage.tokens).toBeGreaterThan(0)
  expect(many.providerMetadata?.turnout).toMatchObject({ provider: 'mock' })
  expect(seen).toEqual([MODEL, MODEL])
  expect(mock.calls).toHaveLength(0)
})

scenario('ai', 'embeddings that fail are not retried by the SDK', async (stage) => {
  const { turnout } = stage.scripted()
  const error = await errorOf(embed({ model: turnout.embeddingModel('nowhere/x'), value: 'a' }))
  expect(error).toMatchObject({ statusCode: 404, isRetryable: false, data: { code: 'no_route' } })
})

scenario('ai', 'a name that stands for nothing', async (stage) => {
  const { turnout } = stage.scripted('ok', { routes: { 'fast-summary': [MODEL] } })
  const error = await errorOf(generateText({ model: turnout('fast-sumary'), prompt }))
  expect(error).toMatchObject({ statusCode: 404, data: { code: 'no_route' } })
  expect((error as Error).message).toContain('fast-summary')
})
