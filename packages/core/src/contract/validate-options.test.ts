import { describe, expect, it } from 'vitest'
import { isGatewayError } from '../errors/gateway-error.js'
import {
  validateCallOptions,
  validateRequestOptions,
  validateSettings,
  validateStandingOptions,
} from './validate-options.js'

const faultOf = (check: () => unknown) => {
  try {
    check()
  } catch (error) {
    if (isGatewayError(error, 'invalid_request')) return error
    throw error
  }
  throw new Error('it was accepted')
}
const STANDING = {
  maxAttempts: 3,
  timeout: { totalMs: 1_000, connectMs: 1, headersMs: 2, firstTokenMs: 3, idleMs: 0.5 },
  priority: 'batch',
  tenant: 'a:b*c',
  session: 's',
  tags: { team: 'x', constructor: 'y' },
  unsupported: 'error',
  upstream: 'stream',
} as const
const REQUEST = { ...STANDING, requestId: 'r/1~!', idempotencyKey: 'k' } as const

describe('options are accepted as they are', () => {
  it('everywhere with every field', () => {
    const call = Object.freeze({ ...REQUEST, signal: new AbortController().signal })
    expect(validateCallOptions(call)).toBe(call)
    expect(validateRequestOptions(REQUEST)).toBe(REQUEST)
    expect(validateStandingOptions(STANDING, 'defaults')).toBe(STANDING)
  })

  it('or absent', () => {
    expect(validateCallOptions(undefined)).toBeUndefined()
    expect(validateRequestOptions(undefined)).toBeUndefined()
    expect(validateStandingOptions(undefined, 'defaults')).toBeUndefined()
  })

  it('with no more than a name and a signal, also one of another library', () => {
    const signal = { aborted: false, addEventListener: () => {}, removeEventListener: () => {} }
    for (const options of [
      { requestId: 'a' },
      { requestId: 'a', signal },
      { signal },
      { signal, tenant: 'a' },
    ])
      expect(validateCallOptions(options)).toBe(options)
  })

  it('with a signal that has fired, and a deadline in the past, which are no faults of form', () => {
    expect(() => validateCallOptions({ signal: AbortSignal.abort(), timeout: { totalMs: -5 } })).not.toThrow()
  })
})

