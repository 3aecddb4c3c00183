import type { Dispatcher } from 'undici'
import type { AnswerBounds } from './answer-bounds.js'

/**
 * A key, a list of keys, or a function asked before each attempt. A gateway spreads its attempts over a list, by what is
 * left of each key's limits and by what is under way; one that is refused, used up or rate limited is left alone for a
 * while, and the call goes on with another.
 */
export type ApiKey = string | readonly string[] | (() => string | Promise<string>)

/** What every adapter factory takes. Adapters add options of their own. */
export interface AdapterOptions {
  /** Default: the provider's environment variable, read at first use. A missing key fails at first use, not before. */
  readonly apiKey?: ApiKey
  /**
   * Replaces the provider's base URL, for proxies, regions and compatible servers: everything before the path of the
   * endpoint, such as `https://llm.example/v1`.
   */
  readonly baseURL?: string
  /** Sent with every request; they win over the adapter's own, except for the credentials. */
  readonly headers?: Readonly<Record<string, string>>
  /** All traffic of this adapter goes through it. Without it the built-in undici transport is used. */
  readonly fetch?: typeof globalThis.fetch
  /** An undici dispatcher (proxy agent, mock agent, custom pools) for the built-in transport. */
  readonly dispatcher?: Dispatcher
  /** Further model ids of yours to list beside the known ones. */
  readonly models?: readonly string[]
  /** How large this adapter's answers may be, where its defaults do not fit. */
  readonly bounds?: AnswerBounds
}
