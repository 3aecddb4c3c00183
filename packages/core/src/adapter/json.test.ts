import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isDeeper, isRecord, parseJson } from './json.js'

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

describe('isDeeper', () => {
  const depthOf = (value: unknown): number =>
    typeof value !== 'object' || value === null
      ? 0
      : 1 + Math.max(0, ...Object.values(value).map((inner: unknown) => depthOf(inner)))

  it('tells from the text how deep its value is, whatever its strings hold', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(7), fc.nat(3), (value, maxDepth, indent) => {
        const text = JSON.stringify(value, null, indent)
        expect(isDeeper(text, maxDepth)).toBe(depthOf(value) > maxDepth)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['brackets in a string', `{"a":"${'['.repeat(100)}"}`, false],
    ['brackets behind an escaped quote', `{"a":"\\"${'['.repeat(100)}"}`, false],
    ['brackets behind an escaped backslash', `{"a":"\\\\","b":${'['.repeat(100)}${']'.repeat(100)}}`, true],
    ['a string that does not end', `{"a":"${'['.repeat(100)}`, false],
    ['many side by side', `[${'[],'.repeat(100)}[]]`, false],
  ])('%s', (_what, text, expected) => {
    expect(isDeeper(text, 64)).toBe(expected)
  })
})
