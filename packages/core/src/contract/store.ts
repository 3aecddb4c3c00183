/** A place for what must outlive a call: caches, ledgers, dead letters. */

/** Keys are opaque strings; values are JSON-safe. Every method may be called concurrently. */
export interface Store {
  get(key: string): Promise<unknown>
  /** @param ttlMs how long the entry lives; absent means until it is evicted or deleted. */
  set(key: string, value: unknown, ttlMs?: number): Promise<void>
  delete(key: string): Promise<void>
  close?(): Promise<void>
}
