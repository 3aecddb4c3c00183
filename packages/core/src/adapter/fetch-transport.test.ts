import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { attemptWith, drain, plainAdapter, request } from '../../test/attempt.js'
import { closed, closedPort, startHttp } from '../../test/loopback.js'
import { events } from '../../test/plain-protocol.js'

const good = events({ text: 'Hel' }, { text: 'lo' }, { stop: true })
const base = 'https://acme.example/v1'

interface Sent {
  readonly url: string
  readonly init: RequestInit
}

/** A double that answers like this and remembers what it was asked. */
function fetchDouble(answer: (sent: Sent) => Response | Promise<Response>) {
  const sent: Sent[] = []
  const fetch = (async (url: string, init: RequestInit) => {
    sent.push({ url, init })
    return answer({ url, init })
  }) as typeof globalThis.fetch
  return { fetch, sent }
}

/** A body that gives these pieces and then, unless it is to end, nothing more. */
function bodyOf(
  pieces: readonly string[],
  ends = true,
  cancelled: () => void = () => {},
): ReadableStream<Uint8Array> {
  const left = pieces.map((piece) => Buffer.from(piece))
  return new ReadableStream(
    {
      pull(controller) {
        const piece = left.shift()
        if (piece) controller.enqueue(piece)
        else if (ends) controller.close()
      },
      cancel: cancelled,
    },
    { highWaterMark: 0 },
  )
}

