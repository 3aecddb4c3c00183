/** Keys of your own for those who call the server. A key itself is kept by nobody but its holder. */

/** What a key may do, and what holds for every call made with it. */
export interface KeyScope {
  /** Routes and models as requests name them; a `*` at the end stands for any ending: `openai/*`. Default: all. */
  readonly models?: readonly string[]
  /**
   * Whether requests may carry fields of a provider's own (`provider_options`, tools that Anthropic runs), which nobody
   * checks: they can name other models, replace what was checked and cost more. Default: only where `models` is absent.
   */
  readonly providerOptions?: boolean
  /** Paths of endpoints, with a `*` at the end for all below. Default `['/v1/*']`, which leaves out `/metrics`. */
  readonly endpoints?: readonly string[]
  /** Of every call. Without it a request may name its own. */
  readonly tenant?: string
  /** Of every call; a request cannot change them. The tag `key` is the key's `account`. */
  readonly tags?: Readonly<Record<string, string>>
  /** From then on it is refused: ISO 8601, with its time zone. Default: never. */
  readonly expiresAt?: string
}

export interface VirtualKey extends KeyScope {
  /** Its name: for logs and for revoking it. */
  readonly id: string
  /** Of the key, in hex. */
  readonly sha256: string
  /** What limits and budgets by the tag `key` count it under. Default: its `id`; a key made from another has that one's. */
  readonly account?: string
  /** The key it was made from, and is revoked with. */
  readonly parent?: string
  readonly revoked?: boolean
}

/**
 * Finds keys. `createKeys` keeps them in memory; one of your own may ask a database.
 * @example
 * const keys: KeyStore = { find: (sha256) => database.keys.findOne({ sha256 }) }
 */
export interface KeyStore {
  /**
   * Asked for every request, and about twice a second for those whose answers are streaming: keep it quick. When it
   * throws, new requests are refused with 503.
   */
  find(sha256: string): VirtualKey | undefined | Promise<VirtualKey | undefined>
}
