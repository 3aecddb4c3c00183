/** What stands on the wire, for clients of every kind. */
import { afterEach, describe, expect, it } from 'vitest'
import { createGateway } from '@turnout/core'
import { mockAdapter } from '@turnout/testing'
import { createFetch, type Caller, type FetchOptions } from '../index.js'
import type { SurfaceFault } from '../surface-fault.js'

const mock = mockAdapter({ text: 'Hi.' })
const gateway = createGateway({ providers: { mock }, defaults: { maxAttempts: 1 } })
afterEach(() => mock.setReplies({ text: 'Hi.' }))

const ask = { model: 'mock/m', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] }
const send = (path: string, body: unknown, options: FetchOptions = {}, init: RequestInit = {}) =>
  createFetch(gateway, options)(`http://gateway.invalid${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
  })
const refusing = (fault: Omit<SurfaceFault, 'fault'>): FetchOptions => ({
  authorise: () => {
    const thrown: SurfaceFault = { fault: true, ...fault }
    throw thrown
  },
})
const nobody: Caller = { options: {}, mayUse: () => false }

describe('an error', () => {
  it.each<[string, number, string, () => Promise<Response>]>([
    ['no JSON', 400, 'invalid_request_error', () => send('/v1/messages', '{')],
    ['a list', 400, 'invalid_request_error', () => send('/v1/messages', [])],
    ['nothing', 400, 'invalid_request_error', () => send('/v1/messages', '')],
    ['no model', 400, 'invalid_request_error', () => send('/v1/messages', { messages: [] })],
    ['no messages', 400, 'invalid_request_error', () => send('/v1/messages', { ...ask, messages: [] })],
    [
      'a form',
      415,
      'invalid_request_error',
      () => send('/v1/messages', 'a=b', {}, { headers: { 'content-type': 'text/plain' } }),
    ],
    ['GET', 405, 'invalid_request_error', () => send('/v1/messages', undefined, {}, { method: 'GET' })],
    [
      'a key that is none',
      401,
      'authentication_error',
      () => send('/v1/messages', ask, refusing({ status: 401, message: 'no such key' })),
    ],
    [
      'a model that the key may not use',
      403,
      'permission_error',
      () => send('/v1/messages', ask, { authorise: () => nobody }),
    ],
    [
      'the same, to count',
      403,
      'permission_error',
      () => send('/v1/messages/count_tokens', ask, { authorise: () => nobody }),
    ],
    [
      'keys that cannot be looked up',
      529,
      'overloaded_error',
      () => send('/v1/messages', ask, refusing({ status: 503, message: 'ask again' })),
    ],
  ])('for %s', async (_what, status, type, answer) => {
    const { headers, status: got, body, error } = await told(answer())
    expect([got, body['type'], error['type']]).toEqual([status, 'error', type])
    expect(headers.get('x-should-retry')).toBe('false')
    expect(headers.get('content-type')).toBe('application/json')
    expect(body).toHaveProperty('request_id')
  })

  it('has the id of its call, and when to come again', async () => {
    mock.setReplies({ error: 'rate_limited', retryAfterMs: 1_500 })
    const { headers, body } = await told(
      send('/v1/messages', { ...ask, gateway: { requestId: 'my-id', maxAttempts: 1 } }),
    )
    expect(body['request_id']).toBe('my-id')
    expect(headers.get('request-id')).toBe('my-id')
    expect(headers.get('x-request-id')).toBe('my-id')
    expect(headers.get('retry-after')).toBe('2')
  })

  it('is worded for whoever names a version of this API, wherever it asks', async () => {
    const headers = { 'anthropic-version': '2023-06-01', 'content-type': 'application/json' }
    const { error } = await told(send('/v1/unknown', {}, {}, { headers }))
    expect(error['type']).toBe('not_found_error')
  })
})

it('refuses betas that are no list', () => {
  const options = { anthropicBetas: 'a-2025' } as unknown as FetchOptions
  expect(() => createFetch(gateway, options)).toThrow(expect.objectContaining({ path: 'anthropicBetas' }))
})

it('never changes a prototype', async () => {
  const body = JSON.stringify(ask).replace('{', '{"__proto__":{"polluted":true},')
  expect((await send('/v1/messages', body)).status).toBe(200)
  expect(Object.prototype).not.toHaveProperty('polluted')
})

it('names every event, and ends with none but its own', async () => {
  const answer = await send('/v1/messages', { ...ask, stream: true })
  const text = await answer.text()
  expect(text.match(/^event: \w+$/gm)).toEqual([
    'event: message_start',
    'event: content_block_start',
    'event: content_block_delta',
    'event: content_block_stop',
    'event: message_delta',
    'event: message_stop',
  ])
  expect(answer.headers.get('request-id')).toMatch(/^req_/)
})

async function told(sending: Promise<Response>) {
  const answer = await sending
  const body = (await answer.json()) as Record<string, unknown>
  const error = body['error'] as Record<string, unknown>
  return { headers: answer.headers, status: answer.status, body, error }
}
