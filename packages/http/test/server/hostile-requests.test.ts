/** Requests that are not meant well: raw bytes, too much, too slow, lies about where they come from. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { addressOf, bodyFor, everyEndpoint, openStage, sendRaw, type Stage } from './stage.js'

// Sockets and processes on a machine that may be busy.
vi.setConfig({ testTimeout: 20_000 })

const endpoints = everyEndpoint()
let stage: Stage
let key = ''
const untouched = Object.getOwnPropertyNames(Object.prototype).toSorted()

beforeAll(async () => {
  stage = await openStage()
  ;({ key } = stage.keys.create({ id: 'good' }))
})
afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).toSorted(), untouched)
})
/** Whatever was sent: it serves. */
afterEach(async () => {
  const response = await fetch(`${stage.server.url}/v1/models`, { headers: { 'x-api-key': key } })
  assert.equal(response.status, 200)
})

const body = bodyFor('fast')
const head = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`
const post = (more: readonly string[], of = body): string =>
  head([
    'POST /v1/chat/completions HTTP/1.1',
    'host: a',
    'content-type: application/json',
    `x-api-key: ${key}`,
    ...more,
  ]) + of
const calls = (): number => stage.mock.calls.length

describe('what is no good HTTP', () => {
  const length = Buffer.byteLength(body)
  it.each([
    ['two content-lengths', () => post([`content-length: ${length}`, 'content-length: 1'])],
    ['two content-lengths, the same', () => post([`content-length: ${length}`, `content-length: ${length}`])],
    ['two in one', () => post([`content-length: ${length}, ${length}`])],
    ['a length and chunks', () => post([`content-length: ${length}`, 'transfer-encoding: chunked'])],
    ['chunks and a length', () => post(['transfer-encoding: chunked', `content-length: ${length}`])],
    ['chunks that are not the last encoding', () => post(['transfer-encoding: chunked, identity'])],
    ['an encoding that is none', () => post(['transfer-encoding: xchunked'])],
    ['a space before the colon', () => post([`content-length : ${length}`])],
    ['a header over two lines', () => post([`content-length: ${length}`, 'x-turnout-tenant: a', ' b: c'])],
    ['a bare carriage return', () => post([`content-length: ${length}`, 'x-turnout-tenant: a\rx-evil: 1'])],
    ['a NUL in a header', () => post([`content-length: ${length}`, 'x-turnout-tenant: a\0b'])],
    ['a negative length', () => post(['content-length: -1'])],
    ['a length that is no number', () => post(['content-length: 0x10'])],
    ['no host', () => head(['GET /v1/models HTTP/1.1', `x-api-key: ${key}`])],
    ['a chunk of no size', () => post(['transfer-encoding: chunked'], 'zz\r\n\r\n')],
    ['a huge chunk size', () => post(['transfer-encoding: chunked'], 'fffffffffffffffff\r\n')],
    ['garbage', () => '\x16\x03\x01\x02\x00\x01\x00'],
    ['another protocol', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('is refused: %s', async (_what, request) => {
    const before = calls()
    const { isClosed, statuses } = await sendRaw(stage.server.port, [request()])
    expect(isClosed).toBe(true)
    expect(statuses.every((status) => status === 400)).toBe(true)
    expect(calls()).toBe(before)
  })

  it('smuggles nothing behind a refused request', async () => {
    const before = calls()
    const inner = post([`content-length: ${length}`])
    const { statuses } = await sendRaw(stage.server.port, [
      post(['content-length: 4', 'transfer-encoding: chunked'], `0\r\n\r\n${inner}`),
    ])
    expect(statuses).toEqual([400])
    expect(calls()).toBe(before)
  })
})

describe('too much', () => {
  it('a body that says that it is larger than may be is not read', async () => {
    const { text, statuses } = await sendRaw(stage.server.port, [
      post([`content-length: ${11 * 1_024 * 1_024}`], '{'),
    ])
    expect(statuses).toEqual([413])
    expect(text).toContain('connection: close')
  })

  it('a body that does not say is refused when it is', async () => {
    const piece = `100000\r\n${' '.repeat(0x100000)}\r\n`
    const { statuses, isClosed } = await sendRaw(stage.server.port, [
      post(['transfer-encoding: chunked'], ''),
      ...Array.from({ length: 12 }, () => piece),
    ])
    expect(statuses).toEqual([413])
    expect(isClosed).toBe(true)
  })

  it('a body of tiny chunks is refused long before it is large', async () => {
    const chunks = '1\r\n \r\n'.repeat(10_000)
    const { statuses } = await sendRaw(stage.server.port, [
      post(['transfer-encoding: chunked'], ''),
      ...Array.from({ length: 7 }, () => chunks),
    ])
    expect(statuses).toEqual([413])
  })

  it.each([
    ['one', [`x-a: ${'x'.repeat(17 * 1_024)}`]],
    ['many', Array.from({ length: 900 }, (_, index) => `x-${index}: ${'x'.repeat(20)}`)],
  ])('headers are refused: %s', async (_what, lines) => {
    const { statuses } = await sendRaw(stage.server.port, [post(['content-length: 0', ...lines], '')])
    expect(statuses).toEqual([431])
  })

  it('a body that is compressed is not unpacked', async () => {
    const { statuses } = await sendRaw(
      stage.server.port,
      [post(['content-encoding: gzip', 'content-length: 4'], 'abcd')],
      500,
    )
    expect(statuses).toEqual([415])
  })

  it('a body of many levels is refused', async () => {
    const deep = `{"model":"fast","messages":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    const { statuses } = await sendRaw(stage.server.port, [
      post([`content-length: ${deep.length}`, 'connection: close'], deep),
    ])
    expect(statuses).toEqual([400])
  })

  it('connections are bounded, and those in use go on', async () => {
    await using own = await openStage({ maxConnections: 20, keys: undefined as never, headersTimeoutMs: 500 })
    const first = connect(own.server.port, '127.0.0.1')
    await once(first, 'connect')
    const sockets: Socket[] = Array.from({ length: 60 }, () => connect(own.server.port, '127.0.0.1'))
    let closed = 0
    for (const socket of sockets)
      socket
        .resume()
        .on('error', () => {})
        .on('close', () => closed++)
    await expect.poll(() => closed, { timeout: 10_000 }).toBeGreaterThanOrEqual(40)
    let text = ''
    first.on('data', (piece) => (text += piece.toString()))
    first.write('GET /health HTTP/1.1\r\nhost: a\r\n\r\n')
    await expect.poll(() => text, { timeout: 10_000 }).toContain('200 OK')
    // The others say nothing, and so do not stay.
    await expect.poll(() => closed, { timeout: 5_000 }).toBe(60)
    first.destroy()
  })
})

