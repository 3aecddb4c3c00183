/**
 * JSON Schema cut down to the words that `parametersJsonSchema` and `responseJsonSchema` know; any other word is a
 * 400. What can be said in another way is, what cannot is left out and reported. The input is never changed.
 */
import { GatewayError, isRecord, type JsonSchema } from '@turnout/core/adapter'

export interface ReducedSchema {
  readonly schema: Readonly<Record<string, unknown>>
  /** Words left out that restrict the value, in order of first sight. Plain remarks are not listed. */
  readonly lost: readonly string[]
}

/** Taken as they are; their values hold no schemas. */
const PLAIN = new Set([
  '$id',
  '$anchor',
  'type',
  'format',
  'title',
  'description',
  'enum',
  'required',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'propertyOrdering',
])
const ONE_SCHEMA = new Set(['items', 'additionalProperties'])
const SCHEMA_LIST = new Set(['prefixItems', 'anyOf', 'oneOf'])
const NAMED_SCHEMAS = new Set(['properties', '$defs'])
/** They restrict nothing: leaving them out changes no answer. */
const REMARKS = new Set([
  '$schema',
  '$comment',
  '$vocabulary',
  'examples',
  'example',
  'default',
  'deprecated',
  'readOnly',
  'writeOnly',
  'contentEncoding',
  'contentMediaType',
  'strict',
])
const SAID_OTHERWISE = new Set(['const', 'definitions', 'nullable', 'allOf'])
const BESIDE_A_REFERENCE = new Set(['$ref', '$id', 'title', 'description'])
const MAX_DEPTH = 100

/** @throws GatewayError `invalid_request` for a schema nested deeper than 100 levels. */
export function reduceSchema(schema: JsonSchema, path: string): ReducedSchema {
  const lost = new Set<string>()
  const reduced = reduce(schema, lost, path, 0)
  return { schema: isRecord(reduced) ? reduced : {}, lost: [...lost] }
}

/** A tool without arguments: the declaration then must have no parameters at all. */
export function isEmptyObjectSchema(schema: JsonSchema): boolean {
  if (schema.type !== undefined && schema.type !== 'object') return false
  const { properties, additionalProperties } = schema
  if (isRecord(properties) && Object.keys(properties).length > 0) return false
  if (isRecord(additionalProperties) && Object.keys(additionalProperties).length > 0) return false
  return ['$ref', 'anyOf', 'oneOf', 'allOf'].every((word) => schema[word] === undefined)
}

function reduce(schema: unknown, lost: Set<string>, path: string, depth: number): unknown {
  // `true` and `false` are schemas too.
  if (!isRecord(schema)) return schema
  if (depth > MAX_DEPTH) {
    throw new GatewayError({
      code: 'invalid_request',
      path,
      message: `${path} is nested deeper than ${MAX_DEPTH} levels; flatten it or use $defs`,
    })
  }
  const next = (value: unknown): unknown => reduce(value, lost, path, depth + 1)
  if (typeof schema.$ref === 'string') return reference(schema, schema.$ref, next, lost)
  // Without a prototype: a property may be called `__proto__` or `constructor`.
  const reduced = bare()
  for (const word of Object.keys(schema)) {
    const value = schema[word]
    if (value === undefined) continue
    if (PLAIN.has(word)) reduced[word] = value
    else if (ONE_SCHEMA.has(word)) reduced[word] = Array.isArray(value) ? next({ anyOf: value }) : next(value)
    else if (SCHEMA_LIST.has(word) && Array.isArray(value)) reduced[word] = value.map(next)
    else if (NAMED_SCHEMAS.has(word) && isRecord(value)) reduced[word] = each(value, next)
    else if (!REMARKS.has(word) && !SAID_OTHERWISE.has(word)) lost.add(word)
  }
  sayOtherwise(schema, reduced, next, lost)
  return reduced
}

/** Words that have an equal among the known ones. */
function sayOtherwise(
  schema: Record<string, unknown>,
  reduced: Record<string, unknown>,
  next: (value: unknown) => unknown,
  lost: Set<string>,
): void {
  if (Object.hasOwn(schema, 'const') && schema.const !== undefined) reduced.enum = [schema.const]
  if (isRecord(schema.definitions))
    reduced.$defs = Object.assign(bare(), each(schema.definitions, next), reduced.$defs)
  if (schema.nullable === true && typeof schema.type === 'string') reduced.type = [schema.type, 'null']
  if (schema.allOf !== undefined) {
    const only = Array.isArray(schema.allOf) && schema.allOf.length === 1 ? next(schema.allOf[0]) : undefined
    if (isRecord(only)) joinOnly(reduced, only, lost)
    else lost.add('allOf')
  }
}

/** `allOf` of one schema is that schema, as far as the two do not speak of the same. */
function joinOnly(reduced: Record<string, unknown>, only: Record<string, unknown>, lost: Set<string>): void {
  if (typeof only.$ref === 'string') {
    for (const word of Object.keys(reduced)) {
      if (word === '$defs') continue
      if (!BESIDE_A_REFERENCE.has(word)) lost.add(word)
      delete reduced[word]
    }
  }
  for (const word of Object.keys(only)) {
    if (reduced[word] === undefined) reduced[word] = only[word]
    else if (word !== 'title' && word !== 'description') lost.add('allOf')
  }
}

/** A reference stands alone, but for the definitions it may refer to. */
function reference(
  schema: Record<string, unknown>,
  target: string,
  next: (value: unknown) => unknown,
  lost: Set<string>,
): Record<string, unknown> {
  const reduced = bare()
  reduced.$ref = target.startsWith('#/definitions/')
    ? `#/$defs/${target.slice('#/definitions/'.length)}`
    : target
  for (const word of Object.keys(schema)) {
    const value = schema[word]
    if ((word === '$defs' || word === 'definitions') && isRecord(value)) reduced.$defs = each(value, next)
    else if (!BESIDE_A_REFERENCE.has(word) && !REMARKS.has(word)) lost.add(word)
  }
  return reduced
}

function each(named: Record<string, unknown>, next: (value: unknown) => unknown): Record<string, unknown> {
  const result = bare()
  for (const name of Object.keys(named)) result[name] = next(named[name])
  return result
}

function bare(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>
}
