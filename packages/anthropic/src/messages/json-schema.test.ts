import type { JsonSchema } from '@turnout/core/adapter'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRecursive, mergeAny, reduceSchema, resolveRef } from './json-schema.js'

const reduce = (schema: JsonSchema) => reduceSchema(schema).schema
const removed = (schema: JsonSchema) => reduceSchema(schema).removed

describe('reduceSchema', () => {
  it.each<[string, JsonSchema, JsonSchema, readonly string[]]>([
    [
      'closes every object',
      {
        type: 'object',
        properties: {
          a: { type: 'object', properties: {} },
          b: { type: 'array', items: { type: 'object' } },
        },
      },
      {
        type: 'object',
        additionalProperties: false,
        properties: {
          a: { type: 'object', properties: {}, additionalProperties: false },
          b: { type: 'array', items: { type: 'object', additionalProperties: false } },
        },
      },
      [],
    ],
    [
      'closes objects that do not say so, and objects that may be null',
      { properties: { a: { type: ['object', 'null'] } } },
      {
        properties: { a: { type: ['object', 'null'], additionalProperties: false } },
        additionalProperties: false,
      },
      [],
    ],
    [
      'tells of open objects',
      { type: 'object', additionalProperties: { type: 'string' } },
      { type: 'object', additionalProperties: false },
      ['additionalProperties'],
    ],
    [
      'moves limits into the description',
      { type: 'integer', description: 'Age.', minimum: 0, exclusiveMaximum: 150 },
      { type: 'integer', description: 'Age. (minimum: 0, exclusiveMaximum: 150)' },
      ['minimum', 'exclusiveMaximum'],
    ],
    [
      'drops notes without a word',
      { $schema: 'x', $id: 'y', type: 'string', examples: ['a'], deprecated: true, title: 'T', default: 'd' },
      { type: 'string', title: 'T', default: 'd' },
      [],
    ],
    [
      'keeps formats that are enforced',
      { type: 'string', format: 'date-time' },
      { type: 'string', format: 'date-time' },
      [],
    ],
    [
      'describes others',
      { type: 'string', format: 'phone' },
      { type: 'string', description: '(format: "phone")' },
      ['format'],
    ],
    [
      'keeps simple patterns',
      { type: 'string', pattern: '^\\w{2,20}([-.]\\d+)*\\.$' },
      { type: 'string', pattern: '^\\w{2,20}([-.]\\d+)*\\.$' },
      [],
    ],
    [
      'describes hard ones',
      { type: 'string', pattern: '^(?!x)' },
      { type: 'string', description: '(pattern: "^(?!x)")' },
      ['pattern'],
    ],
    [
      'keeps minItems 1 but not 2',
      { type: 'array', items: { type: 'string', enum: ['a', null] }, minItems: 1 },
      { type: 'array', items: { type: 'string', enum: ['a', null] }, minItems: 1 },
      [],
    ],
    [
      'describes larger ones',
      { type: 'array', items: {}, minItems: 2, maxItems: 3 },
      { type: 'array', items: {}, description: '(minItems: 2, maxItems: 3)' },
      ['minItems', 'maxItems'],
    ],
    [
      'reads oneOf as anyOf',
      { oneOf: [{ type: 'string' }, { type: 'object' }] },
      { anyOf: [{ type: 'string' }, { type: 'object', additionalProperties: false }] },
      [],
    ],
    [
      'merges allOf, references too',
      {
        $defs: { A: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } },
        allOf: [{ $ref: '#/$defs/A' }, { properties: { b: {} }, required: ['b'] }],
      },
      {
        $defs: {
          A: {
            type: 'object',
            properties: { a: { type: 'string' } },
            required: ['a'],
            additionalProperties: false,
          },
        },
        type: 'object',
        properties: { a: { type: 'string' }, b: {} },
        required: ['a', 'b'],
        additionalProperties: false,
      },
      [],
    ],
    ['says null in the type', { type: 'string', nullable: true }, { type: ['string', 'null'] }, []],
    [
      'leaves out what it does not know',
      { type: 'object', patternProperties: { '^x': {} }, if: {}, not: {} },
      { type: 'object', additionalProperties: false },
      ['patternProperties', 'if', 'not'],
    ],
    [
      'leaves out tuples and enums of objects',
      { type: 'array', prefixItems: [{}], items: [{}], enum: [{}] },
      { type: 'array' },
      ['prefixItems', 'items', 'enum'],
    ],
    [
      'takes true for anything',
      { type: 'object', properties: { a: true } },
      { type: 'object', properties: { a: {} }, additionalProperties: false },
      ['properties.a'],
    ],
  ])('%s', (_name, schema, expected, gone) => {
    const before = JSON.stringify(schema)
    expect(reduceSchema(schema)).toEqual({ schema: expected, removed: gone })
    expect(JSON.stringify(schema)).toBe(before)
  })

  it('takes keywords for names inside properties', () => {
    const names = {
      type: 'object',
      properties: {
        minimum: { type: 'number' },
        $ref: { type: 'string' },
        constructor: { type: 'string' },
        properties: { type: 'null' },
      },
    }
    expect(reduce(names)).toEqual({ ...names, additionalProperties: false })
    expect(removed(names)).toEqual([])
  })

  it('lets no property change a prototype', () => {
    const schema = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"string","minLength":1}},"allOf":[{"__proto__":{"polluted":1}}]}',
    ) as JsonSchema
    const result = reduce(schema) as { properties: object }
    expect(Object.keys(result.properties)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(result.properties)).toBe(Object.prototype)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('gives a subset for every schema, and changes it no more', () => {
    const leaf = fc.record(
      { type: fc.constantFrom('string', 'integer', 'null'), minimum: fc.integer(), format: fc.string() },
      { requiredKeys: ['type'] },
    )
    const { schema } = fc.letrec((tie) => ({
      schema: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.record(
          {
            type: fc.constant('object'),
            properties: fc.dictionary(fc.string(), tie('schema'), { maxKeys: 3 }),
            additionalProperties: fc.boolean(),
            minProperties: fc.nat(),
          },
          { requiredKeys: ['type'] },
        ),
        fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
      ),
    }))
    fc.assert(
      fc.property(schema as fc.Arbitrary<JsonSchema>, (given) => {
        const once = reduce(given)
        expect(removed(once)).toEqual([])
        expect(reduce(once)).toEqual(once)
      }),
      { numRuns: 200 },
    )
  })
})

