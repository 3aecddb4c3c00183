/** Schemas in the subset that structured output and strict tools take. Pure; the caller's schema is never changed. */
import { isRecord, type JsonSchema } from '@turnout/core/adapter'

type Schema = Record<string, unknown>

export interface ReducedSchema {
  readonly schema: JsonSchema
  /** Where something was left out, such as `properties.age.minimum`. */
  readonly removed: readonly string[]
}

/** Limits that the API refuses: the model reads them in the description instead. */
const LIMITS: ReadonlySet<string> = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'minContains',
  'maxContains',
  'pattern',
  'format',
])
/** Words without meaning for the answer, left out without a word. */
const NOTES: ReadonlySet<string> = new Set([
  '$schema',
  '$id',
  '$comment',
  '$anchor',
  'examples',
  'example',
  'deprecated',
  'readOnly',
  'writeOnly',
  'contentEncoding',
  'contentMediaType',
])
const KEPT: ReadonlySet<string> = new Set([
  'type',
  'title',
  'description',
  'default',
  'const',
  'required',
  '$ref',
])
const FORMATS: ReadonlySet<unknown> = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
])
/** All but plain groups, the classes `\d \w \s` and small counts: look-around, references and borders have no automaton. */
const HARD_PATTERN = /\(\?|\\[^dwsDWSnrt\W_]|\{\d*,?\d{3,}\}/

/**
 * The schema with `additionalProperties: false` on every object and only keywords that the API takes; limits move
 * into the description.
 */
export function reduceSchema(root: JsonSchema): ReducedSchema {
  const removed: string[] = []
  return { schema: reduce(root, '', { root, removed }), removed }
}

interface Reduction {
  readonly root: JsonSchema
  readonly removed: string[]
}

function reduce(schema: unknown, path: string, reduction: Reduction): Schema {
  const { removed } = reduction
  if (!isRecord(schema)) {
    // `true` and `false` are schemas too.
    removed.push(path || 'schema')
    return {}
  }
  const source = flattened(schema, path, reduction)
  const entries: [string, unknown][] = []
  const limits: string[] = []
  const keep = (key: string, value: unknown) => entries.push([key, value])
  for (const key of Object.keys(source)) {
    const value = source[key]
    const at = join(path, key)
    if (value === undefined || NOTES.has(key) || key === 'additionalProperties' || key === 'nullable')
      continue
    if (KEPT.has(key)) keep(key, value)
    else if (key === 'properties' || key === '$defs' || key === 'definitions') {
      if (isRecord(value)) keep(key, mapEach(value, at, reduction))
    } else if (key === 'items' && isRecord(value)) keep(key, reduce(value, at, reduction))
    else if (key === 'anyOf' && Array.isArray(value)) {
      keep(
        key,
        value.map((option, i) => reduce(option, `${at}[${i}]`, reduction)),
      )
    } else if (
      key === 'enum' &&
      Array.isArray(value) &&
      value.every((item) => typeof item !== 'object' || item === null)
    ) {
      keep(key, value)
    } else if (taken(key, value)) keep(key, value)
    else {
      removed.push(at)
      if (LIMITS.has(key)) limits.push(`${key}: ${JSON.stringify(value)}`)
    }
  }
  if (source['nullable'] === true && typeof source['type'] === 'string')
    keep('type', [source['type'], 'null'])
  if (isObjectSchema(source)) {
    const open = source['additionalProperties']
    if (open !== undefined && open !== false) removed.push(join(path, 'additionalProperties'))
    keep('additionalProperties', false)
  }
  if (limits.length > 0) keep('description', describe(source['description'], limits))
  return Object.fromEntries(entries)
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

const mapEach = (map: Schema, path: string, reduction: Reduction): Schema =>
  Object.fromEntries(Object.keys(map).map((name) => [name, reduce(map[name], `${path}.${name}`, reduction)]))

const taken = (key: string, value: unknown): boolean =>
  (key === 'format' && FORMATS.has(value)) ||
  (key === 'minItems' && (value === 0 || value === 1)) ||
  (key === 'pattern' && typeof value === 'string' && !HARD_PATTERN.test(value))

const isObjectSchema = ({ type, properties }: Schema): boolean =>
  type === 'object' ||
  (Array.isArray(type) && type.includes('object')) ||
  (type === undefined && isRecord(properties))

const describe = (description: unknown, limits: readonly string[]): string =>
  `${typeof description === 'string' && description !== '' ? `${description} ` : ''}(${limits.join(', ')})`

/** `oneOf` reads as `anyOf`; `allOf` is merged, since its parts would forbid each other's properties. */
function flattened(schema: Schema, path: string, reduction: Reduction): Schema {
  const { allOf, oneOf, ...rest } = schema
  const options = rest['anyOf'] === undefined ? oneOf : undefined
  if (oneOf !== undefined && options === undefined) reduction.removed.push(join(path, 'oneOf'))
  const source = Array.isArray(options) ? { ...rest, anyOf: options } : rest
  if (!Array.isArray(allOf)) return source
  return mergeAll([
    source,
    ...recordsOf(allOf, reduction.root).map((member) => flattened(member, path, reduction)),
  ])
}

/** Object schemas that all hold, as one: properties and requirements put together, of the rest the first that says it. */
export function mergeAll(members: readonly Schema[]): Schema {
  const fields = new Map<string, unknown>()
  for (const member of members) {
    for (const key of Object.keys(member)) if (!fields.has(key)) fields.set(key, member[key])
  }
  const properties = members.flatMap(propertiesOf)
  if (properties.length > 0) fields.set('properties', Object.fromEntries(properties))
  const required = new Set(members.flatMap(requiredOf))
  if (required.size > 0) fields.set('required', [...required])
  return Object.fromEntries(fields)
}

/** `base` with the properties of all options; what only some of them require is not required. */
export function mergeAny(base: Schema, options: readonly Schema[]): Schema {
  const required = requiredOf(options[0] ?? {}).filter((name) =>
    options.every((option) => requiredOf(option).includes(name)),
  )
  return mergeAll([base, { properties: Object.fromEntries(options.flatMap(propertiesOf)), required }])
}

const propertiesOf = ({ properties }: Schema): [string, unknown][] =>
  isRecord(properties) ? Object.entries(properties) : []

const requiredOf = ({ required }: Schema): string[] =>
  Array.isArray(required) ? required.filter((name) => typeof name === 'string') : []

/** The members that are objects; local references are followed one step. */
export function recordsOf(members: unknown, root: JsonSchema): Schema[] {
  if (!Array.isArray(members)) return []
  return members.flatMap((member: unknown) => {
    if (!isRecord(member)) return []
    const target = typeof member['$ref'] === 'string' ? resolveRef(root, member['$ref']) : member
    return isRecord(target) ? [target] : []
  })
}

/** The part of `root` that a local reference names; `undefined` when it leads nowhere. */
export function resolveRef(root: JsonSchema, ref: string): unknown {
  if (ref === '#') return root
  if (!ref.startsWith('#/')) return undefined
  let node: unknown = root
  for (const step of ref.slice(2).split('/')) {
    const key = decodeStep(step)
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined
    node = (node as Schema)[key]
  }
  return node
}

function decodeStep(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return step
  }
}

/** Deeper than any schema made by hand or by a library; a cyclic object ends here too. */
const MAX_DEPTH = 64

/** A schema that contains itself, which structured output refuses. */
export function isRecursive(root: JsonSchema): boolean {
  const visiting = new Set<string>()
  const done = new Set<string>()
  const visit = (node: unknown, depth: number): boolean => {
    if (depth > MAX_DEPTH) return true
    if (Array.isArray(node)) return node.some((item) => visit(item, depth + 1))
    if (!isRecord(node)) return false
    const ref = node['$ref']
    if (typeof ref === 'string' && !done.has(ref)) {
      if (visiting.has(ref)) return true
      visiting.add(ref)
      if (ref === '#' || visit(resolveRef(root, ref), depth + 1)) return true
      visiting.delete(ref)
      done.add(ref)
    }
    return Object.keys(node).some(
      (key) => key !== '$defs' && key !== 'definitions' && visit(node[key], depth + 1),
    )
  }
  return visit(root, 0)
}
