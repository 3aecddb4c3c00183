import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { isGatewayError } from '../errors/gateway-error.js'
import { checkJson } from './check-json.js'

const fault = (value: unknown, base: readonly PropertyKey[] = ['tools', 0]) => {
  try {
    checkJson(value, base)
  } catch (error) {
    if (isGatewayError(error, 'invalid_request')) return { path: error.path, message: error.message }
    throw error
  }
  return undefined
}
const nested = (levels: number): unknown => {
  let value: unknown = 'core'
  for (let i = 0; i < levels; i++) value = i % 2 ? { a: value } : [value]
  return value
}
class Point {
  x = 1
  y = 2
}
class Money {
  toJSON() {
    return '1 EUR'
  }
}

describe('checkJson lets pass', () => {
  it.each<[string, unknown]>([
    ['plain data', { a: [1, -0.5, 'x', true, null, {}], b: undefined }],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 })],
    ['data of another realm', runInNewContext('({ a: [1, { b: null }] })')],
    ['an instance that is only its fields', { point: new Point() }],
    ['frozen data', Object.freeze({ a: Object.freeze([1]) })],
    ['64 levels', nested(64)],
    ['the same object twice', ((shared) => [shared, { shared }])({ a: 1 })],
    ['whole emoji and other planes', '👩‍💻 𝒳 \u{10ffff}'],
    ['names from Object.prototype', { constructor: 1, toString: 2, hasOwnProperty: 3 }],
  ])('%s', (_name, value) => {
    expect(fault(value)).toBeUndefined()
  })

  it('anything that JSON can carry, and leaves it as it is', () => {
    const text = fc
      .array(fc.integer({ min: 1, max: 0xffff }))
      .map((codes) => String.fromCharCode(...codes).toWellFormed())
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.constant(null),
        fc.boolean(),
        text,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.array(tie('any')),
        fc.dictionary(
          text.filter((key) => key !== '__proto__'),
          tie('any'),
        ),
      ),
    })).any
    fc.assert(
      fc.property(value, (data) => {
        const before = JSON.stringify(data)
        expect(fault(data)).toBeUndefined()
        expect(JSON.stringify(data)).toBe(before)
      }),
    )
  })
})

describe('checkJson refuses', () => {
  it.each<[string, unknown, string, RegExp]>([
    [
      'a function',
      { a: [{ b: () => 1 }] },
      'tools[0].a[0].b',
      /is a function, which JSON cannot carry; remove it/,
    ],
    ['a symbol', [Symbol('x')], 'tools[0][0]', /is a symbol/],
    ['a bigint', { id: 5n }, 'tools[0].id', /is a bigint.*; convert it to a string or a number/],
    ['a bigint itself', 5n, 'tools[0]', /is a bigint/],
    ['NaN', { a: { n: NaN } }, 'tools[0].a.n', /is NaN.*; use a finite number/],
    ['Infinity', [-Infinity], 'tools[0][0]', /is -Infinity/],
    [
      'a Date',
      { since: new Date() },
      'tools[0].since',
      /is an instance of Date, which JSON would change; convert/,
    ],
    ['a Map', { m: new Map() }, 'tools[0].m', /is an instance of Map/],
    ['a Set', new Set(), 'tools[0]', /is an instance of Set/],
    ['a RegExp', { pattern: /x/ }, 'tools[0].pattern', /is an instance of RegExp/],
    ['bytes', { data: Buffer.from('x') }, 'tools[0].data', /is an instance of Uint8Array/],
    ['a promise', { a: Promise.resolve(1) }, 'tools[0].a', /is an instance of Promise/],
    ['a boxed string', { a: Object('x') as unknown }, 'tools[0].a', /is an instance of String/],
    ['a URL', { a: new URL('https://x.y') }, 'tools[0].a', /is an instance of URL/],
    [
      'an instance with a JSON form of its own',
      { price: new Money() },
      'tools[0].price',
      /is an instance of Money/,
    ],
    [
      'a zod schema',
      { parameters: z.object({ a: z.string() }) },
      'tools[0].parameters',
      /pass JSON Schema, as from z\.toJSONSchema/,
    ],
    ['65 levels', nested(65), 'tools[0][0].a[0].a[0].a[0].a', /is nested deeper than 64 levels; flatten it/],
    ['NUL', { a: ['x\0y'] }, 'tools[0].a[0]', /contains a NUL character; remove it/],
    ['the first half of a pair', { a: '\ud83d' }, 'tools[0].a', /half of a surrogate pair.*toWellFormed/],
    ['the second half of a pair', 'x\ude00', 'tools[0]', /half of a surrogate pair/],
    [
      'a key that JSON.parse lets in',
      JSON.parse('{"a":{"__proto__":{"x":1}}}'),
      'tools[0].a.__proto__',
      /remove it/,
    ],
  ])('%s', (_name, value, path, message) => {
    expect(fault(value)).toEqual({ path, message: expect.stringMatching(message) as string })
  })

  it('a cycle, by the place where it closes', () => {
    const node: Record<string, unknown> = { children: [] }
    ;(node.children as unknown[]).push({ parent: node })
    expect(fault({ tree: node })).toEqual({
      path: 'tools[0].tree.children[0].parent',
      message: 'tools[0].tree.children[0].parent: refers back to tools[0].tree; break the cycle',
    })
    expect(fault(node, [])?.message).toBe(
      'children[0].parent: refers back to the request itself; break the cycle',
    )
    const list: unknown[] = []
    list.push(list)
    expect(fault(list)).toMatchObject({ path: 'tools[0][0]' })
  })

  // Each of these would keep JSON.stringify busy for hours.
  it.each<[string, () => unknown]>([
    ['a list that claims to be long', () => Object.assign([], { length: 4_000_000_000 })],
    [
      'objects that share each other over and over',
      () => {
        let value: unknown = {}
        for (let i = 0; i < 60; i++) value = { left: value, right: value }
        return value
      },
    ],
  ])('%s, in no time', (_name, make) => {
    expect(fault(make())?.message).toMatch(/holds more than 1000000 values; send less/)
  })

  it('nothing that would leak: values never stand in the message', () => {
    for (const value of [{ a: 'secret\0' }, { a: ['secret\ud800'] }, { a: { b: () => 'secret' } }]) {
      expect(fault(value)?.message).not.toContain('secret')
    }
  })
})
