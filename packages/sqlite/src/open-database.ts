/** One face for the two engines: `node:sqlite` where Node has it, else the package `libsql`. Both are synchronous. */
import { createRequire } from 'node:module'
import { GatewayError } from '@turnout/core'
import type { Database } from './database.js'
import { prepareSchema, type Schema } from './schema.js'

export type SqliteEngine = 'node:sqlite' | 'libsql'
type DatabaseClass = new (path: string) => Database

/** How long opening waits for another process that holds the file, in milliseconds. */
const OPEN_WAIT_MS = 2_000
/** The same for everything later: waiting blocks the event loop, and a write is tried again anyway. */
const WAIT_MS = 50

/**
 * Opens a file in WAL mode: readers and one writer do not wait for each other, and what was committed survives the
 * death of the process. (A power cut may take the last moments, but never breaks the file.)
 *
 * @param schema of the tables that have to be there; when they cannot be, the file is closed again
 * @throws GatewayError `invalid_request`
 */
export function openDatabase(path: string, engine: SqliteEngine | undefined, schema?: Schema): Database {
  const DatabaseOfEngine = loadEngine(engine)
  let database: Database | undefined
  try {
    database = new DatabaseOfEngine(path)
    database.exec(`PRAGMA busy_timeout = ${OPEN_WAIT_MS}`)
    database.prepare('PRAGMA journal_mode = WAL').all()
    database.exec('PRAGMA synchronous = NORMAL')
    if (schema) prepareSchema(database, schema)
    database.exec(`PRAGMA busy_timeout = ${WAIT_MS}`)
    return database
  } catch (cause) {
    database?.close()
    if (cause instanceof GatewayError) throw cause
    throw new GatewayError({
      code: 'invalid_request',
      path: 'path',
      message: `path: cannot open ${JSON.stringify(path)} as a ${schema?.part ?? 'database'}: ${messageOf(cause)}; ${remedyFor(cause)}`,
      cause,
    })
  }
}

export const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

function remedyFor(cause: unknown): string {
  const message = messageOf(cause)
  if (/not a database|malformed/i.test(message)) return 'name a new file, or one that this store has written'
  if (/locked|busy/i.test(message)) return 'another process holds it: close that one, or try again'
  if (/readonly|read-only/i.test(message))
    return 'the file or its folder cannot be written: mend its permissions'
  return 'the folder must exist, and both must be writable'
}

function loadEngine(engine: SqliteEngine | undefined): DatabaseClass {
  const found =
    engine === undefined ? (nodeSqlite() ?? libsql()) : engine === 'libsql' ? libsql() : nodeSqlite()
  if (found) return found
  const path = 'engine'
  const lacksOwn = `Node ${process.version} has no node:sqlite`
  const message =
    engine === 'libsql'
      ? 'engine: the package libsql is not installed; run "npm install libsql"'
      : engine === 'node:sqlite'
        ? `engine: ${lacksOwn}; use Node 22.13 or later, or leave the engine out and run "npm install libsql"`
        : `engine: ${lacksOwn}, and the package libsql is not installed; run "npm install libsql" or use Node 22.13 or later`
  throw new GatewayError({ code: 'invalid_request', path, message })
}

/** Not an import: bundlers and old Nodes would stumble over the name. */
function nodeSqlite(): DatabaseClass | undefined {
  const found = process.getBuiltinModule('node:sqlite') as
    { readonly DatabaseSync: DatabaseClass } | undefined
  return found?.DatabaseSync
}

function libsql(): DatabaseClass | undefined {
  try {
    return createRequire(import.meta.url)('libsql') as DatabaseClass
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined
    throw cause
  }
}
