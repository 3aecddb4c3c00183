import { request as httpRequest } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import type { Emulator, EmulatorOptions, EmulatorReply } from './emulator.js'
import { openaiEmulator } from './openai/openai-emulator.js'

const running: Emulator[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
})

async function start(replies: EmulatorOptions['replies'], more: EmulatorOptions = {}): Promise<Emulator> {
  const server = await openaiEmulator({ replies, ...more })
  running.push(server)
  return server
}

interface Received {
  readonly status?: number
  readonly contentType?: string
  readonly body: string
  /** How the body ended. */
  readonly end: 'complete' | 'broken' | 'refused' | 'left'
}

/** A bare client, which tells a clean end from a broken one. `until` leaves when the body holds this text. */
function post(server: Emulator, { stream = true, until = '\0', model = 'gpt-4.1' } = {}): Promise<Received> {
  return new Promise((resolve) => {
    let body = ''
    let seen: { status?: number; contentType?: string } = {}
    let left = false
    const done = (end: Received['end']): void => resolve({ ...seen, body, end: left ? 'left' : end })
    const leave = (): void => {
      left = true
      request.destroy()
    }
    const request = httpRequest(`${server.baseURL}/chat/completions`, {
      method: 'POST',
      agent: false,
      headers: { authorization: 'Bearer k' },
    })
    request.on('error', (error: NodeJS.ErrnoException) =>
      done(error.code === 'ECONNREFUSED' ? 'refused' : 'broken'),
    )
    request.on('response', (response) => {
      seen = { status: response.statusCode, contentType: response.headers['content-type'] }
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
        if (body.includes(until)) leave()
      })
      response.on('end', () => done('complete'))
      response.on('error', () => done('broken'))
      if (until === 'headers') leave()
    })
    request.end(JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hi' }] }))
  })
}

