import type OpenAI from 'openai'
import { expect } from 'vitest'
import { messages, MODEL, openaiClient } from './openai-client.js'
import { scenario } from './scenario.js'

type Chunk = OpenAI.Chat.ChatCompletionChunk

const all = async (stream: AsyncIterable<Chunk>): Promise<Chunk[]> => {
  const chunks: Chunk[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}
const textOf = (chunks: readonly Chunk[]): string =>
  chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')

scenario('openai', 'a whole answer, with its usage', async (stage) => {
  const { client, mock } = await openaiClient(stage, {
    text: 'Hello!',
    usage: { inputTokens: 12, outputTokens: 5, cachedTokens: 4, reasoningTokens: 2 },
  })
  const answer = await client.chat.completions.create({ model: MODEL, messages })
  expect(answer).toMatchObject({
    object: 'chat.completion',
    choices: [
      { index: 0, message: { role: 'assistant', content: 'Hello!', refusal: null }, finish_reason: 'stop' },
    ],
    usage: {
      prompt_tokens: 12,
      completion_tokens: 5,
      total_tokens: 17,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 2 },
    },
  })
  expect(mock.calls).toHaveLength(1)
  expect(mock.calls[0]?.request.messages).toEqual(messages)
})

scenario('openai', 'the request id of an answer and of its HTTP response', async (stage) => {
  const { client } = await openaiClient(stage, 'Hello!')
  const {
    data,
    response,
    request_id: id,
  } = await client.chat.completions.create({ model: MODEL, messages }).withResponse()
  expect(id).toMatch(/^req_[0-9a-f]{32}$/)
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  expect(data).toMatchObject({ _request_id: id, gateway: { requestId: id } })
})

scenario('openai', 'a stream', async (stage) => {
  const { client, mock } = await openaiClient(stage, 'One two three.')
  const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true })
  const chunks = await all(stream)
  expect(textOf(chunks)).toBe('One two three.')
  expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant')
  expect(chunks.map(({ choices }) => choices[0]?.finish_reason).filter(Boolean)).toEqual(['stop'])
  expect(mock.calls[0]?.attempt.stream).toBe(true)
})

scenario('openai', 'a stream without usage: every chunk has a choice', async (stage) => {
  const { client } = await openaiClient(stage, 'One two three.')
  const chunks = await all(await client.chat.completions.create({ model: MODEL, messages, stream: true }))
  expect(chunks.map(({ choices }) => choices.length)).toEqual(chunks.map(() => 1))
  expect(chunks.map(({ usage }) => usage ?? null)).toEqual(chunks.map(() => null))
})

scenario('openai', 'a stream with usage, on a last chunk of its own', async (stage) => {
  const { client } = await openaiClient(stage, {
    text: 'One two three.',
    usage: { inputTokens: 12, outputTokens: 5 },
  })
  const chunks = await all(
    await client.chat.completions.create({
      model: MODEL,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    }),
  )
  expect(textOf(chunks)).toBe('One two three.')
  const last = chunks.at(-1)
  expect(last?.choices).toEqual([])
  expect(last?.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 })
  expect(chunks.filter(({ usage }) => usage)).toHaveLength(1)
})

scenario('openai', 'a stream arrives while the provider still writes', async (stage) => {
  const { client, mock } = await openaiClient(stage, { text: ['One ', 'two.'], stall: { afterChunks: 1 } })
  const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true })
  let seen = ''
  for await (const { choices } of stream) {
    seen += choices[0]?.delta.content ?? ''
    if (seen !== '') break
  }
  expect(seen).toBe('One ')
  await expect.poll(() => mock.calls[0]?.outcome).toBe('aborted')
})

scenario('openai', 'the stream helper: events, snapshot and final answer', async (stage) => {
  const { client } = await openaiClient(stage, 'One two three.')
  const seen: string[] = []
  const stream = client.chat.completions
    .stream({ model: MODEL, messages, stream_options: { include_usage: true } })
    .on('content', (delta) => seen.push(delta))
  const answer = await stream.finalChatCompletion()
  expect(seen.join('')).toBe('One two three.')
  expect(answer.choices[0]?.message.content).toBe('One two three.')
  expect(answer.choices[0]?.finish_reason).toBe('stop')
  expect((await stream.totalUsage()).total_tokens).toBe(answer.usage?.total_tokens)
})

scenario('openai', 'toReadableStream(), as web handlers pass it on', async (stage) => {
  const { client } = await openaiClient(stage, 'One two three.')
  const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true })
  const lines = (await new Response(stream.toReadableStream()).text()).trimEnd().split('\n')
  expect(textOf(lines.map((line) => JSON.parse(line) as Chunk))).toBe('One two three.')
})

