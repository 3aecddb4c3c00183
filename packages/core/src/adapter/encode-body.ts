import { GatewayError } from '../errors/gateway-error.js'

/**
 * The body as JSON text.
 *
 * @param request what the caller gave, in whose words the error names the place
 * @throws GatewayError `invalid_request` with the path of the first value that JSON cannot hold
 */
export function encodeBody(body: object, request: object): string {
  try {
    return JSON.stringify(body)
  } catch (cause) {
    const found = findUnserialisable(request)
    throw new GatewayError({
      code: 'invalid_request',
      message: `${found?.path || 'the request'} cannot be sent as JSON: ${found?.why ?? 'a value in it throws'}`,
      path: found?.path || undefined,
      // The native message names properties only; still, what it quotes is the caller's.
      cause: found ? undefined : cause,
    })
  }
}

interface Unserialisable {
  readonly path: string
  readonly why: string
}

function findUnserialisable(
  value: unknown,
  path = '',
  above: readonly object[] = [],
): Unserialisable | undefined {
  if (typeof value === 'bigint') return { path, why: 'it is a BigInt; use a number or a string' }
  if (typeof value !== 'object' || value === null) return undefined
  if (above.includes(value)) return { path, why: 'it refers to an object that contains it' }
  if (above.length > 200) return { path, why: 'it is nested too deeply' }
  const parents = [...above, value]
  for (const key of Object.keys(value)) {
    const place = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
    let inner: unknown
    try {
      inner = (value as Record<string, unknown>)[key]
    } catch {
      return { path: place, why: 'its getter throws' }
    }
    const found = findUnserialisable(inner, place, parents)
    if (found) return found
  }
  return undefined
}