const words = { text: ['one ', 'two ', 'three ', 'four'] }
const contents = (body: string): string =>
  [...body.matchAll(/^data: (\{.*\})$/gm)]
    .map(
      ([, json]) =>
        (JSON.parse(json ?? '') as { choices?: { delta?: { content?: string } }[] }).choices?.[0]?.delta
          ?.content ?? '',
    )
    .join('')

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('faults before the answer', () => {
  it('breaks the connection before a byte', async () => {
    const server = await start([{ fault: 'reset' }, 'fine'])
    expect(await post(server)).toMatchObject({ body: '', end: 'broken' })
    expect(server.requests[0]).toMatchObject({ outcome: 'cut', status: undefined })
    expect((await post(server)).end).toBe('complete')
  })

  it('refuses connections while it is down', async () => {
    const server = await start('fine')
    await server.goDown()
    expect(await post(server)).toMatchObject({ end: 'refused' })
    await server.comeUp()
    expect(await post(server)).toMatchObject({ end: 'complete', status: 200 })
  })

  it('accepts and never answers, and notes that the client left', async () => {
    const server = await start({ fault: 'silence' })
    const controller = new AbortController()
    const answer = fetch(`${server.baseURL}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer k' },
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] }),
      signal: controller.signal,
    })
    const request = await server.received(1)
    expect(request.outcome).toBe('pending')
    controller.abort()
    await expect(answer).rejects.toThrow('abort')
    await request.settled
    expect(request).toMatchObject({ outcome: 'aborted', aborted: true, status: undefined })
  })

  it('sends headers and then nothing', async () => {
    const server = await start({ fault: 'headers-only' })
    expect(await post(server, { until: 'headers' })).toMatchObject({ status: 200, body: '' })
    expect(server.requests[0]?.status).toBe(200)
  })

  it.each<[EmulatorReply, Partial<Received>]>([
    [{ fault: 'empty' }, { status: 200, body: '' }],
    [
      { fault: 'empty', status: 204 },
      { status: 204, body: '' },
    ],
    [{ fault: 'html' }, { status: 200, contentType: 'text/html; charset=utf-8' }],
    [
      { fault: 'html', status: 502 },
      { status: 502, contentType: 'text/html; charset=utf-8' },
    ],
    [{ fault: 'truncated' }, { status: 200, contentType: 'application/json' }],
    [
      { body: 'as it is', status: 418, headers: { 'content-type': 'text/plain' } },
      { status: 418, body: 'as it is', contentType: 'text/plain' },
    ],
  ])('answers %j', async (reply, expected) => {
    expect(await post(await start(reply))).toMatchObject({ ...expected, end: 'complete' })
  })

  it('sends truncated JSON', async () => {
    const { body } = await post(await start({ fault: 'truncated' }))
    expect(isJson(body)).toBe(false)
  })
})

describe('faults in the middle of a stream', () => {
  it.each([
    ['end', 'complete'],
    ['fin', 'broken'],
    ['reset', 'broken'],
  ] as const)('cuts with %s after two chunks', async (how, end) => {
    const server = await start({ ...words, cut: { afterChunks: 2, how } })
    const received = await post(server)
    expect(contents(received.body)).toBe('one two ')
    expect(received.body).not.toContain('[DONE]')
    expect(received.end).toBe(end)
    expect(server.requests[0]).toMatchObject({ outcome: 'cut', chunksSent: 2 })
  })

  it('cuts inside an event', async () => {
    const { body } = await post(await start({ ...words, cut: { afterChunks: 1, insideEvent: true } }))
    const last = body.slice(body.lastIndexOf('data: '))
    expect(last).toMatch(/^data: \{.*[^\n]$/)
    expect(isJson(last.slice(6))).toBe(false)
  })

  it('stalls, with keep-alives, until the client leaves', async () => {
    const server = await start({ ...words, stall: { afterChunks: 2 }, pingEveryMs: 1 })
    const { body } = await post(server, { until: ': keep-alive\n\n: keep-alive\n\n' })
    expect(body).toContain('two ')
    expect(body).not.toContain('three ')
    await server.requests[0]?.settled
    expect(server.requests[0]).toMatchObject({ outcome: 'aborted', aborted: true, chunksSent: 2 })
  })

  it('goes on after a stall that ends', async () => {
    const { body, end } = await post(await start({ ...words, stall: { afterChunks: 2, forMs: 5 } }))
    expect(contents(body)).toBe('one two three four')
    expect(end).toBe('complete')
  })

  it('breaks the JSON of one chunk and goes on', async () => {
    const { body } = await post(await start({ ...words, brokenChunk: 2 }))
    const events = body.split('\n\n').filter(Boolean)
    const broken = events.filter((event) => event !== 'data: [DONE]' && !isJson(event.slice(6)))
    expect(broken).toHaveLength(1)
    expect(events.indexOf(broken[0] ?? '')).toBe(2)
    expect(body).toContain('four')
    expect(body).toContain('[DONE]')
  })

  it('sends an error event after content', async () => {
    const { body, status } = await post(
      await start({ ...words, errorEvent: { afterChunks: 1, error: 'overloaded', message: 'Too many.' } }),
    )
    expect(status).toBe(200)
    expect(contents(body)).toBe('one ')
    expect(body).toMatch(/data: \{"error":\{"message":"Too many\.".*"server_is_overloaded"\}\}\n\n$/)
  })

  it('sends an error as the very first event', async () => {
    const { body, status } = await post(
      await start({ ...words, errorEvent: { afterChunks: 0, error: 'rate_limited' } }),
    )
    expect(status).toBe(200)
    expect(body).toMatch(/^data: \{"error":/)
  })

  it('leaves out the end mark', async () => {
    const { body, end } = await post(await start({ ...words, endMark: false }))
    expect(contents(body)).toBe('one two three four')
    expect(body).toContain('"finish_reason":"stop"')
    expect(body).not.toContain('[DONE]')
    expect(end).toBe('complete')
  })

  it('trickles', async () => {
    const server = await start({ text: 'one', drip: { bytes: 64, everyMs: 1 } })
    expect(contents((await post(server)).body)).toBe('one')
  })
})

describe('the same script for a whole answer', () => {
  it.each<[string, EmulatorReply, Partial<Received>, boolean]>([
    ['a plain answer', words, { status: 200, end: 'complete' }, true],
    ['a cut', { ...words, cut: { afterChunks: 2 } }, { status: 200, end: 'complete' }, false],
    ['a broken chunk', { ...words, brokenChunk: 2 }, { status: 200, end: 'complete' }, false],
    [
      'an error event',
      { ...words, errorEvent: { afterChunks: 2, error: 'overloaded' } },
      { status: 503 },
      true,
    ],
    ['no end mark', { ...words, endMark: false }, { status: 200, end: 'complete' }, true],
    ['trickling', { text: 'one', drip: { bytes: 64, everyMs: 1 } }, { status: 200, end: 'complete' }, true],
  ])('%s', async (_name, reply, expected, parses) => {
    const received = await post(await start(reply), { stream: false })
    expect(received).toMatchObject(expected)
    expect(isJson(received.body)).toBe(parses)
  })

  it('stalls for good', async () => {
    const server = await start({ ...words, stall: { afterChunks: 2 } })
    const never = post(server, { stream: false })
    const request = await server.received(1)
    expect(request.outcome).toBe('pending')
    await server.close()
    expect((await never).end).toBe('broken')
  })
})

describe('which reply a request gets', () => {
  const text = async (server: Emulator, model?: string): Promise<string> =>
    contents((await post(server, { model })).body)

  it('goes through a list and repeats the last', async () => {
    const server = await start(['a', 'b'])
    expect(server.remainingReplies()).toBe(2)
    expect([await text(server), await text(server), await text(server)]).toEqual(['a', 'b', 'b'])
    expect(server.remainingReplies()).toBe(0)
  })

  it('asks a function', async () => {
    const server = await start(
      ({ index, model, lastUserText, stream }) => `${index} ${model} ${lastUserText} ${stream}`,
    )
    expect([await text(server), await text(server, 'other')]).toEqual([
      '0 gpt-4.1 Hi true',
      '1 other Hi true',
    ])
  })

  it('keys by model', async () => {
    const server = await start({ byModel: { a: ['a1', 'a2'], '*': 'rest' } })
    expect([await text(server, 'a'), await text(server, 'z'), await text(server, 'a')]).toEqual([
      'a1',
      'rest',
      'a2',
    ])
  })

  it('says so when a script has nothing for a model, or throws', async () => {
    const server = await start({ byModel: { a: 'a' } })
    expect(await post(server, { model: 'b' })).toMatchObject({
      status: 500,
      body: expect.stringContaining('"b"') as string,
    })
  })

  it('takes a new script while running', async () => {
    const server = await start('old')
    server.setReplies(['new'])
    expect(await text(server)).toBe('new')
  })

  it('repeats ids for the same seed', async () => {
    const id = async (seed: number): Promise<string> =>
      /chatcmpl-\w+/.exec((await post(await start('x', { seed }))).body)?.[0] ?? ''
    const [first, again, other] = [await id(7), await id(7), await id(8)]
    expect(first).toBe(again)
    expect(first).not.toBe(other)
  })
})
