import { expect, it } from 'vitest'
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
