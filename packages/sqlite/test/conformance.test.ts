import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deadLetterConformance, ledgerConformance, type OpenDeadLetters } from '@turnout/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { sqliteDeadLetters, sqliteLedger } from '../src/index.js'
import { engines } from './engines.js'

const folder = mkdtempSync(join(tmpdir(), 'turnout-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('has an engine to run on', () => {
  expect(engines).not.toEqual([])
})

describe.each(engines)('ledger on %s', (engine) => {
  const open = (name: string) =>
    sqliteLedger({ path: join(folder, `${engine.replace(':', '-')}-${name}.db`), engine, onError: () => {} })
  for (const { name, run } of ledgerConformance(open, { durable: true })) {
    it(`case: ${name}`, async () => {
      await expect(run()).resolves.toBeUndefined()
    })
  }
})

describe.each(engines)('dead letters on %s', (engine) => {
  const open: OpenDeadLetters = (name, { maxEntries, maxSize }) =>
    sqliteDeadLetters({
      path: join(folder, `${engine.replace(':', '-')}-${name}.db`),
      engine,
      ...(maxEntries !== undefined && { maxEntries }),
      ...(maxSize !== undefined && { maxBytes: maxSize }),
    })
  for (const { name, run } of deadLetterConformance(open, { durable: true })) {
    it(`case: ${name}`, async () => {
      await expect(run()).resolves.toBeUndefined()
    })
  }
})
