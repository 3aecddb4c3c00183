import { describe, expect, it } from 'vitest'
import { createGateway } from '@turnout/core'
import { mockAdapter, type MockReply, type Script } from '@turnout/testing'
import { createFetch, type FetchOptions } from './create-fetch.js'

const url = 'http://gateway.invalid/v1/chat/completions'
const headers = { 'content-type': 'application/json' }
const request = { model: 'mock/m', messages: [{ role: 'user', content: 'Zażółć 👋' }] }
const body = JSON.stringify(request)

function open(script: Script<MockReply> = 'Hello!', options: FetchOptions = {}) {
  const mock = mockAdapter(script)
  const gateway = createGateway({ providers: { mock }, defaults: { maxAttempts: 1 } })
  return { mock, gateway, fetch: createFetch(gateway, options) }
}
const textIn = async (response: Response): Promise<unknown> => {
  const answer = (await response.json()) as { choices?: { message: { content: string } }[] }
  return answer.choices?.[0]?.message.content
}

describe('what createFetch takes', () => {
  const init = { method: 'POST', headers, body }
  const bytes = new TextEncoder().encode(body)
  const halves = () =>
    new ReadableStream({
      start(controller) {
        // Cut inside a character.
        controller.enqueue(bytes.slice(0, body.indexOf('ż') + 1))
        controller.enqueue(bytes.slice(body.indexOf('ż') + 1))
        controller.close()
      },
    })
  const cases: readonly (readonly [string, (fetch: typeof globalThis.fetch) => Promise<Response>])[] = [
    ['a string', (fetch) => fetch(url, init)],
    ['a URL', (fetch) => fetch(new URL(url), init)],
    ['a Request', (fetch) => fetch(new Request(url, init))],
    [
      'a Request and an init that says more',
      (fetch) => fetch(new Request(url, { ...init, body: '{}' }), { method: 'POST', body }),
    ],
    [
      'headers as a list',
      (fetch) => fetch(url, { ...init, headers: [['Content-Type', 'application/json']] }),
    ],
    ['headers as Headers', (fetch) => fetch(url, { ...init, headers: new Headers(headers) })],
    ['a method in lower case', (fetch) => fetch(url, { ...init, method: 'post' })],
    ['a body of bytes', (fetch) => fetch(url, { ...init, body: bytes })],
    ['a body that is a Blob', (fetch) => fetch(url, { ...init, body: new Blob([body]) })],
    ['a body that is a stream', (fetch) => fetch(url, { ...init, body: halves(), duplex: 'half' })],
  ]
  it.each(cases)('%s', async (_what, ask) => {
    const { fetch, mock } = open()
    const response = await ask(fetch)
    expect(response).toBeInstanceOf(Response)
    expect(response.status).toBe(200)
    expect(await textIn(response)).toBe('Hello!')
    expect(mock.calls[0]?.request.messages).toEqual(request.messages)
  })

  it('a body larger than it may be: 413, unless it is a string', async () => {
    const { fetch, mock } = open('Hello!', { maxBodyBytes: 50 })
    const response = await fetch(url, { method: 'POST', headers, body: bytes })
    expect(response.status).toBe(413)
    expect(mock.calls).toHaveLength(0)
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200)
  })

  it('an abort while the body is still coming ends both', async () => {
    const { fetch } = open()
    const controller = new AbortController()
    let cancelled: unknown
    const endless = new ReadableStream({
      start: () => void setTimeout(() => controller.abort(), 10),
      cancel: (reason) => (cancelled = reason),
    })
    const { signal } = controller
    const answer = fetch(url, { method: 'POST', headers, body: endless, duplex: 'half', signal })
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
    expect(cancelled).toBe(signal.reason)
  })

  it.each<[string, number, () => RequestInit['body']]>([
    ['was read before', 400, () => readBefore()],
    ['breaks off', 408, () => new ReadableStream({ start: (end) => end.error(new Error('secret 42')) })],
  ])('a body that %s: %i', async (_what, status, make) => {
    const { fetch, mock } = open()
    const response = await fetch(url, { method: 'POST', headers, body: make(), duplex: 'half' })
    const text = await response.text()
    expect([response.status, text]).toEqual([status, expect.stringContaining('the body ')])
    expect(text).not.toContain('secret')
    expect(mock.calls).toHaveLength(0)
  })
  function readBefore(): ReadableStream | null {
    const used = new Request(url, init)
    void used.text()
    return used.body
  }

  it.each([
    ['/llm/v1/chat/completions', 200],
    ['/v1/chat/completions', 404],
    ['/llmv1/chat/completions', 404],
    ['/llm', 404],
  ])('under a base path, %s: %i', async (path, status) => {
    const { fetch } = open('Hello!', { basePath: '/llm' })
    expect((await fetch(`http://gateway.invalid${path}`, { method: 'POST', headers, body })).status).toBe(
      status,
    )
  })

  it.each([
    ['keepAliveMs', { keepAliveMs: 0 }],
    ['keepAliveMs', { keepAliveMs: Number.NaN }],
    ['detail', { detail: 'short' as never }],
    ['rememberedResponses', { rememberedResponses: -1 }],
    ['basePath', { basePath: 'llm' }],
    ['basePath', { basePath: '/llm/' }],
  ])('refuses options that are none: %s', (path, options) => {
    expect(() => open('Hello!', options)).toThrow(expect.objectContaining({ code: 'invalid_request', path }))
  })

  it('asks authorise for each endpoint, and heeds what it says', async () => {
    const asked: string[] = []
    const { fetch, gateway } = open('Hello!', {
      authorise({ header }, { path }) {
        asked.push(path)
        if (header('authorization') !== 'Bearer good')
          throw Object.assign(new Error('no'), { fault: true, status: 401, message: 'no such key' })
        return { options: { tenant: 'acme' }, mayUse: (model) => model === 'mock/m' }
      },
    })
    const good = { ...headers, authorization: 'Bearer good' }
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(401)
    expect((await fetch(url, { method: 'POST', headers: good, body })).status).toBe(200)
    const other = body.replace('mock/m', 'mock/other')
    expect((await fetch(url, { method: 'POST', headers: good, body: other })).status).toBe(403)
    const listed = (await (
      await fetch('http://gateway.invalid/v1/models', { headers: good })
    ).json()) as object
    expect(listed).toMatchObject({ data: [] })
    const one = await fetch('http://gateway.invalid/v1/models/mock%2Fother', { headers: good })
    expect(one.status).toBe(403)
    expect(asked).toEqual([
      '/v1/chat/completions',
      '/v1/chat/completions',
      '/v1/chat/completions',
      '/v1/models',
      '/v1/models/:model',
    ])
    expect((await gateway.usage({ groupBy: 'tenant' })).map(({ group }) => group.tenant)).toEqual(['acme'])
  })
})

