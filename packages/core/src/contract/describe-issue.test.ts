import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { isGatewayError } from '../errors/gateway-error.js'
import { checkSchema, formatPath, invalidRequest, unknownOption } from './describe-issue.js'

const fault = (schema: z.ZodType, value: unknown, base: readonly PropertyKey[] = ['x']) => {
  try {
    checkSchema(schema, value, base)
  } catch (error) {
    if (isGatewayError(error, 'invalid_request')) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

it.each([
  [[], ''],
  [['messages', 2, 'content', 0, 'text'], 'messages[2].content[0].text'],
  [[0, 'a'], '[0].a'],
  [['tags', 'a b'], 'tags.a b'],
  [[Symbol('s')], 'Symbol(s)'],
])('formats the path %j', (path, text) => {
  expect(formatPath(path)).toBe(text)
})

it('makes errors that name the place first', () => {
  const cause = new Error('why')
  expect(invalidRequest('model', 'must be a string', cause)).toMatchObject({
    code: 'invalid_request',
    path: 'model',
    message: 'model: must be a string',
    retryable: false,
    cause,
  })
})

describe('checkSchema', () => {
  const choice = z.union([
    z.enum(['auto', 'none']),
    z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: z.string().min(1) }) }),
  ])
  const format = z.discriminatedUnion('type', [
    z.looseObject({ type: z.literal('text') }),
    z.looseObject({ type: z.literal('json'), schema: z.looseObject({}) }),
  ])
  it.each<[string, z.ZodType, unknown, string, string]>([
    ['a wrong type', z.string(), 5, 'x', 'must be a string, but is a number'],
    ['an object for a string', z.string(), {}, 'x', 'must be a string, but is an object'],
    ['a missing value', z.string(), undefined, 'x', 'must be a string, but is missing'],
    ['null', z.number(), null, 'x', 'must be a number, but is null'],
    ['NaN', z.number(), NaN, 'x', 'must be a number, but is NaN'],
    ['Infinity', z.number(), -Infinity, 'x', 'must be a number, but is -Infinity'],
    ['a list for an object', z.looseObject({}), [], 'x', 'must be an object, but is a list'],
    ['a list for a record', z.record(z.string(), z.string()), [], 'x', 'must be an object, but is a list'],
    ['a function', z.boolean(), () => 1, 'x', 'must be true or false, but is a function'],
    ['a fraction', z.int(), 1.5, 'x', 'must be a whole number, but is a number with a fraction'],
    [
      'a deep fault',
      z.looseObject({ a: z.array(z.looseObject({ b: z.string() })) }),
      { a: [{ b: '' }, { b: 1 }] },
      'x.a[1].b',
      'must be a string, but is a number',
    ],
    ['too little', z.number().min(0), -1, 'x', 'must be at least 0'],
    ['nothing where more is needed', z.int().positive(), 0, 'x', 'must be more than 0'],
    ['too much', z.number().max(2), 3, 'x', 'must be at most 2'],
    ['an unsafe integer', z.int(), 1e300, 'x', 'must be at most 9007199254740991'],
    ['an empty text', z.string().min(1), '', 'x', 'must not be empty'],
    ['an empty list', z.array(z.string()).min(1), [], 'x', 'must not be empty'],
    ['a long text', z.string().max(3), 'abcd', 'x', 'must have at most 3 characters'],
    ['a long list', z.array(z.number()).max(1), [1, 2], 'x', 'must have at most 1 entries'],
    ['a word that is none of the list', z.enum(['low', 'high']), 'lo', 'x', 'must be "low" or "high"'],
    ['another literal', z.literal('function'), 'custom', 'x', 'must be "function"'],
    [
      'none of a union',
      z.union([z.string(), z.array(z.string())]),
      5,
      'x',
      'must be a string or a list, but is a number',
    ],
    [
      'the deepest place of a union',
      z.union([z.string(), z.array(z.string())]),
      ['a', 5],
      'x[1]',
      'must be a string, but is a number',
    ],
    [
      'a union whose kind is right',
      z.union([z.string().min(1), z.array(z.string()).min(1)]),
      [],
      'x',
      'must not be empty',
    ],
    ['a word and an object', choice, 'any', 'x', 'must be "auto", "none" or an object'],
    [
      'a word and a broken object',
      choice,
      { type: 'function', function: {} },
      'x.function.name',
      'must be a string, but is missing',
    ],
    ['a wrong kind', format, { type: 'xml' }, 'x.type', 'must be "text" or "json"'],
    ['a missing kind', format, {}, 'x.type', 'must be "text" or "json", but is missing'],
    [
      'a kind with a broken field',
      format,
      { type: 'json', schema: 1 },
      'x.schema',
      'must be an object, but is a number',
    ],
    [
      'a key of the wrong form',
      z.record(z.string().regex(/^\w+$/, 'must be one word'), z.number()),
      { 'a b': 1 },
      'x.a b',
      'must be one word',
    ],
    ['a number for a word', z.enum(['low', 'high']), 1, 'x', 'must be "low" or "high", but is a number'],
    [
      "a schema's own words, and nothing there",
      z.custom(Boolean, 'must be one'),
      undefined,
      'x',
      'must be one, but is missing',
    ],
    ["a schema's own words", z.custom((value) => value === 1, 'must be one'), 2, 'x', 'must be one'],
  ])('describes %s', (_name, schema, value, path, message) => {
    const error = fault(schema, value)
    expect(error.path).toBe(path)
    expect(error.message).toBe(`${path}: ${message}`)
  })

  it('suggests the option that was meant, among those of the same place', () => {
    const schema = z.strictObject({
      timeout: z.strictObject({ totalMs: z.number().optional(), idleMs: z.number().optional() }).optional(),
      prices: z.record(z.string(), z.strictObject({ inputUsd: z.number() }).nullable()).optional(),
    })
    expect(fault(schema, { timout: 1 }).message).toBe('x.timout: is no known option; did you mean `timeout`?')
    expect(fault(schema, { timeout: { totalms: 1 } }).message).toBe(
      'x.timeout.totalms: is no known option; did you mean `totalMs`?',
    )
    expect(fault(schema, { prices: { 'a/b': { inputUsd: 1, inputUSD: 2 } } }, []).message).toBe(
      'prices.a/b.inputUSD: is no known option; did you mean `inputUsd`?',
    )
    expect(fault(schema, { zzz: 1 }, []).message).toBe('zzz: is no known option; there are timeout, prices')
  })

  it('never shows the value', () => {
    for (const schema of [
      z.number(),
      z.enum(['a']),
      z.strictObject({}),
      z.string().max(3),
      z.string().regex(/^a/),
    ]) {
      expect(fault(schema, 'topsecret').message).not.toContain('topsecret')
    }
  })

  it('says nothing about what is right, and hands back nothing', () => {
    expect(checkSchema(z.string(), 'x', [])).toBeUndefined()
  })
})

