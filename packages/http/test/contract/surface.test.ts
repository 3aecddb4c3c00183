/** What no client sends: by hand, as curl would. */
import { expect } from 'vitest'
import { createGateway } from '@turnout/core'
import { mockAdapter } from '@turnout/testing'
import { scenario, type Stage } from './scenario.js'

const json = { 'content-type': 'application/json' }
const body = JSON.stringify({ model: 'mock/m', messages: [{ role: 'user', content: 'Hi' }] })

async function open(stage: Stage) {
  const mock = mockAdapter('Hello!')
  const { origin, fetch } = await stage.serve(createGateway({ providers: { mock } }))
  const send = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${origin}${path}`, init)
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: text && (JSON.parse(text) as unknown),
    }
  }
  return { mock, send }
}

scenario('fetch', 'a whole answer', async (stage) => {
  const { send } = await open(stage)
  const whole = await send('/v1/chat/completions', { method: 'POST', headers: json, body })
  expect(whole.status).toBe(200)
  expect(whole.json).toMatchObject({
    object: 'chat.completion',
    choices: [{ message: { content: 'Hello!' } }],
  })
})

scenario('fetch', 'a path that nobody has: 404, with a hint where /v1 is missing', async (stage) => {
  const { send } = await open(stage)
  for (const path of [
    '/v1/nothing',
    '/',
    '/v1',
    '/v1/chat/completions/',
    '/v1//chat/completions',
    '/v1/models/',
  ])
    expect(await send(path)).toMatchObject({ status: 404, json: { error: { code: 'not_found' } } })
  const missing = await send('/chat/completions', { method: 'POST', headers: json, body })
  expect(missing.status).toBe(404)
  expect(missing.text).toContain('/v1')
})

scenario('fetch', 'a method that is not for the path: 405, with those that are', async (stage) => {
  const { send, mock } = await open(stage)
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const answer = await send('/v1/chat/completions', { method })
    expect(answer).toMatchObject({ status: 405, json: { error: { code: 'invalid_request' } } })
    expect(answer.headers.get('allow')).toBe('POST')
  }
  const post = await send('/v1/models', { method: 'POST', headers: json, body: '{}' })
  expect(post.status).toBe(405)
  expect(mock.calls).toHaveLength(0)
})

scenario('fetch', 'a content type that is not JSON: 415', async (stage) => {
  const { send, mock } = await open(stage)
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonp',
  ]) {
    const answer = await send('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    })
    expect(answer).toMatchObject({
      status: 415,
      json: { error: { message: expect.stringContaining('application/json') as unknown } },
    })
  }
  expect(mock.calls).toHaveLength(0)
  const withCharset = { 'content-type': 'Application/JSON; charset=utf-8' }
  expect((await send('/v1/chat/completions', { method: 'POST', headers: withCharset, body })).status).toBe(
    200,
  )
})

scenario('fetch', 'a body that is not JSON, or no object: 400, without a word of it', async (stage) => {
  const { send, mock } = await open(stage)
  const deep = '{"model":"mock/m","messages":' + '['.repeat(100) + ']'.repeat(100) + '}'
  for (const bad of ['', '{"model": grandmother', '["grandmother"]', '"grandmother"', '7', 'null', deep]) {
    const answer = await send('/v1/chat/completions', { method: 'POST', headers: json, body: bad })
    expect(answer).toMatchObject({ status: 400, json: { error: { code: 'invalid_request' } } })
    expect(answer.text).not.toContain('grandmother')
    expect(answer.headers.get('x-should-retry')).toBe('false')
  }
  expect(mock.calls).toHaveLength(0)
})

scenario('fetch', '__proto__ in a body changes nothing', async (stage) => {
  const { send, mock } = await open(stage)
  for (const key of ['__proto__', '\\u005f_proto__', '__pr\\u006fto__']) {
    const spiked = body.replace('{', `{"${key}":{"polluted":true},"gateway":{"${key}":{"tenant":"other"}},`)
    const answer = await send('/v1/chat/completions', { method: 'POST', headers: json, body: spiked })
    expect(answer.status).toBe(200)
  }
  expect(mock.calls.map(({ request }) => Object.hasOwn(request, '__proto__'))).toEqual([false, false, false])
  expect({}).not.toHaveProperty('polluted')
})

scenario('fetch', 'names of models that are none: hostile paths and prototypes', async (stage) => {
  const { send } = await open(stage)
  for (const name of ['__proto__', 'constructor', 'toString', '..%2f..%2fetc', 'mock%2F..%2Fm%3Fa%23b'])
    expect([200, 400, 404]).toContain((await send(`/v1/models/${name}`)).status)
  expect((await send('/v1/models/constructor')).status).toBe(404)
  expect((await send('/v1/models/%E0%A4%A')).status).toBe(400)
})

scenario('fetch', 'a request id that no header can hold is refused and not sent back', async (stage) => {
  const { send } = await open(stage)
  const bad = body.replace('{', '{"gateway":{"requestId":"a\\r\\nset-cookie: b"},')
  const answer = await send('/v1/chat/completions', { method: 'POST', headers: json, body: bad })
  expect(answer.status).toBe(400)
  expect(answer.headers.get('set-cookie')).toBeNull()
  expect(answer.headers.get('x-request-id')).toBeNull()
})
