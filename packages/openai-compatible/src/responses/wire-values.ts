/** Readers for values that come from outside: a server may send anything where its types promise something. */
import { isRecord } from '@turnout/core/adapter'

/** The objects of a list; anything else in it, or in place of it, counts for nothing. */
export function recordsIn<Item extends object>(list: readonly Item[] | null | undefined): readonly Item[] {
  return Array.isArray(list) ? (list as readonly Item[]).filter((item) => isRecord(item)) : []
}

export function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
