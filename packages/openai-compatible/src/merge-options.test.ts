import { describe, expect, it } from 'vitest'
import { mergeOptions } from './merge-options.js'

const merged = (options: unknown, addsTo?: readonly string[]): unknown => {
  const body = { model: 'm', routing: { zdr: true, sort: 'price' } }
  mergeOptions(body, { acme: options } as never, 'acme', addsTo)
  return body
}
const routing = { zdr: true, sort: 'price' }

describe('mergeOptions', () => {
  it.each<[unknown, readonly string[] | undefined, object]>([
    [{ routing: { sort: 'latency' } }, undefined, { routing: { sort: 'latency' } }],
    [{ routing: { sort: 'latency' } }, ['routing'], { routing: { zdr: true, sort: 'latency' } }],
    [{ routing: null }, ['routing'], { routing: null }],
    [{ routing: ['x'] }, ['routing'], { routing: ['x'] }],
    [{ other: { a: 1 } }, ['other'], { other: { a: 1 }, routing }],
    [{ model: 'n' }, ['model'], { model: 'n', routing }],
    [undefined, undefined, { routing }],
    [null, undefined, { routing }],
  ])('%j, adding to %j', (options, addsTo, expected) => {
    expect(merged(options, addsTo)).toEqual({ model: 'm', ...expected })
  })

  it('takes only the own options of this adapter', () => {
    const body = {}
    mergeOptions(body, { other: { a: 1 } }, 'acme')
    mergeOptions(body, Object.create({ acme: { a: 1 } }) as never, 'acme')
    mergeOptions(body, undefined, 'acme')
    expect(body).toEqual({})
  })

  it('takes __proto__ for nothing', () => {
    const body: Record<string, unknown> = { a: 1 }
    mergeOptions(body, { acme: JSON.parse('{"__proto__":{"b":2}}') }, 'acme', ['__proto__'])
    expect([Object.keys(body), body.b]).toEqual([['a'], undefined])
  })
})