describe('the options of a call refuse', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['null', null, 'options', /must be an object, but is null/],
    [
      'a signal in their place',
      new AbortController().signal,
      'options',
      /must be an object; pass the signal as \{ signal \}/,
    ],
    ['a text', 'fast', 'options', /must be an object, but is a string/],
    ['a misspelt option', { tiemout: {} }, 'options.tiemout', /is no known option; did you mean `timeout`\?/],
    [
      'a misspelt clock',
      { timeout: { firstTokenMS: 1 } },
      'options.timeout.firstTokenMS',
      /did you mean `firstTokenMs`\?/,
    ],
    ['a number for the clocks', { timeout: 500 }, 'options.timeout', /must be an object, but is a number/],
    [
      'an endless clock',
      { timeout: { totalMs: Infinity } },
      'options.timeout.totalMs',
      /must be a number, but is Infinity/,
    ],
    [
      'a clock that a timer cannot hold',
      { timeout: { idleMs: 3e9 } },
      'options.timeout.idleMs',
      /must be at most 2147483647/,
    ],
    ['no attempts', { maxAttempts: 0 }, 'options.maxAttempts', /must be at least 1/],
    [
      'attempts without end',
      { maxAttempts: Infinity },
      'options.maxAttempts',
      /must be a number, but is Infinity/,
    ],
    [
      'another priority',
      { priority: 'urgent' },
      'options.priority',
      /must be "critical", "high", "normal", "low" or "batch"/,
    ],
    [
      'a line break in the request id',
      { requestId: 'a\r\nx-evil: 1' },
      'options.requestId',
      /must be visible ASCII without spaces or line breaks/,
    ],
    [
      'an umlaut in the idempotency key',
      { idempotencyKey: 'ä' },
      'options.idempotencyKey',
      /must be visible ASCII/,
    ],
    ['an empty request id', { requestId: '' }, 'options.requestId', /must not be empty/],
    [
      'a long request id',
      { requestId: 'x'.repeat(201) },
      'options.requestId',
      /must have at most 200 characters/,
    ],
    ['an empty tenant', { tenant: '' }, 'options.tenant', /must not be empty/],
    ['a tag that is no text', { tags: { a: 1 } }, 'options.tags.a', /must be a string, but is a number/],
    ['half an emoji in a tag', { tags: { a: '\ud83d' } }, 'options.tags.a', /surrogate/],
    ['a signal that is none', { signal: { aborted: false } }, 'options.signal', /must be an AbortSignal/],
    [
      'a signal that is none, beside an id',
      { requestId: 'a', signal: { aborted: false } },
      'options.signal',
      /must be an AbortSignal/,
    ],
    [
      'a signal that cannot be read, beside an id',
      {
        requestId: 'a',
        signal: {
          get aborted(): boolean {
            throw new Error('no')
          },
        },
      },
      'options.signal.aborted',
      /threw an error/,
    ],
    [
      'a __proto__ key',
      JSON.parse('{"__proto__":{"tenant":"x"}}'),
      'options.__proto__',
      /remove it|no known option/,
    ],
    ['a __proto__ tag', JSON.parse('{"tags":{"__proto__":"x"}}'), 'options.tags.__proto__', /remove it/],
    [
      'a getter that throws',
      {
        get tenant() {
          throw new Error('x')
        },
      },
      'options.tenant',
      /reading it threw an error/,
    ],
  ])('%s', (_name, options, path, message) => {
    const error = faultOf(() => validateCallOptions(options as never))
    expect(error.path).toBe(path)
    expect(error.message).toMatch(message)
  })
})

it('sends a signal to where it belongs', () => {
  const options = { signal: new AbortController().signal }
  for (const check of [
    () => validateRequestOptions(options as never),
    () => validateStandingOptions(options as never, 'gateway'),
  ]) {
    expect(faultOf(check)).toMatchObject({
      path: 'gateway.signal',
      message: 'gateway.signal: belongs in the second argument of the call: chat(request, { signal })',
    })
  }
})

describe('options that hold for many calls refuse', () => {
  it.each<[string, object, string, RegExp]>([
    ['an id for all of them', { requestId: 'x' }, 'defaults.requestId', /is no known option/],
    [
      'a deadline that no call can keep',
      { timeout: { totalMs: 0 } },
      'defaults.timeout.totalMs',
      /must be more than 0/,
    ],
    ['a negative clock', { timeout: { idleMs: -1 } }, 'defaults.timeout.idleMs', /must be more than 0/],
  ])('%s', (_name, options, path, message) => {
    const error = faultOf(() => validateStandingOptions(options as never, 'defaults'))
    expect(error.path).toBe(path)
    expect(error.message).toMatch(message)
  })
})

describe("a provider's settings", () => {
  const base = ['providers', 'openai', 'defaults']
  it('are fields of the request', () => {
    expect(() =>
      validateSettings({ temperature: 0.2, stop: ['x'], provider_options: { openai: {} } }, base),
    ).not.toThrow()
  })

  it.each<[string, object, string, RegExp]>([
    ['a misspelt field', { temprature: 1 }, 'temprature', /did you mean `temperature`\?/],
    ['a wrong value', { temperature: 'hot' }, 'temperature', /must be a number, but is a string/],
    ['a field of the call alone', { messages: [] }, 'messages', /is no known option/],
    ['a function', { user: () => 'x' }, 'user', /is a function/],
    ['a __proto__ key', JSON.parse('{"__proto__":{"temperature":1}}'), '__proto__', /remove it/],
  ])('refuse %s', (_name, settings, key, message) => {
    const error = faultOf(() => validateSettings(settings, base))
    expect(error.path).toBe(`providers.openai.defaults.${key}`)
    expect(error.message).toMatch(message)
  })
})
