import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ERROR_CODES, type ErrorCode } from './error-code.js'
import type * as errorModule from './gateway-error.js'
import { GatewayError, isGatewayError, type GatewayErrorInit } from './gateway-error.js'

const SECRET = 'sk-proj-abcdefghijklmnop1234567890'
const PROMPT = 'My grandmother hides the money under the stairs'
const make = (init: Partial<GatewayErrorInit> = {}) =>
  new GatewayError({ code: 'upstream_error', message: 'the provider failed', ...init })
/** Everything that a log line could be made of. */
const dumps = (error: unknown): string =>
  [
    (error as Error).message,
    (error as Error).stack,
    JSON.stringify(error),
    inspect(error, { depth: 10 }),
    inspect({ deep: { inside: error } }, { depth: 10 }),
    JSON.stringify({ ...(error as object) }),
    JSON.stringify(Object.entries(error as object)),
  ].join('\n')

describe('GatewayError', () => {
  it('has only the fields that were given', () => {
    const error = make()
    expect(Object.keys(error).sort()).toEqual(['attempts', 'code', 'requestId', 'retryable'])
    expect('path' in error).toBe(false)
    expect(error.requestId).toBe('')
    expect(error.attempts).toEqual([])
    expect('cause' in error).toBe(false)
  })

  it('carries every fact it was given', () => {
    const facts = {
      path: 'messages[2].content',
      phase: 'idle',
      provider: 'openai',
      model: 'gpt-4.1',
      status: 503,
      retryable: false,
      retryAfterMs: 1_500,
      resetsAt: new Date(0),
      requestId: 'req_1',
      attempts: [{ provider: 'a', model: 'b', code: 'timeout', message: 'late', durationMs: 3 }],
      partial: { text: 'so far' },
      cause: new Error('socket closed'),
    } as const
    expect(make(facts)).toMatchObject(facts)
  })

  it.each(Object.keys(ERROR_CODES) as ErrorCode[])(
    'takes its default for retryable from the table: %s',
    (code) => {
      expect(make({ code }).retryable).toBe(ERROR_CODES[code].retryable)
      expect(make({ code, retryable: !ERROR_CODES[code].retryable }).retryable).toBe(
        !ERROR_CODES[code].retryable,
      )
    },
  )

  it('is an Error by name, and an AbortError where a caller looks for that', () => {
    const error = make()
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe('GatewayError')
    expect(error.stack).toMatch(/^GatewayError: the provider failed\n/)
    expect(make({ code: 'aborted' }).name).toBe('AbortError')
  })

  it('keeps the answer so far reachable by name and out of every dump', () => {
    const error = make({
      code: 'stream_interrupted',
      partial: { choices: [{ message: { content: PROMPT } }] },
    })
    expect(error.partial).toEqual({ choices: [{ message: { content: PROMPT } }] })
    expect(dumps(error)).not.toContain('grandmother')
    expect(Object.keys(error)).not.toContain('partial')
  })

  it('masks keys in its message, stack and path', () => {
    const error = make({ message: `bad key ${SECRET}, sorry`, path: `metadata.${SECRET}` })
    expect(error.message).toBe('bad key [redacted], sorry')
    expect(error.path).toBe('metadata.[redacted]')
    expect(dumps(error)).not.toContain(SECRET)
  })

  it('shows of its causes names, codes and masked messages, as deep as it matters, and nothing they carry', () => {
    const socket = Object.assign(new Error(`connect failed for Bearer ${SECRET}`), {
      code: 'ECONNRESET',
      request: { body: PROMPT, headers: { authorization: SECRET } },
    })
    const fetchFailed = new TypeError('fetch failed', { cause: socket })
    const inner = make({ message: 'the connection broke', cause: fetchFailed, partial: PROMPT })
    const error = make({ code: 'all_failed', message: 'all attempts failed', cause: inner })

    expect(error.toJSON()).toMatchObject({
      code: 'all_failed',
      cause: {
        name: 'GatewayError',
        code: 'upstream_error',
        message: 'the connection broke',
        cause: {
          name: 'TypeError',
          message: 'fetch failed',
          cause: { name: 'Error', code: 'ECONNRESET', message: 'connect failed for Bearer [redacted]' },
        },
      },
    })
    expect(inspect(error)).toContain('ECONNRESET')
    for (const secret of [SECRET, 'grandmother']) expect(dumps(error)).not.toContain(secret)
  })

  it('shows the errors inside an AggregateError', () => {
    const refused = (address: string) =>
      Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: 'ECONNREFUSED', body: PROMPT })
    const cause = new AggregateError([refused('::1'), refused('127.0.0.1'), PROMPT.slice(0, 5)], '')
    expect(make({ cause }).toJSON().cause).toEqual({
      name: 'AggregateError',
      errors: [
        { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED ::1' },
        { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1' },
        'My gr',
      ],
    })
    expect(dumps(make({ cause }))).not.toContain('grandmother')
  })

  it('does not repeat the text that JSON.parse could not read', () => {
    let cause: unknown
    try {
      JSON.parse('Grandma hides it')
    } catch (error) {
      cause = error
    }
    expect((cause as Error).message).toContain('Grandma') // what Node does
    const error = make({ cause })
    expect(error.toJSON().cause).toEqual({ name: 'SyntaxError' })
    expect(dumps(error)).not.toContain('Grandma')
  })

  it.each([
    ['a string', `because ${SECRET}`, 'because [redacted]'],
    ['a long string', 'x y '.repeat(1_000), `${'x y '.repeat(125)}…`],
    ['null', null, 'null'],
    ['a number', 5, 'number'],
    ['an object that is no error', { secret: PROMPT }, 'object'],
    [
      'an error in all but its class',
      { name: 'Odd', message: 'from another realm' },
      { name: 'Odd', message: 'from another realm' },
    ],
    [
      'an object whose getters throw',
      {
        get message() {
          throw new Error(PROMPT)
        },
      },
      'an object that cannot be read',
    ],
  ])('describes a cause that is %s', (_name, cause, expected) => {
    const error = make({ cause })
    expect(error.cause).toBe(cause)
    expect(error.toJSON().cause).toEqual(expected)
    expect(dumps(error)).not.toContain('grandmother')
  })

  it('ends for causes that go in a circle', () => {
    const first = new Error('first')
    const second = new Error('second', { cause: first })
    first.cause = second
    const error = make({ cause: new AggregateError([first, second], 'both') })
    expect(JSON.stringify(error).length).toBeLessThan(5_000)
    expect(inspect(error)).toContain('second')
  })

  it('survives JSON as plain facts, without what is not there', () => {
    const error = make({ path: 'model', provider: 'openai', resetsAt: new Date(0), requestId: 'req_1' })
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'GatewayError',
      code: 'upstream_error',
      message: 'the provider failed',
      path: 'model',
      provider: 'openai',
      retryable: true,
      resetsAt: '1970-01-01T00:00:00.000Z',
      requestId: 'req_1',
    })
  })

  it('prints its stack and its facts, briefly where it lies deep', () => {
    const error = make({
      provider: 'openai',
      attempts: [{ provider: 'openai', model: 'm', code: 'timeout', message: 'late', durationMs: 3 }],
    })
    const printed = inspect(error)
    expect(printed).toMatch(/^GatewayError: the provider failed\n {4}at /)
    expect(printed).toContain("provider: 'openai'")
    expect(printed).toContain("code: 'timeout'")
    expect(inspect({ a: { b: error } }, { depth: 0 })).not.toContain('openai')
    expect(inspect([[[[error]]]], { depth: 3 })).toContain('[GatewayError: upstream_error]')
  })
})

describe('isGatewayError', () => {
  it('tells ours from others, and codes from each other', () => {
    const error: unknown = make({ code: 'rate_limited', retryAfterMs: 5 })
    expect(isGatewayError(error)).toBe(true)
    expect(isGatewayError(error, 'timeout', 'rate_limited')).toBe(true)
    expect(isGatewayError(error, 'timeout')).toBe(false)
  })

  it.each([
    undefined,
    null,
    'GatewayError',
    5,
    new Error('x'),
    { code: 'timeout', name: 'GatewayError' },
    Object.create(make()),
  ])('refuses %s', (value) => {
    expect(isGatewayError(value)).toBe(false)
  })

  it('knows the errors of another copy of this module', async () => {
    const path: string = './gateway-error.js?copy'
    const copy = (await import(/* @vite-ignore */ path)) as typeof errorModule
    expect(copy.GatewayError).not.toBe(GatewayError)
    const theirs = new copy.GatewayError({ code: 'timeout', message: 'late' })
    expect(theirs).not.toBeInstanceOf(GatewayError)
    expect(isGatewayError(theirs, 'timeout')).toBe(true)
    expect(copy.isGatewayError(make(), 'upstream_error')).toBe(true)
  })
})
