/** Turns what zod found into one `invalid_request`: the deepest place, what must stand there, what stands there. */
import * as z from 'zod'
import { GatewayError } from '../errors/gateway-error.js'
import { suggest } from '../platform/suggest.js'

export type Path = readonly PropertyKey[]

/** `['messages', 2, 'content']` as `messages[2].content`. */
export function formatPath(path: Path): string {
  let text = ''
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`
    else text += text === '' ? String(key) : `.${String(key)}`
  }
  return text
}

/** An `invalid_request` about one place. `message` says what is wrong and what to do, without the value itself. */
export function invalidRequest(path: string, message: string, cause?: unknown): GatewayError {
  return new GatewayError({ code: 'invalid_request', path, message: `${path}: ${message}`, cause })
}

/** Checks `value`, which stands at `base`; throws for the first fault. The schema's own copy is dropped. */
export function checkSchema(schema: z.ZodType, value: unknown, base: Path): void {
  const result = schema.safeParse(value)
  if (!result.success) throw schemaError(result.error, schema, value, base)
}

function schemaError(error: z.core.$ZodError, schema: z.ZodType, value: unknown, base: Path): GatewayError {
  const { issue, path } = deepest(error.issues[0] as Issue, [])
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? ''
    return invalidRequest(formatPath([...base, ...path, key]), unknownOption(key, keysAt(schema, path)))
  }
  return invalidRequest(formatPath([...base, ...path]), describe(issue, valueAt(value, path)))
}

/** What to say of a key that is not in a closed list. */
export function unknownOption(key: string, known: readonly string[]): string {
  const meant = suggest(key, known)
  if (known.length === 0) return 'is no known option; remove it'
  return `is no known option; ${meant ? `did you mean \`${meant}\`?` : `there are ${known.join(', ')}`}`
}

type Issue = z.core.$ZodIssue
interface Found {
  readonly issue: Issue
  /** From the value that was checked. */
  readonly path: Path
}

/** A union reports every branch: the one that got furthest, or whose type at least was right, is the one meant. */
function deepest(issue: Issue, base: Path): Found {
  const path = [...base, ...issue.path]
  if (issue.code === 'invalid_key' && issue.issues[0]) return { issue: issue.issues[0], path }
  if (issue.code !== 'invalid_union') return { issue, path }
  let best: Found = { issue, path }
  for (const [first] of issue.errors) {
    if (!first) continue
    const found = deepest(first, path)
    const further = found.path.length > best.path.length
    if (further || (best.issue === issue && found.path.length === path.length && !isMismatch(found.issue)))
      best = found
  }
  return best
}

const isMismatch = ({ code }: Issue): boolean =>
  code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_union'

/** The schemas' own messages, which say what must stand there; zod's begin otherwise. */
const OWN_MESSAGE = /^must /

function describe(issue: Issue, given: unknown): string {
  if (OWN_MESSAGE.test(issue.message)) return `${issue.message}${saysMore(issue, given) ? butIs(given) : ''}`
  if (issue.code === 'too_small') {
    if (issue.origin === 'array' || issue.origin === 'string') return 'must not be empty'
    return `must be ${issue.inclusive ? 'at least' : 'more than'} ${String(issue.minimum)}`
  }
  if (issue.code === 'too_big') {
    if (issue.origin === 'array') return `must have at most ${String(issue.maximum)} entries`
    if (issue.origin === 'string') return `must have at most ${String(issue.maximum)} characters`
    return `must be at most ${String(issue.maximum)}`
  }
  return `must be ${oneOf(wanted(issue))}${saysMore(issue, given) ? butIs(given) : ''}`
}

/** The kind of what stands there helps where the kind is what is wrong. */
function saysMore(issue: Issue, given: unknown): boolean {
  if (given === undefined || given === null || issue.code === 'invalid_type') return true
  if (issue.code === 'invalid_value' && issue.values.some((value) => typeof value === typeof given))
    return false
  return typeof given !== 'string' && (issue.code === 'invalid_value' || issue.code === 'invalid_union')
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

/** The alternatives, each as a noun or a quoted word. */
function wanted(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_type') return [NOUNS[issue.expected] ?? issue.expected]
  if (issue.code === 'invalid_value') return quoted(issue.values)
  if (issue.code !== 'invalid_union') return ['of another form']
  const { options } = issue as { readonly options?: readonly unknown[] }
  return options ? quoted(options) : issue.errors.flatMap(([first]) => (first ? wanted(first) : []))
}

const quoted = (values: readonly unknown[]): readonly string[] => values.map((value) => JSON.stringify(value))

const oneOf = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`

/** What kind of thing stands there, never the thing itself. */
function butIs(given: unknown): string {
  if (given === undefined) return ', but is missing'
  if (given === null) return ', but is null'
  if (Array.isArray(given)) return ', but is a list'
  if (typeof given === 'number') {
    if (!Number.isFinite(given)) return `, but is ${given}`
    return Number.isInteger(given) ? ', but is a number' : ', but is a number with a fraction'
  }
  return `, but is ${typeof given === 'object' ? 'an object' : `a ${typeof given}`}`
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined
    at = (at as Record<PropertyKey, unknown>)[key]
  }
  return at
}

/** The keys that the schema knows at `path`, in all branches of its unions. */
function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  let at = branches(schema)
  for (const key of path) at = at.flatMap((one) => branches(inside(one, key)))
  return [...new Set(at.flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : [])))]
}

function inside(schema: unknown, key: PropertyKey): unknown {
  if (schema instanceof z.ZodObject) return schema.shape[String(key)]
  if (schema instanceof z.ZodRecord) return schema.valueType
  return schema instanceof z.ZodArray ? schema.element : undefined
}

function branches(schema: unknown): readonly unknown[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return branches(schema.unwrap())
  return schema instanceof z.ZodUnion ? schema.options.flatMap(branches) : [schema]
}
