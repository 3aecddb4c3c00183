/** The dialect against a server that checks requests as OpenAI does. */
import type { ChatChunk, ChatMessage, ChatRequest, ChatResponse } from '@turnout/core/adapter'
import { openaiEmulator, type Emulator, type EmulatorOptions } from '@turnout/testing/emulators'
import { afterEach, describe, expect, it } from 'vitest'
import { readStream } from '../../openai-compatible/test/chat-support.js'
import { modelRules } from '../src/models.js'
import { responsesProtocol } from '@turnout/openai-compatible/responses'
import { responsesRules } from '../src/responses-rules.js'
import { contextFor, fold } from '../../openai-compatible/test/responses-support.js'

const protocol = responsesProtocol((model) => responsesRules(modelRules(model)))

const running: Emulator[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
})

async function start(
  options: EmulatorOptions,
): Promise<(request: Partial<ChatRequest>, stream: boolean) => Promise<ChatResponse>> {
  const server = await openaiEmulator(options)
  running.push(server)
  return async (request, stream) => {
    const context = contextFor(request, { model: 'gpt-5.6', stream, origin: server.baseURL })
    const { path, body } = protocol.encode(context.request, context)
    const headers = { authorization: 'Bearer key-1', 'content-type': 'application/json' }
    const answer = await fetch(`${server.baseURL}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(text)
    return fold(chunksOf(text, context))
  }
}

function chunksOf(text: string, context: ReturnType<typeof contextFor>): readonly ChatChunk[] {
  if (!context.stream) return protocol.decode(JSON.parse(text), context)
  const { chunks, error } = readStream(protocol, [Buffer.from(text)], context)
  if (error) throw error
  return chunks
}

const tools: ChatRequest['tools'] = [
  {
    type: 'function',
    function: {
      name: 'weather.today',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' }, unit: { type: 'string' } },
        required: ['city'],
      },
      strict: true,
    },
  },
]

describe.each([
  ['whole', false],
  ['streamed', true],
] as const)('against the emulator, %s', (_how, stream) => {
  it('keeps reasoning, commentary and parallel calls over a tool turn', async () => {
    const ask = await start({
      replies: [
        {
          reasoning: 'Two cities.',
          text: 'Let me look.',
          toolCalls: [
            { name: 'weather_today', arguments: { city: 'Oslo' } },
            { name: 'weather_today', arguments: { city: 'Bergen' } },
          ],
          usage: {
            inputTokens: 90,
            outputTokens: 60,
            cachedTokens: 64,
            cacheWriteTokens: 8,
            reasoningTokens: 40,
          },
        },
        { text: 'Rain in both.' },
        { text: 'Yes.' },
      ],
    })
    const settings = {
      tools,
      reasoning_effort: 'low',
      temperature: 0.2,
      max_tokens: 5,
      user: 'u',
      seed: 1,
    } as const
    const history: ChatMessage[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Weather?' },
    ]
    const first = await ask({ ...settings, messages: history }, stream)
    const { message, finish_reason } = first.choices[0]!
    expect(finish_reason).toBe('tool_calls')
    expect(message).toMatchObject({ content: 'Let me look.', reasoning_content: 'Two cities.' })
    expect(message.tool_calls?.map(({ function: f }) => [f.name, JSON.parse(f.arguments)])).toEqual([
      ['weather.today', { city: 'Oslo' }],
      ['weather.today', { city: 'Bergen' }],
    ])
    expect(first.usage).toMatchObject({
      prompt_tokens: 90,
      completion_tokens: 60,
      prompt_tokens_details: { cached_tokens: 64, cache_write_tokens: 8 },
      completion_tokens_details: { reasoning_tokens: 40 },
    })
    const blocks = message.provider_state?.blocks as readonly {
      readonly type: string
      readonly phase?: string
    }[]
    expect(blocks.map(({ type, phase }) => phase ?? type)).toEqual([
      'reasoning',
      'commentary',
      'function_call',
      'function_call',
    ])

    const results = message.tool_calls!.map(({ id }): ChatMessage => ({
      role: 'tool',
      tool_call_id: id,
      content: 'rain',
    }))
    history.push(message, ...results)
    const second = await ask({ ...settings, messages: history }, stream)
    expect(second.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'Rain in both.' } })

    history.push(second.choices[0]!.message, { role: 'user', content: 'Sure?' })
    expect((await ask({ messages: history }, stream)).choices[0]?.message.content).toBe('Yes.')
  })

  it('takes over a conversation that began elsewhere', async () => {
    const ask = await start({ replies: ['Done.'] })
    const id = `functions.weather:0|${'x'.repeat(70)}`
    const answer = await ask(
      {
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.org/a.png' } }] },
          {
            role: 'assistant',
            content: '',
            tool_calls: [{ id, type: 'function', function: { name: 'weather.today', arguments: '' } }],
            provider_state: {
              v: 1,
              adapter: 'anthropic',
              model: 'm',
              origin: 'o',
              blocks: [{}],
              digest: 'd',
            },
          },
          { role: 'tool', tool_call_id: id, content: [{ type: 'text', text: 'rain' }] },
          { role: 'assistant', content: null, refusal: 'No.' },
          { role: 'developer', content: 'Go on.' },
        ],
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'the answer', schema: { type: 'object' }, strict: true },
        },
      },
      stream,
    )
    expect(answer.choices[0]?.message.content).toBe('Done.')
  })
})
