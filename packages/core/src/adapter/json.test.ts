import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRecord, parseJson } from './json.js'

describe('parseJson', () => {
  it.each([
    '{"__proto__":{"polluted":1},"a":1}',
    '{"\\u005f_proto__":{"polluted":1},"a":1}',
    '{"__\\u0070roto__":1,"a":1}',
    '{"__pr\\u006Fto__":1,"a":1}',
  ])('leaves out the prototype in %s', (text) => {
    const value = parseJson(text) as Record<string, unknown>
    expect(Object.keys(value)).toEqual(['a'])
    expect(Object.assign({}, value)).toEqual({ a: 1 })
  })

  it('leaves it out at any depth', () => {
    expect(parseJson('[{"a":{"__proto__":{"x":1},"b":2}}]')).toEqual([{ a: { b: 2 } }])
  })

  it('is JSON.parse for everything else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        fc.pre(!text.includes('__proto__'))
        expect(parseJson(text)).toEqual(JSON.parse(text))
      }),
    )
    expect(() => parseJson('{')).toThrow(SyntaxError)
  })
})

describe('isRecord', () => {
  it.each([
    [{}, true],
    [{ a: 1 }, true],
    [[], false],
    [null, false],
    ['x', false],
    [undefined, false],
    [1, false],
  ])('%j: %s', (value, expected) => {
    expect(isRecord(value)).toBe(expected)
  })
})