describe('patterns', () => {
  it.each(['(?=a)', '(?:a)', 'a\\b', '(a)\\1', '\\p{L}', 'a{1,1000}', '[a-z]{500}'])(
    '%s is described, not sent',
    (pattern) => {
      expect(removed({ type: 'string', pattern })).toEqual(['pattern'])
    },
  )
})

describe('isRecursive', () => {
  it.each<[string, JsonSchema, boolean]>([
    ['a reference to the root', { properties: { next: { $ref: '#' } } }, true],
    [
      'a definition that names itself',
      { $defs: { N: { properties: { next: { $ref: '#/$defs/N' } } } }, $ref: '#/$defs/N' },
      true,
    ],
    [
      'two that name each other',
      {
        $defs: { A: { items: { $ref: '#/$defs/B' } }, B: { items: { $ref: '#/$defs/A' } } },
        properties: { a: { $ref: '#/$defs/A' } },
      },
      true,
    ],
    [
      'one definition used twice',
      {
        $defs: { A: { type: 'string' } },
        properties: { a: { $ref: '#/$defs/A' }, b: { $ref: '#/$defs/A' } },
      },
      false,
    ],
    [
      'a recursive definition that nobody uses',
      { $defs: { N: { items: { $ref: '#/$defs/N' } } }, type: 'object' },
      false,
    ],
    ['a property called $ref', { properties: { $ref: { type: 'string' } } }, false],
    ['a reference to nowhere', { $ref: '#/$defs/Missing' }, false],
  ])('%s', (_name, schema, expected) => expect(isRecursive(schema)).toBe(expected))

  it('ends on an object that contains itself', () => {
    const schema: Record<string, unknown> = { type: 'object' }
    schema['not'] = schema
    expect(isRecursive(schema)).toBe(true)
  })
})

describe('references and options', () => {
  it.each([
    ['#/$defs/a~1b', { type: 'string' }],
    ['#/$defs/c%20d', { type: 'null' }],
    ['#/constructor', undefined],
    ['https://example.com/x', undefined],
    ['#/%', undefined],
  ])('%s', (ref, expected) => {
    expect(resolveRef({ $defs: { 'a/b': { type: 'string' }, 'c d': { type: 'null' } } }, ref)).toEqual(
      expected,
    )
  })

  it('requires what the base requires and what all options require', () => {
    const merged = mergeAny({ required: ['x'] }, [{ required: ['a', 'b'] }, { required: ['b'] }])
    expect(merged).toEqual({ properties: {}, required: ['x', 'b'] })
  })
})
