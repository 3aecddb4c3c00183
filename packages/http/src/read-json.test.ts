import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJson } from './read-json.js'

const nested = (levels: number): string => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels)
const caught = (text: string): unknown => {
  try {
    return readJson(text)
  } catch (error) {
    return error
  }
}
const refusal = { fault: true, status: 400 }

describe('readJson', () => {
  it('gives every object back as it was', () => {
    // One named `__proto__` is left out, at any level.
    const objects = fc
      .dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 }))
      .filter((value) => !JSON.stringify(value).includes('"__proto__"'))
    fc.assert(
      fc.property(objects, (value) => {
        const text = JSON.stringify(value)
        expect(JSON.stringify(readJson(text))).toBe(text)
      }),
    )
  })

  it('takes a byte order mark in front for none of the text', () => {
    expect(readJson('\ufeff{"a":"\ufeff"}')).toEqual({ a: '\ufeff' })
    expect(caught('\ufeff\ufeff{}')).toMatchObject(refusal)
  })

  it('takes 64 levels and no more, in objects and lists', () => {
    expect(JSON.stringify(readJson(nested(64)))).toBe(nested(64))
    expect(caught(nested(65))).toMatchObject(refusal)
    expect(caught(`{"a":${'['.repeat(64)}${']'.repeat(64)}}`)).toMatchObject(refusal)
    expect(caught(nested(100_000))).toMatchObject(refusal)
    // With a key that has to be left out, parsing goes level by level.
    expect(caught(nested(100_000).replace('1', '{"__proto__":1}'))).toMatchObject(refusal)
  })

  it.each([
    '{"__proto__":{"x":1},"b":1}',
    '{"\\u005f_proto__":{"x":1},"b":1}',
    '{"b":1,"c":{"__proto__":1}}',
  ])('leaves prototypes alone: %s', (text) => {
    const value = readJson(text) as { readonly b: number; readonly c?: object }
    expect(value.b).toBe(1)
    expect(Object.hasOwn(value, '__proto__')).toBe(false)
    expect(Object.keys(value.c ?? {})).toEqual([])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  it.each(['', ' ', 'null', '7', '"text"', '[]', '{', '{"secret": x}', '{"a":1}{"b":2}'])(
    'refuses %j without quoting it',
    (text) => {
      const error = caught(text)
      expect(error).toMatchObject(refusal)
      expect(JSON.stringify(error)).not.toContain('secret')
    },
  )
})
