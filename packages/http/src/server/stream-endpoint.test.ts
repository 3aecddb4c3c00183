import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createGateway } from '@turnout/core'
import { mockAdapter, type MockAdapter, type MockReply } from '@turnout/testing'
import { createKeys, type Keys } from './create-keys.js'
import { serve, type ServeOptions, type Serving } from './serve.js'

// Sockets and processes on a machine that may be busy.
vi.setConfig({ testTimeout: 20_000 })

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function open(
  reply: MockReply,
  options: Partial<ServeOptions> = {},
): Promise<{ server: Serving; mock: MockAdapter }> {
  const mock = mockAdapter(reply)
  const gateway = createGateway({ providers: { mock }, routes: { fast: ['mock/small'] } })
  const server = await serve(gateway, { port: 0, ...options })
  closers.push(async () => {
    await server.close({ drainMs: 0 })
    await gateway.close({ drainMs: 0 })
  })
  return { server, mock }
}

type Heard = Readonly<Record<string, unknown>> & {
  readonly id: string
  readonly chunk?: { readonly choices: readonly { readonly delta: { readonly content?: string } }[] }
  readonly error?: { readonly code: string; readonly message: string }
}

interface Client {
  readonly socket: WebSocket
  readonly heard: Heard[]
  say(message: object | string): void
  /** The messages of a request, when its last one is there. */
  ended(id: string | null): Promise<readonly Heard[]>
}