scenario('openai', 'two streams at once do not mix', async (stage) => {
  const { client } = await openaiClient(
    stage,
    ({ lastUserText }) => `You said: ${lastUserText} and that is all.`,
  )
  const texts = await Promise.all(
    ['red', 'green', 'blue'].map(async (content) => {
      const asked = [{ role: 'user' as const, content }]
      return textOf(
        await all(await client.chat.completions.create({ model: MODEL, messages: asked, stream: true })),
      )
    }),
  )
  expect(texts).toEqual(['red', 'green', 'blue'].map((colour) => `You said: ${colour} and that is all.`))
})

scenario('openai', 'finish reason length', async (stage) => {
  const { client, mock } = await openaiClient(stage, { text: 'Cut o', finishReason: 'length' })
  const answer = await client.chat.completions.create({ model: MODEL, messages, max_completion_tokens: 3 })
  expect(answer.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'Cut o' } })
  expect(mock.calls[0]?.request.max_completion_tokens).toBe(3)
})

scenario('openai', "finish reason content_filter, the provider's own", async (stage) => {
  const { client } = await openaiClient(stage, { text: 'I was', finishReason: 'content_filter' })
  const answer = await client.chat.completions.create({ model: MODEL, messages })
  expect(answer.choices[0]?.finish_reason).toBe('content_filter')
  const chunks = await all(await client.chat.completions.create({ model: MODEL, messages, stream: true }))
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('content_filter')
})

scenario('openai', 'a refusal, whole and streamed', async (stage) => {
  const { client } = await openaiClient(stage, { refusal: 'I will not.' })
  const answer = await client.chat.completions.create({ model: MODEL, messages })
  expect(answer.choices[0]).toMatchObject({
    finish_reason: 'stop',
    message: { refusal: 'I will not.', content: null },
  })
  const chunks = await all(await client.chat.completions.create({ model: MODEL, messages, stream: true }))
  expect(chunks.map(({ choices }) => choices[0]?.delta.refusal ?? '').join('')).toBe('I will not.')
})

scenario('openai', 'the settings of a request reach the provider', async (stage) => {
  const { client, mock } = await openaiClient(stage, 'Hello!')
  const settings = {
    temperature: 0.2,
    top_p: 0.9,
    stop: ['END'],
    seed: 7,
    presence_penalty: 0.1,
    frequency_penalty: -0.1,
    logit_bias: { '50256': -100 },
    reasoning_effort: 'low',
    user: 'u-1',
    metadata: { team: 'search' },
  } as const
  await client.chat.completions.create({ model: MODEL, messages, ...settings, stop: [...settings.stop] })
  expect(mock.calls[0]?.request).toMatchObject(settings)
})

scenario('openai', 'parts of text, image, audio and file reach the provider', async (stage) => {
  const { client, mock } = await openaiClient(stage, 'A cat.')
  const content: OpenAI.Chat.ChatCompletionContentPart[] = [
    { type: 'text', text: 'What is this?' },
    { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' } },
    { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
    { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERi0=', filename: 'a.pdf' } },
  ]
  await client.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content }] })
  expect(mock.calls[0]?.request.messages).toEqual([{ role: 'user', content }])
})

scenario('openai', 'reasoning survives the client and comes back with the next turn', async (stage) => {
  const { client, mock } = await openaiClient(stage, [
    { reasoning: 'It is a greeting.', text: 'Hi.' },
    'Bye.',
  ])
  const first = await client.chat.completions.create({ model: MODEL, messages })
  const said = first.choices[0]?.message
  expect(said).toMatchObject({ content: 'Hi.', reasoning_content: 'It is a greeting.' })
  await client.chat.completions.create({
    model: MODEL,
    messages: [...messages, said as OpenAI.Chat.ChatCompletionMessage, { role: 'user', content: 'Bye!' }],
  })
  expect(mock.calls[1]?.request.messages[1]).toMatchObject({ reasoning_content: 'It is a greeting.' })
})

scenario('openai', 'text beyond ASCII, split by nobody', async (stage) => {
  const text = 'Zażółć gęślą jaźń — 日本語 👩‍👩‍👧‍👦\u2028\u0007 "quoted"\\'
  const { client } = await openaiClient(stage, { text, chunkSize: 1 })
  const answer = await client.chat.completions.create({ model: MODEL, messages })
  expect(answer.choices[0]?.message.content).toBe(text)
  const chunks = await all(await client.chat.completions.create({ model: MODEL, messages, stream: true }))
  expect(textOf(chunks)).toBe(text)
})
