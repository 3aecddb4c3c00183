import { GatewayError, isGatewayError } from '../errors/gateway-error.js'
import { formatPath, type Path } from './describe-issue.js'

const MAX_DEPTH = 64
const MAX_READS = 10_000

/** Runs a check of `input`. Getters may throw and proxies may lie: whatever escapes becomes an `invalid_request`. */
export function guardReading<T>(input: unknown, base: Path, check: () => T, whole = 'request'): T {
  try {
    return check()
  } catch (error) {
    if (isGatewayError(error)) throw error
    const path = formatPath(throwingPath(input, base) ?? base) || whole
    throw new GatewayError({
      code: 'invalid_request',
      path,
      message: `${path}: reading it threw an error; pass plain data, without getters or proxies`,
      cause: error,
    })
  }
}

/** The first place that cannot be read. Only after a failure, so it may look at everything. */
function throwingPath(value: unknown, path: Path, budget = { reads: MAX_READS }): Path | undefined {
  if (typeof value !== 'object' || value === null || path.length > MAX_DEPTH) return undefined
  let keys: readonly string[]
  try {
    keys = Object.keys(value)
  } catch {
    return path
  }
  for (const key of keys) {
    if (budget.reads-- <= 0) return undefined
    const inner = [...path, Array.isArray(value) ? Number(key) : key]
    let child: unknown
    try {
      child = (value as Record<string, unknown>)[key]
    } catch {
      return inner
    }
    const found = throwingPath(child, inner, budget)
    if (found) return found
  }
  return undefined
}
