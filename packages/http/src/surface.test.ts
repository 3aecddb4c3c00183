import { describe, expect, it } from 'vitest'
import { createGateway } from '@turnout/core'
import { mockAdapter } from '@turnout/testing'
import type { Endpoint, SurfaceRequest } from './exchange.js'
import { createSurface, type CreateSurfaceOptions } from './surface.js'

const chat = { model: 'mock/m', messages: [{ role: 'user', content: 'Hi' }] }

function requestOf(given: Partial<SurfaceRequest>, headers: Record<string, string> = {}): SurfaceRequest {
  const all: Record<string, string> = { 'content-type': 'application/json', ...headers }
  return {
    method: 'POST',
    path: '/v1/chat/completions',
    query: '',
    header: (name) => all[name],
    readBody: () => JSON.stringify(chat),
    signal: undefined,
    ...given,
  }
}
function open(script: Parameters<typeof mockAdapter>[0] = 'Hello!', options: CreateSurfaceOptions = {}) {
  const mock = mockAdapter(script)
  return { mock, surface: createSurface(createGateway({ providers: { mock } }), options) }
}
const jsonOf = async (answer: Promise<{ readonly body: unknown }>): Promise<unknown> =>
  JSON.parse((await answer).body as string) as unknown

describe('createSurface', () => {
  it('rejects with the reason of a signal, and with nothing else', async () => {
    const { surface, mock } = open({ fault: 'silence' })
    for (const stream of [false, true]) {
      const controller = new AbortController()
      const reason = new Error('gone')
      const { signal } = controller
      const asked = surface(requestOf({ signal, readBody: () => JSON.stringify({ ...chat, stream }) }))
      await expect.poll(() => mock.calls.at(-1)?.outcome).toBe('pending')
      controller.abort(reason)
      await expect(asked).rejects.toBe(reason)
    }
    const broken = surface(requestOf({ readBody: () => Promise.reject(new Error('secret socket text')) }))
    const answer = await broken
    expect(answer.status).toBe(500)
    expect(answer.body).not.toContain('secret')
  })

  it('words errors as the endpoint does, or as the client asks by its header', async () => {
    const { surface } = open()
    const openai = { error: { code: 'not_found', type: 'invalid_request_error' } }
    const anthropic = { type: 'error', error: { type: 'not_found_error' } }
    const nowhere = { path: '/v1/nowhere' }
    expect(await jsonOf(surface(requestOf(nowhere)))).toMatchObject(openai)
    expect(await jsonOf(surface(requestOf(nowhere, { 'anthropic-version': '2023-06-01' })))).toMatchObject(
      anthropic,
    )
    const messages = requestOf({ path: '/v1/messages', readBody: () => '{' })
    expect(await jsonOf(surface(messages))).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error' },
    })
  })

  it('serves endpoints of others beside its own, and asks who calls for each', async () => {
    const asked: string[] = []
    const greeting: Endpoint = {
      method: 'GET',
      path: '/greeting/:name',
      dialect: 'openai',
      handle: async (_request, { mayUse }, { name }) => ({
        status: 200,
        headers: {},
        body: `Hello ${name}${mayUse('x') ? '' : ', you may not'}`,
      }),
    }
    const { surface } = open('Hello!', {
      endpoints: [greeting],
      authorise(_request, { path }) {
        asked.push(path)
        return { options: {}, mayUse: () => false }
      },
    })
    const got = await surface(requestOf({ method: 'GET', path: '/greeting/a%20b/c' }))
    expect(got.body).toBe('Hello a b/c, you may not')
    expect((await surface(requestOf({}))).status).toBe(403)
    // A caller that is known before is not asked for.
    const known = { options: {}, mayUse: () => true }
    expect((await surface(requestOf({}), known)).status).toBe(200)
    expect(asked).toEqual(['/greeting/:name', '/v1/chat/completions'])
  })

  it('has read nothing of a body before it knows who asks and what it is', async () => {
    let reads = 0
    const readBody = () => {
      reads++
      return '{}'
    }
    const { surface } = open('Hello!', {
      authorise: () =>
        Promise.reject(Object.assign(new Error('no'), { fault: true, status: 401, message: 'no such key' })),
    })
    expect((await surface(requestOf({ readBody }))).status).toBe(401)
    expect((await surface(requestOf({ readBody, path: '/v1/nowhere' }))).status).toBe(404)
    expect((await surface(requestOf({ readBody, method: 'PUT' }))).status).toBe(405)
    expect((await open().surface(requestOf({ readBody }, { 'content-type': 'text/plain' }))).status).toBe(415)
    expect(reads).toBe(0)
  })
})
