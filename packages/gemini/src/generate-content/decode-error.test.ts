import { describe, expect, it } from 'vitest'
import { isGatewayError } from '@turnout/core/adapter'
import { fixtures } from '../../test/fixtures.js'
import { decodeError } from './decode-error.js'

const answer = (status: number, body: unknown, headers = {}) => ({
  status,
  body,
  headers,
  provider: 'gemini',
  model: 'gemini-2.5-flash',
})

describe('decodeError', () => {
  for (const fixture of fixtures) {
    if (fixture.kind !== 'error') continue
    it(`classifies: ${fixture.name}`, () => {
      const html = fixture.body.startsWith('<')
      const error = decodeError(answer(fixture.status ?? 400, html ? fixture.body : JSON.parse(fixture.body)))
      expect(error).toMatchObject(fixture.expect)
      expect(error.retryAfterMs).toBe(fixture.expect.retryAfterMs)
      expect(error.message).not.toContain('<')
    })
  }

  it.each<[string, unknown, object[] | undefined]>([
    ['GenerateRequestsPerMinutePerProjectPerModel-FreeTier', '10', [{ what: 'requests', max: 10 }]],
    ['GenerateContentPaidTierInputTokensPerModelPerMinute', 1_000_000, [{ what: 'inputTokens', max: 1e6 }]],
    ['TokensPerMinute', '5', [{ what: 'tokens', max: 5 }]],
    ['GenerateRequestsPerMinute', '-3', undefined],
    ['GenerateRequestsPerMinute', 'NaN', undefined],
    ['GenerateRequestsPerMinute', undefined, undefined],
    ['SomethingElsePerMinute', '7', undefined],
    ['GenerateRequestsPerDay', '50', undefined],
  ])('reads the quota %s of %j', (quotaId, quotaValue, expected) => {
    const details = [null, { violations: [null, { quotaId, quotaValue }] }]
    const error = decodeError(answer(429, { error: { code: 429, status: 'RESOURCE_EXHAUSTED', details } }))
    expect(error.quotas).toEqual(expected?.map((quota) => ({ ...quota, windowMs: 60_000 })))
  })

  it.each([
    undefined,
    null,
    17,
    '',
    'plain words',
    [],
    [1],
    {},
    { error: null },
    { error: 'words' },
    { error: { details: 'x' } },
    { error: { code: 'x', message: 5, status: 7, details: [null, 3, { violations: [null], metadata: 4 }] } },
  ])('survives any body: %j', (body) => {
    const error = decodeError(answer(500, body))
    expect(isGatewayError(error, 'upstream_error')).toBe(true)
    expect(error.status).toBe(500)
  })

  it('rounds a delay up and never comes back early', () => {
    const delay = (retryDelay: unknown) =>
      decodeError(
        answer(429, {
          error: {
            code: 429,
            status: 'RESOURCE_EXHAUSTED',
            message: '',
            details: [{ '@type': 'x/google.rpc.RetryInfo', retryDelay }],
          },
        }),
      ).retryAfterMs
    expect([delay('48s'), delay('34.4s'), delay('0.0001s'), delay('1.1s')]).toEqual([
      48_000, 34_400, 1, 1_100,
    ])
    expect([delay('-3s'), delay(''), delay('NaN'), delay(48), delay('1e12s')]).toEqual(
      Array(5).fill(undefined),
    )
  })

  it('takes the delay of a header when the body has none', () => {
    expect(
      decodeError(answer(503, { error: { status: 'UNAVAILABLE' } }, { 'retry-after': '7' })).retryAfterMs,
    ).toBe(7_000)
  })

  it("masks a key in the provider's words", () => {
    const key = `AIza${'x'.repeat(35)}`
    expect(
      decodeError(answer(400, { error: { status: 'INVALID_ARGUMENT', message: `bad key ${key}` } })).message,
    ).not.toContain(key)
  })
})
