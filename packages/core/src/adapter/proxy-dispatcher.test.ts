import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { attemptWith, call, drain, plainAdapter, request } from '../../test/attempt.js'
import { closedPort, startHttp, startTcp } from '../../test/loopback.js'
import { events } from '../../test/plain-protocol.js'

const good = events({ text: 'Hello' }, { stop: true })

/** A proxy that tunnels, or answers CONNECT with a status of its own. */
async function startProxy(refusal?: string) {
  const seen: string[] = []
  const proxy = await startTcp((socket) => {
    let head = ''
    const read = (bytes: Buffer): void => {
      head += bytes.toString('latin1')
      if (!head.includes('\r\n\r\n')) return
      socket.off('data', read)
      seen.push(head)
      if (refusal) return void socket.end(`HTTP/1.1 ${refusal}\r\ncontent-length: 0\r\n\r\n`)
      tunnel(socket, head)
    }
    socket.on('data', read)
  })
  return { ...proxy, seen }
}

function tunnel(socket: Socket, head: string): void {
  const [, host = '', port = ''] = /^CONNECT ([^:]+):(\d+)/.exec(head) ?? []
  const target = connect(Number(port), host, () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    socket.pipe(target).pipe(socket)
  })
  target.on('error', () => socket.destroy())
  socket.on('close', () => target.destroy())
}

function useProxy(variables: Record<string, string>): void {
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY'])
    vi.stubEnv(name, variables[name])
  onTestFinished(() => void vi.unstubAllEnvs())
}

describe('the proxy that the environment names', () => {
  it.each(['HTTP_PROXY', 'http_proxy'])('is used (%s), with its credentials', async (name) => {
    const server = await startHttp((response) => response.end(good))
    const proxy = await startProxy()
    useProxy({ [name]: `http://user:pass%21@${proxy.host}` })
    const attempt = attemptWith()
    expect(await drain(plainAdapter(server.url).chat(request, attempt))).toMatchObject({ text: 'Hello' })
    expect(proxy.seen[0]).toContain(`CONNECT ${server.host}`)
    expect(proxy.seen[0]).toContain(`Basic ${Buffer.from('user:pass!').toString('base64')}`)
    expect(server.requests[0]?.headers['proxy-authorization']).toBeUndefined()
    expect(attempt.marks).toContain('connected')
  })

  it('is not used where NO_PROXY says so', async () => {
    const server = await startHttp((response) => response.end(good))
    const proxy = await startProxy()
    useProxy({ HTTP_PROXY: proxy.url, NO_PROXY: 'example.com,127.0.0.1' })
    expect(await call(server.url)).toMatchObject({ text: 'Hello' })
    expect(proxy.sockets).toHaveLength(0)
  })

  it.each([
    ['407 Proxy Authentication Required', false],
    ['403 Forbidden', false],
    ['503 Service Unavailable', true],
  ])('F35: says %s', async (refusal, retryable) => {
    const server = await startHttp((response) => response.end(good))
    const proxy = await startProxy(refusal)
    useProxy({ HTTP_PROXY: `http://user:hunter2@${proxy.host}` })
    const { error } = await call(server.url)
    expect(error).toMatchObject({ code: 'upstream_error', retryable })
    expect(error?.message).toContain(`the proxy ${proxy.host} refused`)
    expect(`${error?.message}${JSON.stringify(error)}`).not.toContain('hunter2')
    expect(server.requests).toHaveLength(0)
  })

  it('F35: is not there', async () => {
    const port = await closedPort()
    useProxy({ HTTP_PROXY: `http://user:hunter2@127.0.0.1:${port}` })
    const { error } = await call('http://acme.example')
    expect(error).toMatchObject({ code: 'upstream_error', retryable: true })
    expect(error?.message).toContain(`127.0.0.1:${port}`)
    expect(`${error?.message}${JSON.stringify(error)}`).not.toContain('hunter2')
  })

  it('is named when its variable is no URL', async () => {
    useProxy({ HTTP_PROXY: 'not a url hunter2' })
    const { error } = await call('http://acme.example')
    expect(error).toMatchObject({ code: 'invalid_request', path: 'HTTP_PROXY' })
    expect(error?.message).not.toContain('hunter2')
  })

  it('closes the connection to the server when the call is given up', async () => {
    const server = await startHttp((response) => response.writeHead(200).write(events({ text: 'Hel' })))
    const proxy = await startProxy()
    useProxy({ HTTP_PROXY: proxy.url })
    const attempt = attemptWith()
    const source = plainAdapter(server.url).chat(request, attempt)
    await source.next()
    attempt.controller.abort()
    await expect(source.next()).rejects.toMatchObject({ code: 'aborted' })
    await expect.poll(() => server.sockets.every((socket) => socket.destroyed)).toBe(true)
  })
})
