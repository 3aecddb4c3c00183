import { describe, expect, it } from 'vitest'
import { createGateway } from '@turnout/core'
import { mockAdapter } from '@turnout/testing'
import { createFetch, type Caller } from '../../index.js'

type Asker = (body: object, headers?: Readonly<Record<string, string>>) => Promise<Response>

function open(): { readonly ask: Asker; readonly seen: () => string } {
  const mock = mockAdapter('Noted.')
  const gateway = createGateway({ providers: { mock }, routes: { fast: ['mock/m'] } })
  let asking: Caller | undefined
  const fetch = createFetch(gateway, { authorise: () => asking ?? { options: {}, mayUse: () => true } })
  return {
    seen: () => JSON.stringify(mock.calls.map(({ request }) => request)),
    ask(body, headers = {}) {
      const { as, ...rest } = body as { readonly as?: Caller }
      asking = as
      return fetch('http://gateway.invalid/v1/responses', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ model: 'fast', input: 'Hi', ...rest }),
      })
    },
  }
}

const key = (account: string, tenant?: string): Caller => ({
  options: { ...(tenant !== undefined && { tenant }), tags: { key: account } },
  account,
  mayUse: () => true,
})
const named = (tenant: string) => ({ gateway: { tenant } })

describe('an earlier answer is found', () => {
  it.each<[string, object, object, number]>([
    ['by whoever asks, where nobody is told from another', {}, {}, 200],
    ['by the tenant that the body names', named('a'), named('a'), 200],
    ['not by another one that the body names', named('a'), named('b'), 400],
    ['not without the tenant', named('a'), {}, 400],
    ['by its own key', { as: key('k1') }, { as: key('k1') }, 200],
    ['not by another key', { as: key('k1') }, { as: key('k2') }, 400],
    ['by another key of the same tenant', { as: key('k1', 'a') }, { as: key('k2', 'a') }, 200],
    [
      'not by a key that only names that tenant',
      { as: key('k1', 'a') },
      { as: key('k2'), ...named('a') },
      400,
    ],
  ])('%s', async (_what, first, second, status) => {
    const { ask } = open()
    const { id } = (await (await ask({ ...first, input: 'A secret.' })).json()) as { readonly id: string }
    expect((await ask({ ...second, previous_response_id: id })).status).toBe(status)
  })

  it('by the tenant of its header', async () => {
    const { ask } = open()
    const a = { 'x-turnout-tenant': 'a' }
    const { id } = (await (await ask({}, a)).json()) as { readonly id: string }
    expect((await ask({ ...named('a'), previous_response_id: id })).status).toBe(200)
    expect((await ask({ ...named('a'), previous_response_id: id }, { 'x-turnout-tenant': 'b' })).status).toBe(
      400,
    )
  })
})

it('a limit that is no number is refused, not left out', async () => {
  const { ask, seen } = open()
  const response = await ask({ max_output_tokens: '5' })
  expect([response.status, await response.text()]).toEqual([
    400,
    expect.stringContaining('max_output_tokens'),
  ])
  expect(seen()).toBe('[]')
})
