import { describe, expect, it } from 'vitest'
import { faultyFetch, type FetchFault } from './faulty-fetch.js'

const TEXT = 'abcdefghij'
const inner: typeof fetch = () =>
  Promise.resolve(new Response(TEXT, { status: 201, headers: { 'x-inner': 'yes' } }))

async function pieces(
  response: Response,
): Promise<{ readonly sizes: readonly number[]; readonly text: string; readonly error?: unknown }> {
  const sizes: number[] = []
  let text = ''
  try {
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
      sizes.push(piece.length)
      text += Buffer.from(piece).toString()
    }
    return { sizes, text }
  } catch (error) {
    return { sizes, text, error }
  }
}

const codeOf = (error: unknown): unknown => ((error as Error).cause as { code?: string }).code

describe('faultyFetch', () => {
  it.each([
    ['refused', 'ECONNREFUSED'],
    ['reset', 'ECONNRESET'],
    ['dns', 'ENOTFOUND'],
  ] as const)('fails as %s, then goes through', async (fail, code) => {
    const fetch = faultyFetch(inner, [{ fail }])
    const failure: unknown = await fetch('http://a/').then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(TypeError)
    expect(codeOf(failure)).toBe(code)
    expect(await (await fetch('http://a/')).text()).toBe(TEXT)
  })

  it('answers in place of the real one', async () => {
    const fetch = faultyFetch(inner, [
      { response: { status: 503, headers: { 'retry-after': '2' }, body: 'busy' } },
    ])
    const response = await fetch('http://a/')
    expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([
      503,
      '2',
      'busy',
    ])
  })

  it('slices, cuts and keeps status and headers', async () => {
    const fetch = faultyFetch(inner, [
      { sliceBytes: 3 },
      { cutAfterBytes: 4 },
      { cutAfterBytes: 4, cutHow: 'end', sliceBytes: 2 },
      { cutAfterBytes: 0 },
    ])
    const sliced = await fetch('http://a/')
    expect([sliced.status, sliced.headers.get('x-inner')]).toEqual([201, 'yes'])
    expect(await pieces(sliced)).toEqual({ sizes: [3, 3, 3, 1], text: TEXT })
    const broken = await pieces(await fetch('http://a/'))
    expect(broken.text).toBe('abcd')
    expect(codeOf(broken.error)).toBe('ECONNRESET')
    expect(await pieces(await fetch('http://a/'))).toEqual({ sizes: [2, 2], text: 'abcd' })
    expect((await pieces(await fetch('http://a/'))).text).toBe('')
  })

  it.each<[string, FetchFault]>([
    ['silence', { silence: true }],
    ['a long delay', { delayMs: 100_000_000 }],
  ])('ends %s with the signal', async (_name, fault) => {
    const fetch = faultyFetch(inner, [fault])
    const controller = new AbortController()
    const answer = fetch('http://a/', { signal: controller.signal })
    expect(fetch.calls[0]?.aborted).toBe(false)
    controller.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
    expect(fetch.calls[0]?.aborted).toBe(true)
  })

  it('stalls the body until the signal ends it', async () => {
    const controller = new AbortController()
    const fetch = faultyFetch(inner, [{ stallAfterBytes: 4 }])
    const reader = (await fetch('http://a/', { signal: controller.signal })).body?.getReader()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('abcd')
    const next = reader?.read()
    controller.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
  })

  it('notes a cancelled body', async () => {
    const fetch = faultyFetch(inner, [{ sliceBytes: 1 }])
    await (await fetch('http://a/')).body?.cancel()
    expect(fetch.calls[0]?.aborted).toBe(true)
  })

  it('asks a function for the fault', async () => {
    const fetch = faultyFetch(inner, ({ index, url }) =>
      url.endsWith('/bad') && index < 2 ? { fail: 'reset' } : 'ok',
    )
    await expect(fetch('http://a/bad')).rejects.toThrow('fetch failed')
    expect((await fetch(new URL('http://a/good'))).status).toBe(201)
    expect(fetch.calls.map(({ url }) => url)).toEqual(['http://a/bad', 'http://a/good'])
  })
})
