/** How entries lie in the table, and how they are found there. */
import type { EntryQuery, LedgerEntry } from '@turnout/core'
import type { Database, SqlValue } from './database.js'

export type Row = readonly SqlValue[]

export const INSERT = `INSERT INTO turnout_ledger (id, at, provider, model, route, tenant, entry)
  VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`

/** @throws TypeError for what is no entry: the table would not take it, or it could not be read again. */
export function rowOf(entry: LedgerEntry): Row {
  const { id, at, provider, model, route, tenant } = entry
  if (![id, provider, model, route ?? '', tenant ?? ''].every((text) => typeof text === 'string'))
    throw new TypeError('id, provider, model, route and tenant of an entry are text')
  if (!Number.isFinite(at)) throw new TypeError('the time of an entry is a number')
  return [distinct(id), at, provider, model, route ?? null, tenant ?? null, JSON.stringify(entry)]
}

/** Half surrogates would all become the same sign in the file, and two ids one. */
export const distinct = (id: string): string => (id.isWellFormed() ? id : JSON.stringify(id))

/**
 * The entries that a query may mean, some at a time in the order of `at`. What the columns cannot tell exactly, such as
 * tags, is left to the reader.
 */
export function* readPortions(
  database: Database,
  { from, to, provider, model, route, tenant }: EntryQuery,
  size: number,
): Generator<readonly LedgerEntry[]> {
  const conditions: (readonly [sql: string, value: SqlValue | undefined])[] = [
    ['at >= ?', from?.getTime()],
    ['at < ?', to?.getTime()],
    ['provider = ?', provider],
    ['model = ?', model],
    ['route = ?', route],
    ['tenant = ?', tenant],
  ]
  const given = conditions.filter(([, value]) => value !== undefined)
  const where = [...given.map(([sql]) => sql), '(at, rowid) > (?, ?)'].join(' AND ')
  const statement = database.prepare(
    `SELECT rowid AS place, at, entry FROM turnout_ledger WHERE ${where} ORDER BY at, rowid LIMIT ${size}`,
  )
  const values = given.map(([, value]) => value as SqlValue)
  let [at, place] = [-Number.MAX_VALUE, 0]
  for (;;) {
    const rows = statement.all(...values, at, place) as readonly FoundRow[]
    if (rows.length > 0) yield rows.map(({ entry }) => JSON.parse(entry) as LedgerEntry)
    const last = rows.at(-1)
    if (!last || rows.length < size) return
    ;({ at, place } = last)
  }
}

interface FoundRow {
  readonly place: number
  readonly at: number
  readonly entry: string
}
