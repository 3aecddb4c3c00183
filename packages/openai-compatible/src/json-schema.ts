/** JSON Schemas for OpenAI's strict mode, which knows a subset and refuses everything else with 400. */
import { changeSetting, isRecord, type JsonSchema, type ProtocolContext } from '@turnout/core/adapter'

/** The schema as strict mode takes it, or why it cannot be had. */
export type StrictSchema =
  | { readonly schema: JsonSchema }
  | {
      /** Inside the schema, such as `.properties.size`. */
      readonly path: string
      readonly why: string
    }

const UNKNOWN_WORDS = [
  'oneOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
  'patternProperties',
  'propertyNames',
  'dependentRequired',
  'dependentSchemas',
  'dependencies',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contains',
  'prefixItems',
]
const MAX_DEPTH = 64

class Unfit extends Error {
  constructor(
    readonly path: string,
    readonly why: string,
  ) {
    super(why)
  }
}

/**
 * Changes a schema only in ways after which every answer it allows is still allowed by the original: objects are
 * closed, `default` goes. What would need more (optional properties, `oneOf`, open objects) has no strict form.
 *
 * @example strictSchema({ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] })
 */
export function strictSchema(schema: JsonSchema): StrictSchema {
  try {
    if (schema.type !== 'object' || schema.anyOf !== undefined)
      throw new Unfit('', 'the root must be an object')
    return { schema: strictNode(schema, '', 0) as JsonSchema }
  } catch (error) {
    if (error instanceof Unfit) return { path: error.path, why: error.why }
    throw error
  }
}

/** A schema with `strict` as it is sent: strict only when asked for, and when the schema has a strict form. */
export function withStrictness(
  schema: JsonSchema,
  strict: boolean | null | undefined,
  path: string,
  context: ProtocolContext,
): { readonly schema: JsonSchema; readonly strict: boolean } {
  if (strict !== true || !isRecord(schema)) return { schema, strict: strict === true }
  const result = strictSchema(schema)
  if ('schema' in result) return { schema: result.schema, strict: true }
  changeSetting(
    context,
    `${path}${result.path}`,
    `${result.why} in OpenAI's strict mode; strict: false was sent`,
  )
  return { schema, strict: false }
}

function strictNode(node: unknown, path: string, depth: number): unknown {
  if (!isRecord(node)) throw new Unfit(path, 'every value needs a schema of its own')
  if (depth > MAX_DEPTH) throw new Unfit(path, `it is nested more than ${MAX_DEPTH} levels deep`)
  const unknown = UNKNOWN_WORDS.find((word) => Object.hasOwn(node, word))
  if (unknown !== undefined) throw new Unfit(path, `"${unknown}" is not known there`)
  const entries = Object.entries(node).flatMap(([word, value]): [string, unknown][] => {
    if (word === 'default') return []
    if (word === 'properties' || word === '$defs' || word === 'definitions')
      return [[word, eachNode(value, `${path}.${word}`, depth)]]
    if (word === 'items') return [[word, strictNode(value, `${path}.items`, depth + 1)]]
    if (word === 'anyOf' && Array.isArray(value)) {
      return [[word, value.map((option, i) => strictNode(option, `${path}.anyOf[${i}]`, depth + 1))]]
    }
    return [[word, value]]
  })
  // `fromEntries` makes own properties of any name, `__proto__` too.
  const copy = Object.fromEntries(entries)
  return isObjectNode(node) ? closed(copy, path) : copy
}

function eachNode(nodes: unknown, path: string, depth: number): unknown {
  if (!isRecord(nodes)) throw new Unfit(path, 'it must be an object')
  return Object.fromEntries(
    Object.entries(nodes).map(([name, node]) => [name, strictNode(node, `${path}.${name}`, depth + 1)]),
  )
}

function isObjectNode({ type, properties }: Record<string, unknown>): boolean {
  return properties !== undefined || type === 'object' || (Array.isArray(type) && type.includes('object'))
}

function closed(node: Record<string, unknown>, path: string): unknown {
  const { properties, required, additionalProperties } = node
  if (!isRecord(properties)) throw new Unfit(path, 'an object needs its properties named')
  if (additionalProperties !== undefined && additionalProperties !== false) {
    throw new Unfit(path, 'additional properties are not allowed')
  }
  const needed = new Set(Array.isArray(required) ? required : [])
  const optional = Object.keys(properties).find((name) => !needed.has(name))
  if (optional !== undefined)
    throw new Unfit(`${path}.properties.${optional}`, 'every property must be required')
  return { ...node, required: required ?? [], additionalProperties: false }
}
