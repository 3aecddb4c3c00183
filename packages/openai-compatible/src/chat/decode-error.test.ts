import { describe, expect, it } from 'vitest'
import { answerWith } from '../../test/chat-support.js'
import { decodeChatError } from './decode-error.js'
import { readFault } from './read-fault.js'

const decode = (status: number, body: unknown, headers = {}, dialect = {}) =>
  decodeChatError(answerWith(status, body, headers), dialect)
const limit = (message: string) => ({ error: { message, type: 'tokens', code: 'rate_limit_exceeded' } })

describe('waiting', () => {
  it.each([
    [{ 'retry-after': '7' }, 'Try again in 2s.', 7_000],
    [{ 'retry-after-ms': '150', 'retry-after': '7' }, '', 150],
    [{}, 'Rate limit reached. Please try again in 6m0s. Visit us.', 360_000],
    [{}, 'Please try again in 1.5s.', 1_500],
    [{}, 'Please try again in 120ms', 120],
    [{}, 'Please retry after 20 seconds.', 20_000],
    [{}, 'Please retry after 3 minutes.', undefined],
    [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m0s' }, 'Rate limit', 60_000],
    [{}, 'Rate limit', undefined],
  ])('%j "%s"', (headers, message, waitMs) => {
    expect(decode(429, limit(message), headers).retryAfterMs).toBe(waitMs)
  })

  it('is said only of rate limits', () => {
    expect(decode(400, { error: { message: 'Try again in 5s' } }).retryAfterMs).toBeUndefined()
  })
})

describe('a request beyond the whole limit', () => {
  it.each([
    [429, 'Request too large for m on tokens per min (TPM): Limit 30000, Requested 31035.', false],
    [429, 'Rate limit reached for m on tokens per min (TPM): Limit 30000, Used 29000, Requested 3000.', true],
    [429, 'Limit: 30,000 / min. Requested: 200,000', false],
    [413, 'Request too large for model m: Limit 6000, Requested 7000', false],
    [429, 'Request too large', false],
    [429, 'Too many requests', true],
  ])('%i %s', (status, message, retryable) => {
    expect(decode(status, limit(message))).toMatchObject({ code: 'rate_limited', retryable })
  })
})

describe('a setting refused by name', () => {
  it.each([
    [{ error: { code: 'unsupported_parameter', param: 'top_p', message: 'm' } }, 'top_p'],
    [{ error: { code: 'unsupported_value', param: 'reasoning.effort', message: 'm' } }, 'reasoning_effort'],
    [{ error: { code: 'unknown_parameter', param: 'safety_identifier', message: 'm' } }, 'user'],
    [{ detail: [{ type: 'extra_forbidden', loc: ['body', 'seed'], msg: 'm' }] }, 'seed'],
    [{ error: { code: 'invalid_encrypted_content', param: 'input[2]', message: 'm' } }, 'provider_state'],
    [{ error: { code: 'invalid_type', param: 'top_p', message: 'm' } }, undefined],
    [{ error: { code: 'unsupported_parameter', message: 'm' } }, undefined],
    [{ error: { code: 'unsupported_parameter', param: 7 } }, undefined],
  ])('%j', (body, setting) => {
    expect(decode(400, body).unsupportedSetting).toBe(setting)
  })

  it('is told of requests that are not valid, of nothing else', () => {
    expect(
      decode(403, { error: { code: 'unsupported_parameter', param: 'top_p' } }).unsupportedSetting,
    ).toBeUndefined()
  })
})

describe('precedence', () => {
  it("the vendor's last word, its rows, then the common ones", () => {
    const body = { error: { code: 'insufficient_quota', message: 'm' } }
    expect(decode(429, body).code).toBe('quota_exhausted')
    const errors = [{ words: ['insufficient_quota'], code: 'rate_limited' }] as const
    expect(decode(429, body, {}, { errors })).toMatchObject({ code: 'rate_limited', retryable: true })
    const classifyError = () => ({ code: 'overloaded', retryable: false }) as const
    expect(decode(429, body, {}, { errors, classifyError })).toMatchObject({
      code: 'overloaded',
      retryable: false,
    })
    expect(decode(429, body, {}, { errors, classifyError: () => undefined }).code).toBe('rate_limited')
  })

  it('x-should-retry overrides the class, not a request that can never succeed', () => {
    expect(decode(500, {}, { 'x-should-retry': 'false' }).retryable).toBe(false)
    expect(decode(400, {}, { 'x-should-retry': 'true' }).retryable).toBe(true)
    expect(decode(429, limit('Request too large'), { 'x-should-retry': 'true' }).retryable).toBe(false)
  })

  it('a status inside the body counts only inside a 200', () => {
    expect(decode(200, { error: { code: 503, message: 'm' } })).toMatchObject({
      code: 'overloaded',
      status: 503,
    })
    expect(decode(429, { error: { code: 503, message: 'm' } })).toMatchObject({
      code: 'rate_limited',
      status: 429,
    })
    expect(decode(200, { error: { code: 'x', type: 'invalid_request_error' } })).toMatchObject({
      code: 'invalid_request',
      status: 200,
    })
  })

  it('a rate limit that mentions the context is a rate limit', () => {
    expect(decode(429, { error: { message: 'Rate limit. Reduce the length of the messages.' } }).code).toBe(
      'rate_limited',
    )
  })

  it('a model that the project may not use is a matter of permission', () => {
    expect(decode(403, { error: { code: 'model_not_found', message: 'no access' } }).code).toBe('permission')
    expect(decode(404, { error: { code: 'model_not_found', message: 'no such' } }).code).toBe('not_found')
  })
})

describe('the body of an aggregator', () => {
  const wrap = (metadata: object, code = 400) => ({
    error: { code, message: 'Provider returned error', metadata },
  })
  const upstream = JSON.stringify({
    error: { message: 'temperature is not taken', param: 'temperature', code: 'unsupported_value' },
  })

  it("says what the upstream's own body says", () => {
    const error = decode(400, wrap({ raw: upstream, provider_name: 'X' }))
    expect(error).toMatchObject({ code: 'invalid_request', unsupportedSetting: 'temperature' })
    expect(error.message).toMatch(/Provider returned error: temperature is not taken$/)
    expect(decode(400, wrap({ raw: '[{"error":{"code":"context_length_exceeded"}}]' })).code).toBe(
      'context_length',
    )
  })

  it.each(['{"error":', 'plain {text}', '7', ''])('may wrap what is no JSON: %j', (raw) => {
    expect(decode(400, wrap({ raw })).message).toMatch(raw === '' ? /error$/ : `error: ${raw}`)
  })

  it('survives bodies that are wrapped many times', () => {
    let raw = '{"error":{"code":"context_length_exceeded"}}'
    for (let depth = 0; depth < 8; depth++) raw = JSON.stringify(wrap({ raw }))
    expect(decode(400, JSON.parse(raw)).code).toBe('context_length')
  })

  it.each<[string, object, Record<string, string>, number | undefined]>([
    ['seconds', { retry_after_seconds: 17 }, {}, 17_000],
    ['a quoted header', { headers: { 'Retry-After': '3' } }, {}, 3_000],
    ['a real header, which wins', { headers: { 'Retry-After': '3' } }, { 'retry-after': '9' }, 9_000],
    [
      'the reset of a limit that is used up',
      { headers: { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '90' } },
      {},
      90_000,
    ],
    ['nothing', { headers: 'x', retry_after_seconds: '7' }, {}, undefined],
  ])('tells the wait as %s', (_name, metadata, headers, expected) => {
    expect(decode(200, wrap(metadata, 429), headers).retryAfterMs).toBe(expected)
  })

  it('tells the wait beside the error too', () => {
    const error = { code: 503, message: 'm', availability: { code: 'busy', retry_after: 4 } }
    expect(decode(200, { error })).toMatchObject({ code: 'overloaded', retryAfterMs: 4_000 })
  })
})

describe('a limit that is over when it starts anew', () => {
  const row = { words: ['daily'], code: 'quota_exhausted', untilReset: true } as const
  const wait = (headers: Record<string, string>) =>
    decodeChatError(answerWith(429, { error: { code: 'daily', message: 'm' } }, headers), { errors: [row] })

  it('waits for that, however it is written', () => {
    expect(wait({ 'x-ratelimit-reset': '3600' })).toMatchObject({
      code: 'quota_exhausted',
      retryable: false,
      retryAfterMs: 3_600_000,
    })
    expect(wait({ 'x-ratelimit-reset': 'soon' }).retryAfterMs).toBeUndefined()
    expect(wait({ 'retry-after': '60' }).retryAfterMs).toBe(60_000)
  })
})

describe('the message', () => {
  it("is the provider's, without keys", () => {
    const { message } = decode(401, { error: { message: 'Incorrect API key provided: sk-abcdefghijklmnop' } })
    expect(message).toContain('main (acme-1) answered 401: Incorrect API key provided')
    expect(message).not.toContain('abcdefgh')
  })

  it.each([
    [
      { error: { message: 'Provider returned error', metadata: { raw: 'upstream text' } } },
      'Provider returned error: upstream text',
    ],
    [{ error: { metadata: { raw: 'upstream text' } } }, 'upstream text'],
    [{ detail: [{ loc: ['body', 'seed'], msg: 'Extra' }, { msg: 'More' }] }, 'body.seed: Extra; More'],
    [{ detail: { message: 'inner' } }, 'inner'],
    [{ errors: [{ message: 'first' }, { message: 'second' }] }, 'first'],
    [{ error: 'plain' }, 'plain'],
    ['plain text', 'plain text'],
    ['  <html>', 'a web page instead of JSON; check baseURL and the proxies in between'],
    [undefined, ''],
  ])('of %j', (body, message) => {
    expect(readFault(body).message).toBe(message)
  })
})
