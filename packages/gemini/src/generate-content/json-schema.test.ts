import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isEmptyObjectSchema, reduceSchema } from './json-schema.js'

const reduced = (schema: Record<string, unknown>) => {
  const { schema: result, lost } = reduceSchema(schema, 'schema')
  return { schema: JSON.parse(JSON.stringify(result)) as unknown, lost }
}

describe('reduceSchema', () => {
  it.each<[string, Record<string, unknown>, unknown, string[]]>([
    [
      'known words stay',
      {
        type: 'object',
        title: 'T',
        properties: { a: { type: 'string', format: 'date', enum: ['x'] } },
        required: ['a'],
        additionalProperties: false,
      },
      {
        type: 'object',
        title: 'T',
        properties: { a: { type: 'string', format: 'date', enum: ['x'] } },
        required: ['a'],
        additionalProperties: false,
      },
      [],
    ],
    [
      'unknown restrictions are reported',
      { type: 'string', pattern: '^a', minLength: 2 },
      { type: 'string' },
      ['pattern', 'minLength'],
    ],
    [
      'each only once',
      {
        anyOf: [
          { type: 'string', pattern: 'a' },
          { type: 'string', pattern: 'b' },
        ],
      },
      { anyOf: [{ type: 'string' }, { type: 'string' }] },
      ['pattern'],
    ],
    [
      'remarks go quietly',
      {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'number',
        default: 1,
        examples: [2],
        $comment: 'c',
      },
      { type: 'number' },
      [],
    ],
    ['const is an enum of one', { const: 'a' }, { enum: ['a'] }, []],
    ['nullable is a type', { type: 'string', nullable: true }, { type: ['string', 'null'] }, []],
    [
      'definitions are $defs',
      {
        definitions: { A: { type: 'string', pattern: 'x' } },
        properties: { a: { $ref: '#/definitions/A' } },
      },
      { $defs: { A: { type: 'string' } }, properties: { a: { $ref: '#/$defs/A' } } },
      ['pattern'],
    ],
    [
      'a reference stands alone',
      { $ref: '#/$defs/A', description: 'd', minLength: 3 },
      { $ref: '#/$defs/A' },
      ['minLength'],
    ],
    [
      'but keeps its definitions',
      { $ref: '#/$defs/A', $defs: { A: { type: 'object' } } },
      { $ref: '#/$defs/A', $defs: { A: { type: 'object' } } },
      [],
    ],
    [
      'allOf of one is its content',
      { title: 't', allOf: [{ type: 'object', title: 'u' }] },
      { title: 't', type: 'object' },
      [],
    ],
    [
      'and of one reference that reference',
      { description: 'd', type: 'object', allOf: [{ $ref: '#/$defs/A' }] },
      { $ref: '#/$defs/A' },
      ['type'],
    ],
    [
      'allOf that speaks of the same',
      { properties: { a: true }, allOf: [{ properties: { b: true } }] },
      { properties: { a: true } },
      ['allOf'],
    ],
    ['allOf of more cannot be said', { allOf: [{ type: 'object' }, { type: 'object' }] }, {}, ['allOf']],
    [
      'tuples of old drafts',
      { type: 'array', items: [{ type: 'string' }, { type: 'number' }] },
      { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'number' }] } },
      [],
    ],
    [
      'boolean schemas',
      { type: 'object', additionalProperties: true, properties: { any: true } },
      { type: 'object', additionalProperties: true, properties: { any: true } },
      [],
    ],
    [
      'properties named like words',
      { properties: { pattern: { type: 'string' }, $ref: { type: 'string' }, not: { not: {} } } },
      { properties: { pattern: { type: 'string' }, $ref: { type: 'string' }, not: {} } },
      ['not'],
    ],
  ])('%s', (_name, schema, expected, lost) => {
    expect(reduced(schema)).toEqual({ schema: expected, lost })
  })

  it('treats __proto__ and constructor as names', () => {
    const schema = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"string","pattern":"x"},"constructor":{"type":"number"}}}',
    ) as Record<string, unknown>
    const { schema: result } = reduceSchema(schema, 'schema')
    expect(JSON.stringify(result)).toBe(
      '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"number"}}}',
    )
    expect(({} as Record<string, unknown>).type).toBeUndefined()
  })

  it('refuses what is nested without end', () => {
    const cyclic: Record<string, unknown> = { type: 'array' }
    cyclic.items = cyclic
    expect(() => reduceSchema(cyclic, 'tools[0].function.parameters')).toThrow(
      expect.objectContaining({ path: 'tools[0].function.parameters', code: 'invalid_request' }),
    )
  })

  it('lets only known words through, changes no input and is done after one pass', () => {
    fc.assert(
      fc.property(schemas, (schema) => {
        const before = JSON.stringify(schema)
        const once = reduceSchema(schema, 'schema').schema
        expect(JSON.stringify(schema)).toBe(before)
        expect(wordsOf(once).filter((word) => !KNOWN.has(word))).toEqual([])
        expect(reduceSchema(once, 'schema')).toEqual({ schema: once, lost: [] })
      }),
      { numRuns: 300 },
    )
  })
})

