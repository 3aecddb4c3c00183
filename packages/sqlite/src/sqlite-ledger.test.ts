import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isGatewayError, type GatewayError, type LedgerEntry } from '@turnout/core'
import { afterAll, describe, expect, it } from 'vitest'
import { engines } from '../test/engines.js'
import { LEDGER_SCHEMA } from './ledger-schema.js'
import { prepareSchema } from './schema.js'
import { openDatabase } from './open-database.js'
import { sqliteLedger, type SqliteLedgerOptions } from './sqlite-ledger.js'

const folder = mkdtempSync(join(tmpdir(), 'turnout-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const newPath = (): string => join(folder, `ledger-${++files}.db`)

const entry = (id: string, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  id,
  requestId: id,
  at: 1_000,
  call: 'chat',
  kind: 'first',
  outcome: 'ok',
  route: null,
  provider: 'openai',
  model: 'gpt-4.1',
  tokens: { freshInput: 1, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0, output: 1, reasoning: 0 },
  estimated: false,
  costUsd: 0.1,
  providerCostUsd: null,
  listCostUsd: 0.1,
  priceVersion: null,
  durationMs: 10,
  ...more,
})

const faultOf = (options: object): GatewayError => {
  try {
    void sqliteLedger(options as SqliteLedgerOptions).close()
  } catch (error) {
    if (isGatewayError(error, 'invalid_request')) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe.each(engines)('a ledger on %s', (engine) => {
  /** With everything that it complains of. */
  const open = (options: Partial<SqliteLedgerOptions> = {}) => {
    const errors: GatewayError[] = []
    const path = options.path ?? newPath()
    const ledger = sqliteLedger({ path, engine, onError: (error) => errors.push(error), ...options })
    return { ledger, errors, path }
  }
  const openRaw = (path: string) => openDatabase(path, engine)

  it('writes by itself, soon', async () => {
    const { ledger, path } = open({ flushAfterMs: 1 })
    ledger.append(entry('a'))
    const database = openRaw(path)
    const countRows = () => database.prepare('SELECT * FROM turnout_ledger').all().length
    expect(countRows()).toBe(0)
    await expect.poll(countRows).toBe(1)
    database.close()
    await ledger.close()
  })

  it('is in WAL mode, with its indices in use', async () => {
    const { ledger, path } = open()
    const database = openRaw(path)
    expect(database.prepare('PRAGMA journal_mode').all()).toMatchObject([{ journal_mode: 'wal' }])
    const planOf = (where: string) =>
      JSON.stringify(
        database
          .prepare(`EXPLAIN QUERY PLAN SELECT entry FROM turnout_ledger WHERE ${where} ORDER BY at`)
          .all(),
      )
    expect(planOf('at >= 5 AND at < 9')).toMatch(/USING INDEX turnout_ledger_at/)
    expect(planOf("tenant = 'a' AND at >= 5")).toMatch(/USING INDEX turnout_ledger_tenant/)
    expect(planOf("provider = 'p' AND model = 'm' AND at >= 5")).toMatch(/USING INDEX turnout_ledger_model/)
    database.close()
    await ledger.close()
  })

  it('is shared by two, who see what the other has flushed, and count an id once', async () => {
    const { ledger: one, path } = open()
    const { ledger: other } = open({ path })
    for (let i = 0; i < 300; i++) {
      one.append(entry(`one-${i}`))
      other.append(entry(`other-${i}`))
      one.append(entry(`both-${i}`))
      other.append(entry(`both-${i}`))
    }
    await Promise.all([one.flush(), other.flush()])
    expect(await one.usage()).toMatchObject([{ attempts: 900, costUsd: 90 }])
    expect(await other.entries()).toHaveLength(900)
    await Promise.all([one.close(), other.close()])
  })

  it('waits with its entries while another holds the file, and says so', async () => {
    const { ledger, errors, path } = open({ flushAfterMs: 1, maxBuffered: 3 })
    const other = openRaw(path)
    other.exec('BEGIN IMMEDIATE')
    for (const id of ['a', 'b', 'c', 'd', 'e']) ledger.append(entry(id))
    await expect(ledger.flush()).rejects.toMatchObject({ code: 'upstream_error', message: /locked/ })
    await expect.poll(() => errors.length).toBe(2)
    expect(errors.map(({ message }) => message)).toEqual([
      'the ledger loses entries: 3 entries wait to be written already',
      expect.stringMatching(/^the ledger cannot be written, 3 entries wait: .*locked/),
    ])
    other.exec('COMMIT')
    other.close()
    await ledger.flush()
    expect((await ledger.entries()).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(ledger.lost()).toBe(2)
    await ledger.close()
  })

  it('writes all of a batch or nothing, and goes on when the fault is gone', async () => {
    const { ledger, path } = open()
    const other = openRaw(path)
    other.exec(
      `CREATE TRIGGER fault BEFORE INSERT ON turnout_ledger WHEN NEW.id = 'b' BEGIN SELECT RAISE(ABORT, 'no space'); END`,
    )
    for (const id of ['a', 'b', 'c']) ledger.append(entry(id))
    await expect(ledger.usage()).rejects.toMatchObject({ message: 'the ledger cannot be written: no space' })
    expect(other.prepare('SELECT * FROM turnout_ledger').all()).toEqual([])
    other.exec('DROP TRIGGER fault')
    other.close()
    expect((await ledger.entries()).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    await ledger.close()
  })

  it('says on closing what it could not write', async () => {
    const { ledger, path } = open()
    const other = openRaw(path)
    other.exec('BEGIN IMMEDIATE')
    ledger.append(entry('a'))
    await expect(ledger.close()).rejects.toMatchObject({ message: /cannot be written: .*locked/ })
    expect(ledger.lost()).toBe(1)
    other.exec('COMMIT')
    other.close()
  })

  it('loses what is no entry, and nothing else', async () => {
    const { ledger, errors } = open()
    ledger.append(entry('good'))
    ledger.append(entry('bad', { tags: { n: 1n } as never }))
    ledger.append(entry('worse', { at: NaN }))
    ledger.append(undefined as never)
    ledger.append(entry('nameless', { provider: undefined as never }))
    ledger.append(entry('also good'))
    expect((await ledger.entries()).map(({ id }) => id)).toEqual(['good', 'also good'])
    expect(ledger.lost()).toBe(4)
    expect(errors).toMatchObject([{ code: 'upstream_error', message: /lost 4 of 6 entries, which are none/ }])
    await ledger.close()
  })

  it('keeps ids apart that look alike to a file', async () => {
    const { ledger, path } = open()
    const ids = ['\ud800', '\ud801', '\ufffd', 'a\0b', 'a\0c', 'a', 'é', 'e\u0301']
    for (const id of ids) ledger.append(entry(id, { tenant: id }))
    await ledger.close()
    const again = open({ path }).ledger
    expect((await again.entries()).map(({ id }) => id)).toEqual(ids)
    for (const id of ids) expect((await again.entries({ tenant: id })).map((each) => each.id)).toEqual([id])
    await again.close()
  })

  it('forgets what is old, in portions', async () => {
    const { ledger } = open()
    for (let at = 0; at < 1_300; at++) ledger.append(entry(`e${at}`, { at }))
    expect(await ledger.forgetBefore(new Date(1_200))).toBe(1_200)
    expect((await ledger.entries()).map(({ at }) => at)).toEqual(
      Array.from({ length: 100 }, (_, i) => 1_200 + i),
    )
    expect(await ledger.forgetBefore(new Date(0))).toBe(0)
    await expect(ledger.forgetBefore(new Date(NaN))).rejects.toMatchObject({ code: 'invalid_request' })
    await ledger.close()
  })

  it('answers no more once it is closed, and says what came too late', async () => {
    const { ledger, errors } = open()
    const reading = ledger.usage()
    await Promise.all([
      ledger.close(),
      ledger.close(),
      expect(reading).rejects.toMatchObject({ code: 'closed' }),
    ])
    ledger.append(entry('late'))
    ledger.append(entry('later'))
    expect(ledger.lost()).toBe(2)
    expect(errors.map(({ message }) => message)).toEqual(['the ledger loses entries: it is closed'])
    await expect(ledger.entries()).rejects.toMatchObject({ code: 'closed' })
    await expect(ledger.usage()).rejects.toMatchObject({ code: 'closed' })
    await expect(ledger.forgetBefore(new Date())).rejects.toMatchObject({ code: 'closed' })
    await expect(ledger.flush()).resolves.toBeUndefined()
  })

  it('lets no listener break a call', async () => {
    const onError = () => {
      throw new Error('listener')
    }
    const { ledger } = open({ onError })
    await ledger.close()
    expect(() => ledger.append(entry('late'))).not.toThrow()
  })

  it('works in memory', async () => {
    const { ledger } = open({ path: ':memory:' })
    ledger.append(entry('a'))
    expect(await ledger.entries()).toHaveLength(1)
    await ledger.close()
  })

  it('lives beside other tables', async () => {
    const path = newPath()
    const database = openRaw(path)
    database.exec('CREATE TABLE mine (a); INSERT INTO mine VALUES (1); PRAGMA user_version = 7')
    database.close()
    const { ledger } = open({ path })
    ledger.append(entry('a'))
    await ledger.close()
    const again = openRaw(path)
    expect(again.prepare('SELECT * FROM mine').all()).toHaveLength(1)
    expect(again.prepare('PRAGMA user_version').all()).toMatchObject([{ user_version: 7 }])
    again.close()
  })

  it('refuses a file of a later version, and leaves it alone', async () => {
    const { ledger, path } = open()
    await ledger.close()
    const database = openRaw(path)
    database.exec(`UPDATE turnout_schema SET version = 99`)
    expect(faultOf({ path, engine })).toMatchObject({
      path: 'path',
      message: expect.stringMatching(
        /later version .*schema 99, this one knows 1\); update the package/,
      ) as string,
    })
    expect(database.prepare('SELECT version FROM turnout_schema').all()).toMatchObject([{ version: 99 }])
    database.close()
  })

  it('brings an older schema up to date, all of it or nothing, and keeps the entries', async () => {
    const { ledger, path } = open()
    ledger.append(entry('old'))
    await ledger.close()
    const database = openRaw(path)
    const add = 'ALTER TABLE turnout_ledger ADD COLUMN note TEXT'
    const withSteps = (...steps: readonly string[]) => ({
      ...LEDGER_SCHEMA,
      migrations: [...LEDGER_SCHEMA.migrations, ...steps],
    })
    expect(() => prepareSchema(database, withSteps(add, 'not SQL'))).toThrow(/syntax error/)
    const read = () => database.prepare('SELECT * FROM turnout_ledger, turnout_schema').all()
    expect(read()).toEqual([expect.objectContaining({ id: 'old', version: 1 })])
    expect(read()[0]).not.toHaveProperty('note')
    prepareSchema(database, withSteps(add))
    prepareSchema(database, withSteps(add))
    expect(read()).toEqual([expect.objectContaining({ id: 'old', version: 2, note: null })])
    database.close()
  })

  it('refuses a table of its name that is not its own', () => {
    const path = newPath()
    const database = openRaw(path)
    database.exec('CREATE TABLE turnout_ledger (a)')
    database.close()
    expect(faultOf({ path, engine }).message).toMatch(/turnout_ledger already exists/)
  })

  it.each<[string, () => string, RegExp]>([
    ['a folder that is not there', () => join(folder, 'none', 'x.db'), /the folder must exist/],
    ['a folder', () => folder, /the folder must exist/],
    [
      'a file of another kind',
      () => {
        const path = newPath()
        writeFileSync(path, 'This is a letter and no database. '.repeat(100))
        return path
      },
      /not a database; name a new file/,
    ],
  ])('refuses %s', (_name, makePath, message) => {
    const path = makePath()
    const error = faultOf({ path, engine })
    expect(error).toMatchObject({ path: 'path', message: expect.stringMatching(message) as string })
    expect(error.message).toContain(JSON.stringify(path))
  })
})

describe('sqliteLedger', () => {
  it.each<[string, object, string]>([
    ['no path', {}, 'path'],
    ['an empty path', { path: '' }, 'path'],
    ['an engine that there is none of', { path: 'x.db', engine: 'duckdb' }, 'engine'],
    ['a time that is none', { path: 'x.db', flushAfterMs: NaN }, 'flushAfterMs'],
    ['a buffer for nothing', { path: 'x.db', maxBuffered: 0 }, 'maxBuffered'],
  ])('refuses %s, before it makes a file', (_name, options, path) => {
    expect(faultOf(options).path).toBe(path)
    expect(existsSync('x.db')).toBe(false)
  })

  it.skipIf(engines.includes('node:sqlite'))('says what to do where Node has no SQLite', () => {
    expect(faultOf({ path: ':memory:', engine: 'node:sqlite' }).message).toMatch(
      /^engine: Node v20.* has no node:sqlite; use Node 22\.13 or later, or .* run "npm install libsql"$/,
    )
  })

  it('takes the best engine that there is', async () => {
    const ledger = sqliteLedger({ path: ':memory:' })
    expect(await ledger.entries()).toEqual([])
    await ledger.close()
  })
})
