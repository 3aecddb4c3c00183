import { GatewayError, type DeadLetter, type DeadLetterQuery, type DeadLetterStore } from '@turnout/core'
import { DEAD_LETTER_SCHEMA } from './dead-letter-schema.js'
import { distinct } from './ledger-rows.js'
import type { SqlValue } from './database.js'
import { messageOf, openDatabase, type SqliteEngine } from './open-database.js'
import { rollBack } from './schema.js'
import { createWriteBuffer } from './write-buffer.js'

export interface SqliteDeadLettersOptions {
  /** The file; it is made when there is none, its folder is not. It may be the ledger's. `:memory:` keeps nothing. */
  readonly path: string
  /** Default: `node:sqlite` where this Node has it (22.13 and later), else the package `libsql`. */
  readonly engine?: SqliteEngine
  /** Letters at most; the oldest give way. Default 10,000. */
  readonly maxEntries?: number
  /** Bytes of all letters together, as JSON; the oldest give way. Default 256 MiB. */
  readonly maxBytes?: number
  /** Letters that may wait while the file cannot be written; further ones are lost. Default 1,000. */
  readonly maxBuffered?: number
  /** Told when letters cannot be written: once, until it works again. Default: a warning of the process. */
  readonly onError?: (error: GatewayError) => void
}

export interface SqliteDeadLetters extends DeadLetterStore {
  /** Settles when the letter is in the file: from then on it survives the death of the process. */
  add(letter: DeadLetter): Promise<void>
  close(): Promise<void>
  /** Letters that gave way to newer ones, since the file was opened here. */
  dropped(): number
}

interface Waiting {
  readonly row: Row
  readonly settle: (error?: GatewayError) => void
}

const DEFAULT_LIMIT = 100
const INSERT = `INSERT INTO turnout_dead_letters (id, expires_at, model, tenant, code, bytes, letter)
  VALUES (?, ?, ?, ?, ?, ?, ?)`
/** The newest that fit both bounds stay. */
const TRIM = `DELETE FROM turnout_dead_letters WHERE place IN (
  SELECT place FROM (
    SELECT place, ROW_NUMBER() OVER newest AS nth, SUM(bytes) OVER newest AS total
    FROM turnout_dead_letters WINDOW newest AS (ORDER BY place DESC)
  ) WHERE nth > ? OR total > ?)`

/**
 * Keeps dead letters in a SQLite file: they survive restarts and crashes, and several processes may share them. Letters of
 * one turn of the event loop are written together, in one transaction.
 *
 * @throws GatewayError `invalid_request` when the file cannot be opened or there is no engine; the message says what to do.
 * @example
 * createGateway({ providers, routes, deadLetters: { store: sqliteDeadLetters({ path: './turnout.db' }) } })
 */
