import { createGateway } from '@turnout/core'
import { describe, expect, it } from 'vitest'
import { mistral } from './index.js'

interface Sent {
  readonly url: string
  readonly headers: Headers
  readonly body: any
}

function serve(): { readonly sent: Sent[]; readonly fetch: typeof fetch } {
  const sent: Sent[] = []
  return {
    sent,
    fetch: async (input, init) => {
      const request = new Request(input, init)
      const json = await request.text()
      const body = json === '' ? undefined : JSON.parse(json)
      sent.push({ url: request.url, headers: request.headers, body })
      const headers = { 'mistral-correlation-id': 'corr-1' }
      if (request.url.endsWith('/embeddings')) {
        const data = body.input.map((text: string, index: number) => ({ index, embedding: [text.length] }))
        return Response.json(
          { model: body.model, data, usage: { prompt_tokens: 2, total_tokens: 2 } },
          { headers },
        )
      }
      const choices = [{ index: 0, message: { content: 'Bonjour' }, finish_reason: 'stop' }]
      return Response.json({ id: 'a', created: 1, model: 'm', choices }, { headers })
    },
  }
}

async function withGateway<Result>(
  options: Parameters<typeof mistral>[0],
  use: (gateway: any, sent: Sent[]) => Promise<Result>,
): Promise<Result> {
  const { sent, fetch } = serve()
  const gateway = createGateway({ providers: { mistral: mistral({ apiKey: 'k-1', fetch, ...options }) } })
  try {
    return await use(gateway, sent)
  } finally {
    await gateway.close()
  }
}

describe('mistral', () => {
  it('asks Mistral with the key, and keeps the id of the answer', () =>
    withGateway({}, async (gateway, sent) => {
      const messages = [{ role: 'user', content: 'Hi' }]
      const answer = await gateway.chat({ model: 'mistral/mistral-small-latest', messages })
      expect(sent[0]?.url).toBe('https://api.mistral.ai/v1/chat/completions')
      expect(sent[0]?.headers.get('authorization')).toBe('Bearer k-1')
      expect(answer.gateway.attempts[0].providerRequestId).toBe('corr-1')
    }))

  it('takes rules of the caller for models of his', () =>
    withGateway(
      { modelRules: { mine: { settings: { n: { drop: 'one is enough' } } } } },
      async (gateway, sent) => {
        await gateway.chat({ model: 'mistral/mine', messages: [{ role: 'user', content: 'Hi' }], n: 2 })
        expect(sent[0]?.body).toEqual({ model: 'mine', messages: [{ role: 'user', content: 'Hi' }] })
      },
    ))

  it('embeds 512 texts and 16 384 tokens at a time', () =>
    withGateway({}, async (gateway, sent) => {
      const embed = (input: readonly string[]) => gateway.embed({ model: 'mistral/mistral-embed', input })
      const { data } = await embed(Array.from({ length: 513 }, (_, i) => 'x'.repeat(1 + (i % 9))))
      expect(data.map(({ embedding }: any) => embedding[0]).slice(-2)).toEqual([8, 9])
      await embed(Array.from({ length: 5 }, () => 'x'.repeat(8_192)))
      expect(sent.map(({ body }) => body.input.length)).toEqual([512, 1, 4, 1])
    }))

  it.each([
    ['mistral-embed', {}, ['dimensions', 'user']],
    ['codestral-embed', { output_dimension: 256 }, ['user']],
  ])('%s is sent %j of a size', (model, sized, dropped) =>
    withGateway({}, async (gateway, sent) => {
      const { gateway: meta } = await gateway.embed({
        ...{ model: `mistral/${model}`, input: 'a', dimensions: 256, user: 'u' },
      })
      expect(sent[0]?.body).toEqual({ model, input: ['a'], ...sized })
      expect(meta.warnings.map(({ path }: any) => path)).toEqual(dropped)
    }),
  )

  it('lists its models and those of the caller', () => {
    const adapter = mistral({ models: ['ft:ministral-3b-latest:me:x'] })
    expect(adapter.models).toContain('mistral-large-latest')
    expect(adapter.models).toContain('ft:ministral-3b-latest:me:x')
    expect(adapter.capabilities?.('mistral-large-latest')).toMatchObject({ images: true })
    expect(adapter.capabilities?.('unheard-of')).toEqual({})
  })
})
