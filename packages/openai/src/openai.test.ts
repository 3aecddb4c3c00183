import { createGateway } from '@turnout/core'
import { describe, expect, it } from 'vitest'
import { openai, type OpenAIOptions } from './index.js'

interface Sent {
  readonly url: string
  readonly headers: Headers
  readonly body: any
}

const chat = {
  id: 'a',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { content: 'chat' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
}
const responses = {
  id: 'r',
  created_at: 1,
  model: 'm',
  status: 'completed',
  usage: { input_tokens: 3, output_tokens: 1, total_tokens: 4 },
  output: [
    {
      type: 'message',
      id: 'm',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'responses', annotations: [] }],
    },
  ],
}
const vector = (...numbers: number[]) => Buffer.from(Float32Array.from(numbers).buffer).toString('base64')

/** Answers by path. */
function serve(): { readonly sent: Sent[]; readonly fetch: typeof fetch } {
  const sent: Sent[] = []
  return {
    sent,
    fetch: async (input, init) => {
      const request = new Request(input, init)
      const json = await request.text()
      const body = json === '' ? undefined : JSON.parse(json)
      sent.push({ url: request.url, headers: request.headers, body })
      const { pathname } = new URL(request.url)
      if (pathname.endsWith('/models'))
        return Response.json({
          object: 'list',
          data: [{ id: 'gpt-4o', created: 1_700_000_000 }, { id: 'whisper-1' }],
        })
      if (pathname.endsWith('/embeddings')) {
        const data = body.input
          .map((text: string, index: number) => ({ index, embedding: vector(text.length, 0.5) }))
          .toReversed()
        return Response.json({ model: body.model, data, usage: { prompt_tokens: 2, total_tokens: 2 } })
      }
      return Response.json(pathname.endsWith('/responses') ? responses : chat)
    },
  }
}

async function ask(
  model: string,
  options: OpenAIOptions,
  request: object = {},
): Promise<{ text: unknown; sent: Sent }> {
  const { sent, fetch } = serve()
  const gateway = createGateway({ providers: { openai: openai({ apiKey: 'k-1', fetch, ...options }) } })
  const answer = await gateway.chat({
    model: `openai/${model}`,
    messages: [{ role: 'user', content: 'Hi' }],
    ...request,
  })
  await gateway.close()
  return { text: answer.choices[0]?.message.content, sent: sent[0] as Sent }
}

describe('openai', () => {
  it.each([
    ['auto', 'gpt-4.1', 'chat', 'https://api.openai.com/v1/chat/completions'],
    ['auto', 'gpt-5.6', 'responses', 'https://api.openai.com/v1/responses'],
    ['chat', 'gpt-5.6', 'chat', 'https://api.openai.com/v1/chat/completions'],
    ['responses', 'gpt-4.1', 'responses', 'https://api.openai.com/v1/responses'],
  ] as const)('api %s asks %s over %s', async (api, model, text, url) => {
    const answer = await ask(model, { api })
    expect([answer.text, answer.sent.url, answer.sent.body.model]).toEqual([text, url, model])
  })

  it('is auto when nothing is said', async () => {
    expect((await ask('gpt-5.6', {})).text).toBe('responses')
    expect((await ask('gpt-5.6', {}, { n: 2 })).text).toBe('chat')
  })

  it('sends key, organisation, project and headers', async () => {
    const { sent } = await ask('gpt-4o', {
      organization: 'org-1',
      project: 'proj-1',
      headers: { 'x-own': '1' },
    })
    const { headers } = sent
    expect(
      ['authorization', 'openai-organization', 'openai-project', 'x-own'].map((name) => headers.get(name)),
    ).toEqual(['Bearer k-1', 'org-1', 'proj-1', '1'])
  })

  it('refuses an organisation that cannot stand in a header', async () => {
    expect(() => openai({ organization: 'a\r\nb' })).toThrow(
      expect.objectContaining({ code: 'invalid_request', path: 'headers.openai-organization' }),
    )
  })

  it('takes another base URL with its query', async () => {
    const { sent } = await ask('gpt-4o', { baseURL: 'https://eu.api.openai.com/v1?x=1' })
    expect(sent.url).toBe('https://eu.api.openai.com/v1/chat/completions?x=1')
  })

  it('takes rules of the caller for models of his', async () => {
    const modelRules = { mine: { systemRole: 'developer', settings: { seed: { drop: 'no dice' } } } } as const
    const { sent } = await ask(
      'mine',
      { modelRules },
      { seed: 1, messages: [{ role: 'system', content: 'A' }] },
    )
    expect(sent.body).toEqual({ model: 'mine', messages: [{ role: 'developer', content: 'A' }] })
  })

  it('embeds over base64, in order', async () => {
    const { sent, fetch } = serve()
    const gateway = createGateway({ providers: { openai: openai({ apiKey: 'k', fetch }) } })
    const answer = await gateway.embed({
      model: 'openai/text-embedding-3-small',
      input: ['a', 'bbb'],
      dimensions: 2,
    })
    expect(answer.data.map(({ embedding }) => embedding)).toEqual([
      [1, 0.5],
      [3, 0.5],
    ])
    expect(sent[0]?.body).toEqual({
      model: 'text-embedding-3-small',
      input: ['a', 'bbb'],
      dimensions: 2,
      encoding_format: 'base64',
    })
    await gateway.close()
  })

  it('splits embeddings at 2048 inputs and at 300 000 tokens', async () => {
    const { sent, fetch } = serve()
    const gateway = createGateway({ providers: { openai: openai({ apiKey: 'k', fetch }) } })
    const many = await gateway.embed({
      model: 'openai/text-embedding-3-small',
      input: Array.from({ length: 2_049 }, () => 'a'),
    })
    expect(many.data).toHaveLength(2_049)
    await gateway.embed({
      model: 'openai/text-embedding-3-small',
      input: Array.from({ length: 40 }, () => 'x'.repeat(16_000)),
    })
    expect(sent.map(({ body }) => body.input.length)).toEqual([2_048, 1, 37, 3])
    await gateway.close()
  })

  it('lists models with what is known of them', async () => {
    const { fetch } = serve()
    const adapter = openai({ apiKey: 'k', fetch })
    const listed = await adapter.listModels?.({
      requestId: 'r',
      provider: 'openai',
      model: '',
      stream: false,
      signal: new AbortController().signal,
      unsupported: 'warn',
      mark() {},
      warn() {},
      response() {},
    })
    expect(listed).toEqual([
      {
        id: 'gpt-4o',
        createdAt: new Date(1_700_000_000_000),
        capabilities: expect.objectContaining({ images: true }),
      },
      { id: 'whisper-1' },
    ])
    await adapter.close?.()
  })

  it('lists its models and those of the caller', () => {
    const adapter = openai({ models: ['ft:gpt-4o:me'] })
    expect(adapter.models).toContain('gpt-4.1')
    expect(adapter.models).toContain('ft:gpt-4o:me')
    expect(adapter.capabilities?.('gpt-4o')).toMatchObject({ images: true })
    expect(adapter.capabilities?.('unheard-of')).toEqual({})
  })
})
