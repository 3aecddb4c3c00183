import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createGateway, type Gateway } from '@turnout/core'
import { mockAdapter, type MockAdapter, type Reply } from '@turnout/testing'
import { createKeys } from './create-keys.js'
import type { HandlerOptions } from './handler-options.js'
import { nodeHandler } from './node-handler.js'

// Sockets and processes on a machine that may be busy.
vi.setConfig({ testTimeout: 20_000 })

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

interface Opened {
  readonly port: number
  readonly url: string
  readonly mock: MockAdapter
  readonly server: Server
  readonly gateway: Gateway
}

async function open(reply: Reply = 'Hello.', options: HandlerOptions = {}): Promise<Opened> {
  const mock = mockAdapter(reply)
  const gateway = createGateway({ providers: { mock }, routes: { fast: ['mock/small'] } })
  const server = createServer(nodeHandler(gateway, options))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => gateway.close({ drainMs: 0 }))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { port, url: `http://127.0.0.1:${port}`, mock, server, gateway }
}

const chat = (url: string, more: object = {}, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'Hi' }], ...more }),
  })

describe('nodeHandler', () => {
  it('answers whole', async () => {
    const { url } = await open()
    const response = await chat(url)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'Hello.' } }] })
  })

  it('holds every call to its options over what the request says, and to those of its key over both', async () => {
    const keys = createKeys()
    const { key: shop } = keys.create({ id: 'shop', tenant: 'shop', tags: { team: 'a' } })
    const { key: plain } = keys.create({ id: 'plain' })
    const options = { tenant: 'house', tags: { team: 'house', env: 'prod', key: 'house' } }
    const held = await open('Hello.', { keys, options })
    const asked = { gateway: { tenant: 'mine', tags: { env: 'mine', other: 'mine' } } }
    for (const key of [shop, plain]) await chat(held.url, asked, { authorization: `Bearer ${key}` })
    const unkeyed = await open('Hello.', { options: { tenant: 'house' } })
    await chat(unkeyed.url, asked)

    const by = ['tenant', 'tag:team', 'tag:env', 'tag:other', 'tag:key'] as const
    const groups = [
      ...(await held.gateway.usage({ groupBy: by })),
      ...(await unkeyed.gateway.usage({ groupBy: by })),
    ].map(({ group }) => group)
    // In whatever order they are counted.
    expect(new Set(groups)).toEqual(
      new Set([
        { tenant: 'shop', 'tag:team': 'a', 'tag:env': 'prod', 'tag:other': 'mine', 'tag:key': 'shop' },
        { tenant: 'house', 'tag:team': 'house', 'tag:env': 'prod', 'tag:other': 'mine', 'tag:key': 'plain' },
        { tenant: 'house', 'tag:team': null, 'tag:env': 'mine', 'tag:other': 'mine', 'tag:key': null },
      ]),
    )
  })

  it('streams, past proxies that would keep it back', async () => {
    const { url } = await open()
    const response = await chat(url, { stream: true })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    expect(response.headers.get('cache-control')).toBe('no-cache, no-transform')
    expect(response.headers.get('x-accel-buffering')).toBe('no')
    expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/)
  })

  it('says something while the first token is long in coming', async () => {
    const { url } = await open({ text: 'Hello.', firstTokenDelayMs: 120 }, { keepAliveMs: 20 })
    const text = await (await chat(url, { stream: true })).text()
    expect(text).toMatch(/^:/)
    expect(text).toContain('Hello.')
  })

  it('closes the call upstream when the client goes away', async () => {
    const { url, mock } = await open({ text: 'Hello to you all.', chunkSize: 1, chunkDelayMs: 50 })
    const gone = new AbortController()
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'Hi' }], stream: true }),
      signal: gone.signal,
    })
    await response.body?.getReader().read()
    gone.abort()
    await expect.poll(() => mock.calls[0]?.aborted, { timeout: 10_000 }).toBe(true)
  })

  it('stops pulling while the client does not read', async () => {
    const chunkSize = 64 * 1_024
    const { port, mock } = await open({ text: 'x'.repeat(512 * chunkSize), chunkSize })
    const socket = connect(port, '127.0.0.1').pause()
    closers.push(() => socket.destroy())
    const body = JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'Hi' }], stream: true })
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    let before: number | undefined
    const hasStopped = (): boolean => {
      const sent = mock.calls[0]?.chunksSent
      const isSteady = sent !== undefined && sent > 0 && sent === before
      before = sent
      return isSteady
    }
    await expect.poll(hasStopped, { interval: 100, timeout: 5_000 }).toBe(true)
    // What the kernel holds of 32 MiB, and no more.
    expect(mock.calls[0]?.chunksSent).toBeLessThan(256)
  })

  it('reads what a body parser of the host has left', async () => {
    const mock = mockAdapter('Hello.')
    const gateway = createGateway({ providers: { mock }, routes: { fast: ['mock/small'] } })
    closers.push(() => gateway.close())
    const handle = nodeHandler(gateway, { basePath: '/llm' })
    const parse = async (message: IncomingMessage): Promise<void> => {
      const pieces: Buffer[] = []
      for await (const piece of message) pieces.push(piece as Buffer)
      Object.assign(message, { body: JSON.parse(Buffer.concat(pieces).toString()) as object })
    }
    const server = createServer((message, response) => {
      void parse(message).then(() => handle(message, response))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closers.push(() => server.close())
    const { port } = server.address() as AddressInfo
    expect((await chat(`http://127.0.0.1:${port}/llm`)).status).toBe(200)
    expect((await chat(`http://127.0.0.1:${port}`)).status).toBe(404)
    expect((await chat(`http://127.0.0.1:${port}/llmx`)).status).toBe(404)
    server.closeAllConnections()
  })

  it('ends an open stream within a second of its key being revoked, not as if it were complete', async () => {
    const keys = createKeys()
    const { key } = keys.create({ id: 'ci' })
    const { url, mock } = await open(
      { text: 'Hello to you all, and a long day to come.', chunkSize: 1, chunkDelayMs: 100 },
      { keys },
    )
    const response = await chat(url, { stream: true }, { 'x-api-key': key })
    const reader = response.body?.getReader()
    await reader?.read()
    keys.revoke('ci')
    const readOn = async (): Promise<void> => {
      for (;;) if ((await reader?.read())?.done !== false) return
    }
    await expect(readOn()).rejects.toThrow('terminated')
    await expect.poll(() => mock.calls[0]?.aborted, { timeout: 10_000 }).toBe(true)
    expect((await chat(url, {}, { 'x-api-key': key })).status).toBe(401)
  })
})
