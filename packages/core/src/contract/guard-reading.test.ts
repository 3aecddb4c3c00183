import { describe, expect, it } from 'vitest'
import { GatewayError, isGatewayError } from '../errors/gateway-error.js'
import { guardReading } from './guard-reading.js'

const boom = (): never => {
  throw new Error('boom')
}
/** Reads everything, as a check does. */
const readAll = (value: unknown): unknown => JSON.stringify(value)
const fault = (input: unknown, base: readonly PropertyKey[] = []) => {
  try {
    guardReading(input, base, () => readAll(input))
  } catch (error) {
    if (isGatewayError(error, 'invalid_request')) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('guardReading', () => {
  it('gives back what the check gives', () => {
    expect(guardReading({}, [], () => 5)).toBe(5)
  })

  it('lets our own errors through as they are', () => {
    const error = new GatewayError({ code: 'timeout', message: 'x' })
    expect(() =>
      guardReading({}, [], () => {
        throw error
      }),
    ).toThrow(error)
  })

  it.each<[string, unknown, string]>([
    [
      'a getter',
      {
        messages: [
          { role: 'user' },
          {
            get content() {
              return boom()
            },
          },
        ],
      },
      'messages[1].content',
    ],
    [
      'a getter at the top',
      {
        get model() {
          return boom()
        },
      },
      'model',
    ],
    ['a proxy that refuses to be read', { a: new Proxy({ b: 1 }, { get: boom }) }, 'a.b'],
    ['a proxy that refuses to be listed', { a: new Proxy({}, { ownKeys: boom }) }, 'a'],
    [
      'a revoked proxy',
      (() => {
        const { proxy, revoke } = Proxy.revocable({}, {})
        revoke()
        return proxy
      })(),
      'request',
    ],
  ])('names the place of %s', (_name, input, path) => {
    const error = fault(input)
    expect(error.path).toBe(path)
    expect(error.message).toBe(
      `${path}: reading it threw an error; pass plain data, without getters or proxies`,
    )
    expect(error.cause).toBeInstanceOf(Error)
  })

  it('puts the base in front of the place', () => {
    expect(
      fault(
        {
          get tags() {
            return boom()
          },
        },
        ['options'],
      ).path,
    ).toBe('options.tags')
  })

  it('names the whole when no single place throws', () => {
    const input = { a: 1 }
    expect(() => guardReading(input, ['options'], boom)).toThrow(/^options: reading it threw/)
    expect(() => guardReading(input, [], boom)).toThrow(/^request: reading it threw/)
    expect(() => guardReading(input, [], boom, 'config')).toThrow(/^config: reading it threw/)
  })

  it('gives up on a cycle rather than run for ever', () => {
    const input: Record<string, unknown> = {}
    input.self = input
    expect(() => guardReading(input, [], boom)).toThrow(/^request: /)
  })
})
