import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exhaustedLimitResetMs, parseResetMs, retryAfterMs } from './retry-after.js'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const DAY_MS = 86_400_000

describe('retryAfterMs', () => {
  it.each([
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': ' 1.5 ' }, 1_500],
    [{ 'retry-after': '3600' }, 3_600_000],
    [{ 'retry-after': 'Fri, 20 Nov 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Friday, 20-Nov-26 12:01:00 GMT' }, 60_000],
    [{ 'retry-after-ms': '350' }, 350],
    [{ 'retry-after-ms': '350', 'retry-after': '60' }, 350],
    [{ 'retry-after-ms': 'soon', 'retry-after': '60' }, 60_000],
    [{ 'retry-after': '172800' }, DAY_MS],
  ])('reads %j as %d ms', (headers, expected) => {
    expect(retryAfterMs(headers as Record<string, string>, NOW)).toBe(expected)
  })

  it.each([
    '',
    ' ',
    '-1',
    'NaN',
    'Infinity',
    '1e12',
    '1000000000000',
    'soon',
    'Fri, 20 Nov 2026 11:59:59 GMT',
    '1,5',
  ])('ignores %j', (value) => {
    expect(retryAfterMs({ 'retry-after': value }, NOW)).toBeUndefined()
  })

  it('is absent without a header', () => {
    expect(retryAfterMs({ date: 'Fri, 20 Nov 2026 12:00:30 GMT' }, NOW)).toBeUndefined()
  })
})

describe('parseResetMs', () => {
  it.each([
    ['12ms', 12],
    ['16.601s', 16_601],
    ['1m13.588s', 73_588],
    ['6m0s', 360_000],
    ['1h2m3s', 3_723_000],
    ['1d', DAY_MS],
    ['0s', 0],
    ['34.4s', 34_400],
    ['7', 7_000],
    ['0.25', 250],
    [String((NOW + 5_000) / 1_000), 5_000],
    [String(NOW + 5_000), 5_000],
    ['2026-11-20T12:00:42Z', 42_000],
    ['2026-11-20T13:00:42+01:00', 42_000],
    ['Fri, 20 Nov 2026 12:00:30 GMT', 30_000],
  ])('reads %s as %d ms', (value, expected) => {
    expect(parseResetMs(value, NOW)).toBe(expected)
  })

  it.each([
    '',
    's',
    'm',
    '5x',
    '1s2m',
    '-3s',
    '2026-11-20T11:00:00Z',
    String(NOW - 1),
    '9999-01-01T00:00:00Z',
    'tomorrow',
  ])('ignores %j', (value) => {
    expect(parseResetMs(value, NOW)).toBeUndefined()
  })

  it('is bounded for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.date().map(String)), (value) => {
        const ms = parseResetMs(value, NOW)
        expect(ms === undefined || (ms >= 0 && ms <= DAY_MS)).toBe(true)
      }),
    )
  })
})

describe('exhaustedLimitResetMs', () => {
  it('takes the longest wait among the limits that are used up', () => {
    const headers = {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '2s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '6m0s',
      'anthropic-ratelimit-requests-remaining': '9',
      'anthropic-ratelimit-requests-reset': '2026-11-20T23:00:00Z',
    }
    expect(exhaustedLimitResetMs(headers, NOW)).toBe(360_000)
  })

  it('knows the other order of the words', () => {
    const headers = {
      'anthropic-ratelimit-tokens-remaining': '0',
      'anthropic-ratelimit-tokens-reset': '2026-11-20T12:00:10Z',
    }
    expect(exhaustedLimitResetMs(headers, NOW)).toBe(10_000)
  })

  it('is absent while every limit has room, or without a reset', () => {
    expect(
      exhaustedLimitResetMs(
        { 'x-ratelimit-remaining-requests': '1', 'x-ratelimit-reset-requests': '2s' },
        NOW,
      ),
    ).toBeUndefined()
    expect(exhaustedLimitResetMs({ 'x-ratelimit-remaining-requests': '0' }, NOW)).toBeUndefined()
  })
})
