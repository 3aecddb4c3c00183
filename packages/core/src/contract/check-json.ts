import { formatPath, invalidRequest } from './describe-issue.js'

const MAX_DEPTH = 64

/** Refuses what JSON cannot carry (functions, BigInt, symbols, cycles, more than 64 levels) in a caller's own object. */
export function checkJson(value: unknown, path: readonly PropertyKey[]): void {
  if (path.length > MAX_DEPTH + 8) {
    throw invalidRequest(formatPath(path.slice(0, 8)), `is nested deeper than ${MAX_DEPTH} levels or refers to itself; flatten it`)
  }
  switch (typeof value) {
    case 'bigint':
    case 'function':
    case 'symbol':
      throw invalidRequest(formatPath(path), `is a ${typeof value}, which JSON cannot carry; convert it to a string or number`)
    case 'number':
      if (!Number.isFinite(value)) throw invalidRequest(formatPath(path), `is ${value}, which JSON cannot carry; use a finite number`)
      return
    case 'object': {
      if (value === null) return
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) checkJson(value[i], [...path, i])
        return
      }
      for (const key of Object.keys(value)) checkJson((value as Record<string, unknown>)[key], [...path, key])
      return
    }
    default:
  }
}
