import { GatewayError, type Logger, type RequestOptions } from '@turnout/core'
import { isRecord } from '@turnout/core/adapter'
import type { SurfaceOptions } from '../surface-options.js'
import type { KeyStore } from './virtual-key.js'

export interface HandlerOptions extends SurfaceOptions {
  /** What a client is told beside the answer. Default here: `brief`. */
  readonly detail?: SurfaceOptions['detail']
  /** Default here: 15,000. */
  readonly keepAliveMs?: number
  /** Who may do what. Default: everybody may do everything. */
  readonly keys?: KeyStore
  /** Hold for every call, over what the request asks for: the tenant, tags, clocks. What a key says holds over them. */
  readonly options?: RequestOptions
  /** Where the handler is mounted, for frameworks that leave that in the address: `/llm`. Default: at the root. */
  readonly basePath?: string
  /** Web pages that may ask from a browser, as `https://app.example.com`. Default: none. */
  readonly origins?: readonly string[]
  /** Of a request. Default 10 MiB. */
  readonly maxBodyBytes?: number
  /** Hears of faults of the server itself. Default: silent. */
  readonly logger?: Logger
}

export const DEFAULT_KEEP_ALIVE_MS = 15_000
export const DEFAULT_MAX_BODY_BYTES = 10 * 1_024 * 1_024

/** @throws GatewayError `invalid_request` */
export function checkHandlerOptions({
  keys,
  options,
  basePath,
  origins,
  maxBodyBytes,
}: HandlerOptions): void {
  // A list has a find() too, and it is not this one.
  if (keys !== undefined && (Array.isArray(keys) || typeof (keys as KeyStore | null)?.find !== 'function'))
    throw invalidOption('keys', 'must be what createKeys gives, or an object with find(sha256)')
  if (options !== undefined && !isRecord(options))
    throw invalidOption('options', 'must be options of a call, as in { tenant: "shop" }')
  if (basePath !== undefined && !/^(?:\/[^/?#]+)*$/.test(basePath))
    throw invalidOption('basePath', 'must begin with a slash and end without one, as in "/llm"')
  if (origins !== undefined && !(Array.isArray(origins) && origins.every(isOrigin)))
    throw invalidOption('origins', 'must be a list as in ["https://app.example.com"]; there is no "*"')
  if (maxBodyBytes !== undefined && !(Number.isSafeInteger(maxBodyBytes) && maxBodyBytes > 0))
    throw invalidOption('maxBodyBytes', 'must be a whole number above 0')
}

const isOrigin = (value: unknown): boolean =>
  typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value

export const invalidOption = (path: string, message: string): GatewayError =>
  new GatewayError({ code: 'invalid_request', path, message: `${path}: ${message}` })
