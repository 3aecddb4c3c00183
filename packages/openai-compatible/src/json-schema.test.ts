import { describe, expect, it } from 'vitest'
import { strictSchema } from './json-schema.js'

const object = (properties: object, rest: object = {}) => ({ type: 'object', properties, ...rest })
const text = { type: 'string' }

describe('strictSchema', () => {
  it('closes objects everywhere, keeps the rest and changes nothing in place', () => {
    const schema = object(
      {
        a: { type: 'string', enum: ['x'], default: 'x', description: 'd' },
        list: { type: 'array', items: object({ b: text }, { required: ['b'] }), default: [] },
        either: { anyOf: [object({}, {}), { type: 'null' }] },
        ref: { $ref: '#/$defs/node' },
      },
      {
        required: ['a', 'list', 'either', 'ref'],
        $defs: { node: object({ c: text }, { required: ['c'], additionalProperties: false }) },
      },
    )
    const before = JSON.stringify(schema)
    expect(strictSchema(schema)).toEqual({
      schema: object(
        {
          a: { type: 'string', enum: ['x'], description: 'd' },
          list: {
            type: 'array',
            items: object({ b: text }, { required: ['b'], additionalProperties: false }),
          },
          either: { anyOf: [object({}, { required: [], additionalProperties: false }), { type: 'null' }] },
          ref: { $ref: '#/$defs/node' },
        },
        {
          required: ['a', 'list', 'either', 'ref'],
          additionalProperties: false,
          $defs: { node: object({ c: text }, { required: ['c'], additionalProperties: false }) },
        },
      ),
    })
    expect(JSON.stringify(schema)).toBe(before)
  })

  it.each([
    [text, '', 'the root must be an object'],
    [{ ...object({}), anyOf: [] }, '', 'the root must be an object'],
    [object({ a: text }), '.properties.a', 'every property must be required'],
    [object({ a: text, b: text }, { required: ['a'] }), '.properties.b', 'every property must be required'],
    [object({}, { additionalProperties: true }), '', 'additional properties are not allowed'],
    [
      object({ a: object({}, { additionalProperties: text }) }, { required: ['a'] }),
      '.properties.a',
      'additional properties are not allowed',
    ],
    [
      object({ a: { type: 'object' } }, { required: ['a'] }),
      '.properties.a',
      'an object needs its properties named',
    ],
    [
      object({ a: { type: ['object', 'null'] } }, { required: ['a'] }),
      '.properties.a',
      'an object needs its properties named',
    ],
    [object({ a: { oneOf: [text] } }, { required: ['a'] }), '.properties.a', '"oneOf" is not known there'],
    [
      object({ a: { type: 'array', items: { not: text } } }, { required: ['a'] }),
      '.properties.a.items',
      '"not" is not known there',
    ],
    [
      object({ a: { anyOf: [text, { allOf: [text] }] } }, { required: ['a'] }),
      '.properties.a.anyOf[1]',
      '"allOf" is not known there',
    ],
    [object({ a: true }, { required: ['a'] }), '.properties.a', 'every value needs a schema of its own'],
    [object({}, { $defs: { x: { if: {} } } }), '.$defs.x', '"if" is not known there'],
  ])('%j has no strict form', (schema, path, why) => {
    expect(strictSchema(schema)).toEqual({ path, why })
  })

  it('takes properties of any name as names', () => {
    const properties = JSON.parse(
      '{"__proto__":{"type":"string"},"constructor":{"type":"string"},"oneOf":{"type":"string"}}',
    ) as object
    const result = strictSchema(object(properties, { required: ['__proto__', 'constructor', 'oneOf'] })) as {
      schema: any
    }
    expect(Object.keys(result.schema.properties)).toEqual(['__proto__', 'constructor', 'oneOf'])
    expect(Object.getPrototypeOf(result.schema.properties)).toBe(Object.prototype)
  })

  it('ends on a schema that contains itself', () => {
    const loop: Record<string, unknown> = object({}, { required: ['a'] })
    loop.properties = { a: loop }
    expect(strictSchema(loop)).toMatchObject({ why: expect.stringContaining('nested') })
  })
})
