import type { SurfaceRequest } from '../exchange.js'
import type { SurfaceFault } from '../surface-fault.js'
import { isSameDigest, sha256Of } from './create-key.js'

/** Longer than any key, and short enough to be hashed for everybody. */
const MAX_CHARS = 512
const BEARER = /^bearer +([\x21-\x7e]+) *$/i

/**
 * The SHA-256 of the key that a request carries, in whatever header its client knows of; several must hold the same.
 * @throws SurfaceFault 401
 */
export function readCredential(request: SurfaceRequest): string {
  let digest: string | undefined
  const authorization = request.header('authorization')
  if (authorization !== undefined) {
    const key = BEARER.exec(authorization)?.[1]
    if (key === undefined) throw refusal('the header authorization must be "Bearer" and the API key')
    digest = digestOf(key)
  }
  for (const name of ['x-api-key', 'api-key']) {
    const key = request.header(name)
    if (key === undefined) continue
    const other = digestOf(key)
    if (digest !== undefined && !isSameDigest(digest, other))
      throw refusal('the request carries several API keys; send one')
    digest = other
  }
  if (digest === undefined)
    throw refusal('an API key is needed, as authorization: Bearer …, x-api-key or api-key')
  return digest
}

/** One answer for all keys that are not good: it does not tell that there once was such a key. */
export const invalidKey = (): SurfaceFault => refusal('the API key is not valid')

function digestOf(key: string): string {
  if (key.length > MAX_CHARS) throw invalidKey()
  return sha256Of(key)
}

const refusal = (message: string): SurfaceFault => ({ fault: true, status: 401, message })