const KNOWN = new Set([
  '$id',
  '$defs',
  '$ref',
  '$anchor',
  'type',
  'format',
  'title',
  'description',
  'enum',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'anyOf',
  'oneOf',
  'properties',
  'additionalProperties',
  'required',
  'propertyOrdering',
])

type Schema = Record<string, unknown>

/** Bounded by construction: each level is made of the one before. */
function schemasOf(depth: number): fc.Arbitrary<Schema> {
  const leaf = {
    type: fc.constantFrom('object', 'string', ['string', 'null']),
    $ref: fc.constantFrom('#/$defs/a', '#/definitions/a'),
    const: fc.constantFrom(1, null, { pattern: 'a value, not a word' }),
    nullable: fc.boolean(),
    pattern: fc.constant('^x'),
    $schema: fc.constant('x'),
  }
  if (depth === 0) return fc.record(leaf, { requiredKeys: [] })
  const inner = schemasOf(depth - 1)
  const list = fc.array(inner, { maxLength: 2 })
  const named = fc.dictionary(fc.constantFrom('a', 'pattern', '__proto__', 'constructor', '$ref'), inner, {
    maxKeys: 2,
  })
  const branch = {
    properties: named,
    $defs: named,
    definitions: named,
    items: fc.oneof(fc.constant(true), inner, list),
    anyOf: list,
    allOf: list,
    not: inner,
  }
  // One branching word a level keeps them small.
  return fc
    .constantFrom(...(Object.keys(branch) as (keyof typeof branch)[]))
    .chain((word) => fc.record<Schema>({ ...leaf, [word]: branch[word] }, { requiredKeys: [word] }))
}
const schemas = schemasOf(3)

/** Every word in a place where a schema stands. */
function wordsOf(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(wordsOf)
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([word, value]) => {
    if (word === 'properties' || word === '$defs')
      return [word, ...Object.values(value as Schema).flatMap(wordsOf)]
    return ['items', 'anyOf', 'oneOf', 'prefixItems', 'additionalProperties'].includes(word)
      ? [word, ...wordsOf(value)]
      : [word]
  })
}

describe('isEmptyObjectSchema', () => {
  it.each([
    [{}, true],
    [{ type: 'object' }, true],
    [{ type: 'object', properties: {} }, true],
    [{ type: 'object', properties: {}, additionalProperties: false, $schema: 'x' }, true],
    [{ type: 'object', properties: { a: {} } }, false],
    [{ type: 'string' }, false],
    [{ $ref: '#/x' }, false],
    [{ type: 'object', additionalProperties: { type: 'string' } }, false],
  ])('%j: %s', (schema, empty) => {
    expect(isEmptyObjectSchema(schema)).toBe(empty)
  })
})
