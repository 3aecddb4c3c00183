import { afterEach, describe, expect, it } from 'vitest'
import { createGateway } from '@turnout/core'
import {
  isGatewayError,
  type AttemptContext,
  type ChatChunk,
  type ChatMessage,
  type GatewayError,
  type Warning,
} from '@turnout/core/adapter'
import type { StreamFixture } from '@turnout/testing'
import { geminiEmulator, type Emulator, type EmulatorOptions } from '@turnout/testing/emulators'
import { fixtures } from '../test/fixtures.js'
import { chatRequest, protocolContext } from '../test/protocol-context.js'
// The reading of streams has no network in it: cheap enough to try every cut.
import { createStreamDecoder } from '../../core/src/adapter/decode-stream.js'
import { gemini, type GeminiOptions } from './gemini.js'
import { generateContent } from './generate-content/protocol.js'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

function attemptContext(given: Partial<AttemptContext> = {}): AttemptContext & {
  readonly warnings: Warning[]
} {
  const warnings: Warning[] = []
  return {
    requestId: 'test',
    provider: 'gemini',
    model: 'gemini-2.5-flash',
    stream: true,
    signal: new AbortController().signal,
    unsupported: 'warn',
    mark: () => {},
    response: () => {},
    ...given,
    warnings,
    warn: (warning) => warnings.push(warning),
  }
}

const streams = fixtures.filter((fixture): fixture is StreamFixture => fixture.kind === 'stream')

/** What the toolkit and the protocol make of a body that arrives in these pieces. */
function readPieces(pieces: readonly Uint8Array[], fixture: StreamFixture) {
  const decoder = createStreamDecoder(
    generateContent(),
    protocolContext({ stream: true, request: chatRequest(fixture.request) }),
  )
  const chunks: ChatChunk[] = []
  for (const piece of pieces) {
    const batch = decoder.push([piece])
    chunks.push(...batch.chunks)
    if (batch.error) return { chunks, error: batch.error.toJSON() }
  }
  const last = decoder.end()
  return { chunks: [...chunks, ...last.chunks], error: last.error?.toJSON() }
}

describe('a stream reads the same however it is cut', () => {
  it.each(streams.map((fixture) => [fixture.name, fixture] as const))('%s', (_name, fixture) => {
    const bytes = new TextEncoder().encode(fixture.body)
    const whole = readPieces([bytes], fixture)
    expect(whole.error?.code).toBe(fixture.expect.error?.code)
    const single = Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1))
    expect(readPieces(single, fixture)).toEqual(whole)
    const different = [...bytes.keys()].filter((at) => {
      const cut = readPieces([bytes.subarray(0, at), bytes.subarray(at)], fixture)
      return JSON.stringify(cut) !== JSON.stringify(whole)
    })
    expect(different).toEqual([])
  })

  it('is interrupted wherever it ends before its end', () => {
    const fixture = streams.find(({ name }) => name === 'thought and tool stream') as StreamFixture
    const bytes = new TextEncoder().encode(fixture.body)
    const end = fixture.body.lastIndexOf('}')
    const codes = [...bytes.keys()]
      .filter((at) => at > 0 && at < end)
      .map((at) => readPieces([bytes.subarray(0, at)], fixture).error?.code)
    expect(new Set(codes)).toEqual(new Set(['stream_interrupted']))
  })
})