export function sqliteDeadLetters(options: SqliteDeadLettersOptions): SqliteDeadLetters {
  const { path, engine, maxEntries = 10_000, maxBytes = 256 * 2 ** 20 } = checked(options)
  const { maxBuffered = 1_000, onError = (error) => process.emitWarning(error) } = options
  const database = openDatabase(path, engine, DEAD_LETTER_SCHEMA)
  // What was dropped must not be read out of the file's free pages: it may be a prompt.
  database.exec('PRAGMA secure_delete = ON')
  const insert = database.prepare(INSERT)
  const removeById = database.prepare('DELETE FROM turnout_dead_letters WHERE id = ?')
  const forget = database.prepare('DELETE FROM turnout_dead_letters WHERE expires_at <= ?')
  const measure = database.prepare(
    'SELECT COUNT(*) AS entries, TOTAL(bytes) AS bytes FROM turnout_dead_letters',
  )
  const trim = database.prepare(TRIM)
  /** Added, and not in the file yet. */
  const waiting = new Set<Waiting>()
  let waitingBytes = 0
  let dropped = 0
  let isFlushSoon = false
  let closing: Promise<void> | undefined

  const write = (batch: readonly Waiting[]): void => {
    let gone = 0
    database.exec('BEGIN IMMEDIATE')
    try {
      forget.run(Date.now())
      for (const { row } of batch) {
        removeById.run(row[0])
        insert.run(...row)
      }
      const [kept] = measure.all() as readonly { readonly entries: number; readonly bytes: number }[]
      if (kept && (kept.entries > maxEntries || kept.bytes > maxBytes))
        gone = Number(trim.run(maxEntries, maxBytes).changes)
      database.exec('COMMIT')
    } catch (error) {
      rollBack(database)
      throw error
    }
    dropped += gone
    for (const item of batch) item.settle()
  }

  const buffer = createWriteBuffer<Waiting>({
    write,
    delayMs: 0,
    maxItems: maxBuffered,
    onFailure(cause, count) {
      try {
        onError(failure(`dead letters cannot be written, ${count} wait`, cause))
      } catch {
        // Told from a timer, which must not fail for it.
      }
    },
  })

  const flush = async (): Promise<void> => {
    try {
      await buffer.flush()
    } catch (cause) {
      throw failure('dead letters cannot be written', cause)
    }
  }
  /** With all that this turn of the event loop brings. What fails is tried again by the buffer. */
  const flushSoon = (): void => {
    if (isFlushSoon) return
    isFlushSoon = true
    setImmediate(() => {
      isFlushSoon = false
      if (!closing) flush().catch(() => {})
    })
  }
  const refuseClosed = (): void => {
    if (closing) throw new GatewayError({ code: 'closed', message: 'the dead letter store is closed' })
  }
  /** When all that was added before is in the file. */
  const ready = async (): Promise<void> => {
    refuseClosed()
    await flush()
    refuseClosed()
  }
  const read = (where: readonly (readonly [sql: string, value: SqlValue])[], limit: number) => {
    const sql = where.map(([condition]) => condition).join(' AND ')
    const rows = database
      .prepare(`SELECT letter FROM turnout_dead_letters WHERE ${sql} ORDER BY place DESC LIMIT ?`)
      .all(...where.map(([, value]) => value), limit) as readonly { readonly letter: string }[]
    return rows.map(({ letter }) => JSON.parse(letter) as DeadLetter)
  }

  return {
    async add(letter) {
      refuseClosed()
      const row = rowOf(letter)
      const bytes = row[BYTES]
      if (bytes > maxBytes) throw lost(`it has ${bytes} bytes, and all may have ${maxBytes} (maxBytes)`)
      await new Promise<void>((resolve, reject) => {
        const settle = (error?: GatewayError): void => {
          if (waiting.delete(item)) waitingBytes -= bytes
          if (error) reject(error)
          else resolve()
        }
        const item: Waiting = { row, settle }
        if (waitingBytes + bytes > maxBytes || !buffer.add(item)) {
          reject(lost(`${waiting.size} wait to be written already`))
          return
        }
        waiting.add(item)
        waitingBytes += bytes
        flushSoon()
      })
    },
    async list({ model, tenant, code, limit = DEFAULT_LIMIT }: DeadLetterQuery = {}) {
      await ready()
      const where: [string, SqlValue][] = [['expires_at > ?', Date.now()]]
      if (model !== undefined) where.push(['model = ?', distinct(model)])
      if (tenant !== undefined) where.push(['tenant = ?', distinct(tenant)])
      if (code !== undefined) where.push(['code = ?', code])
      return read(where, limit)
    },
    async get(id) {
      await ready()
      const where = [['expires_at > ?', Date.now()] as const, ['id = ?', distinct(id)] as const]
      return read(where, 1)[0]
    },
    async delete(id) {
      await ready()
      try {
        return Number(removeById.run(distinct(id)).changes) > 0
      } catch (cause) {
        throw failure('the dead letter cannot be dropped', cause)
      }
    },
    close() {
      closing ??= flush().finally(() => {
        buffer.stop()
        for (const { settle } of waiting) settle(lost('its file could not be written'))
        database.close()
      })
      return closing
    },
    dropped: () => dropped,
  }
}

type Row = readonly [
  id: string,
  expiresAt: number,
  model: string,
  tenant: string | null,
  code: string,
  bytes: number,
  letter: string,
]
const BYTES = 5

/** @throws TypeError for what is no letter: the table would not take it, and the others of its batch would wait for ever. */
function rowOf(letter: DeadLetter): Row {
  const { id, expiresAt, model, tenant, error } = letter
  if (![id, model, tenant ?? '', error.code].every((text) => typeof text === 'string'))
    throw new TypeError('id, model, tenant and error.code of a dead letter are text')
  if (!Number.isFinite(expiresAt)) throw new TypeError('expiresAt of a dead letter is a number')
  const text = JSON.stringify(letter)
  const owner = tenant === undefined ? null : distinct(tenant)
  return [distinct(id), expiresAt, distinct(model), owner, error.code, Buffer.byteLength(text), text]
}

/** A file is no provider; of the closed list this code says best that it may work later. */
const failure = (message: string, cause: unknown): GatewayError =>
  new GatewayError({
    code: 'upstream_error',
    message: cause === undefined ? message : `${message}: ${messageOf(cause)}`,
    cause,
  })

const lost = (why: string): GatewayError => failure(`a dead letter is lost: ${why}`, undefined)

const invalid = (path: string, message: string): GatewayError =>
  new GatewayError({ code: 'invalid_request', path, message: `${path}: ${message}` })

function checked(options: SqliteDeadLettersOptions): SqliteDeadLettersOptions {
  const { path, engine } = options
  if (typeof path !== 'string' || path === '')
    throw invalid('path', 'must be the name of a file, as in "./turnout.db"')
  if (engine !== undefined && engine !== 'node:sqlite' && engine !== 'libsql')
    throw invalid('engine', 'must be "node:sqlite" or "libsql"')
  for (const name of ['maxEntries', 'maxBytes', 'maxBuffered'] as const) {
    const value = options[name]
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0))
      throw invalid(name, 'must be a whole number of at least 1')
  }
  return options
}
