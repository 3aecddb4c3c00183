import { describe, expect, it } from 'vitest'
import { createGateway } from '@turnout/core'
import { mockAdapter } from '@turnout/testing'
import { createFetch, type Caller } from './index.js'
import { mayUse } from './may-use.js'

const allowed = new Set(['fast', 'openai/small', 'small'])
const caller: Caller = { options: {}, mayUse: (model) => allowed.has(model) }
const refused = (body: Record<string, unknown>): unknown => {
  try {
    mayUse(caller, body)
    return undefined
  } catch (fault) {
    return (fault as { path: string }).path
  }
}

it.each<[Record<string, unknown>, string | undefined]>([
  [{ model: 'fast' }, undefined],
  [{ model: 'slow' }, 'model'],
  [{ model: 5 }, undefined],
  [{ model: 'fast', provider_options: 'x' }, undefined],
  [{ model: 'fast', provider_options: { openai: { seed: 1 } } }, undefined],
  [{ model: 'fast', provider_options: { openai: { model: 'small' } } }, undefined],
  [{ model: 'fast', provider_options: { openai: { model: 'large' } } }, 'provider_options.openai.model'],
  [
    { model: 'fast', provider_options: { openrouter: { models: ['small', 'large'] } } },
    'provider_options.openrouter.models',
  ],
  [
    { model: 'fast', provider_options: { anthropic: { fallbacks: [{ model: 'large' }] } } },
    'provider_options.anthropic.fallbacks',
  ],
])('%j', (body, path) => expect(refused(body)).toBe(path))

it("holds for fields of Anthropic's own that stand in the body", async () => {
  const mock = mockAdapter('Hi.')
  const gateway = createGateway({ providers: { mock }, routes: { fast: ['mock/m'] } })
  const send = (fields: object): Promise<Response> =>
    createFetch(gateway, { authorise: () => caller })('http://gateway.invalid/v1/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'fast',
        max_tokens: 5,
        messages: [{ role: 'user', content: 'Hi' }],
        ...fields,
      }),
    })
  expect((await send({ fallbacks: [{ model: 'large' }] })).status).toBe(403)
  expect((await send({ provider_options: { anthropic: { model: 'large' } } })).status).toBe(403)
  expect(mock.calls).toHaveLength(0)
  expect((await send({})).status).toBe(200)
  await gateway.close()
})

describe('a caller that may pass nothing on', () => {
  const strict: Caller = { options: {}, mayUse: () => true, mayPassOn: false }
  const own = { openai: { seed: 1 } }
  const user = { role: 'user', content: 'Hi' }
  const tool = { type: 'function', function: { name: 'f' }, provider_options: own }
  const messageFields = { max_tokens: 5 }

  it.each<[string, string, object, string | undefined]>([
    ['chat/completions', 'nothing', {}, undefined],
    ['chat/completions', 'options', { provider_options: own }, 'provider_options'],
    ['chat/completions', 'those of a tool', { tools: [tool] }, 'tools[0].provider_options'],
    [
      'chat/completions',
      'those of a message',
      { messages: [user, { ...user, provider_options: own }] },
      'messages[1].provider_options',
    ],
    [
      'chat/completions',
      'those of a part',
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'a', provider_options: own }] }] },
      'messages[0].content[0].provider_options',
    ],
    ['responses', 'options', { input: 'Hi', provider_options: own }, 'provider_options'],
    ['embeddings', 'options', { input: 'Hi', provider_options: own }, 'provider_options'],
    ['messages', 'nothing', messageFields, undefined],
    [
      'messages',
      'what costs nothing',
      {
        ...messageFields,
        thinking: { type: 'disabled' },
        context_management: {},
        metadata: { user_id: 'u' },
      },
      undefined,
    ],
    ['messages', 'options', { ...messageFields, provider_options: { anthropic: {} } }, 'provider_options'],
    ['messages', 'servers', { ...messageFields, mcp_servers: [{ url: 'https://x.invalid' }] }, 'mcp_servers'],
    ['messages', 'speed', { ...messageFields, speed: 'fast' }, 'speed'],
    [
      'messages',
      'a search',
      { ...messageFields, tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
      'tools[0].type',
    ],
    [
      'messages',
      'a tool of another model',
      { ...messageFields, tools: [{ type: 'advisor_20260301', name: 'advisor', model: 'large' }] },
      'tools[0].type',
    ],
    [
      'messages',
      'a tool that it runs itself',
      {
        ...messageFields,
        tools: [
          { type: 'bash_20250124', name: 'bash' },
          { name: 'f', input_schema: { type: 'object' } },
        ],
      },
      undefined,
    ],
  ])('%s: %s', async (path, _what, fields, refusedAt) => {
    const mock = mockAdapter('Hi.')
    const gateway = createGateway({ providers: { mock }, routes: { fast: ['mock/m'] } })
    const response = await createFetch(gateway, { authorise: () => strict })(
      `http://gateway.invalid/v1/${path}`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'fast', messages: [user], ...fields }),
      },
    )
    const text = await response.text()
    expect([response.status, text]).toEqual([
      refusedAt === undefined ? 200 : 403,
      expect.stringContaining(refusedAt === undefined ? '' : `${refusedAt}: this key may not`),
    ])
    expect(mock.calls).toHaveLength(refusedAt === undefined ? 1 : 0)
    await gateway.close()
  })
})

it("betas of the body go nowhere: those that clients may have are the host's to say", async () => {
  const mock = mockAdapter('Hi.')
  const gateway = createGateway({ providers: { mock }, routes: { fast: ['mock/m'] } })
  const body = {
    model: 'fast',
    max_tokens: 5,
    messages: [{ role: 'user', content: 'Hi' }],
    betas: ['x-2026'],
  }
  const headers = { 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  expect((await createFetch(gateway)('http://gateway.invalid/v1/messages', init)).status).toBe(200)
  expect(JSON.stringify(mock.calls)).not.toContain('x-2026')
  await gateway.close()
})
