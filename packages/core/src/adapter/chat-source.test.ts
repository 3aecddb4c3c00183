/** Giving up and reading slowly, on real sockets through a whole adapter. */
import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { attemptWith, drain, plainAdapter, request } from '../../test/attempt.js'
import { closed, startHttp, startTcp } from '../../test/loopback.js'
import { events } from '../../test/plain-protocol.js'
import { GatewayError } from '../errors/gateway-error.js'

const first = events({ text: 'Hel' })
const good = events({ text: 'Hel' }, { text: 'lo' }, { stop: true })
const sse = { 'content-type': 'text/event-stream' }

describe('giving up', () => {
  const silent = (): ReturnType<typeof startTcp> => startTcp(() => {})
  const partly = (): ReturnType<typeof startHttp> =>
    startHttp((response) => response.writeHead(200, sse).write(first))

  it.each<[string, 'abort' | 'cancel']>([
    ['the signal', 'abort'],
    ['cancel()', 'cancel'],
  ])('%s closes the socket while the headers are awaited', async (_what, way) => {
    const server = await silent()
    const attempt = attemptWith()
    const source = plainAdapter(server.url).chat(request, attempt)
    const next = source.next()
    await expect.poll(() => server.sockets.length).toBe(1)
    const reason = new Error('enough')
    if (way === 'abort') attempt.controller.abort(reason)
    else source.cancel(reason)
    await expect(next).rejects.toMatchObject({ code: 'aborted', name: 'AbortError', cause: reason })
    await closed(server.sockets[0]!)
  })

  it('the signal closes the socket in the middle of a stream, and what was buffered is gone', async () => {
    const server = await partly()
    const attempt = attemptWith()
    const source = plainAdapter(server.url).chat(request, attempt)
    await source.next()
    const next = source.next()
    attempt.controller.abort()
    await expect(next).rejects.toMatchObject({ code: 'aborted' })
    await closed(server.sockets[0]!)
  })

  it('the signal closes the socket when nobody is reading', async () => {
    const server = await partly()
    const attempt = attemptWith()
    const source = plainAdapter(server.url).chat(request, attempt)
    await source.next()
    attempt.controller.abort()
    await closed(server.sockets[0]!)
    await expect(source.next()).rejects.toMatchObject({ code: 'aborted' })
  })

  it('the signal ends a handshake that does not come to its end', async () => {
    const server = await silent()
    const attempt = attemptWith()
    const next = plainAdapter(server.url.replace('http:', 'https:')).chat(request, attempt).next()
    await expect.poll(() => server.sockets.length).toBe(1)
    attempt.controller.abort()
    await expect(next).rejects.toMatchObject({ code: 'aborted' })
    expect(attempt.marks).toEqual([])
    await closed(server.sockets[0]!)
  })

  it("rejects with the engine's own error when the signal carries one", async () => {
    const server = await silent()
    const timeout = new GatewayError({ code: 'timeout', phase: 'headers', message: 'too slow' })
    const attempt = attemptWith()
    const next = plainAdapter(server.url).chat(request, attempt).next()
    await expect.poll(() => server.sockets.length).toBe(1)
    attempt.controller.abort(timeout)
    await expect(next).rejects.toBe(timeout)
  })

  it('sends nothing when the signal has fired already', async () => {
    const server = await startHttp((response) => response.end(good))
    const attempt = attemptWith({ signal: AbortSignal.abort() })
    expect((await drain(plainAdapter(server.url).chat(request, attempt))).error).toMatchObject({
      code: 'aborted',
    })
    expect(server.sockets).toHaveLength(0)
  })

  it('cancel() may come at any time and more than once', async () => {
    const server = await startHttp((response) => response.end(good))
    const adapter = plainAdapter(server.url)
    const unused = adapter.chat(request, attemptWith())
    unused.cancel()
    unused.cancel('again')
    await expect(unused.next()).rejects.toMatchObject({ code: 'aborted' })
    expect(server.sockets).toHaveLength(0)

    const finished = adapter.chat(request, attemptWith())
    expect(await drain(finished)).toMatchObject({ text: 'Hello' })
    finished.cancel()
    expect(await finished.next()).toBeUndefined()
  })

  it('leaves no listener on the signal', async () => {
    const server = await startHttp((response) => response.end(good))
    const attempt = attemptWith()
    const adapter = plainAdapter(server.url)
    await drain(adapter.chat(request, attempt))
    expect(getEventListeners(attempt.signal, 'abort')).toHaveLength(0)
  })
})

describe('back-pressure', () => {
  it('stops the server while nobody reads, and loses nothing', async () => {
    const line = events({ text: 'x'.repeat(1_000) })
    const total = 40_000
    let written = 0
    const server = await startHttp((response) => {
      response.writeHead(200, sse)
      const pour = (): void => {
        while (written < total) {
          written++
          if (!response.write(line)) return
        }
        response.end(events({ stop: true }))
      }
      response.on('drain', pour)
      pour()
    })
    const source = plainAdapter(server.url).chat(request, attemptWith())
    const batch = await source.next()
    // What the kernel's and our own buffers take is a fraction of the 40 MB; then the server must stand still.
    let before = -1
    await expect
      .poll(() => written === before || ((before = written), false), { interval: 60, timeout: 5_000 })
      .toBe(true)
    expect(written).toBeLessThan(total * 0.8)
    const rest = await drain(source)
    expect((batch?.length ?? 0) + rest.chunks.length).toBe(total + 2)
  })
})
