import type * as z from 'zod'
import { GatewayError } from '../errors/gateway-error.js'
import { suggest } from '../platform/suggest.js'

type Path = readonly PropertyKey[]

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
  return new GatewayError({ code: 'invalid_request', path, message: path === '' ? message : `${path}: ${message}`, cause })
}

/** The first problem that zod found, as an error that names the deepest place. */
export function schemaError(error: z.core.$ZodError, base: Path, knownKeys?: Iterable<string>): GatewayError {
  const first = error.issues[0]
  if (!first) return invalidRequest(formatPath(base), 'is not valid')
  const { issue, path } = deepest(first, [...base, ...first.path])
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? ''
    const meant = knownKeys && suggest(key, knownKeys)
    return invalidRequest(formatPath([...path, key]), `is no known option${meant ? `; did you mean \`${meant}\`?` : '; remove it'}`)
  }
  return invalidRequest(formatPath(path), describe(issue))
}

/** A union reports every branch: the one that got furthest is the one that was meant. */
function deepest(issue: z.core.$ZodIssue, path: Path): { issue: z.core.$ZodIssue; path: Path } {
  if (issue.code !== 'invalid_union') return { issue, path }
  let best = { issue: issue as z.core.$ZodIssue, path }
  for (const branch of issue.errors) {
    const first = branch[0]
    if (!first) continue
    const found = deepest(first, [...path, ...first.path])
    if (found.path.length > best.path.length) best = found
  }
  return best
}

function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}${issue.input === undefined && issue.message.includes('undefined') ? ', but is missing' : ''}`
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? 'must not be empty'
        : `must be at least ${String(issue.minimum)}`
    case 'too_big':
      return issue.origin === 'array' ? `must have at most ${String(issue.maximum)} entries` : `must be at most ${String(issue.maximum)}`
    case 'invalid_value':
      return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`
    case 'invalid_union':
      return 'has none of the shapes that are allowed here; see the type ChatRequest'
    default:
      return issue.message
  }
}

const article = (expected: string): string => (/^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`)