describe('where requests go', () => {
  async function sent(options: GeminiOptions, given: Partial<AttemptContext> = {}): Promise<Request> {
    let request: Request | undefined
    const adapter = gemini({
      ...options,
      fetch: (input, init) => {
        request = new Request(input, init)
        return Promise.resolve(Response.json({ candidates: [{ finishReason: 'STOP' }] }))
      },
    })
    await adapter.chat(chatRequest(), attemptContext({ stream: false, ...given })).next()
    return request as Request
  }

  it('is the Gemini API, the key in its header', async () => {
    const { url, headers } = await sent({ apiKey: 'secret' })
    expect(url).toBe(
      'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent',
    )
    expect(headers.get('x-goog-api-key')).toBe('secret')
    expect(headers.get('authorization')).toBeNull()
  })

  it('is Vertex AI when told so, with a fresh token', async () => {
    const baseURL =
      'https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4/publishers/google'
    const { url, headers } = await sent(
      { auth: 'bearer', baseURL, apiKey: () => Promise.resolve('token') },
      { stream: true },
    )
    expect(url).toBe(`${baseURL}/models/gemini-2.5-flash:streamGenerateContent?alt=sse`)
    expect(headers.get('authorization')).toBe('Bearer token')
    expect(headers.get('x-goog-api-key')).toBeNull()
  })
})

