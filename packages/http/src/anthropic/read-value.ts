/** Readers of a body whose shape nobody has checked yet; what they refuse names the place. */
import { isRecord } from '@turnout/core/adapter'
import type { JsonRecord } from '../read-json.js'
import { refuse } from '../surface-fault.js'

/** Anthropic's clients send `null` for what they do not say. */
export const isGiven = <Value>(value: Value | null | undefined): value is Value =>
  value !== undefined && value !== null

export function recordIn(value: unknown, path: string): JsonRecord {
  if (!isRecord(value)) throw refuse(path, 'must be an object')
  return value
}

export function textIn(value: unknown, path: string): string {
  if (typeof value !== 'string') throw refuse(path, 'must be a string')
  return value
}

export function listIn(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw refuse(path, 'must be a list')
  return value
}

/** The fields that are given and not among the names. */
export function otherFields(
  record: JsonRecord,
  names: ReadonlySet<string>,
): Record<string, unknown> | undefined {
  let others: Record<string, unknown> | undefined
  for (const name in record) {
    if (names.has(name) || !isGiven(record[name])) continue
    others ??= {}
    others[name] = record[name]
  }
  return others
}
