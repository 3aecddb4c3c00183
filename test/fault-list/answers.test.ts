/** F15 to F21 and F34: answers that came and are none. */
import { describe, expect, it } from 'vitest'
import { startHttp } from '../../packages/core/test/loopback.js'
import { CASES, house, TEXT, type House } from './house.js'
import { wireBody } from './wire-body.js'

const PAGE = '<!doctype html>\n<html><body><h1>secret gateway page</h1></body></html>\n'
const html = { 'content-type': 'text/html; charset=utf-8' }

/** What a caller and a log could see of it. */
function expectNothingShown(scene: House, secret: string): void {
  expect(JSON.stringify(scene.events)).not.toContain(secret)
}

describe.each(CASES)('%s, %s', (name, how, dialect) => {
  const upstream = how === 'stream' ? 'stream' : 'whole'

  it('F15: JSON that is cut, under 200: once more, then the next target', async () => {
    const scene = await house(dialect, { first: [{ fault: 'truncated' }, TEXT, { fault: 'truncated' }] })
    const mended = await scene.ask(how)
    expect(scene.line(mended)).toBe('first one bad_response, retry one ok => ok')
    const ending = await scene.ask(how)
    expect(scene.line(ending)).toBe('first one bad_response, retry one bad_response, failover two ok => ok')
    expect(ending.text).toBe(TEXT)
  })

  it('F16: a page under 200: the next target, and the page is shown to nobody', async () => {
    const scene = await house(dialect, { first: { status: 200, headers: html, body: PAGE } })
    const ending = await scene.ask(how)
    expect(scene.line(ending)).toBe('first one bad_response, failover two ok => ok')
    expect(ending.text).toBe(TEXT)
    const alone = await scene.ask(how, { fallback: false })
    expect(alone.error).toMatchObject({ code: 'bad_response', retryable: false })
    expect(alone.error!.message).toContain('HTML')
    expect(JSON.stringify(alone.error)).not.toContain('secret')
    expectNothingShown(scene, 'secret')
  })

  it.each([502, 503, 520, 521, 522, 523, 524, 525, 526])(
    'F17: a page under %i: an error of the server',
    async (status) => {
      const scene = await house(dialect, { first: [{ status, headers: html, body: PAGE }, TEXT] })
      const ending = await scene.ask(how)
      // 524: the server behind took too long, and silent targets are left.
      expect(scene.line(ending)).toMatch(
        status === 524
          ? /^first one timeout, failover two ok => ok$/
          : /^first one (?:upstream_error|overloaded), retry one ok => ok$/,
      )
      expect(ending.answer!.gateway.attempts[0]).toMatchObject({ status })
      expectNothingShown(scene, 'secret')
    },
  )

  it.each([
    ['an empty 200', { status: 200, body: '' }],
    ['white space', { status: 200, body: ' \n\n ' }],
    ['204', { status: 204, body: '' }],
  ])('F18: %s', async (_what, first) => {
    const scene = await house(dialect, { first })
    const ending = await scene.ask(how)
    expect(scene.line(ending)).toBe('first one bad_response, retry one bad_response, failover two ok => ok')
    expect(ending.text).toBe(TEXT)
  })

  it.each([
    ['none', undefined],
    ['that of JSON', 'application/json'],
    ['that of text', 'text/plain'],
    ['that of a page', 'text/html'],
    ['that of a stream', 'text/event-stream'],
  ])('F19: a content type that is %s: what came is looked at', async (_what, type) => {
    const body = await wireBody(dialect, how, TEXT)
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
    const scene = await house(dialect, { first: { status: 200, headers, body } })
    const ending = await scene.ask(how, { upstream })
    expect(scene.line(ending)).toBe('first one ok => ok')
    expect(ending.text).toBe(TEXT)
  })

  it('F19: a whole answer where a stream was asked for', async () => {
    const body = await wireBody(dialect, 'chat', TEXT)
    const scene = await house(dialect, {
      first: { status: 200, headers: { 'content-type': 'application/json' }, body },
    })
    const ending = await scene.ask(how, { upstream: 'stream' })
    expect(scene.line(ending)).toBe('first one ok => ok')
    expect(ending.text).toBe(TEXT)
  })

  it('F19: something else altogether', async () => {
    const body = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d])
    const scene = await house(dialect, {
      first: { status: 200, headers: { 'content-type': 'image/png' }, body },
    })
    const ending = await scene.ask(how, { upstream })
    expect(scene.line(ending)).toMatch(
      /^first one (?:bad_response|stream_interrupted), retry one .*failover two ok => ok$/,
    )
    expect(ending.text).toBe(TEXT)
  })

  it.each([
    ['overloaded', 'overloaded'],
    ['rate_limited', 'rate_limited'],
  ] as const)('F20: a 200 whose first event is %s: as if it were its status', async (error, code) => {
    // Gemini names its quota with the refusal: the target is left until that has room again.
    const isNamed = name === 'gemini' && error === 'rate_limited'
    const scene = await house(dialect, {
      first: [{ text: TEXT, errorEvent: { afterChunks: 0, error } }, TEXT],
    })
    const ending = await scene.ask(how, { upstream: 'stream' })
    expect(scene.line(ending)).toBe(
      isNamed
        ? `skipped one (limit), first one ${code}, failover two ok => ok`
        : `first one ${code}, retry one ok => ok`,
    )
    expect(ending.text).toBe(TEXT)
  })

  it.each([0, 3])('F20, F21: an error after %i chunks of a 200 opens the breaker', async (afterChunks) => {
    const scene = await house(dialect, {
      first: { text: TEXT, errorEvent: { afterChunks, error: 'overloaded' } },
      options: { breaker: { minRequests: 2 }, retry: { maxPerTarget: 1 } },
    })
    const endings = [
      await scene.ask(how, { upstream: 'stream' }),
      await scene.ask(how, { upstream: 'stream' }),
    ]
    const isShown = how === 'stream' && afterChunks > 0
    for (const { answer, error } of endings) {
      expect(answer?.gateway.provider).toBe(isShown ? undefined : 'two')
      expect(error?.code).toBe(isShown ? 'stream_interrupted' : undefined)
      expect((error?.cause as { code?: string } | undefined)?.code).toBe(isShown ? 'overloaded' : undefined)
    }
    const spared = await scene.ask(how, { upstream: 'stream' })
    expect(spared.answer!.gateway.trace.skipped).toMatchObject([{ provider: 'one', code: 'breaker_open' }])
    expect(spared.text).toBe(TEXT)
    expect(scene.first.requests).toHaveLength(2)
  })

  it.each([301, 302, 303, 307, 308])(
    'F34: %i to another host is not followed, and no key goes there',
    async (status) => {
      const other = await startHttp((response) => response.end('{}'))
      const headers = { location: `${other.url}/v1/chat/completions?token=secret` }
      const scene = await house(dialect, { first: { status, headers, body: '' } })
      const ending = await scene.ask(how)
      expect(scene.line(ending)).toBe('first one bad_response, failover two ok => ok')
      expect(ending.text).toBe(TEXT)
      expect(other.sockets).toHaveLength(0)
      expectNothingShown(scene, 'token=secret')
      expectNothingShown(scene, 'sk-canary')
    },
  )
})