describe('against a server that checks like Gemini', () => {
  async function start(replies: EmulatorOptions['replies'], options: EmulatorOptions = {}) {
    const server: Emulator = await geminiEmulator({ replies, ...options })
    const gateway = createGateway({
      providers: { gemini: gemini({ apiKey: 'key', baseURL: server.baseURL }) },
    })
    closers.push(async () => {
      await gateway.close()
      await server.close()
    })
    return { server, gateway }
  }
  const tools = ['weather', `mcp__${'very_long_'.repeat(8)}clock`].map((name) => ({
    type: 'function' as const,
    function: { name, parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  }))
  const [weather = '', clock = ''] = tools.map(({ function: { name } }) => name)
  const question: ChatMessage = { role: 'user', content: 'Weather and time in Oslo?' }

  it.each([
    ['gemini-2.5-flash', 'chat'],
    ['gemini-2.5-flash', 'stream'],
    ['gemini-3-pro', 'chat'],
    ['gemini-3-pro', 'stream'],
    ['gemini-4-argon', 'stream'],
  ] as const)('%s goes through a tool loop of two steps by %s', async (id, how) => {
    const { gateway } = await start([
      {
        reasoning: 'Two calls.',
        toolCalls: [{ name: weather, arguments: { city: 'Oslo' } }, { name: 'mcp' }],
      },
      { text: 'One more.', toolCalls: [{ name: weather, arguments: { city: 'Bergen' } }] },
      { text: 'Rain everywhere.' },
      { text: 'You are welcome.' },
    ])
    const messages: ChatMessage[] = [question]
    const ask = async () => {
      const request = {
        model: `gemini/${id}` as const,
        messages: [...messages],
        tools,
        reasoning_effort: 'high',
      }
      const response = how === 'chat' ? await gateway.chat(request) : await gateway.stream(request).final()
      const message = response.choices[0]?.message
      if (!message) throw new Error('no choice')
      // As a client would keep it.
      messages.push(JSON.parse(JSON.stringify(message)) as ChatMessage)
      for (const call of message.tool_calls ?? []) {
        messages.push({ role: 'tool', tool_call_id: call.id, content: `${call.function.name}: wet` })
      }
      return message
    }
    expect((await ask()).tool_calls).toHaveLength(2)
    expect((await ask()).tool_calls).toHaveLength(1)
    expect((await ask()).content).toBe('Rain everywhere.')
    messages.push({ role: 'user', content: 'Thanks!' })
    expect((await ask()).content).toBe('You are welcome.')
  })

  it.each(['gemini-2.5-flash', 'gemini-3-pro', 'gemini-4-argon'])(
    '%s takes over a conversation that another model began',
    async (id) => {
      const { gateway, server } = await start({ text: 'Fine.' })
      const foreign = (callId: string, name: string) => ({
        id: callId,
        type: 'function' as const,
        function: { name, arguments: '{"city":"Oslo"}' },
      })
      const messages: ChatMessage[] = [
        { role: 'developer', content: 'Be brief.' },
        question,
        {
          role: 'assistant',
          content: 'Let me look.',
          reasoning_content: 'Hm.',
          tool_calls: [foreign('toolu_1', weather), foreign('toolu_2', clock)],
          provider_state: {
            v: 1,
            adapter: 'anthropic',
            model: 'm',
            origin: 'https://a.example',
            blocks: [{}],
            digest: 'd',
          },
        },
        { role: 'tool', tool_call_id: 'toolu_2', content: 'noon' },
        { role: 'tool', tool_call_id: 'toolu_1', content: 'wet' },
        { role: 'assistant', content: null, tool_calls: [foreign('toolu_3', weather)] },
        { role: 'tool', tool_call_id: 'toolu_3', content: 'dry', is_error: true },
      ]
      const request = {
        model: `gemini/${id}` as const,
        messages,
        tools,
        temperature: 0.2,
        presence_penalty: 0.5,
        n: 2,
        stop: ['a', 'b', 'c', 'd', 'e', 'f'],
        reasoning_effort: 'minimal',
        response_format: { type: 'json_object' as const },
        user: 'u',
        metadata: { a: 'b' },
        parallel_tool_calls: false,
      }
      const answer = await gateway.chat(request)
      expect(answer.choices[0]?.message.content).toBe('Fine.')
      expect(server.requests).toHaveLength(1)
      expect(answer.gateway.warnings.map(({ code }) => code)).toContain('state_dropped')
    },
  )

  it('tells errors apart', async () => {
    const { server } = await start([
      { error: 'rate_limited', retryAfterMs: 1_500 },
      { error: 'quota_exhausted', retryAfterMs: 40_000 },
      { error: 'authentication' },
      { error: 'context_length' },
      { error: 'overloaded' },
      { text: 'half of it', errorEvent: { afterChunks: 2, error: 'overloaded' } },
      { text: 'half of it', cut: { afterChunks: 2 } },
    ])
    const failure = async (how: 'chat' | 'stream') => {
      // A new gateway each time: one of them would keep away from a target that says when to come back.
      await using gateway = createGateway({
        providers: { gemini: gemini({ apiKey: 'key', baseURL: server.baseURL }) },
      })
      const request = { model: 'gemini/gemini-2.5-flash' as const, messages: [question] }
      const call =
        how === 'chat'
          ? gateway.chat(request, { maxAttempts: 1 })
          : gateway.stream(request, { maxAttempts: 1 }).final()
      const error = await call.then(
        () => undefined,
        (reason: unknown) => reason as GatewayError,
      )
      return [error?.code, error?.retryAfterMs, isGatewayError(error?.cause) ? error.cause.code : undefined]
    }
    expect(await failure('chat')).toEqual(['rate_limited', 1_500, undefined])
    expect(await failure('chat')).toEqual(['quota_exhausted', undefined, undefined])
    expect(await failure('chat')).toEqual(['authentication', undefined, undefined])
    expect(await failure('stream')).toEqual(['context_length', undefined, undefined])
    expect(await failure('stream')).toEqual(['overloaded', undefined, undefined])
    expect((await failure('stream'))[2] ?? 'none').toBe('overloaded')
    expect((await failure('stream'))[0]).toBe('stream_interrupted')
  })

  it('embeds and lists models', async () => {
    const { gateway, server } = await start({ text: 'unused' })
    const input = Array.from({ length: 120 }, (_, i) => `text ${i}`)
    const { data } = await gateway.embed({ model: 'gemini/gemini-embedding-001', input, dimensions: 16 })
    expect(data).toHaveLength(120)
    expect(server.requests.map(({ path }) => path)).toHaveLength(2)
    const [first] = data
    const length = Math.hypot(...(first?.embedding as number[]))
    expect(length).toBeCloseTo(1, 6)
    const adapter = gemini({ apiKey: 'key', baseURL: server.baseURL })
    closers.push(async () => adapter.close?.())
    const listed = await adapter.listModels?.(attemptContext({ stream: false }))
    expect(listed?.map(({ id }) => id)).toContain('gemini-2.5-pro')
  })
})