describe('what createFetch gives', () => {
  const ask = (fetch: typeof globalThis.fetch) => fetch(url, { method: 'POST', headers, body })

  it('a whole answer is read once, in any way', async () => {
    const { fetch } = open()
    for (const read of ['text', 'json', 'arrayBuffer', 'blob'] as const) {
      const response = await ask(fetch)
      expect(response.bodyUsed).toBe(false)
      expect(await response[read]()).toBeTruthy()
      expect(response.bodyUsed).toBe(true)
      await expect(response.text()).rejects.toThrow(TypeError)
      await expect(response.json()).rejects.toThrow(TypeError)
    }
  })

  it('a whole answer can be cloned, and be read as a stream', async () => {
    const { fetch } = open()
    const response = await ask(fetch)
    const copy = response.clone()
    const [text, copied] = [await response.text(), await copy.text()]
    expect(copied).toBe(text)
    const streamed = await ask(fetch)
    let size = 0
    for await (const bytes of streamed.body ?? []) size += (bytes as Uint8Array).byteLength
    expect(size).toBeGreaterThan(100)
    await expect(streamed.text()).rejects.toThrow(TypeError)
  })

  it('a whole answer is a Response in all its parts', async () => {
    const { fetch } = open()
    const response = await ask(fetch)
    expect(response).toBeInstanceOf(Response)
    expect([response.ok, response.status, response.type]).toEqual([true, 200, 'default'])
    expect(response.headers.get('content-type')).toBe('application/json')
    const passedOn = new Response(response.body, response)
    expect(passedOn.headers.get('content-type')).toBe('application/json')
    expect(await textIn(passedOn)).toBe('Hello!')
    expect(response.bodyUsed).toBe(true)
    const read = await ask(fetch)
    await read.text()
    expect(() => read.clone()).toThrow(TypeError)
    const reader = (read.body as ReadableStream).getReader()
    expect(await reader.read()).toMatchObject({ done: true })
    const locked = await ask(fetch)
    ;(locked.body as ReadableStream).getReader()
    await expect(locked.json()).rejects.toThrow(TypeError)
  })

  it('a failure of any kind is an answer, also one of our own', async () => {
    const { gateway } = open()
    const broken = createFetch({ ...gateway, chat: () => Promise.reject(new Error('secret 42')) })
    const response = await ask(broken)
    expect(response.status).toBe(500)
    const text = await response.text()
    expect(text).toContain('"code":"internal"')
    expect(text).not.toContain('secret')
  })
})

