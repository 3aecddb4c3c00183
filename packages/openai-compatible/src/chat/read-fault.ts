/** Reads what an error body says, whatever its shape. */
import { isRecord, parseJson } from '@turnout/core/adapter'

/** What a server says about a failure. */
export interface ProviderFault {
  /** Its own text; empty when it has none. */
  readonly message: string
  /** Every code-like word in the body (code, type, error_type …), in lower case. */
  readonly words: readonly string[]
  /** An HTTP status that the body itself names. */
  readonly status?: number
  /** The field of the request that it is about, such as `temperature` or `reasoning.effort`. */
  readonly param?: string
  /** Response headers that the body quotes, in lower case: inside a stream it is the only one who can tell. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Fields that hold code-like words, in the error object, beside it or in its details. */
const WORD_FIELDS = ['code', 'type', 'error_type', 'status', 'reason', 'limit_source']

/**
 * Shapes seen: `{error: {message, type, code, metadata}}`, `{error: "text", code}`, `{object: "error", message}`,
 * `{message}`, `{detail: "text"}`, `{detail: [{msg, loc, type}]}`, `{errors: […]}`, one of these in a list, plain
 * text, an HTML page, nothing. Aggregators put the upstream's own body into `metadata.raw`.
 */
export function readFault(body: unknown): ProviderFault {
  const outer = Array.isArray(body) ? body[0] : body
  if (typeof outer === 'string') return { message: describeText(outer), words: [] }
  if (!isRecord(outer)) return { message: '', words: [] }
  const error = outer.error ?? outer.errors ?? outer
  const inner = Array.isArray(error) ? error[0] : error
  const fault = isRecord(inner) ? inner : {}
  const words: string[] = []
  const sources = [
    fault,
    outer,
    fault.metadata,
    fault.availability,
    Array.isArray(outer.detail) ? outer.detail[0] : undefined,
  ]
  for (const source of sources) {
    if (!isRecord(source)) continue
    for (const field of WORD_FIELDS) {
      const word = source[field]
      if (typeof word === 'string' && word !== '') words.push(word.toLowerCase())
      else if (typeof word === 'number') words.push(String(word))
    }
  }
  const status =
    statusOf(fault.code) ?? statusOf(fault.status) ?? statusOf(outer.code) ?? statusOf(outer.status)
  const upstream = upstreamFault(fault.metadata)
  const headers = quotedHeaders(fault)
  return {
    message: messageOf(inner, fault, outer, upstream?.message),
    words: [...new Set([...words, ...(upstream?.words ?? [])])],
    ...(status !== undefined && { status }),
    ...(upstream?.param !== undefined && { param: upstream.param }),
    ...paramOf(fault, outer),
    ...(headers && { headers }),
  }
}

/** What the upstream said, when an aggregator hands its body on. */
function upstreamFault(metadata: unknown): ProviderFault | undefined {
  const raw = isRecord(metadata) ? metadata.raw : undefined
  if (typeof raw !== 'string' || !/^\s*[{[]/.test(raw)) return undefined
  try {
    return readFault(parseJson(raw))
  } catch {
    return undefined
  }
}

/** Waits stand in `metadata.headers`, in `metadata.retry_after_seconds` or in `availability.retry_after`. */
function quotedHeaders({
  metadata,
  availability,
}: Record<string, unknown>): Readonly<Record<string, string>> | undefined {
  const headers: Record<string, string> = {}
  const seconds =
    (isRecord(availability) ? availability.retry_after : undefined) ??
    (isRecord(metadata) ? metadata.retry_after_seconds : undefined)
  if (typeof seconds === 'number') headers['retry-after'] = String(seconds)
  const quoted = isRecord(metadata) && isRecord(metadata.headers) ? metadata.headers : {}
  for (const [name, value] of Object.entries(quoted)) {
    if (typeof value === 'string' && name !== '__proto__') headers[name.toLowerCase()] = value
  }
  return Object.keys(headers).length > 0 ? headers : undefined
}

/** FastAPI names the place as a path: `["body", "seed"]`. */
function paramOf(
  fault: Record<string, unknown>,
  outer: Record<string, unknown>,
): { readonly param?: string } {
  const { param } = fault
  if (typeof param === 'string' && param !== '') return { param }
  const first: unknown = Array.isArray(outer.detail) ? outer.detail[0] : undefined
  const place: unknown = isRecord(first) && Array.isArray(first.loc) ? first.loc.at(-1) : undefined
  return typeof place === 'string' ? { param: place } : {}
}

/** True for an answer that is an error although its HTTP status was 200. */
export function holdsFault(body: Readonly<Record<string, unknown>>): boolean {
  if (body.error !== undefined && body.error !== null && body.error !== false) return true
  if (Array.isArray(body.choices)) return false
  return typeof body.message === 'string' || body.detail !== undefined
}

function messageOf(
  inner: unknown,
  fault: Record<string, unknown>,
  outer: Record<string, unknown>,
  upstream: string | undefined,
): string {
  if (typeof inner === 'string') return describeText(inner)
  const own = firstText(fault.message, fault.msg, outer.message, outer.error_description)
  // Aggregators wrap the upstream's text, which is the one that tells what happened.
  const raw = isRecord(fault.metadata) ? fault.metadata.raw : undefined
  const wrapped = upstream || (typeof raw === 'string' && raw !== '' ? raw : undefined)
  if (own !== '') return wrapped === undefined ? own : `${own}: ${wrapped}`
  return wrapped ?? detailText(outer.detail)
}

/** FastAPI's: a text, or a list of `{ loc, msg }`. */
function detailText(detail: unknown): string {
  if (typeof detail === 'string') return describeText(detail)
  if (!Array.isArray(detail)) return isRecord(detail) ? firstText(detail.message, detail.msg) : ''
  return detail
    .slice(0, 5)
    .filter(isRecord)
    .map(({ loc, msg }) => `${Array.isArray(loc) ? `${loc.join('.')}: ` : ''}${String(msg)}`)
    .join('; ')
}

function describeText(text: string): string {
  return /^\s*</.test(text) ? 'a web page instead of JSON; check baseURL and the proxies in between' : text
}

function firstText(...candidates: readonly unknown[]): string {
  return candidates.find((text): text is string => typeof text === 'string' && text !== '') ?? ''
}

function statusOf(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value
  return typeof status === 'number' && status >= 400 && status < 600 ? status : undefined
}
