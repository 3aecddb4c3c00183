import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A new key and what a server has to know of it. */
export interface CreatedKey {
  /** For its holder alone; it cannot be had again. */
  readonly key: string
  /** For the configuration or the store. */
  readonly sha256: string
}

const BYTES = 32

/**
 * A random key of 256 bits, `tk_…`.
 * @example
 * const { key, sha256 } = createKey()
 * const keys = createKeys([{ id: 'ci', sha256, models: ['fast-summary'] }])
 */
export function createKey(): CreatedKey {
  const key = `tk_${randomBytes(BYTES).toString('base64url')}`
  return { key, sha256: sha256Of(key) }
}

/** In hex. Random keys need no salt and no slow hash: there is nothing to guess. */
export const sha256Of = (key: string): string => hash('sha256', key, 'hex')

/** Whether two digests in hex are the same, in a time that does not tell where they differ. */
export function isSameDigest(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}
