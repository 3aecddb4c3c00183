/** The options of a call as a client may give them: `gateway` in the body, and headers of the name `x-turnout-…`. */
import { randomUUID } from 'node:crypto'
import type { CallOptions, RequestOptions } from '@turnout/core'
import { isRecord, suggest } from '@turnout/core/adapter'
import type { Caller, SurfaceRequest } from './exchange.js'
import type { JsonRecord } from './read-json.js'
import { refuse, type SurfaceFault } from './surface-fault.js'

/** The options that travel as one header each, such as `x-turnout-tenant`; the gateway checks their values. */
const TEXT_HEADERS = [
  ['x-turnout-tenant', 'tenant'],
  ['x-turnout-session', 'session'],
  ['x-turnout-priority', 'priority'],
  ['x-turnout-preferred-provider', 'preferredProvider'],
  ['x-turnout-idempotency-key', 'idempotencyKey'],
  ['x-turnout-rescue', 'rescue'],
] as const satisfies readonly (readonly [string, keyof RequestOptions])[]

const NUMBER_HEADERS = [
  ['x-turnout-max-attempts', 'maxAttempts'],
  ['x-turnout-max-cost-usd', 'maxCostUsd'],
] as const satisfies readonly (readonly [string, keyof RequestOptions])[]

const PREFIX = 'x-turnout-'
const KNOWN: ReadonlySet<string> = new Set([
  ...[...TEXT_HEADERS, ...NUMBER_HEADERS].map(([header]) => header),
  'x-turnout-request-id',
  'x-turnout-timeout-ms',
  'x-turnout-tags',
])
const NAMES = [...KNOWN].map((header) => header.slice(PREFIX.length))
const MAX_NAME_CHARS = 60

type Draft = { -readonly [Key in keyof CallOptions]: CallOptions[Key] }

/**
 * What goes to the gateway beside the request: headers over the body's own `gateway` (which stays in the request), the
 * caller's over both. Always with a request id.
 * @throws SurfaceFault for a header `x-turnout-…` that is none, or is not what its name says, and for `rescue: 'restart'`
 */
export function callOptions(
  request: SurfaceRequest,
  body: JsonRecord,
  caller: Caller,
): CallOptions & { readonly requestId: string } {
  const options = fromHeaders(request)
  const { options: held } = caller
  for (const key of Object.keys(held) as (keyof RequestOptions)[]) {
    if (held[key] !== undefined) Object.assign(options, { [key]: mergedOption(options[key], held[key]) })
  }
  const own = isRecord(body['gateway']) ? body['gateway'] : undefined
  if ((options.rescue ?? own?.['rescue']) === 'restart') throw restartRefused()
  const asked = options.requestId ?? own?.['requestId']
  const requestId = typeof asked === 'string' ? asked : `req_${randomUUID().replaceAll('-', '')}`
  return Object.assign(options, { requestId, ...(request.signal && { signal: request.signal }) })
}

/** Whether there may be any of ours: most requests have none, and need not be asked for each. */
function hasOurs(request: SurfaceRequest): boolean {
  const names = request.headerNames?.()
  if (!names) return true
  let has = false
  for (const name of names) {
    if (!name.startsWith(PREFIX)) continue
    // A misspelt tenant would be limited and charged as nobody.
    if (!KNOWN.has(name)) throw unknownHeader(name)
    has = true
  }
  return has
}

function unknownHeader(name: string): SurfaceFault {
  const short = name.slice(PREFIX.length, MAX_NAME_CHARS)
  const meant = suggest(short, NAMES)
  const remedy = meant === undefined ? `there are ${NAMES.join(', ')}` : `did you mean ${PREFIX}${meant}?`
  return refuse(`${PREFIX}${short}`, `is no option of a call; ${remedy}`)
}

function fromHeaders(request: SurfaceRequest): Draft {
  const options: Record<string, unknown> = {}
  if (!hasOurs(request)) return options
  for (const [header, option] of TEXT_HEADERS) {
    const value = request.header(header)
    if (value !== undefined) options[option] = value
  }
  for (const [header, option] of NUMBER_HEADERS) {
    const value = request.header(header)
    if (value !== undefined) options[option] = numberIn(header, value)
  }
  const id = request.header('x-turnout-request-id')
  if (id !== undefined) options['requestId'] = id
  const total = request.header('x-turnout-timeout-ms')
  if (total !== undefined) options['timeout'] = { totalMs: numberIn('x-turnout-timeout-ms', total) }
  const tags = request.header('x-turnout-tags')
  if (tags !== undefined) options['tags'] = tagsIn(tags)
  return options
}

function numberIn(header: string, value: string): number {
  const number = value.trim() === '' ? Number.NaN : Number(value)
  if (Number.isFinite(number)) return number
  throw refuse(header, 'must be a number')
}

/** `team=search, env=prod` */
function tagsIn(value: string): Readonly<Record<string, string>> {
  const tags = new Map<string, string>()
  for (const pair of value.split(',')) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, Math.max(at, 0)).trim()
    if (name === '') throw refuse('x-turnout-tags', 'must be name=value pairs with commas between them')
    tags.set(name, pair.slice(at + 1).trim())
  }
  return Object.fromEntries(tags)
}

/** Clocks and tags each for themselves. */
function mergedOption(asked: unknown, held: unknown): unknown {
  return isRecord(asked) && isRecord(held) ? { ...asked, ...held } : held
}

/** A client of these surfaces has shown what came before, and cannot take it back. */
export const restartRefused = (): SurfaceFault =>
  refuse(
    'gateway.rescue',
    "'restart' needs a reader that can clear what it has shown; use 'continue' or 'hold' here",
  )
