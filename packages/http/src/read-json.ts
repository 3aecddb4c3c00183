/** The body of a request as JSON, safe to walk. */
import { isRecord, parseJson } from '@turnout/core/adapter'
import type { SurfaceFault } from './surface-fault.js'

export type JsonRecord = Readonly<Record<string, unknown>>

/** As deep as the gateway takes requests. */
const MAX_DEPTH = 64

/**
 * Own keys named `__proto__` are left out.
 * @throws SurfaceFault for text that is no JSON object, or is nested deeper than 64 levels
 */
export function readJson(text: string): JsonRecord {
  const value = parsed(text)
  if (!isRecord(value)) throw badBody('the body must be a JSON object')
  if (isDeeper(value, MAX_DEPTH))
    throw badBody(`the body is nested deeper than ${MAX_DEPTH} levels; flatten it`)
  return value
}

const BYTE_ORDER_MARK = 0xfeff

function parsed(text: string): unknown {
  try {
    // Some clients write one in front; it is none of the text.
    return parseJson(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text)
  } catch {
    // What the parser says quotes the body.
    throw badBody(text === '' ? 'the body is empty; send a JSON object' : 'the body is not valid JSON')
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const child of Object.values(value)) if (isDeeper(child, levels - 1)) return true
  return false
}

const badBody = (message: string): SurfaceFault => ({ fault: true, status: 400, message })
