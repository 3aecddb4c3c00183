/** Tables of one store, made and brought up to date. */
import { GatewayError } from '@turnout/core'
import type { Database } from './database.js'

export interface Schema {
  /** What keeps it, as it is called in messages. Stands in the file. */
  readonly part: 'ledger' | 'dead letter store'
  /**
   * Each step leads from one version of the schema to the next, from nothing to 1 first. Steps that were released are
   * never changed.
   */
  readonly migrations: readonly string[]
}

const VERSION_TABLE = `CREATE TABLE IF NOT EXISTS turnout_schema (part TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL)`

/**
 * Brings its part of a database to the newest schema, in one transaction; the version has a table of its own, so that the
 * file may hold other tables too.
 *
 * @throws GatewayError `invalid_request` for a file that a later version of this package has written.
 */
export function prepareSchema(database: Database, { part, migrations }: Schema): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec(VERSION_TABLE)
    const version = versionOf(database, part)
    if (version > migrations.length) throw tooNew(part, version, migrations.length)
    for (const step of migrations.slice(version)) database.exec(step)
    database
      .prepare(
        `INSERT INTO turnout_schema VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET version = excluded.version`,
      )
      .run(part, migrations.length)
    database.exec('COMMIT')
  } catch (error) {
    rollBack(database)
    throw error
  }
}

/** After some faults, such as a full disk, SQLite has done so already. */
export function rollBack(database: Database): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // The fault that led here is the one to tell.
  }
}

function versionOf(database: Database, part: Schema['part']): number {
  const [row] = database.prepare('SELECT version FROM turnout_schema WHERE part = ?').all(part)
  return (row as { readonly version: number } | undefined)?.version ?? 0
}

function tooNew(part: Schema['part'], version: number, known: number): GatewayError {
  return new GatewayError({
    code: 'invalid_request',
    path: 'path',
    message: `path: the ${part} was written by a later version of @turnout/sqlite (schema ${version}, this one knows ${known}); update the package, or name another file`,
  })
}
