import {
  createGrouping,
  entryFilter,
  GatewayError,
  type EntryQuery,
  type LedgerEntry,
  type LedgerStore,
} from '@turnout/core'
import { INSERT, readPortions, rowOf, type Row } from './ledger-rows.js'
import { LEDGER_SCHEMA } from './ledger-schema.js'
import { rollBack } from './schema.js'
import { messageOf, openDatabase, type SqliteEngine } from './open-database.js'
import { createWriteBuffer } from './write-buffer.js'

export interface SqliteLedgerOptions {
  /** The file; it is made when there is none, its folder is not. `:memory:` keeps nothing. */
  readonly path: string
  /** Default: `node:sqlite` where this Node has it (22.13 and later), else the package `libsql`. */
  readonly engine?: SqliteEngine
  /** How long an entry waits at most to be written with others, in milliseconds. Default 100. */
  readonly flushAfterMs?: number
  /** Entries that may wait while the file cannot be written; further ones are lost, and told. Default 10,000. */
  readonly maxBuffered?: number
  /**
   * Told when entries cannot be written (once, until it works again) or are lost. Default: a warning of the process.
   */
  readonly onError?: (error: GatewayError) => void
}

export interface SqliteLedger extends LedgerStore {
  flush(): Promise<void>
  close(): Promise<void>
  /**
   * Deletes the entries before a time, which is how a file is kept from growing for ever.
   * @returns how many there were
   */
  forgetBefore(time: Date): Promise<number>
  /** Entries that could not be kept. */
  lost(): number
}

/** Reading and deleting so many at a time, the event loop gets its turn in between. */
const PORTION = 500

/**
 * Keeps the account in a SQLite file: it survives restarts, and several processes may share it. `append` only puts the
 * entry aside; it is written a moment later, with others, in one transaction. What was flushed survives the death of the
 * process; the last `flushAfterMs` before a crash do not.
 *
 * @throws GatewayError `invalid_request` when the file cannot be opened or there is no engine; the message says what to do.
 * @example
 * const ledger = sqliteLedger({ path: './turnout.db' })
 * await ledger.usage({ groupBy: ['tenant', 'month'] })
 */
export function sqliteLedger(options: SqliteLedgerOptions): SqliteLedger {
  const { path, engine, flushAfterMs = 100, maxBuffered = 10_000, onError = warn } = checked(options)
  const database = openDatabase(path, engine, LEDGER_SCHEMA)
  const insert = database.prepare(INSERT)
  let closing: Promise<void> | undefined
  let lost = 0
  let toldLost = false

  const tell = (message: string, cause?: unknown): void => {
    try {
      onError(failure(message, cause))
    } catch {
      // Told from a timer or from the end of a call: neither may fail for it.
    }
  }

  const write = (entries: readonly LedgerEntry[]): void => {
    const rows: Row[] = []
    const wrong: unknown[] = []
    for (const entry of entries) {
      try {
        rows.push(rowOf(entry))
      } catch (cause) {
        wrong.push(cause)
      }
    }
    database.exec('BEGIN IMMEDIATE')
    try {
      for (const row of rows) insert.run(...row)
      database.exec('COMMIT')
    } catch (error) {
      rollBack(database)
      throw error
    }
    toldLost = false
    if (wrong.length === 0) return
    lost += wrong.length
    tell(`the ledger lost ${wrong.length} of ${entries.length} entries, which are none`, wrong[0])
  }

  const buffer = createWriteBuffer<LedgerEntry>({
    write,
    delayMs: flushAfterMs,
    maxItems: maxBuffered,
    onFailure: (cause, waiting) => tell(`the ledger cannot be written, ${waiting} entries wait`, cause),
  })

  const flush = async (): Promise<void> => {
    try {
      await buffer.flush()
    } catch (cause) {
      throw failure('the ledger cannot be written', cause)
    }
  }

  const refuseClosed = (): void => {
    if (closing) throw new GatewayError({ code: 'closed', message: 'the ledger is closed' })
  }

  /** Everything appended so far, in portions. */
  const read = async (query: EntryQuery, take: (entry: LedgerEntry) => void): Promise<void> => {
    refuseClosed()
    await flush()
    refuseClosed()
    for (const portion of readPortions(database, query, PORTION)) {
      for (const entry of portion) take(entry)
      // oxlint-disable-next-line no-await-in-loop -- a turn for others
      await turn()
      refuseClosed()
    }
  }

  return {
    append(entry) {
      if (!closing && buffer.add(entry)) return
      lost++
      if (toldLost) return
      toldLost = true
      const why = closing ? 'it is closed' : `${maxBuffered} entries wait to be written already`
      tell(`the ledger loses entries: ${why}`)
    },
    async entries(query = {}) {
      const isMeant = entryFilter(query)
      const found: LedgerEntry[] = []
      await read(query, (entry) => isMeant(entry) && found.push(entry))
      return found
    },
    async usage(query = {}) {
      const grouping = createGrouping(query)
      await read(query, grouping.add)
      return grouping.rows()
    },
    async flush() {
      if (!closing) await flush()
    },
    async forgetBefore(time) {
      if (Number.isNaN(time.getTime())) throw invalid('time', 'must be a valid Date')
      refuseClosed()
      const forget = database.prepare(
        `DELETE FROM turnout_ledger WHERE rowid IN (SELECT rowid FROM turnout_ledger WHERE at < ? LIMIT ${PORTION})`,
      )
      refuseClosed()
      await flush()
      for (let count = 0; ;) {
        const deleted = Number(forget.run(time.getTime()).changes)
        count += deleted
        if (deleted < PORTION) return count
        // oxlint-disable-next-line no-await-in-loop -- a turn for others
        await turn()
      }
    },
    close() {
      closing ??= flush().finally(() => {
        lost += buffer.stop()
        database.close()
      })
      return closing
    },
    lost: () => lost,
  }
}

const turn = async (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

const warn = (error: GatewayError): void => process.emitWarning(error)

const invalid = (path: string, message: string): GatewayError =>
  new GatewayError({ code: 'invalid_request', path, message: `${path}: ${message}` })

/** The account is no provider; of the closed list this code says best that it may work later. */
const failure = (message: string, cause: unknown): GatewayError =>
  new GatewayError({
    code: 'upstream_error',
    message: cause === undefined ? message : `${message}: ${messageOf(cause)}`,
    cause,
  })

function checked(options: SqliteLedgerOptions): SqliteLedgerOptions {
  const { path, engine, flushAfterMs = 1, maxBuffered = 1 } = options
  if (typeof path !== 'string' || path === '')
    throw invalid('path', 'must be the name of a file, as in "./turnout.db"')
  if (engine !== undefined && engine !== 'node:sqlite' && engine !== 'libsql')
    throw invalid('engine', 'must be "node:sqlite" or "libsql"')
  if (!(flushAfterMs >= 0 && flushAfterMs <= 60_000))
    throw invalid('flushAfterMs', 'must be a number from 0 to 60000')
  if (!Number.isSafeInteger(maxBuffered) || maxBuffered < 1)
    throw invalid('maxBuffered', 'must be a whole number of at least 1')
  return options
}
