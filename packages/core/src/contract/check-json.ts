/** One walk over a caller's own objects: what passes can be sent as JSON, and no provider trips over its text. */
import { formatPath, invalidRequest, type Path } from './describe-issue.js'

export const MAX_JSON_DEPTH = 64
/** More than any request holds; stops objects that refer to each other a million times over. */
const MAX_VALUES = 1_000_000

interface Walk {
  readonly root: unknown
  readonly base: Path
  /** The keys from the root to where we are; what lies behind the current depth is left over. */
  readonly keys: (string | number)[]
  valuesLeft: number
  readonly maxDepth: number
}

/**
 * Refuses what JSON cannot carry or would silently change (functions, BigInt, symbols, NaN, Dates and other
 * instances, cycles, too many levels), `__proto__` keys, and text with NUL or half a surrogate pair.
 * @throws GatewayError `invalid_request` with the path.
 */
export function checkJson(root: unknown, base: Path, maxDepth = MAX_JSON_DEPTH): void {
  const walk: Walk = { root, base, keys: [], valuesLeft: MAX_VALUES, maxDepth }
  if (typeof root === 'object' && root !== null) checkObject(root, 0, walk)
  else checkScalar(root, 0, walk)
}

/** The walk is on the way of every request: no copies, no closures, and a key is noted only for what lies below it. */
function checkObject(value: object, depth: number, walk: Walk): void {
  if (depth >= walk.maxDepth) throw tooDeep(walk)
  if (Array.isArray(value)) {
    // Before the loop: an array may claim a length that it does not hold.
    if ((walk.valuesLeft -= value.length) < 0) throw tooMany(depth, walk)
    for (let i = 0; i < value.length; i++) checkChild(value[i], i, depth, walk)
    return
  }
  if (!isPlain(value)) checkInstance(value, depth, walk)
  for (const key in value) {
    if (key === '__proto__') throw fault('is no field of anything; remove it', note(key, depth, walk), walk)
    if (walk.valuesLeft-- <= 0) throw tooMany(depth, walk)
    checkChild((value as Record<string, unknown>)[key], key, depth, walk)
  }
}

function checkChild(child: unknown, key: string | number, depth: number, walk: Walk): void {
  if (typeof child === 'string') {
    if (isBadText(child)) checkScalar(child, note(key, depth, walk), walk)
  } else if (typeof child === 'object') {
    if (child !== null) checkObject(child, note(key, depth, walk), walk)
  } else if (typeof child !== 'boolean' && child !== undefined)
    checkScalar(child, note(key, depth, walk), walk)
}

function note(key: string | number, depth: number, walk: Walk): number {
  walk.keys[depth] = key
  return depth + 1
}

function checkScalar(value: unknown, depth: number, walk: Walk): void {
  if (typeof value === 'string') {
    // Some providers refuse these, others change them in silence.
    if (value.includes('\u0000')) throw fault('contains a NUL character; remove it', depth, walk)
    if (value.isWellFormed()) return
    throw fault(
      'contains half of a surrogate pair (text cut inside an emoji?); use text.toWellFormed()',
      depth,
      walk,
    )
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw fault(`is ${value}, which JSON cannot carry; use a finite number`, depth, walk)
  }
  if (typeof value === 'bigint') {
    throw fault('is a bigint, which JSON cannot carry; convert it to a string or a number', depth, walk)
  }
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw fault(`is a ${typeof value}, which JSON cannot carry; remove it`, depth, walk)
  }
}

const isBadText = (text: string): boolean => text.includes('\u0000') || !text.isWellFormed()

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === Object.prototype || prototype === null
}

/** What JSON takes field by field may pass, plain data of another realm too; Dates, Maps, Buffers it would change. */
function checkInstance(value: object, depth: number, walk: Walk): void {
  if ('~standard' in value) {
    throw fault(
      'is a schema of a validation library; pass JSON Schema, as from z.toJSONSchema(schema)',
      depth,
      walk,
    )
  }
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  if (tag === 'Object' && !('toJSON' in value)) return
  const name = tag === 'Object' ? value.constructor.name : tag
  throw fault(`is an instance of ${name}, which JSON would change; convert it to plain data`, depth, walk)
}

const pathOf = (depth: number, { base, keys }: Walk): string => formatPath([...base, ...keys.slice(0, depth)])

const fault = (message: string, depth: number, walk: Walk): Error =>
  invalidRequest(pathOf(depth, walk) || 'request', message)

const tooMany = (depth: number, walk: Walk): Error =>
  fault(`holds more than ${MAX_VALUES} values; send less`, depth, walk)

/** Goes down the same way once more, to tell a cycle from mere depth. */
function tooDeep(walk: Walk): Error {
  const ancestors: unknown[] = []
  let at = walk.root
  for (const [depth, key] of walk.keys.entries()) {
    const first = ancestors.indexOf(at)
    if (first !== -1) {
      return fault(
        `refers back to ${pathOf(first, walk) || 'the request itself'}; break the cycle`,
        depth,
        walk,
      )
    }
    ancestors.push(at)
    at = (at as Record<string, unknown>)[key]
  }
  return fault(
    `is nested deeper than ${walk.maxDepth} levels; flatten it, or raise \`bounds.maxJsonDepth\` of the gateway`,
    8,
    walk,
  )
}
