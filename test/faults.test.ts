/**
 * Faults of the list that every release is held to, over real sockets, for every provider: success through the next
 * target or a typed error, in time, with counters that balance. The whole list, for every dialect and through a fault
 * proxy, is in `fault-list/`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createGateway, isGatewayError, type CallOptions, type GatewayEvent } from '@turnout/core'
import { openai } from '@turnout/openai'
import { traceOf } from '@turnout/testing'
import type { EmulatorOptions } from '@turnout/testing/emulators'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkCounters } from './fault-list/counters.js'
import { PROVIDERS, type HouseProvider } from './providers.js'

type Replies = EmulatorOptions['replies']
const TEXT = 'one two three four five six seven eight'

async function house(provider: HouseProvider, first: Replies, second: Replies = TEXT) {
  const servers = await Promise.all([first, second].map((replies) => provider.emulate({ replies })))
  const [one, two] = servers.map(({ baseURL }) => provider.adapter({ baseURL, apiKey: 'key' }))
  const gateway = createGateway({
    providers: { one: one!, two: two! },
    routes: { r: [`one/${provider.model}`, `two/${provider.model}`] },
    retry: { baseDelayMs: 10, maxDelayMs: 20 },
  })
  const events: GatewayEvent[] = []
  gateway.on('*', (event) => events.push(event))
  const settled = { ok: 0, error: 0 }
  const request = { messages: [{ role: 'user' as const, content: 'Count.' }], max_tokens: 4_000 }
  return {
    servers,
    events,
    /** The line of the trace and the text, as heard piece by piece. */
    async ask(how: 'chat' | 'stream', options: CallOptions = {}, model: 'r' | 'one' = 'r') {
      const asked = { ...request, model: gateway.model(model === 'r' ? 'r' : `one/${provider.model}`) }
      let text = ''
      try {
        if (how === 'chat') {
          const answer = await gateway.chat(asked, options)
          settled.ok++
          return { text: answer.choices[0]?.message.content ?? '', answer }
        }
        const stream = gateway.stream(asked, options)
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
        const answer = await stream.final()
        settled.ok++
        return { text, answer }
      } catch (error) {
        if (!isGatewayError(error)) throw error
        settled.error++
        return { text, error }
      }
    },
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await Promise.all(servers.map((server) => server.close()))
      checkCounters(events, settled)
    },
  }
}

const HOW = ['chat', 'stream'] as const
const cases = PROVIDERS.flatMap((provider) => HOW.map((how) => [provider.name, how, provider] as const))

