import { brotliCompressSync, deflateSync, gzipSync, createGzip, constants } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { attemptWith, call, drain, plainAdapter, request } from '../../test/attempt.js'
import { closed, startHttp } from '../../test/loopback.js'
import { events } from '../../test/plain-protocol.js'

const answer = '{"text":"Hello"}'
const twice = (text: string): Buffer => gzipSync(gzipSync(text))

describe('compressed answers, although none was asked for', () => {
  it.each([
    ['gzip', gzipSync(answer)],
    ['x-gzip', gzipSync(answer)],
    ['GZip', gzipSync(answer)],
    ['deflate', deflateSync(answer)],
    ['br', brotliCompressSync(answer)],
    ['identity', Buffer.from(answer)],
    ['deflate, gzip', gzipSync(deflateSync(answer))],
    ['gzip, gzip', twice(answer)],
  ])('reads %s', async (encoding, body) => {
    const server = await startHttp((response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(body),
    )
    expect(await call(server.url, { stream: false })).toMatchObject({ text: 'Hello' })
    expect(server.requests[0]?.headers['accept-encoding']).toBeUndefined()
  })

  it('reads a stream as it comes', async () => {
    let goOn = (): void => {}
    const server = await startHttp((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH })
      gzip.pipe(response)
      gzip.write(events({ text: 'Hel' }))
      goOn = () => gzip.end(events({ text: 'lo' }, { stop: true }))
    })
    const source = plainAdapter(server.url).chat(request, attemptWith())
    expect(await source.next()).toHaveLength(1)
    goOn()
    expect(await drain(source)).toMatchObject({ text: 'lo' })
  })

  it('reads compressed errors', async () => {
    const server = await startHttp((response) =>
      response.writeHead(429, { 'content-encoding': 'gzip' }).end(gzipSync('{"error":"slow down"}')),
    )
    expect((await call(server.url)).error).toMatchObject({
      code: 'rate_limited',
      message: expect.stringContaining('slow down'),
    })
  })

  it.each<[string, string, Buffer]>([
    ['corrupt gzip', 'gzip', Buffer.from('this is not gzip')],
    ['cut gzip', 'gzip', gzipSync(answer).subarray(0, -9)],
    ['gzip that is called brotli', 'br', gzipSync(answer)],
    ['an unknown encoding', 'lzma', Buffer.from(answer)],
    ['20 encodings', Array.from({ length: 20 }, () => 'gzip').join(', '), twice(answer)],
  ])('F31: refuses %s', async (_what, encoding, body) => {
    const server = await startHttp((response) => {
      response.writeHead(200, { 'content-encoding': encoding })
      response.write(body)
      response.end()
    })
    expect((await call(server.url, { stream: false })).error).toMatchObject({ code: 'bad_response' })
  })

  it.each([true, false])('F31: refuses a bomb long before it is unpacked (stream: %s)', async (stream) => {
    // 1 GiB of one letter in 1 MB, as 1,024 members of one gzip file.
    const member = gzipSync(Buffer.alloc(1_048_576, 0x61))
    const bomb = Buffer.concat(Array.from({ length: 1_024 }, () => member))
    const server = await startHttp((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    )
    const before = process.memoryUsage().rss
    expect((await call(server.url, { stream })).error).toMatchObject({
      code: 'bad_response',
      message: expect.stringContaining('100 times'),
    })
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1_048_576)
    await closed(server.sockets[0]!)
  })

  it('lets go of everything when the call is given up', async () => {
    const server = await startHttp((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH })
      gzip.pipe(response)
      gzip.write(events({ text: 'Hel' }))
    })
    const attempt = attemptWith()
    const source = plainAdapter(server.url).chat(request, attempt)
    await source.next()
    const next = source.next()
    attempt.controller.abort()
    await expect(next).rejects.toMatchObject({ code: 'aborted' })
    await closed(server.sockets[0]!)
  })
})