describe('too slow', () => {
  it.each([
    ['headers', 'POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n'],
    ['a body', post(['content-length: 100'], '{')],
    ['chunks', post(['transfer-encoding: chunked'], '1\r\n{\r\n')],
    ['nothing at all', ''],
  ])('%s: the connection is not kept for it', async (_what, begin) => {
    await using own = await openStage({
      headersTimeoutMs: 300,
      requestTimeoutMs: 500,
      keys: undefined as never,
    })
    const { statuses, isClosed } = await sendRaw(own.server.port, [begin], 6_000)
    expect(isClosed).toBe(true)
    expect([[408], []]).toContainEqual(statuses)
    expect(own.mock.calls).toEqual([])
  })
})

describe('lies about where it comes from', () => {
  it.each([
    ['host: 127.0.0.1'],
    ['x-forwarded-for: 127.0.0.1'],
    ['x-forwarded-host: localhost'],
    ['x-real-ip: 127.0.0.1'],
    ['forwarded: for=127.0.0.1;host=localhost;proto=https'],
    ['x-original-url: /health'],
    ['x-rewrite-url: /health'],
    ['x-http-method-override: GET'],
    ['x-turnout-key: good'],
    ['referer: http://localhost/'],
  ])('%s lets nobody in', async (line) => {
    const lines = line.startsWith('host') ? [line] : ['host: 127.0.0.1', line]
    const { statuses } = await sendRaw(stage.server.port, [
      head([
        'POST /v1/chat/completions HTTP/1.1',
        ...lines,
        'content-type: application/json',
        `content-length: ${body.length}`,
        'connection: close',
      ]) + body,
    ])
    expect(statuses).toEqual([401])
  })

  it('a host of any kind is served the same', async () => {
    for (const host of ['evil.example.com', '169.254.169.254', '[::1]:80', 'a/../b', '']) {
      const { statuses } = await sendRaw(stage.server.port, [
        head(['GET /v1/models HTTP/1.1', `host: ${host}`, `x-api-key: ${key}`, 'connection: close']),
      ])
      expect(statuses).toEqual([200])
    }
  })

  it('a page in a browser gets nothing from a server without keys, unless it is listed', async () => {
    await using own = await openStage({ keys: undefined as never, origins: ['https://app.example.com'] })
    const from = (origin: string, method = 'POST'): Promise<Response> =>
      fetch(`${own.server.url}/v1/chat/completions`, {
        method,
        headers: {
          origin,
          'content-type': 'application/json',
          'access-control-request-headers': 'x-api-key',
        },
        ...(method === 'POST' && { body }),
      })
    for (const origin of [
      'https://evil.example.com',
      'null',
      'https://app.example.com.evil.com',
      'http://localhost',
    ]) {
      const response = await from(origin)
      expect(response.status).toBe(403)
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
      expect((await from(origin, 'OPTIONS')).headers.get('access-control-allow-origin')).toBeNull()
    }
    expect(own.mock.calls).toEqual([])
    const listed = await from('https://app.example.com')
    expect(listed.status).toBe(200)
    expect(listed.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    const asked = await from('https://app.example.com', 'OPTIONS')
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-headers')).toBe('x-api-key')
    // What a form of any page can send without asking first.
    const form = await fetch(`${own.server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body,
    })
    expect(form.status).toBe(415)
  })
})

describe('other methods and addresses', () => {
  it.each(['HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'PATCH', 'PROPFIND'])(
    '%s does nothing, says nothing back, and needs no more of the server',
    async (method) => {
      const before = calls()
      for (const endpoint of endpoints.filter(({ isOpen }) => isOpen !== true)) {
        const { statuses, text } = await sendRaw(stage.server.port, [
          head([
            `${method} ${addressOf(endpoint)} HTTP/1.1`,
            'host: a',
            'x-secret: echo-me',
            'connection: close',
          ]),
        ])
        expect([[401], [403], [405]]).toContainEqual(statuses)
        expect(text).not.toContain('echo-me')
      }
      expect(calls()).toBe(before)
    },
  )

  it('CONNECT is hung up on', async () => {
    const { text, isClosed } = await sendRaw(stage.server.port, [
      head(['CONNECT example.com:443 HTTP/1.1', 'host: a']),
    ])
    expect([text, isClosed]).toEqual(['', true])
  })

  it('a refused upgrade is hung up on', async () => {
    for (const upgrade of ['websocket', 'h2c']) {
      const { statuses, isClosed } = await sendRaw(stage.server.port, [
        head(['GET /v1/stream HTTP/1.1', 'host: a', 'connection: upgrade', `upgrade: ${upgrade}`]),
      ])
      expect([statuses, isClosed]).toEqual([[401], true])
    }
  })

  it('a body that wants to become another protocol is told that it does not', async () => {
    for (const upgrade of ['websocket', 'h2c']) {
      const { text, statuses, isClosed } = await sendRaw(stage.server.port, [
        head([
          'POST /v1/chat/completions HTTP/1.1',
          'host: a',
          'content-type: application/json',
          'content-length: 2',
          'connection: upgrade',
          `upgrade: ${upgrade}`,
        ]),
        '{}',
      ])
      expect([statuses, isClosed]).toEqual([[400], true])
      expect(text).toContain('without that header')
    }
  })

  it('HEAD gets the headers of GET where GET is let in', async () => {
    const { text } = await sendRaw(stage.server.port, [
      head(['HEAD /health HTTP/1.1', 'host: a', 'connection: close']),
    ])
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(text).toMatch(/\r\n\r\n$/)
  })

  it.each([
    '/v1%2Fchat%2Fcompletions',
    '/v1/%63hat/completions',
    '/v1/chat/completions/',
    '//v1/chat/completions',
    '/v1//chat/completions',
    '/v1/./chat/completions',
    '/v1/x/../chat/completions',
    '/v1/models/../chat/completions',
    '/health/../v1/chat/completions',
    '/health%2f..%2fv1/chat/completions',
    '/health;/v1/chat/completions',
    '/V1/chat/completions',
    '/v1/chat/completions%00',
    '/v1/chat/completions%0d%0ax-evil:1',
    '/v1/chat\\completions',
    '\\v1\\chat\\completions',
    'http://127.0.0.1/v1/chat/completions',
    '*',
    '/%',
    '/v1/models/%',
    '/__proto__',
    '/constructor',
    '/v1/toString',
  ])('%s is no way to an endpoint', async (address) => {
    const before = calls()
    for (const shown of [[], [`x-api-key: ${key}`]]) {
      const { statuses, text } = await sendRaw(stage.server.port, [
        head([
          `POST ${address} HTTP/1.1`,
          'host: a',
          'content-type: application/json',
          `content-length: ${body.length}`,
          ...shown,
          'connection: close',
        ]) + body,
      ])
      expect(statuses.every((status) => status >= 400 && status < 500)).toBe(true)
      expect(text.toLowerCase()).not.toMatch(/^x-evil/m)
    }
    expect(calls()).toBe(before)
  })

  it('a key for one endpoint gets to no other by another spelling', async () => {
    const narrow = stage.keys.create({ id: 'narrow', endpoints: ['/v1/models'] }).key
    for (const address of [
      '/v1/models/../chat/completions',
      '/v1/models/fast',
      '/v1/models%2Ffast',
      '/metrics',
      '/v1/models/..%2f..%2fmetrics',
    ]) {
      const { statuses } = await sendRaw(stage.server.port, [
        head([`GET ${address} HTTP/1.1`, 'host: a', `x-api-key: ${narrow}`, 'connection: close']),
      ])
      expect([[403], [404], [405]]).toContainEqual(statuses)
    }
  })
})

describe('headers that a client would like to write into an answer', () => {
  it.each([
    ['%0d%0a', 'a%0d%0ax-evil: 1'],
    ['letters beyond ASCII that end in CR and LF', 'a\u010d\u010ax-evil: 1'],
    ['a tab', 'a\tx-evil: 1'],
    ['very long', 'x'.repeat(5_000)],
  ])('%s', async (_what, value) => {
    const { text, statuses } = await sendRaw(stage.server.port, [
      Buffer.from(
        post([`content-length: ${body.length}`, `x-turnout-request-id: ${value}`, 'connection: close']),
        'utf8',
      ),
    ])
    expect([[200], [400]]).toContainEqual(statuses)
    const [headers = ''] = text.split('\r\n\r\n', 1)
    expect(headers.toLowerCase()).not.toMatch(/^x-evil/m)
  })

  it('also not by a body, over HTTP or a WebSocket', async () => {
    const request = { ...(JSON.parse(body) as object), gateway: { requestId: 'a\r\nx-evil: 1' } }
    const response = await fetch(`${stage.server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify(request),
    })
    expect(response.status).toBe(400)
    expect(response.headers.get('x-evil')).toBeNull()
    const socket = new WebSocket(`${stage.server.url.replace('http', 'ws')}/v1/stream`, {
      headers: { 'x-api-key': key },
    })
    await once(socket, 'open')
    socket.send(JSON.stringify({ id: 'a', request }))
    const [message] = (await once(socket, 'message')) as [Buffer]
    expect(JSON.parse(message.toString())).toMatchObject({ id: 'a', error: {} })
    socket.terminate()
  })
})

describe('names that JavaScript has of its own', () => {
  const NAMES = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty', 'prototype']
  const posts = endpoints.filter(({ method }) => method === 'POST')
  const bodies: readonly string[] = [
    '{"__proto__":{"polluted":1},"model":"fast","messages":[{"role":"user","content":"Hi"}],"input":"Hi","max_tokens":5}',
    '{"\\u005f_proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"model":"fast","messages":[{"role":"user","content":"Hi","__proto__":{"polluted":1}}],"input":"Hi","max_tokens":5}',
    '{"model":"fast","gateway":{"__proto__":{"polluted":1},"tags":{"__proto__":{"polluted":1},"constructor":"a"}},"messages":[{"role":"user","content":"Hi"}],"input":"Hi","max_tokens":5}',
    ...NAMES.map((name) =>
      JSON.stringify({
        model: 'fast',
        messages: [{ role: 'user', content: 'Hi' }],
        input: 'Hi',
        max_tokens: 5,
        gateway: { tenant: name, session: name, tags: { [name]: name } },
        tools: [
          {
            type: 'function',
            name,
            function: { name, parameters: { type: 'object', properties: {} } },
            input_schema: { type: 'object' },
          },
        ],
      }),
    ),
    ...NAMES.map((name) => bodyFor(name)),
  ]

  it.each(posts.map((endpoint) => [endpoint.path, endpoint] as const))(
    'in bodies to %s',
    async (_path, endpoint) => {
      for (const of of bodies) {
        const response = await fetch(`${stage.server.url}${addressOf(endpoint)}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': key },
          body: of,
        })
        expect(response.status).toBeLessThan(500)
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
      }
    },
  )

  it('in messages over a WebSocket', async () => {
    const socket = new WebSocket(`${stage.server.url.replace('http', 'ws')}/v1/stream`, {
      headers: { 'x-api-key': key },
    })
    await once(socket, 'open')
    const heard: { readonly id: string | null; readonly done?: boolean; readonly error?: object }[] = []
    socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as (typeof heard)[number]))
    for (const [index, request] of bodies.entries()) {
      socket.send(`{"id":"${index}","__proto__":{"polluted":1},"request":${request}}`)
    }
    for (const name of NAMES) socket.send(JSON.stringify({ id: name, cancel: true }))
    const ended = (): number => heard.filter(({ done, error }) => done === true || error !== undefined).length
    await expect.poll(ended, { timeout: 10_000 }).toBe(bodies.length)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    socket.terminate()
  })
})

describe('errors', () => {
  it('show no stack, no file and no key', async () => {
    const requests = [
      post(['content-length: 1', 'connection: close'], '{'),
      post([`content-length: ${bodyFor('nothing').length}`, 'connection: close'], bodyFor('nothing')),
      head(['GET /v1/models/%zz HTTP/1.1', 'host: a', `x-api-key: ${key}`, 'connection: close']),
      head(['GET /nowhere HTTP/1.1', 'host: a', 'connection: close']),
    ]
    for (const request of requests) {
      const { text } = await sendRaw(stage.server.port, [request])
      expect(text).toMatch(/^HTTP\/1\.1 4\d\d/)
      expect(text).not.toMatch(/\bat .*:\d+|node_modules|\.[jt]s\b|node:/)
      expect(text).not.toContain(key)
    }
  })
})