describe.concurrent.each(cases)('%s, %s', (_name, how, provider) => {
  const target = (name: string): string => `${name}/${provider.model}`

  it('F10: headers never come', async () => {
    await using scene = await house(provider, { fault: 'silence' })
    const { answer } = await scene.ask(how, { timeout: { headersMs: 400 } })
    expect(traceOf(answer!)).toBe(
      `r: first ${target('one')} timeout (headers), failover ${target('two')} ok => ok`,
    )
    expect(scene.servers[0]!.requests).toHaveLength(1)
  })

  it('F11: an answer that trickles', async () => {
    await using scene = await house(provider, { text: TEXT, drip: { bytes: 1, everyMs: 40 } })
    const { answer } = await scene.ask(how, { timeout: { firstTokenMs: 400 } })
    expect(traceOf(answer!)).toBe(
      `r: first ${target('one')} timeout (first_token), failover ${target('two')} ok => ok`,
    )
  })

  it('F13: silence after some pieces', async () => {
    await using scene = await house(provider, { text: TEXT, stall: { afterChunks: 3 } })
    const timeout = { idleMs: 500, firstTokenMs: 5_000 }
    const { text, answer, error } = await scene.ask(how, { timeout })
    // A whole answer is asked for elsewhere; a stream has shown its pieces, and says so.
    expect([answer?.gateway.provider, error?.code]).toEqual(
      how === 'chat' ? ['two', undefined] : [undefined, 'stream_interrupted'],
    )
    expect(TEXT.startsWith(text)).toBe(true)
    expect(how === 'chat' || isGatewayError(error?.cause, 'timeout')).toBe(true)
    await scene.servers[0]!.requests[0]!.settled
    expect(scene.servers[0]!.requests[0]!.aborted).toBe(true)
  })

  it('F20: an error as the first thing in a 200', async () => {
    await using scene = await house(provider, {
      text: TEXT,
      errorEvent: { afterChunks: 0, error: 'overloaded' },
    })
    const { text, answer } = await scene.ask(how, { upstream: 'stream' })
    expect([text, answer?.gateway.provider]).toEqual([TEXT, 'two'])
    expect(answer!.gateway.attempts[0]?.outcome).toBe('error')
  })

  it('F21: an error after content', async () => {
    await using scene = await house(provider, {
      text: TEXT,
      errorEvent: { afterChunks: 3, error: 'overloaded' },
    })
    const { text, answer, error } = await scene.ask(how, { upstream: 'stream' })
    expect([answer?.gateway.provider, error?.code]).toEqual(
      how === 'chat' ? ['two', undefined] : [undefined, 'stream_interrupted'],
    )
    expect(TEXT.startsWith(text)).toBe(true)
  })

  it.each([
    ['seconds', { 'retry-after': '1' }, 1_000],
    ['a date', { 'retry-after': () => new Date(Date.now() + 2_000).toUTCString() }, 900],
    ['an hour, so the next target', { 'retry-after': '3600' }, undefined],
    ['rubbish, so our own back-off', { 'retry-after': 'soon' }, 0],
    ['the past, so our own back-off', { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
  ] as const)('F22: a 429 with a Retry-After of %s', async (_what, headers, atLeastMs) => {
    const written = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, typeof value === 'function' ? value() : value]),
    )
    await using scene = await house(provider, [{ error: 'rate_limited', headers: written }, TEXT])
    const { text, answer } = await scene.ask(how)
    expect(text).toBe(TEXT)
    // Gemini names its quota too: without a word on when to come back, the target is left until that has room.
    const isLeft = atLeastMs === undefined || (atLeastMs === 0 && provider.name === 'gemini')
    expect(answer!.gateway.provider).toBe(isLeft ? 'two' : 'one')
    const [tried, again] = scene.servers[0]!.requests
    const gapMs = again ? again.startedAtMs - tried!.startedAtMs : Infinity
    expect(gapMs).toBeGreaterThanOrEqual(atLeastMs ?? 0)
    expect(gapMs === Infinity || gapMs < 5_000).toBe(true)
  })

  it('F23: a quota that is used up', async () => {
    await using scene = await house(provider, { error: 'quota_exhausted' })
    expect((await scene.ask(how)).answer?.gateway.provider).toBe('two')
    expect((await scene.ask(how)).answer?.gateway.trace.skipped).toMatchObject([
      { provider: 'one', code: 'cooldown' },
    ])
    expect(scene.servers[0]!.requests).toHaveLength(1)
  })

  it.each([500, 502, 503, 529, 408, 409, 425])('F24: status %i once', async (status) => {
    await using scene = await house(provider, [{ status, body: '{"error":{"message":"not now"}}' }, TEXT])
    const { text } = await scene.ask(how)
    expect(text).toBe(TEXT)
    expect(scene.events.filter(({ type }) => type === 'recovered')).toHaveLength(1)
  })
})

describe('F36: a host that stalls for a second', () => {
  it('blames nobody: what has come meanwhile is read before any clock is judged', async () => {
    // Its answers are sent while this process does nothing: they have to come from another one.
    const upstream = spawn(process.execPath, ['--input-type=module', '-e', UPSTREAM], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void upstream.kill())
    const [port] = (await once(upstream.stdout, 'data')) as [Buffer]
    const baseURL = `http://127.0.0.1:${String(port).trim()}/v1`
    await using gateway = createGateway({
      providers: { slow: openai({ apiKey: 'key', baseURL, api: 'chat' }) },
    })
    const stall = (): void => {
      const until = Date.now() + 1_000
      while (Date.now() < until) {
        /* nothing else runs */
      }
    }
    const timeout = { headersMs: 700, firstTokenMs: 700, idleMs: 700 }
    for (const afterMs of [20, 150, 300]) {
      setTimeout(stall, afterMs)
      const stream = gateway.stream(
        { model: 'slow/gpt-4.1', messages: [{ role: 'user', content: 'Hi' }] },
        { timeout },
      )
      expect(await stream.text()).toBe('one two')
    }
  }, 20_000)
})

/** Headers after 100 ms, a word after 100 more, another one after 100 more. */
const UPSTREAM = `
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
const event = (delta, finish_reason = null) =>
  'data: ' + JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] }) + '\\n\\n'
const server = createServer(async (request, response) => {
  request.resume()
  await sleep(100)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  await sleep(100)
  response.write(event({ role: 'assistant', content: 'one' }))
  await sleep(100)
  response.end(event({ content: ' two' }) + event({}, 'stop') + 'data: [DONE]\\n\\n')
}).listen(0, '127.0.0.1', () => console.log(server.address().port))
`
