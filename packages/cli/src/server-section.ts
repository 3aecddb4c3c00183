/** What a configuration says under `server`. */
import { GatewayError } from '@turnout/core'
import { createKeys, type ServeOptions, type VirtualKey } from '@turnout/http'

/** Read once, when the server starts, save for `keys`. */
export interface ServerSection extends Omit<ServeOptions, 'port' | 'keys' | 'logger'> {
  readonly port?: number
  /** Absent: nobody needs one. */
  readonly keys?: readonly VirtualKey[]
  /** How long running requests may take to end when the server is stopped, in milliseconds. Default 10,000. */
  readonly drainMs?: number
}

const KINDS = {
  port: 'number',
  host: 'string',
  keys: 'object',
  drainMs: 'number',
  detail: 'string',
  keepAliveMs: 'number',
  rememberedResponses: 'number',
  anthropicBetas: 'object',
  basePath: 'string',
  origins: 'object',
  maxBodyBytes: 'number',
  metrics: 'boolean',
  maxConnections: 'number',
  maxHeaderBytes: 'number',
  headersTimeoutMs: 'number',
  requestTimeoutMs: 'number',
  idleTimeoutMs: 'number',
} as const satisfies Partial<Record<keyof ServerSection, string>>

/**
 * @param given what stands under `server`; `undefined` for nothing
 * @throws GatewayError `invalid_request` whose path begins with `server`
 */
export function readServerSection(given: unknown): ServerSection {
  if (given === undefined) return {}
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw invalid('server', 'must be a map of names and values')
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(KINDS, name))
      throw invalid(
        `server.${name}`,
        `is no option of the server; there are ${Object.keys(KINDS).join(', ')}`,
      )
    const kind = KINDS[name as keyof typeof KINDS]
    if (typeof value !== kind || value === null)
      throw invalid(`server.${name}`, `must be ${kind === 'object' ? 'a list' : `a ${kind}`}`)
  }
  const section = given as ServerSection
  if (section.drainMs !== undefined && !(section.drainMs >= 0))
    throw invalid('server.drainMs', 'must be a number of milliseconds')
  if (section.keys) checkKeys(section.keys)
  return section
}

function checkKeys(keys: readonly VirtualKey[]): void {
  try {
    createKeys(keys)
  } catch (error) {
    const { path = 'keys', message } = error as GatewayError
    throw invalid(`server.${path}`, message.slice(path.length + 2))
  }
}

const invalid = (path: string, message: string): GatewayError =>
  new GatewayError({ code: 'invalid_request', path, message: `${path}: ${message}` })
