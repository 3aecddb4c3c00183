import type { AttemptContext, ChatChunk, ChatRequest } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { fixtures } from '../test/fixtures.js'
import { anthropic, type AnthropicOptions } from './anthropic.js'

interface Sent {
  readonly url: string
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

/** An adapter whose server answers with a fixture and remembers what it was asked. */
function served(name: string, options: AnthropicOptions = {}) {
  const fixture = fixtures.find((other) => other.name === name)
  const sent: Sent[] = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const { url } = new Request(input)
    const body = init?.body === undefined || init.body === null ? '{}' : await new Response(init.body).text()
    sent.push({ url, headers: new Headers(init?.headers), body: JSON.parse(body) as Record<string, unknown> })
    const type = fixture?.kind === 'stream' ? 'text/event-stream' : 'application/json'
    return new Response(fixture?.body, {
      status: fixture?.status ?? 200,
      headers: { 'content-type': type, 'request-id': 'req_7', ...fixture?.headers },
    })
  }
  return { adapter: anthropic({ apiKey: 'sk-test', fetch, ...options }), sent }
}

const attempt = (more: Partial<AttemptContext> = {}): AttemptContext => ({
  requestId: 'r1',
  provider: 'claude',
  model: 'claude-sonnet-4-5',
  stream: false,
  unsupported: 'warn',
  signal: new AbortController().signal,
  mark: () => {},
  warn: () => {},
  response: () => {},
  ...more,
})
const request: ChatRequest = { model: 'any', messages: [{ role: 'user', content: 'Hello' }] }

async function chat(
  adapter: ReturnType<typeof anthropic>,
  more: Partial<AttemptContext> = {},
  asked = request,
): Promise<ChatChunk[]> {
  const source = adapter.chat(asked, attempt(more))
  const chunks: ChatChunk[] = []
  for (let batch = await source.next(); batch; batch = await source.next()) chunks.push(...batch)
  return chunks
}

describe('anthropic', () => {
  it('asks the Messages API with key and version', async () => {
    const { adapter, sent } = served('text')
    const ids: unknown[] = []
    const chunks = await chat(adapter, { response: (facts) => void ids.push(facts.providerRequestId) })
    expect(chunks[0]?.choices[0]?.delta.content).toBe('Kraków ist schön 🌍.')
    expect(chunks[0]?.created).toBeGreaterThan(1_700_000_000)
    const [{ url, headers, body } = {} as Sent] = sent
    expect(url).toBe('https://api.anthropic.com/v1/messages')
    expect([
      headers.get('x-api-key'),
      headers.get('anthropic-version'),
      headers.get('anthropic-beta'),
      headers.get('authorization'),
    ]).toEqual(['sk-test', '2023-06-01', null, null])
    expect(body).toEqual({
      model: 'claude-sonnet-4-5',
      max_tokens: 16_384,
      messages: [{ role: 'user', content: 'Hello' }],
    })
    expect(ids).toEqual(['req_7'])
  })

  it('asks for a stream', async () => {
    const { adapter, sent } = served('text, streamed')
    const chunks = await chat(adapter, { stream: true })
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Kraków ist schön 🌍.')
    expect(sent[0]?.body['stream']).toBe(true)
  })

  it.each([
    'https://proxy.example/claude',
    'https://proxy.example/claude/',
    'https://proxy.example/claude/v1',
    'https://proxy.example/claude/v1/',
  ])('takes the base URL %s', async (baseURL) => {
    const { adapter, sent } = served('text', { baseURL })
    await chat(adapter)
    expect(sent[0]?.url).toBe('https://proxy.example/claude/v1/messages')
  })

  it("sends betas, those of one request with the adapter's own", async () => {
    const { adapter, sent } = served('text', { betas: ['a'], version: '2026-10-21' })
    await chat(adapter)
    await chat(adapter, {}, { ...request, provider_options: { anthropic: { betas: ['b', 'c'] } } })
    expect(sent.map(({ headers }) => headers.get('anthropic-beta'))).toEqual(['a', 'a,b,c'])
    expect(sent.map(({ headers }) => headers.get('anthropic-version'))).toEqual(['2026-10-21', '2026-10-21'])
    expect(sent[1]?.body).not.toHaveProperty('betas')
  })

  it('lets provider_options fill the body: tools are added, output_config is merged, the rest replaces', async () => {
    const { adapter, sent } = served('text')
    await chat(
      adapter,
      {},
      {
        ...request,
        tools: [{ type: 'function', function: { name: 'look' } }],
        response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } },
        provider_options: {
          anthropic: {
            tools: [{ type: 'web_search_20250305', name: 'web_search' }],
            output_config: { effort: 'low' },
            max_tokens: 7,
            inference_geo: 'eu',
          },
          other: { top_k: 1 },
        },
      },
    )
    expect(sent[0]?.body).toMatchObject({
      tools: [{ name: 'look' }, { type: 'web_search_20250305', name: 'web_search' }],
      output_config: { effort: 'low', format: { type: 'json_schema' } },
      max_tokens: 7,
      inference_geo: 'eu',
    })
    expect(sent[0]?.body).not.toHaveProperty('top_k')
  })

  it('takes corrections of its model table', async () => {
    const { adapter, sent } = served('text', {
      modelRules: { 'claude-sonnet-4-5': { defaultMaxTokens: 99, prefill: false } },
    })
    await chat(adapter)
    expect(sent[0]?.body['max_tokens']).toBe(99)
    expect(adapter.capabilities?.('claude-sonnet-4-5').prefill).toBe(false)
    expect(adapter.capabilities?.('claude-opus-4-5').prefill).toBe(true)
  })

  it('gives errors their class, and the key to nobody', async () => {
    const { adapter } = served('wrong key')
    const error: unknown = await chat(adapter).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'authentication', status: 401, provider: 'claude', retryable: false })
    expect(JSON.stringify(error)).not.toContain('sk-test')
  })

  it('does not look for a key before it is used', async () => {
    const variable = process.env['ANTHROPIC_API_KEY']
    delete process.env['ANTHROPIC_API_KEY']
    try {
      const adapter = anthropic({ fetch: () => Promise.reject(new Error('not asked')) })
      await expect(chat(adapter)).rejects.toMatchObject({ code: 'authentication' })
    } finally {
      if (variable !== undefined) process.env['ANTHROPIC_API_KEY'] = variable
    }
  })

  it('lists models with the same key', async () => {
    const asked: string[] = []
    const adapter = anthropic({
      apiKey: 'sk-test',
      fetch: async (input, init) => {
        asked.push(`${init?.method} ${new Request(input).url} ${new Headers(init?.headers).get('x-api-key')}`)
        return Response.json({ data: [{ id: 'claude-opus-5-5' }], has_more: false })
      },
    })
    expect(await adapter.listModels?.(attempt())).toMatchObject([{ id: 'claude-opus-5-5' }])
    expect(asked).toEqual(['GET https://api.anthropic.com/v1/models?limit=1000 sk-test'])
  })
})