it('lists the options when nothing is near', () => {
  expect(unknownOption('foo', ['timeout', 'tags'])).toBe('is no known option; there are timeout, tags')
})

describe('an unknown key', () => {
  const strict = z.strictObject({
    target: z
      .union([z.string(), z.strictObject({ weight: z.number().optional(), name: z.string() })])
      .optional(),
    list: z.array(z.union([z.literal(false), z.strictObject({ after: z.number() })])).optional(),
    race: z.literal(2).optional(),
  })

  it.each([
    [{ target: { name: 'a', wieght: 2 } }, 'x.target.wieght: is no known option; did you mean `weight`?'],
    [
      { target: { weight: 2, name: 'a', zzz: 2 } },
      'x.target.zzz: is no known option; there are weight, name',
    ],
    [{ list: [{ after: 1, aftr: 1 }] }, 'x.list[0].aftr: is no known option; did you mean `after`?'],
  ])('in one branch of a union: %j', (value, message) => {
    expect(fault(strict, value).message).toBe(message)
  })

  it('where nothing is known is to be removed', () => {
    expect(fault(z.strictObject({}), { a: 1 }).message).toBe('x.a: is no known option; remove it')
  })

  it('says nothing of the kind of a value that has the right one', () => {
    expect(fault(strict, { race: 3 }).message).toBe('x.race: must be 2')
    expect(fault(strict, { race: '2' }).message).toBe('x.race: must be 2')
    expect(fault(strict, { race: true }).message).toBe('x.race: must be 2, but is a boolean')
  })
})
