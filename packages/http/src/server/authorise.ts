import type { RequestOptions } from '@turnout/core'
import type { Authorise, Caller, Endpoint, SurfaceRequest } from '../exchange.js'
import type { SurfaceFault } from '../surface-fault.js'
import { isSameDigest } from './create-key.js'
import { callerOf, isValid, mayReach } from './key-scope.js'
import { invalidKey, readCredential } from './read-credential.js'
import type { KeyStore, VirtualKey } from './virtual-key.js'

const UNKNOWN = '0'.repeat(64)

/** A caller, and the hash of the key that it showed; none where none is asked for. */
export interface Grant {
  readonly caller: Caller
  readonly sha256?: string
}

/** Decides for every endpoint and every header form. */
export type Gate = (request: SurfaceRequest, endpoint: Endpoint) => Grant | Promise<Grant>

/**
 * @param keys without them everybody may do everything
 * @param held hold for every call, save where its key says otherwise
 */
export function createGate(keys: KeyStore | undefined, held: RequestOptions = {}): Gate {
  const everybody: Grant = { caller: { options: held, mayUse: () => true } }
  if (!keys) return () => everybody
  const callers = new WeakMap<VirtualKey, Caller>()

  const decide = (key: VirtualKey | undefined, sha256: string, endpoint: Endpoint): Grant => {
    // Compared also where nothing was found, and again where something was: a store may look up loosely.
    const isThisKey = isSameDigest(key?.sha256 ?? UNKNOWN, sha256)
    if (!key || !isThisKey || !isValid(key, Date.now())) throw invalidKey()
    if (!mayReach(key, endpoint))
      throw fault(403, `this API key is not for ${endpoint.method} ${endpoint.path}`)
    let caller = callers.get(key)
    if (!caller) callers.set(key, (caller = within(held, callerOf(key))))
    return { caller, sha256 }
  }

  return (request, endpoint) => {
    if (endpoint.isOpen === true) return everybody
    const sha256 = readCredential(request)
    let found
    try {
      found = keys.find(sha256)
    } catch {
      throw unavailable()
    }
    if (!(found instanceof Promise)) return decide(found, sha256, endpoint)
    return found.then(
      (key) => decide(key, sha256, endpoint),
      () => {
        throw unavailable()
      },
    )
  }
}

const within = (held: RequestOptions, caller: Caller): Caller => ({
  ...caller,
  options: { ...held, ...caller.options, tags: { ...held.tags, ...caller.options.tags } },
})

/**
 * Asks for keys where there is no server, as with `createFetch` in Hono or Next. Streams that are open go on when their
 * key is revoked; those of `serve` and `nodeHandler` end.
 * @example
 * const handle = createFetch(gateway, { authorise: authoriseBy(keys) })
 */
export function authoriseBy(keys: KeyStore): Authorise {
  const gate = createGate(keys)
  return (request, endpoint) => {
    const granted = gate(request, endpoint)
    return granted instanceof Promise ? granted.then(({ caller }) => caller) : granted.caller
  }
}

const unavailable = (): SurfaceFault => fault(503, 'API keys cannot be checked at the moment; try again')
const fault = (status: SurfaceFault['status'], message: string): SurfaceFault => ({
  fault: true,
  status,
  message,
})
