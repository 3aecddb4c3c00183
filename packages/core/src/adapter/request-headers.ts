import { GatewayError } from '../errors/gateway-error.js'

export type HeaderFields = Readonly<Record<string, string>>

/** The layers of one request's headers, weakest first; the key's always win. */
export interface HeaderLayers {
  /** What the body and the wanted answer need. */
  readonly kind: 'json' | 'stream' | 'get'
  /** From the protocol, for this request. */
  readonly encoded?: HeaderFields | undefined
  /** From the provider's `defaults` in the gateway's config. */
  readonly defaults?: HeaderFields | undefined
  readonly credentials?: HeaderFields | undefined
  readonly idempotencyKey?: string | undefined
}

/** Names and values in turn, ready for the transport. */
export type HeaderSource = (layers: HeaderLayers) => readonly string[]

const KINDS: Readonly<Record<HeaderLayers['kind'], HeaderFields>> = {
  json: { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'turnout' },
  stream: {
    'content-type': 'application/json',
    accept: 'text/event-stream, application/json',
    'user-agent': 'turnout',
  },
  get: { accept: 'application/json', 'user-agent': 'turnout' },
}

/** The transport frames the message; these would break it or leave the origin. */
const RESERVED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const NOBODY: HeaderFields = {}

interface Memo {
  readonly defaults: HeaderFields | undefined
  readonly flat: readonly string[]
}

/**
 * Puts the headers of requests together: names are merged whatever their case, values checked once. What does not
 * change between calls is kept.
 *
 * @param adapter headers that the adapter always sends
 * @param host the host's own, which win over the adapter's
 * @throws GatewayError `invalid_request` with path, at once and from the source
 */
export function createHeaderSource(
  adapter: HeaderFields | undefined,
  host: HeaderFields | undefined,
  idempotencyHeader: string | undefined,
): HeaderSource {
  checkHeaders(host, 'headers')
  /** By credentials: several keys may take turns. */
  const memos = new WeakMap<HeaderFields, Partial<Record<HeaderLayers['kind'], Memo>>>()

  const merge = ({ kind, encoded, defaults, credentials }: HeaderLayers): string[] => {
    checkHeaders(defaults, 'defaults.headers')
    const fields = new Map<string, string>()
    for (const layer of [KINDS[kind], adapter, encoded, host, defaults, credentials]) {
      if (layer) for (const name of Object.keys(layer)) fields.set(name.toLowerCase(), layer[name] as string)
    }
    return [...fields].flat()
  }

  return (layers) => {
    const { kind, encoded, defaults, credentials, idempotencyKey } = layers
    let flat: readonly string[]
    if (encoded) flat = merge(layers)
    else {
      const owner = credentials ?? NOBODY
      const own = memos.get(owner) ?? {}
      const memo = own[kind]
      if (memo && memo.defaults === defaults) flat = memo.flat
      else {
        flat = merge(layers)
        own[kind] = { defaults, flat }
        memos.set(owner, own)
      }
    }
    if (idempotencyKey === undefined || idempotencyHeader === undefined || kind === 'get') return flat
    checkHeader(idempotencyHeader, idempotencyKey, 'idempotencyKey')
    return [...flat, idempotencyHeader, idempotencyKey]
  }
}

function checkHeaders(fields: HeaderFields | undefined, path: string): void {
  if (fields === undefined) return
  if (typeof fields !== 'object' || fields === null) throw invalidHeader(path, 'must be an object of strings')
  for (const name of Object.keys(fields)) {
    const place = `${path}.${name.slice(0, 64)}`
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) throw invalidHeader(place, 'is not a valid header name')
    if (RESERVED.has(name.toLowerCase())) throw invalidHeader(place, 'is set by the transport: leave it out')
    checkHeader(name, fields[name], place)
  }
}

/** Never quotes the value: it may be a secret. */
function checkHeader(name: string, value: unknown, path: string): void {
  if (typeof value !== 'string') throw invalidHeader(path, 'must be a string')
  if (/[\r\n\0]/.test(value))
    throw invalidHeader(path, `must not contain a line break or NUL (header ${name})`)
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    throw invalidHeader(path, `contains characters that cannot stand in a header (${name}): encode them`)
  }
}

function invalidHeader(path: string, rule: string): GatewayError {
  return new GatewayError({ code: 'invalid_request', message: `${path} ${rule}`, path })
}