describe('an abort', () => {
  const streamed = JSON.stringify({ ...request, stream: true })
  const reason = new Error('changed my mind')

  it('before the call rejects with its reason, and asks nobody', async () => {
    const { fetch, mock } = open()
    const signal = AbortSignal.abort(reason)
    await expect(fetch(url, { method: 'POST', headers, body, signal })).rejects.toBe(reason)
    await expect(fetch(new Request(url, { method: 'POST', headers, body, signal }))).rejects.toBe(reason)
    expect(mock.calls).toHaveLength(0)
  })

  it('during the call rejects with its reason', async () => {
    const { fetch, mock } = open({ fault: 'silence' })
    for (const text of [body, streamed]) {
      const controller = new AbortController()
      const asked = fetch(url, { method: 'POST', headers, body: text, signal: controller.signal })
      await expect.poll(() => mock.calls.at(-1)?.outcome).toBe('pending')
      controller.abort(reason)
      await expect(asked).rejects.toBe(reason)
      expect(mock.calls.at(-1)?.outcome).toBe('aborted')
    }
  })

  it('in the middle of a stream ends the body with its reason, read or unread', async () => {
    for (const isReading of [true, false]) {
      const { fetch, mock } = open({ text: ['One ', 'two.'], stall: { afterChunks: 1 } })
      const controller = new AbortController()
      const { signal } = controller
      const response = await fetch(url, { method: 'POST', headers, body: streamed, signal })
      const reader = (response.body as ReadableStream<Uint8Array>).getReader()
      await reader.read()
      const pending = isReading ? reader.read() : undefined
      controller.abort(reason)
      await expect(pending ?? reader.read()).rejects.toBe(reason)
      await expect.poll(() => mock.calls[0]?.outcome).toBe('aborted')
    }
  })

  it('cancelling the body ends the call', async () => {
    const { fetch, mock } = open({ text: ['One ', 'two.'], stall: { afterChunks: 1 } })
    const response = await fetch(url, { method: 'POST', headers, body: streamed })
    await response.body?.cancel()
    await expect.poll(() => mock.calls[0]?.outcome).toBe('aborted')
  })

  it('leaves no listener on a signal that lives on', async () => {
    const { fetch } = open()
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    Object.assign(signal, {
      addEventListener(...given: Parameters<typeof add>) {
        listeners++
        add(...given)
      },
      removeEventListener(...given: Parameters<typeof remove>) {
        listeners--
        remove(...given)
      },
    })
    for (let i = 0; i < 5; i++)
      for (const text of [body, streamed])
        await (await fetch(url, { method: 'POST', headers, body: text, signal })).text()
    expect(listeners).toBe(0)
  })
})

describe('a slow reader', () => {
  it('is not run ahead of', async () => {
    const { fetch, mock } = open({ text: Array.from({ length: 200 }, (_, i) => `w${i} `) })
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ ...request, stream: true }),
    })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
    expect(mock.calls[0]?.chunksSent).toBeLessThan(5)
    let count = 0
    while (!(await reader.read()).done) count++
    expect(count).toBeGreaterThan(150)
    expect(mock.calls[0]?.outcome).toBe('ok')
  })
})
