/** Keys that are wrong in every way, on every endpoint, in every header: made from the lists that the server is made of. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createKey } from '../../src/server/create-key.js'
import { addressOf, ask, bodyFor, everyEndpoint, openStage, sendRaw, type Stage } from './stage.js'

// Sockets and processes on a machine that may be busy.
vi.setConfig({ testTimeout: 20_000 })

const endpoints = everyEndpoint()
const guarded = endpoints.filter(({ isOpen }) => isOpen !== true)

const FORMS: Readonly<Record<string, (key: string) => Readonly<Record<string, string>>>> = {
  'authorization: Bearer': (key) => ({ authorization: `Bearer ${key}` }),
  'authorization: bearer': (key) => ({ authorization: `bearer  ${key}` }),
  'x-api-key': (key) => ({ 'x-api-key': key }),
  'api-key': (key) => ({ 'api-key': key }),
  'all three': (key) => ({ authorization: `Bearer ${key}`, 'x-api-key': key, 'api-key': key }),
}

let stage: Stage
const made = { good: '', revoked: '', expired: '', elsewhere: '', expiredChild: '' }

beforeAll(async () => {
  stage = await openStage()
  const { keys } = stage
  made.good = keys.create({ id: 'good', endpoints: ['*'] }).key
  made.revoked = keys.create({ id: 'revoked', endpoints: ['*'] }).key
  keys.revoke('revoked')
  made.expired = keys.create({ id: 'expired', endpoints: ['*'], expiresAt: '2020-01-01' }).key
  made.elsewhere = keys.create({ id: 'elsewhere', endpoints: ['/elsewhere'] }).key
})
afterAll(() => stage[Symbol.asyncDispose]())

const nameOf = ({ method, path }: { readonly method: string; readonly path: string }): string =>
  `${method} ${path}`
const rows = guarded.flatMap((endpoint) =>
  Object.keys(FORMS).map((form) => [nameOf(endpoint), form, endpoint] as const),
)

describe('the endpoints', () => {
  it('that need no key are these, and tell nothing', async () => {
    const open = endpoints.filter(({ isOpen }) => isOpen === true)
    expect(open.map(nameOf)).toEqual(['GET /health', 'GET /ready'])
    for (const endpoint of open) {
      const response = await ask(stage, endpoint, {})
      expect(response.status).toBe(200)
      expect(Object.keys((await response.json()) as object)).toEqual(['status'])
    }
  })

  it('are all of the issue', () => {
    expect(guarded.map(nameOf)).toEqual(
      expect.arrayContaining([
        'POST /v1/chat/completions',
        'POST /v1/responses',
        'POST /v1/embeddings',
        'GET /v1/models',
        'GET /v1/models/:model',
        'POST /v1/messages',
        'POST /v1/messages/count_tokens',
        'GET /v1/stream',
        'GET /metrics',
      ]),
    )
  })
})

describe.each(rows)('%s with %s', (_name, form, endpoint) => {
  const headersOf = FORMS[form]
  const send = (key: string): Promise<Response> => ask(stage, endpoint, headersOf?.(key) ?? {})

  it('lets a good key in', async () => {
    const { status } = await send(made.good)
    expect([401, 403]).not.toContain(status)
  })

  it.each([
    ['unknown', () => createKey().key],
    ['revoked', () => made.revoked],
    ['expired', () => made.expired],
    ['cut short', () => made.good.slice(0, -1)],
    ['too long', () => `${made.good}x`],
    ['huge', () => 'x'.repeat(4_000)],
    ['of other case', () => made.good.toUpperCase()],
    ['the hash itself', () => stage.keys.create({ id: `hash-${Math.random()}` }).sha256],
    ['a prototype', () => '__proto__'],
  ])('refuses a key that is %s, and tells no more', async (_what, keyOf) => {
    const before = stage.mock.calls.length
    const response = await send(keyOf())
    expect(response.status).toBe(401)
    expect(response.headers.get('x-should-retry')).toBe('false')
    const { error } = (await response.json()) as { error: { message: string } }
    expect(error.message).toBe('the API key is not valid')
    expect(stage.mock.calls.length).toBe(before)
  })

  it('refuses a key for elsewhere', async () => {
    const before = stage.mock.calls.length
    expect((await send(made.elsewhere)).status).toBe(403)
    expect(stage.mock.calls.length).toBe(before)
  })
})

describe.each(guarded.map((endpoint) => [nameOf(endpoint), endpoint] as const))('%s', (_name, endpoint) => {
  it.each([
    ['no key', {}],
    ['an empty one', { authorization: 'Bearer ' }],
    ['an empty x-api-key', { 'x-api-key': '' }],
    ['another scheme', { authorization: 'Basic dGs6dGs=' }],
    ['a key without its scheme', () => ({ authorization: made.good })],
    ['two that differ', () => ({ authorization: `Bearer ${made.good}`, 'x-api-key': createKey().key })],
    ['two that differ, the good one last', () => ({ 'x-api-key': 'tk_wrong', 'api-key': made.good })],
    ['a good key and a scheme that is none', () => ({ authorization: 'Basic x', 'x-api-key': made.good })],
    ['two in one header', () => ({ 'x-api-key': `${made.good}, ${made.good}` })],
    ['a cookie', () => ({ cookie: `x-api-key=${made.good}; authorization=Bearer ${made.good}` })],
  ])('refuses %s', async (_what, given) => {
    const before = stage.mock.calls.length
    const response = await ask(stage, endpoint, typeof given === 'function' ? given() : given)
    expect(response.status).toBe(401)
    expect(stage.mock.calls.length).toBe(before)
  })

  it('refuses a key in the address', async () => {
    const response = await fetch(
      `${stage.server.url}${addressOf(endpoint)}?api-key=${made.good}&key=${made.good}&x-api-key=${made.good}`,
      { method: endpoint.method, ...(endpoint.method === 'POST' && { body: bodyFor('fast') }) },
    )
    expect(response.status).toBe(401)
  })

  it('refuses two authorizations, of which Node would show the first alone', async () => {
    const { statuses } = await sendRaw(stage.server.port, [
      `${endpoint.method} ${addressOf(endpoint)} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${made.good}\r\nAuthorization: Bearer tk_other\r\nconnection: close\r\n\r\n`,
    ])
    expect(statuses).toEqual([401])
  })
})

describe('models', () => {
  const posts = guarded.filter(({ method }) => method === 'POST')
  const only = (): Readonly<Record<string, string>> => {
    const { key } = stage.keys.create({ id: `only-${Math.random()}`, models: ['fast', 'mock/small*'] })
    return { 'x-api-key': key }
  }

  it.each(posts.map((endpoint) => [nameOf(endpoint), endpoint] as const))(
    '%s: a key asks for its own, and for no other by any of its names',
    async (_name, endpoint) => {
      const headers = only()
      const before = stage.mock.calls.length
      for (const model of [
        'slow',
        'mock/large',
        'mock/smal',
        'Fast',
        ' fast',
        'fast ',
        '',
        '*',
        '__proto__',
      ]) {
        const { status } = await ask(stage, endpoint, headers, bodyFor(model))
        expect([400, 403, 404]).toContain(status)
      }
      expect(stage.mock.calls.length).toBe(before)
      for (const model of ['fast', 'mock/small', 'mock/smaller']) {
        const body = bodyFor(model, endpoint.path)
        expect((await ask(stage, endpoint, headers, body)).status).toBe(200)
      }
    },
  )

  it('of a key are the ones it is shown', async () => {
    const headers = only()
    const listed = await fetch(`${stage.server.url}/v1/models`, { headers })
    const { data } = (await listed.json()) as { data: { id: string }[] }
    expect(data.map(({ id }) => id)).toEqual(['fast'])
    expect((await fetch(`${stage.server.url}/v1/models/slow`, { headers })).status).toBe(403)
    expect((await fetch(`${stage.server.url}/v1/models/mock%2Flarge`, { headers })).status).toBe(403)
  })
})

describe('what a key holds', () => {
  it('holds over what its request says, in every way that it may say it', async () => {
    await using own = await openStage()
    const { key } = own.keys.create({ id: 'shop', tenant: 'shop', tags: { team: 'shop' } })
    const body = JSON.stringify({
      model: 'fast',
      messages: [{ role: 'user', content: 'Hi' }],
      gateway: { tenant: 'bank', tags: { team: 'bank', key: 'bank', other: 'kept' } },
    })
    const response = await fetch(`${own.server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': key,
        'x-turnout-tenant': 'bank',
        'x-turnout-tags': 'team=bank, key=bank',
      },
      body,
    })
    expect(response.status).toBe(200)
    const groups = await own.gateway.usage({ groupBy: ['tenant', 'tag:team', 'tag:key', 'tag:other'] })
    expect(groups.map(({ group }) => group)).toEqual([
      { tenant: 'shop', 'tag:team': 'shop', 'tag:key': 'shop', 'tag:other': 'kept' },
    ])
  })

  it('keeps its answers from other keys', async () => {
    await using own = await openStage()
    const [one, other] = ['one', 'other'].map((id) => own.keys.create({ id, tenant: id }).key)
    const respond = (key: string | undefined, more: object): Promise<Response> =>
      fetch(`${own.server.url}/v1/responses`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': key ?? '' },
        body: JSON.stringify({ model: 'fast', input: 'My secret is 42.', ...more }),
      })
    const { id } = (await (await respond(one, {})).json()) as { id: string }
    const before = own.mock.calls.length
    expect((await respond(other, { previous_response_id: id })).status).toBeGreaterThanOrEqual(400)
    expect(own.mock.calls.length).toBe(before)
    expect((await respond(one, { previous_response_id: id })).status).toBe(200)
  })

  it('is asked for again on a connection that was let in before', async () => {
    await using own = await openStage()
    const { key } = own.keys.create({ id: 'one' })
    const request = (shown: string): string =>
      `GET /v1/models HTTP/1.1\r\nhost: a\r\nx-api-key: ${shown}\r\n\r\n`
    const { statuses } = await sendRaw(own.server.port, [
      request(key) +
        request('tk_wrong') +
        `GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n` +
        request(`${key}\r\nconnection: close`),
    ])
    expect(statuses).toEqual([200, 401, 401, 200])
  })

  it('is looked at again while its answer streams: expired, it is cut off', async () => {
    await using own = await openStage({}, { text: 'Hello to you all.', chunkSize: 1, chunkDelayMs: 200 })
    const { key, sha256 } = own.keys.create({ id: 'one' })
    const response = await fetch(`${own.server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify({ ...(JSON.parse(bodyFor('fast')) as object), stream: true }),
    })
    own.keys.replace([{ id: 'one', sha256, expiresAt: '2020-01-01' }])
    await expect(response.text()).rejects.toThrow('terminated')
  })
})

describe('a store of keys', () => {
  it('that fails lets nobody in, and says nothing of its own', async () => {
    const find = (): never => {
      throw new Error('the password of the database is hunter2')
    }
    for (const keys of [{ find }, { find: async () => find() }]) {
      await using own = await openStage({ keys })
      const response = await fetch(`${own.server.url}/v1/models`, { headers: { 'x-api-key': 'tk_any' } })
      expect(response.status).toBe(503)
      expect(await response.text()).not.toContain('hunter2')
    }
  })

  it('that looks up loosely is not believed', async () => {
    const keys = { find: () => ({ id: 'first', sha256: createKey().sha256 }) }
    await using own = await openStage({ keys })
    const response = await fetch(`${own.server.url}/v1/models`, { headers: { 'x-api-key': 'tk_any' } })
    expect(response.status).toBe(401)
  })

  it('is asked for WebSockets too', async () => {
    const socket = new WebSocket(`${stage.server.url.replace('http', 'ws')}/v1/stream`, {
      headers: { 'api-key': made.revoked },
    })
    await new Promise<void>((resolve) => {
      socket.on('error', (error) => {
        expect(error.message).toContain('401')
        resolve()
      })
    })
  })
})
