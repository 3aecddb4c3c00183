import { describe, expect, it } from 'vitest'
import { createRateReader, readRates, resetInMs } from './rate-headers.js'

const NOW = Date.parse('2026-11-20T12:00:00Z')

/** `what max remaining resetMs`, a line for each limit. */
const told = (headers: Record<string, string>): readonly string[] =>
  readRates(headers).map((rate) =>
    [rate.what, rate.max, rate.remaining, resetInMs(rate, NOW) ?? '-', rate.windowMs ?? '-'].join(' '),
  )

describe('the limits that headers state', () => {
  it.each<[string, Record<string, string>, readonly string[]]>([
    [
      'OpenAI: durations',
      {
        'x-ratelimit-limit-requests': '10000',
        'x-ratelimit-limit-tokens': '2000000',
        'x-ratelimit-remaining-requests': '9999',
        'x-ratelimit-remaining-tokens': '1999000',
        'x-ratelimit-reset-requests': '6ms',
        'x-ratelimit-reset-tokens': '1m13.588s',
      },
      ['requests 10000 9999 6 -', 'tokens 2000000 1999000 73588 -'],
    ],
    [
      'OpenAI: those of a project beside them',
      {
        'x-ratelimit-limit-tokens': '500',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '6m0s',
        'x-ratelimit-limit-project-tokens': '100',
        'x-ratelimit-remaining-project-tokens': '90',
        'x-ratelimit-reset-project-tokens': '12ms',
      },
      ['tokens 500 0 360000 -', 'tokens 100 90 12 -'],
    ],
    [
      'Azure: whole seconds',
      {
        'x-ratelimit-limit-requests': '60',
        'x-ratelimit-remaining-requests': '59',
        'x-ratelimit-reset-requests': '10',
      },
      ['requests 60 59 10000 -'],
    ],
    [
      'Anthropic: moments of its own clock',
      {
        date: 'Fri, 20 Nov 2026 15:00:00 GMT',
        'anthropic-ratelimit-requests-limit': '4000',
        'anthropic-ratelimit-requests-remaining': '3999',
        'anthropic-ratelimit-requests-reset': '2026-11-20T15:00:01Z',
        'anthropic-ratelimit-input-tokens-limit': '400000',
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': '2026-11-20T15:00:30Z',
        'anthropic-ratelimit-output-tokens-limit': '80000',
        'anthropic-ratelimit-output-tokens-remaining': '79000',
        'anthropic-ratelimit-output-tokens-reset': '2026-11-20T15:00:00Z',
      },
      ['requests 4000 3999 1000 -', 'inputTokens 400000 0 30000 -', 'outputTokens 80000 79000 0 -'],
    ],
    [
      'Anthropic without a Date header: by our clock',
      {
        'anthropic-ratelimit-tokens-limit': '10',
        'anthropic-ratelimit-tokens-remaining': '1',
        'anthropic-ratelimit-tokens-reset': '2026-11-20T12:00:07Z',
      },
      ['tokens 10 1 7000 -'],
    ],
    [
      'Mistral: a minute, and no reset',
      {
        'x-ratelimit-limit-req-minute': '60',
        'x-ratelimit-remaining-req-minute': '59',
        'x-ratelimit-limit-tokens-minute': '50000',
        'x-ratelimit-remaining-tokens-minute': '49000',
        'x-ratelimit-tokens-query-cost': '1000',
      },
      ['requests 60 59 - 60000', 'tokens 50000 49000 - 60000'],
    ],
    [
      'xAI: no reset',
      { 'x-ratelimit-limit-requests': '480', 'x-ratelimit-remaining-requests': '479' },
      ['requests 480 479 - -'],
    ],
    [
      'OpenRouter: epoch milliseconds',
      {
        'x-ratelimit-limit': '20',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(NOW + 12_000),
      },
      ['requests 20 0 12000 -'],
    ],
    ['Gemini, DeepSeek, Qwen: none', { 'content-type': 'application/json' }, []],
  ])('%s', (_name, headers, expected) => {
    expect(told(headers)).toEqual(expected)
  })

  it.each<[string, string, string]>([
    ['', '1', 'an empty limit'],
    ['10', '', 'an empty remainder'],
    ['-1', '1', 'a negative limit'],
    ['10', '-1', 'a negative remainder'],
    ['NaN', '1', 'no number'],
    ['10', 'NaN', 'no number left'],
    ['1e12', '1', 'an exponent'],
    ['1000000000000', '1', 'more than any limit'],
    ['0', '0', 'a limit of nothing'],
    ['Infinity', '1', 'no end'],
    ['10', '0x5', 'another notation'],
    ['1.5', '1', 'half a request'],
  ])('%s / %s is garbage: %s', (limit, remaining) => {
    expect(
      told({
        'x-ratelimit-limit-requests': limit,
        'x-ratelimit-remaining-requests': remaining,
        'x-ratelimit-reset-requests': '1s',
      }),
    ).toEqual([])
  })

  it.each(['', '-5', 'NaN', '1e12s', 'soon', '2020-01-01T00:00:00Z', '9999999999999999'])(
    'a reset of %j is not believed, the rest is',
    (reset) => {
      expect(
        told({
          'x-ratelimit-limit-requests': '10',
          'x-ratelimit-remaining-requests': '5',
          'x-ratelimit-reset-requests': reset,
        }),
      ).toEqual(['requests 10 5 - -'])
    },
  )

  it('takes a moment that has passed while the answer was made for now', () => {
    const date = 'Fri, 20 Nov 2026 12:00:00 GMT'
    expect(resetInMs({ reset: '2026-11-20T11:59:00Z', date }, 0)).toBe(0)
    expect(resetInMs({ reset: '2026-11-20T11:00:00Z', date }, 0)).toBeUndefined()
  })

  it('has no more left than the limit is', () => {
    expect(told({ 'x-ratelimit-limit-requests': '10', 'x-ratelimit-remaining-requests': '99' })).toEqual([
      'requests 10 10 - -',
    ])
  })
})

describe('the reader of a target', () => {
  const known = { 'x-ratelimit-limit-req-minute': '60', 'x-ratelimit-remaining-req-minute': '59' }
  /** Counts what is looked up. */
  const counting = (headers: Record<string, string>) => {
    let lookups = 0
    const proxy = new Proxy(headers, {
      get(target, name: string) {
        lookups++
        return target[name]
      },
    })
    return { proxy, lookups: () => lookups }
  }

  it('does not look again for what is never there, but now and then, and at a refusal', () => {
    const read = createRateReader()
    for (let i = 0; i < 8; i++) expect(read({}, false)).toEqual([])
    const { proxy, lookups } = counting({})
    for (let i = 0; i < 50; i++) read(proxy, false)
    expect(lookups()).toBe(0)
    expect(read(known, true)).toHaveLength(1)
    expect(read(known, false)).toHaveLength(1)
  })

  it('finds headers that begin later', () => {
    const read = createRateReader()
    let seen = 0
    for (let i = 0; i < 200; i++) seen += read(i < 50 ? {} : known, false).length
    expect(seen).toBeGreaterThan(100)
  })

  it('looks only for the family that it has found', () => {
    const read = createRateReader()
    read(known, false)
    const { proxy, lookups } = counting(known)
    read(proxy, false)
    expect(lookups()).toBeLessThanOrEqual(5)
  })

  it('follows a server that is replaced by another kind', () => {
    const read = createRateReader()
    read(known, false)
    expect(
      read({ 'x-ratelimit-limit-requests': '10', 'x-ratelimit-remaining-requests': '5' }, false),
    ).toMatchObject([{ max: 10 }])
  })
})
