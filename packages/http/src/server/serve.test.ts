import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createGateway, type Gateway, type GatewayOptions } from '@turnout/core'
import { mockAdapter, type MockAdapter, type MockReply } from '@turnout/testing'
import { createKeys } from './create-keys.js'
import { serve, type ServeOptions, type Serving } from './serve.js'

// Sockets and processes on a machine that may be busy.
vi.setConfig({ testTimeout: 20_000 })

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

interface Opened {
  readonly server: Serving
  readonly gateway: Gateway
  readonly mock: MockAdapter
}

async function open(
  reply: MockReply = 'Hello.',
  options: Partial<ServeOptions> = {},
  more: Partial<GatewayOptions> = {},
): Promise<Opened> {
  const mock = mockAdapter(reply)
  const gateway: Gateway = createGateway({ providers: { mock }, routes: { fast: ['mock/small'] }, ...more })
  const server = await serve(gateway, { port: 0, ...options })
  closers.push(async () => {
    await server.close({ drainMs: 0 })
    await gateway.close({ drainMs: 0 })
  })
  return { server, gateway, mock }
}

const chat = (url: string, more: object = {}, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'Hi' }], ...more }),
  })

describe('serve', () => {
  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.com', '127.0.0.1.example.com'])(
    'refuses to let others reach it without keys: %s',
    async (host) => {
      const gateway = createGateway({ providers: { mock: mockAdapter() } })
      closers.push(() => gateway.close())
      await expect(serve(gateway, { port: 0, host })).rejects.toThrow(`others can reach ${host}: give keys`)
    },
  )

  it('listens elsewhere with keys, and serves nobody without one', async () => {
    const keys = createKeys()
    const { server } = await open('Hello.', { host: '0.0.0.0', keys })
    const { key } = keys.create({ id: 'a' })
    expect((await chat(`http://127.0.0.1:${server.port}`)).status).toBe(401)
    const answer = await chat(`http://127.0.0.1:${server.port}`, {}, { authorization: `Bearer ${key}` })
    expect(answer.status).toBe(200)
  })

  it.each([
    ['port', { port: 70_000 }],
    ['port', { port: '80' as never }],
    ['host', { port: 0, host: '' }],
    ['maxConnections', { port: 0, maxConnections: 0 }],
    ['keys', { port: 0, keys: [] as never }],
    ['options', { port: 0, options: 'shop' as never }],
    ['basePath', { port: 0, basePath: '/a/' }],
    ['origins', { port: 0, origins: ['*'] }],
  ])('says what is wrong with its option %s', async (path, options) => {
    const gateway = createGateway({ providers: { mock: mockAdapter() } })
    closers.push(() => gateway.close())
    await expect(serve(gateway, options)).rejects.toMatchObject({ code: 'invalid_request', path })
  })

  it('says so when it is given no gateway', async () => {
    await expect(serve({} as Gateway, { port: 0 })).rejects.toThrow(
      'gateway: must be what createGateway gives',
    )
  })

  it('tells when the port is taken', async () => {
    const { server, gateway } = await open()
    await expect(serve(gateway, { port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('lives, and is ready until no target is within reach', async () => {
    const { server, gateway } = await open({ error: 'overloaded' })
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
    expect(await (await fetch(`${server.url}/ready`)).json()).toEqual({ status: 'ready' })
    const isWell = (): boolean => gateway.health().some(({ state }) => state === 'healthy')
    for (let calls = 0; calls < 50 && isWell(); calls++)
      await chat(server.url, { gateway: { maxAttempts: 1 } })
    const response = await fetch(`${server.url}/ready`)
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({ status: 'no target is within reach' })
  })

  it('lets open streams end when it is closed, takes nothing new, and says so', async () => {
    const { server } = await open({ text: 'Hello to you all.', chunkSize: 2, chunkDelayMs: 30 })
    const response = await chat(server.url, { stream: true })
    // A connection of its own, which is kept.
    const kept = connect(server.port, '127.0.0.1')
    await once(kept, 'connect')
    const closed = server.close({ drainMs: 5_000 })
    expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/)
    await closed
    await expect(chat(server.url)).rejects.toThrow('fetch failed')
    await server.close()
  })

  it('says for a while that it is not ready, and still serves, where it is asked to', async () => {
    const { server } = await open()
    const closed = server.close({ readyGraceMs: 2_000, drainMs: 0 })
    // On connections of their own: a load balancer asks anew.
    const headers = { connection: 'close' }
    const response = await fetch(`${server.url}/ready`, { headers })
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({ status: 'draining' })
    expect((await chat(server.url, {}, headers)).status).toBe(200)
    await closed
    await expect(chat(server.url)).rejects.toThrow('fetch failed')
  })

  it('ends what does not end by itself in time, not as if it were complete', async () => {
    const { server, mock } = await open({ text: 'Hello to you all.', chunkSize: 1, chunkDelayMs: 500 })
    const response = await chat(server.url, { stream: true })
    await server.close({ drainMs: 50 })
    await expect(response.text()).rejects.toThrow('terminated')
    await expect.poll(() => mock.calls[0]?.aborted, { timeout: 10_000 }).toBe(true)
  })

  it('counts for Prometheus what was done, and nothing that a client makes up', async () => {
    const keys = createKeys()
    const { key } = keys.create({ id: 'app' })
    const { key: scraper } = keys.create({ id: 'scraper', endpoints: ['/metrics'] })
    const { server } = await open('Hello.', { keys, metrics: true }, { limits: { all: { requests: 100 } } })
    await chat(server.url, {}, { 'x-api-key': key, 'x-turnout-tenant': 'made-up-tenant' })
    await chat(server.url, { stream: true }, { 'x-api-key': key }).then((response) => response.text())
    await chat(server.url, { model: 'made-up-model' }, { 'x-api-key': key })
    const read = (shown: string): Promise<Response> =>
      fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${shown}` } })
    expect((await read(key)).status).toBe(403)
    const response = await read(scraper)
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const text = await response.text()
    expect(text).toContain(
      'turnout_requests_total{route="fast",provider="mock",model="small",outcome="ok",code=""} 2',
    )
    expect(text).toMatch(
      /turnout_tokens_total\{route="fast",provider="mock",model="small",type="output"\} \d/,
    )
    expect(text).toContain('turnout_http_answers_total{status="200"} 2')
    expect(text).toContain('turnout_limit_used_share{limit="all",what="requests"} 0.02')
    expect(text).toContain('turnout_queue_waiting{priority="normal"} 0')
    expect(text).toContain('turnout_breaker_state{provider="mock",model="small"} 0')
    expect(text).toContain('turnout_request_duration_seconds_count{route="fast",outcome="ok"} 2')
    expect(text).not.toContain('made-up')
    expect(text).not.toContain('app')
  })

  it('names the models of routes in its metrics before anybody has asked them', async () => {
    const routes = { fast: ['mock/small', 'mock/org/spare'], both: ['fast'] }
    const { server } = await open('Hello.', { metrics: true }, { routes })
    const read = async (): Promise<string> => (await fetch(`${server.url}/metrics`)).text()
    const text = await read()
    expect(text).toContain('turnout_breaker_state{provider="mock",model="org/spare"} 0')
    expect(text).not.toContain('model="other"')
  })

  it('has no metrics unless they are asked for', async () => {
    const { server } = await open()
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404)
  })

  it('limits and charges each key for itself', async () => {
    const keys = createKeys()
    const one = keys.create({ id: 'one' })
    const child = keys.create({ id: 'child' }, 'one')
    const two = keys.create({ id: 'two' })
    const { server } = await open(
      'Hello.',
      { keys },
      { limits: { each: { per: 'tag:key', requests: 2 } }, queue: { maxEntries: 0 } },
    )
    const statuses: number[] = []
    for (const { key } of [one, child, one, child, two]) {
      const response = await chat(server.url, { gateway: { tags: { key: 'another' } } }, { 'api-key': key })
      statuses.push(response.status)
    }
    expect(statuses).toEqual([200, 200, 429, 429, 200])
  })
})
