import { createChunkCollector, type ChatRequest } from '@turnout/core'
import type { Protocol } from '@turnout/core/adapter'
import { chatProtocol } from '@turnout/openai-compatible'
import { responsesProtocol } from '@turnout/openai-compatible/responses'
import { describe, expect, it } from 'vitest'
import { contextFor, encodeWith, usageOf, type Encoded } from '../../openai-compatible/test/chat-support.js'
import { modelRules } from './models.js'
import { responsesRules } from './responses-rules.js'
import { xaiChatDialect } from './xai-chat-dialect.js'
import { xai } from './xai.js'

const chat = chatProtocol(xaiChatDialect(modelRules))
const responses = responsesProtocol((model) => responsesRules(modelRules(model)))
const encode = (request: Partial<ChatRequest>, model: string, protocol: Protocol = chat): Encoded =>
  encodeWith(protocol, request, { adapter: 'xai', provider: 'xai', model })

describe('effort', () => {
  it.each([
    ['grok-3-mini', 'medium', 'low', 1],
    ['grok-3-mini', 'high', 'high', 0],
    ['grok-4', 'high', undefined, 1],
    ['grok-4.20-reasoning', 'low', undefined, 1],
    ['grok-4.20-non-reasoning', 'low', undefined, 1],
    ['grok-4.3', 'none', 'none', 0],
    ['grok-4.5', 'none', 'low', 1],
    ['grok-3', 'low', undefined, 1],
    ['grok-9', 'low', 'low', 0],
  ] as const)('%s, %s', (model, effort, sent, warnings) => {
    const encoded = encode({ reasoning_effort: effort }, model)
    expect(encoded.body.reasoning_effort).toBe(sent)
    expect(encoded.warnings).toHaveLength(warnings)
  })
})

describe('settings', () => {
  it('that models which reason refuse are left out, and sent to the others', () => {
    const settings = { stop: ['x'], presence_penalty: 1, frequency_penalty: 1 }
    expect(Object.keys(encode(settings, 'grok-4.5').body)).toEqual(['model', 'messages'])
    expect(encode(settings, 'grok-4.5').warnings.map(({ path }) => path)).toEqual(Object.keys(settings))
    expect(encode(settings, 'grok-3').body).toMatchObject(settings)
    expect(encode({ ...settings, reasoning_effort: 'none' }, 'grok-4.3').body).toMatchObject(settings)
  })

  it('that xAI does not have are left out with a warning', () => {
    const settings = {
      top_k: 3,
      verbosity: 'low',
      metadata: { a: 'b' },
      store: true,
      prompt_cache_key: 'k',
    } as const
    const encoded = encode({ ...settings, seed: 1, user: 'u', max_tokens: 9 }, 'grok-3')
    expect(encoded.body).toEqual({
      model: 'grok-3',
      messages: [{ role: 'user', content: 'Hi' }],
      seed: 1,
      user: 'u',
      max_completion_tokens: 9,
    })
    expect(encoded.warnings.map(({ path }) => path).toSorted()).toEqual(Object.keys(settings).toSorted())
  })
})

describe('the Responses API', () => {
  it('stores nothing and asks for the encrypted reasoning', () => {
    const { body, path } = encode(
      { reasoning_effort: 'low', temperature: 0.5, user: 'u' },
      'grok-4.5',
      responses,
    )
    expect(path).toBe('/responses')
    expect(body).toMatchObject({ store: false, temperature: 0.5, user: 'u', reasoning: { effort: 'low' } })
    expect(body.include).toContain('reasoning.encrypted_content')
    expect(body.reasoning).not.toHaveProperty('summary')
  })

  it('is chosen by the host', async () => {
    const paths: string[] = []
    for (const api of [undefined, 'chat', 'responses'] as const) {
      const adapter = xai({
        apiKey: 'k',
        ...(api && { api }),
        fetch: (url) => {
          paths.push(new URL(url).pathname)
          return Promise.reject(new TypeError('not sent'))
        },
      })
      const source = adapter.chat(
        { model: 'm', messages: [{ role: 'user', content: 'Hi' }] },
        {
          ...contextFor(),
          requestId: 'r',
          signal: new AbortController().signal,
          mark() {},
          response() {},
        },
      )
      await expect(source.next()).rejects.toMatchObject({ code: 'upstream_error' })
    }
    expect(paths).toEqual(['/v1/chat/completions', '/v1/chat/completions', '/v1/responses'])
  })
})

describe('the bill', () => {
  it('comes in ticks', () => {
    const body = {
      id: 'x',
      created: 1,
      model: 'grok-4.5',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'x' } }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, cost_in_usd_ticks: 25_000_000 },
    }
    const chunks = chat.decode(body, contextFor())
    const collector = createChunkCollector()
    for (const piece of chunks) collector.push(piece)
    expect(usageOf(chunks)?.provider_cost_usd).toBeCloseTo(0.0025, 10)
    expect(collector.text()).toBe('x')
  })
})
