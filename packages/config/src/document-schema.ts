/** The shape of a document. Routes, defaults, prices, budgets, limits and queue are core's: it checks them itself, later. */
import * as z from 'zod'
import { unknownName } from './closest-name.js'
import { DocumentFault, formatPath, type DocumentNode, type Path } from './document-node.js'
import { locatePath } from './locate-path.js'
import { parseReference } from './references.js'

const text = z.string()
const name = text.min(1)
const reference = text.refine(
  (given) => parseReference(given) !== undefined,
  'must be a reference, env:NAME or secret:NAME; a key itself may not stand in a document',
)

const providerSchema = z.strictObject({
  /** A name of the registry. */
  adapter: name,
  apiKey: z.union([reference, z.array(reference).min(1)]).optional(),
  baseURL: name.optional(),
  headers: z.record(text, text).optional(),
  models: z.array(name).optional(),
  /** Where the provider processes data, for `require.region`. */
  region: name.optional(),
  /** Settings of requests; core checks them. */
  defaults: z.unknown().optional(),
  /** Options of this adapter alone. */
  options: z.record(text, z.unknown()).optional(),
})
export type ProviderDocument = z.infer<typeof providerSchema>

const schema = z.strictObject({
  version: z.literal(1),
  providers: z.record(name, providerSchema),
  routes: z.unknown().optional(),
  defaults: z.unknown().optional(),
  catalog: z.unknown().optional(),
  budgets: z.unknown().optional(),
  limits: z.unknown().optional(),
  queue: z.unknown().optional(),
  /** Of the program that serves the gateway, which checks it itself. */
  server: z.unknown().optional(),
})
export type ConfigDocument = z.infer<typeof schema>

const TOP_KEYS = Object.keys(schema.shape)
const PROVIDER_KEYS = Object.keys(providerSchema.shape)
/** They belong to the gateway, but `reload` cannot change them. */
const FIXED_KEYS = [
  'breaker',
  'retry',
  'health',
  'replayMemory',
  'ledger',
  'logger',
  'random',
  'traffic',
  'tokenCounter',
  'classifier',
  'deadLetters',
  'bounds',
]

/**
 * @param value of the tree at `root`
 * @throws DocumentFault for the first thing that is wrong
 */
export function checkDocument(value: unknown, root: DocumentNode, source: string): ConfigDocument {
  const result = schema.safeParse(value)
  // zod's own copy is dropped: it would not be frozen.
  if (result.success) return value as ConfigDocument
  const [issue] = result.error.issues
  if (!issue) throw result.error
  const { path, message, kind } = describe(issue, value)
  const dotted = formatPath(path)
  throw new DocumentFault(locatePath(root, dotted, source, kind), dotted, message)
}

interface Described {
  readonly path: Path
  readonly message: string
  readonly kind: 'key' | 'value'
}

function describe(issue: z.core.$ZodIssue, root: unknown): Described {
  const path = issue.path as Path
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? ''
    return { path: [...path, key], message: unknownKey(key, path), kind: 'key' }
  }
  if (issue.code === 'invalid_key') return { path, message: 'must not be an empty name', kind: 'key' }
  if (issue.code === 'invalid_union') {
    const given = valueAt(root, path)
    // The branch that was meant: of a list the first item that is wrong, of anything else the first.
    const branch = issue.errors[Array.isArray(given) ? 1 : 0]?.[0]
    if (branch) return describe({ ...branch, path: [...path, ...branch.path] }, root)
  }
  return { path, message: wanted(issue, valueAt(root, path)), kind: 'value' }
}

function unknownKey(key: string, path: Path): string {
  if (path.length > 0) return `is no option of a provider; ${unknownName(key, PROVIDER_KEYS)}`
  if (FIXED_KEYS.includes(key)) return 'cannot be changed while a gateway runs: give it to createGateway'
  return `is no part of a configuration; ${unknownName(key, TOP_KEYS)}`
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a text',
  array: 'a list',
  object: 'a map of names and values',
  record: 'a map of names and values',
}

function wanted(issue: z.core.$ZodIssue, given: unknown): string {
  if (issue.code === 'invalid_type')
    return `must be ${NOUNS[issue.expected] ?? issue.expected}${butIs(given)}`
  if (issue.code === 'invalid_value') {
    const isOtherKind = issue.values.every((value) => typeof value !== typeof given)
    return `must be ${issue.values.join(' or ')}${isOtherKind ? butIs(given) : ''}`
  }
  if (issue.code === 'too_small') return 'must not be empty'
  return issue.message
}

/** The kind of what stands there, never the thing itself. */
function butIs(given: unknown): string {
  if (given === undefined) return ', but is missing'
  if (given === null) return ', but is empty'
  if (Array.isArray(given)) return ', but is a list'
  return `, but is ${typeof given === 'object' ? 'a map' : `a ${typeof given}`}`
}

function valueAt(root: unknown, path: Path): unknown {
  let at = root
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined
    at = (at as Readonly<Record<string | number, unknown>>)[key]
  }
  return at
}
