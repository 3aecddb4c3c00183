import { GatewayError } from '@turnout/core'
import { createKey, type CreatedKey } from './create-key.js'
import { beyond, isValid, narrowed } from './key-scope.js'
import { readKeys } from './read-keys.js'
import type { KeyScope, KeyStore, VirtualKey } from './virtual-key.js'

/** Keys in the memory of this process. */
export interface Keys extends KeyStore {
  find(sha256: string): VirtualKey | undefined
  /**
   * Makes a key and keeps its hash. With `from`, the id of another key, it gets no more than that one has: what it leaves
   * open is as that one has it, its calls count under the same account, and it is revoked with it.
   * @throws GatewayError `permission` for more than that, `not_found` for a key to make it from that is none,
   *   `invalid_request` for an id that is taken
   */
  create(scope: KeyScope & { readonly id: string }, from?: string): CreatedKey
  /**
   * Refuses a key, and all that were made from it, at once; streams it has open end within a second.
   * @returns whether there was such a key
   */
  revoke(id: string): boolean
  /**
   * The keys as a configuration has them now, in place of all there are.
   * @throws GatewayError `invalid_request`; then nothing has changed
   */
  replace(keys: readonly VirtualKey[]): void
}

/**
 * Keeps keys in memory, by their hashes alone.
 * @param keys as a configuration lists them
 * @throws GatewayError `invalid_request` for a key that is not well described
 * @example
 * const keys = createKeys()
 * const { key } = keys.create({ id: 'ci', models: ['fast-summary'], tenant: 'build' })
 * await serve(gateway, { port: 8080, host: '0.0.0.0', keys })
 * keys.revoke('ci')
 */
export function createKeys(keys: readonly VirtualKey[] = []): Keys {
  let bySha256 = new Map<string, VirtualKey>()
  let byId = new Map<string, VirtualKey>()

  const keep = (key: VirtualKey): void => {
    bySha256.set(key.sha256, key)
    byId.set(key.id, key)
  }

  const replace = (given: readonly VirtualKey[]): void => {
    const read = readKeys(given, 'keys')
    bySha256 = new Map()
    byId = new Map()
    for (const key of read) keep(key)
  }
  replace(keys)

  const revoke = (id: string): boolean => {
    const key = byId.get(id)
    if (!key) return false
    keep({ ...key, revoked: true })
    for (const { id: child, parent } of byId.values()) {
      if (parent === id && byId.get(child)?.revoked !== true) revoke(child)
    }
    return true
  }

  return {
    find: (sha256) => bySha256.get(sha256),
    create(scope, from) {
      const created = createKey()
      const { id } = scope
      if (byId.has(id))
        throw new GatewayError({ code: 'invalid_request', path: 'id', message: `id: there is a key "${id}"` })
      const parent = from === undefined ? undefined : parentOf(byId.get(from), from, scope)
      const [key] = readKeys(
        [
          {
            ...scope,
            ...(parent && {
              ...narrowed(scope, parent),
              parent: parent.id,
              account: parent.account ?? parent.id,
            }),
            sha256: created.sha256,
          },
        ],
        'keys',
      )
      if (key) keep(key)
      return created
    },
    revoke,
    replace,
  }
}

function parentOf(parent: VirtualKey | undefined, id: string, scope: KeyScope): VirtualKey {
  if (!parent || !isValid(parent, Date.now()))
    throw new GatewayError({ code: 'not_found', message: `from: there is no valid key "${id}"` })
  const more = beyond(scope, parent)
  if (more.length > 0)
    throw new GatewayError({
      code: 'permission',
      message: `${more.join(', ')}: is more than the key "${id}" has, which this one is made from`,
    })
  return parent
}