async function join(server: Serving, options: object = {}): Promise<Client> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/stream`, options)
  closers.push(() => socket.terminate())
  const heard: Heard[] = []
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as Heard))
  await once(socket, 'open')
  return {
    socket,
    heard,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async ended(id) {
      const mine = (): Heard[] => heard.filter((message) => message.id === id)
      const isOver = (): boolean => mine().some(({ done, error }) => done === true || error !== undefined)
      await expect.poll(isOver, { timeout: 5_000 }).toBe(true)
      return mine()
    },
  }
}

/** The status and body that an upgrade is refused with. */
async function refused(
  url: string,
  headers: Record<string, string> = {},
): Promise<readonly [number, string]> {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers })
  socket.on('error', () => {})
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    AsyncIterable<Buffer> & { statusCode: number },
  ]
  let text = ''
  for await (const piece of response) text += piece.toString()
  return [response.statusCode, text]
}

const request = { model: 'fast', messages: [{ role: 'user', content: 'Hi' }] }
const textOf = (messages: readonly Heard[]): string =>
  messages.map(({ chunk }) => chunk?.choices[0]?.delta.content ?? '').join('')

describe('/v1/stream', () => {
  it('streams several requests at a time over one socket', async () => {
    const { server } = await open({ text: 'Hello to you all.', chunkSize: 3, chunkDelayMs: 5 })
    const client = await join(server)
    client.say({ id: 'a', request })
    client.say({ id: 'b"\n', request })
    const [first, second] = await Promise.all([client.ended('a'), client.ended('b"\n')])
    expect([textOf(first), textOf(second)]).toEqual(['Hello to you all.', 'Hello to you all.'])
    expect(first.at(-1)).toEqual({ id: 'a', done: true })
    expect(first.filter(({ chunk }) => chunk).length).toBeGreaterThan(5)
    // Mixed, not one after the other.
    const ids = client.heard.map(({ id }) => id)
    expect(ids.indexOf('b"\n')).toBeLessThan(ids.lastIndexOf('a'))
  })

  it('cancels one and goes on with the other', async () => {
    const { server, mock } = await open({ text: 'Hello to you all.', chunkSize: 1, chunkDelayMs: 10 })
    const client = await join(server)
    client.say({ id: 'a', request })
    client.say({ id: 'b', request })
    await expect
      .poll(() => client.heard.filter(({ id }) => id === 'a').length, { timeout: 10_000 })
      .toBeGreaterThan(2)
    client.say({ id: 'a', cancel: true })
    expect((await client.ended('a')).at(-1)).toEqual({ id: 'a', done: true, cancelled: true })
    expect(textOf(await client.ended('b'))).toBe('Hello to you all.')
    expect(mock.calls.map(({ aborted }) => aborted)).toEqual([true, false])
  })

  it('tells errors before the stream and in it, once and as the last', async () => {
    const { server } = await open({ text: 'Hello to you all.', chunkSize: 2, cut: { afterChunks: 3 } })
    const client = await join(server)
    client.say({ id: 'a', request: { ...request, model: 'nothing' } })
    expect(await client.ended('a')).toMatchObject([{ error: { code: 'no_route' } }])
    client.say({ id: 'b', request })
    const heard = await client.ended('b')
    expect(textOf(heard)).toBe('Hello ')
    expect(heard.at(-1)).toMatchObject({ error: { code: 'stream_interrupted' } })
  })

  it.each([
    ['no JSON', '{', null, 'is not JSON'],
    ['no object', '[]', null, 'must be an object'],
    ['no id', { request }, null, 'id: must be a text'],
    ['no request', { id: 'a' }, 'a', 'request: must be an object'],
    ['a request that is a list', { id: 'a', request: [] }, 'a', 'request: must be an object'],
  ])('says what is wrong with a message: %s', async (_what, message, id, words) => {
    const { server } = await open('Hello.')
    const client = await join(server)
    client.say(message)
    const [answer] = await client.ended(id)
    expect(answer?.error).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(words) as string,
    })
    client.say({ id: 'next', request })
    expect(textOf(await client.ended('next'))).toBe('Hello.')
  })

  it('takes an id again when it is free, not before', async () => {
    const { server } = await open({ text: 'Hello.', firstTokenDelayMs: 50 })
    const client = await join(server)
    client.say({ id: 'a', request })
    client.say({ id: 'a', request })
    expect((await client.ended('a'))[0]?.error?.message).toContain('is under way')
    await expect.poll(() => client.heard.at(-1), { timeout: 10_000 }).toEqual({ id: 'a', done: true })
    client.say({ id: 'a', request })
    await expect
      .poll(() => client.heard.filter(({ done }) => done === true).length, { timeout: 10_000 })
      .toBe(2)
  })

  it('bounds what one client has under way', async () => {
    const { server } = await open({ text: 'Hello.', firstTokenDelayMs: 200 })
    const client = await join(server)
    for (let id = 0; id < 33; id++) client.say({ id: String(id), request })
    expect((await client.ended('32'))[0]?.error?.code).toBe('queue_full')
  })

  it('refuses whom it refuses elsewhere, before the socket is one', async () => {
    const keys = createKeys()
    const { key } = keys.create({ id: 'elsewhere', endpoints: ['/v1/chat/*'] })
    const { server } = await open('Hello.', { keys })
    const url = `${server.url}/v1/stream`
    expect((await refused(url))[0]).toBe(401)
    expect((await refused(url, { 'x-api-key': 'tk_wrong' }))[0]).toBe(401)
    expect((await refused(url, { 'x-api-key': key }))[0]).toBe(403)
    expect((await refused(`${server.url}/v1/nothing`))[0]).toBe(404)
    expect((await refused(`${server.url}/v1/%73tream`))[0]).toBe(404)
    expect((await refused(`${server.url}/health`))[0]).toBe(200)
  })

  it('refuses browsers, save pages that are listed', async () => {
    const { server } = await open('Hello.', { origins: ['https://app.example.com'] })
    const [status] = await refused(`${server.url}/v1/stream`, { origin: 'https://evil.example.com' })
    expect(status).toBe(403)
    const client = await join(server, { headers: { origin: 'https://app.example.com' } })
    client.say({ id: 'a', request })
    expect(textOf(await client.ended('a'))).toBe('Hello.')
  })

  it('asks for the key again with each request, and closes when it is revoked', async () => {
    const keys: Keys = createKeys()
    const { key } = keys.create({ id: 'a', models: ['fast'] })
    const { server } = await open('Hello.', { keys })
    const client = await join(server, { headers: { authorization: `Bearer ${key}` } })
    client.say({ id: '1', request: { ...request, model: 'mock/small' } })
    expect((await client.ended('1'))[0]?.error).toBeDefined()
    client.say({ id: '2', request })
    expect(textOf(await client.ended('2'))).toBe('Hello.')
    const closed = once(client.socket, 'close')
    keys.revoke('a')
    client.say({ id: '3', request })
    expect((await client.ended('3'))[0]?.error).toMatchObject({ code: 'authentication' })
    expect((await closed)[0]).toBe(1_008)
  })

  it('ends the calls of a key that is revoked, also when its client does not answer', async () => {
    const keys: Keys = createKeys()
    const { key } = keys.create({ id: 'a' })
    const { server, mock } = await open({ text: ['a', 'b'], stall: { afterChunks: 1 } }, { keys })
    // No client would be so rude: it leaves the server's closing unanswered.
    const socket = connect(server.port, '127.0.0.1')
    closers.push(() => socket.destroy())
    socket.write(
      `GET /v1/stream HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${key}\r\nconnection: upgrade\r\nupgrade: websocket\r\n` +
        'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    await once(socket, 'data')
    const text = JSON.stringify({ id: '1', request })
    socket.write(Buffer.from([0x81, 0xfe, text.length >> 8, text.length & 0xff, 0, 0, 0, 0]))
    socket.write(text)
    await once(socket, 'data')
    expect(mock.calls[0]?.aborted).toBe(false)
    keys.revoke('a')
    await expect.poll(() => mock.calls[0]?.aborted, { timeout: 5_000 }).toBe(true)
  })

  it('refuses the requests of a socket whose headers have an option that is none', async () => {
    const { server, mock } = await open('Hello.')
    const client = await join(server, { headers: { 'x-turnout-tenent': 'acme' } })
    client.say({ id: 'a', request })
    expect((await client.ended('a'))[0]?.error?.message).toContain('did you mean x-turnout-tenant?')
    const other = await join(server, {
      headers: { 'x-turnout-tenant': 'acme', 'x-turnout-request-id': 'one' },
    })
    other.say({ id: 'a', request })
    expect(textOf(await other.ended('a'))).toBe('Hello.')
    expect(mock.calls).toHaveLength(1)
  })

  it('refuses messages that are too large or not text', async () => {
    const { server } = await open('Hello.', { maxBodyBytes: 1_000 })
    const large = await join(server)
    const closedLarge = once(large.socket, 'close')
    large.say('x'.repeat(1_001))
    expect((await closedLarge)[0]).toBe(1_009)
    const binary = await join(server)
    const closedBinary = once(binary.socket, 'close')
    binary.socket.send(Buffer.from('{}'))
    expect((await closedBinary)[0]).toBe(1_003)
  })

  it('stops pulling while the client does not read', async () => {
    const chunkSize = 64 * 1_024
    const { server, mock } = await open({ text: 'x'.repeat(512 * chunkSize), chunkSize })
    const client = await join(server)
    client.say({ id: 'a', request })
    client.socket.pause()
    let before: number | undefined
    const hasStopped = (): boolean => {
      const sent = mock.calls[0]?.chunksSent
      const isSteady = sent !== undefined && sent > 0 && sent === before
      before = sent
      return isSteady
    }
    await expect.poll(hasStopped, { interval: 100, timeout: 5_000 }).toBe(true)
    expect(mock.calls[0]?.chunksSent).toBeLessThan(256)
  })

  it('ends the calls of a client that is gone', async () => {
    const { server, mock } = await open({ text: 'Hello to you all.', chunkSize: 1, chunkDelayMs: 50 })
    const client = await join(server)
    client.say({ id: 'a', request })
    await expect.poll(() => client.heard.length, { timeout: 10_000 }).toBeGreaterThan(0)
    client.socket.terminate()
    await expect.poll(() => mock.calls[0]?.aborted, { timeout: 10_000 }).toBe(true)
  })

  it('lets requests end when the server is closed, takes no more, and goes away', async () => {
    const { server } = await open({ text: 'Hello to you all.', chunkSize: 2, chunkDelayMs: 20 })
    const [busy, idle] = await Promise.all([join(server), join(server)])
    busy.say({ id: 'a', request })
    await expect.poll(() => busy.heard.length, { timeout: 10_000 }).toBeGreaterThan(0)
    const closed = [busy, idle].map(({ socket }) => once(socket, 'close'))
    const done = server.close({ drainMs: 5_000 })
    busy.say({ id: 'b', request })
    expect(textOf(await busy.ended('a'))).toBe('Hello to you all.')
    expect((await busy.ended('b'))[0]?.error?.code).toBe('closed')
    expect((await Promise.all(closed)).map(([code]: unknown[]) => code)).toEqual([1_001, 1_001])
    await done
  })

  it('ends what is under way when it may not wait any longer, with a last message and 1001', async () => {
    const { server, mock } = await open({ text: 'Hello to you all.', chunkSize: 1, chunkDelayMs: 200 })
    const client = await join(server)
    client.say({ id: 'a', request })
    client.say({ id: 'b', request })
    await expect.poll(() => client.heard.length, { timeout: 10_000 }).toBeGreaterThan(0)
    const closed = once(client.socket, 'close')
    await server.close({ drainMs: 10 })
    expect((await closed)[0]).toBe(1_001)
    for (const id of ['a', 'b']) expect((await client.ended(id)).at(-1)?.error?.code).toBe('closed')
    expect(mock.calls.map(({ aborted }) => aborted)).toEqual([true, true])
  })

  it('tells who asks without a WebSocket that it needs one', async () => {
    const { server } = await open('Hello.')
    const response = await fetch(`${server.url}/v1/stream`)
    expect(response.status).toBe(426)
    expect(response.headers.get('upgrade')).toBe('websocket')
  })
})