describe("an adapter with a fetch of the host's", () => {
  it('sends everything through it', async () => {
    const { fetch, sent } = fetchDouble(
      () => new Response(bodyOf([good]), { headers: { 'x-request-id': 'id-1' } }),
    )
    const attempt = attemptWith()
    expect(await drain(plainAdapter(base, { fetch }).chat(request, attempt))).toMatchObject({ text: 'Hello' })
    expect(sent).toMatchObject([{ url: `${base}/chat`, init: { method: 'POST', redirect: 'manual' } }])
    const headers = new Headers(sent[0]?.init.headers)
    expect(headers.get('authorization')).toBe('Bearer test-key')
    expect(headers.get('content-type')).toBe('application/json')
    expect(JSON.parse(sent[0]?.init.body as string)).toMatchObject({ model: 'm-1', stream: true })
    expect(attempt.marks).toEqual(['connected', 'headers', 'alive'])
    expect(attempt.facts).toMatchObject([{ status: 200, providerRequestId: 'id-1' }])
  })

  it('takes whole answers and answers without a body', async () => {
    const whole = fetchDouble(() => Response.json({ text: 'Hello' }))
    expect(
      await drain(plainAdapter(base, whole).chat(request, attemptWith({ stream: false }))),
    ).toMatchObject({ text: 'Hello' })
    const none = fetchDouble(() => new Response(null, { status: 204 }))
    expect((await drain(plainAdapter(base, none).chat(request, attemptWith()))).error).toMatchObject({
      code: 'bad_response',
    })
  })

  it('reads error answers', async () => {
    const { fetch } = fetchDouble(() =>
      Response.json({ error: 'slow down' }, { status: 429, headers: { 'retry-after': '3' } }),
    )
    expect((await drain(plainAdapter(base, { fetch }).chat(request, attemptWith()))).error).toMatchObject({
      code: 'rate_limited',
      status: 429,
      retryAfterMs: 3_000,
    })
  })

  it('follows no redirect', async () => {
    const { fetch, sent } = fetchDouble(
      () => new Response(null, { status: 307, headers: { location: 'https://evil.example/x' } }),
    )
    expect((await drain(plainAdapter(base, { fetch }).chat(request, attemptWith()))).error).toMatchObject({
      code: 'bad_response',
      retryable: false,
    })
    expect(sent).toHaveLength(1)
  })

  it.each<[string, () => Response | Promise<Response>, string]>([
    [
      'that rejects',
      () =>
        Promise.reject(
          new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }),
        ),
      'upstream_error',
    ],
    [
      'that throws',
      () => {
        throw new RangeError('boom')
      },
      'upstream_error',
    ],
    ['that gives no response', () => undefined as unknown as Response, 'upstream_error'],
    [
      'whose body breaks',
      () =>
        new Response(
          new ReadableStream({ pull: (controller) => controller.error(new TypeError('terminated')) }),
        ),
      'stream_interrupted',
    ],
    ['whose body ends early', () => new Response(bodyOf([events({ text: 'Hel' })])), 'stream_interrupted'],
  ])('gives typed errors for a fetch %s', async (_what, answer, code) => {
    const { fetch } = fetchDouble(answer)
    const { error } = await drain(plainAdapter(base, { fetch }).chat(request, attemptWith()))
    expect(error).toMatchObject({ code, retryable: true, provider: 'acme' })
  })

  it('passes an abort on to the signal that fetch got', async () => {
    const { fetch, sent } = fetchDouble(
      ({ init }) =>
        new Promise((_resolve, reject) =>
          init.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error)),
        ),
    )
    const attempt = attemptWith()
    const next = plainAdapter(base, { fetch }).chat(request, attempt).next()
    await expect.poll(() => sent.length).toBe(1)
    attempt.controller.abort(new Error('enough'))
    await expect(next).rejects.toMatchObject({ code: 'aborted' })
    expect(sent[0]?.init.signal?.aborted).toBe(true)
  })

  it('settles at once when the double listens to no signal', async () => {
    const never = fetchDouble(() => new Promise(() => {}))
    const attempt = attemptWith()
    const next = plainAdapter(base, never).chat(request, attempt).next()
    attempt.controller.abort()
    await expect(next).rejects.toMatchObject({ code: 'aborted' })

    let cancelled = false
    const half = fetchDouble(
      () => new Response(bodyOf([events({ text: 'Hel' })], false, () => (cancelled = true))),
    )
    const source = plainAdapter(base, half).chat(request, attemptWith())
    await source.next()
    const later = source.next()
    source.cancel()
    await expect(later).rejects.toMatchObject({ code: 'aborted' })
    expect(cancelled).toBe(true)
  })

  it('cancels the body of a response that comes too late', async () => {
    let respond = (_response: Response): void => {}
    const { fetch } = fetchDouble(() => new Promise((resolve) => (respond = resolve)))
    const source = plainAdapter(base, { fetch }).chat(request, attemptWith())
    const next = source.next()
    await new Promise(setImmediate)
    source.cancel()
    await expect(next).rejects.toMatchObject({ code: 'aborted' })
    const cancelled = new Promise<void>((resolve) => respond(new Response(bodyOf(['x'], false, resolve))))
    await cancelled
  })

  it('does not read on while nobody reads', async () => {
    let pulled = 0
    const piece = events({ text: 'x'.repeat(10_000) })
    const endless = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled++
          controller.enqueue(Buffer.from(piece))
        },
      },
      { highWaterMark: 0 },
    )
    const { fetch } = fetchDouble(() => new Response(endless))
    const source = plainAdapter(base, { fetch }).chat(request, attemptWith())
    await source.next()
    for (let i = 0; i < 200; i++) await new Promise(setImmediate)
    expect(pulled).toBeLessThan(60)
    source.cancel()
  })

  it('works with the global fetch, over a real socket, compressed', async () => {
    const server = await startHttp((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(good)),
    )
    expect(
      await drain(plainAdapter(server.url, { fetch: globalThis.fetch }).chat(request, attemptWith())),
    ).toMatchObject({ text: 'Hello' })
  })

  it('closes the real socket on abort, and knows a refused connection', async () => {
    const server = await startHttp((response) => response.writeHead(200).write(events({ text: 'Hel' })))
    const attempt = attemptWith()
    const source = plainAdapter(server.url, { fetch: globalThis.fetch }).chat(request, attempt)
    await source.next()
    attempt.controller.abort()
    await closed(server.sockets[0]!)
    await expect(source.next()).rejects.toMatchObject({ code: 'aborted' })

    const port = await closedPort()
    const refused = plainAdapter(`http://127.0.0.1:${port}`, { fetch: globalThis.fetch }).chat(
      request,
      attemptWith(),
    )
    expect((await drain(refused)).error).toMatchObject({
      code: 'upstream_error',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })
})
