import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGateway, type DeadLetter, type DeadLetterOptions, type GatewayError } from '@turnout/core'
import { mockAdapter, type MockReply } from '@turnout/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { engines } from '../test/engines.js'
import { openDatabase } from './open-database.js'
import { sqliteDeadLetters, type SqliteDeadLettersOptions } from './sqlite-dead-letters.js'
import { sqliteLedger } from './sqlite-ledger.js'

const folder = mkdtempSync(join(tmpdir(), 'turnout-letters-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const newPath = (): string => join(folder, `letters-${++files}.db`)

const letterOf = (id: string, body = 'Hello'): DeadLetter => ({
  id,
  requestId: id,
  call: 'chat',
  model: 'm',
  at: Date.now(),
  expiresAt: Date.now() + 60_000,
  error: { code: 'timeout', message: '' },
  trace: {} as DeadLetter['trace'],
  options: {},
  request: { form: 'plain', body: { model: 'm', messages: [{ role: 'user', content: body }] } },
})

describe.each(engines)('dead letters on %s', (engine) => {
  const open = (options: Partial<SqliteDeadLettersOptions> = {}) => {
    const errors: GatewayError[] = []
    const path = options.path ?? newPath()
    const store = sqliteDeadLetters({ path, engine, onError: (error) => errors.push(error), ...options })
    return { store, errors, path }
  }
  const gatewayOn = (path: string, reply: MockReply, content: DeadLetterOptions['content'] = 'keep') => {
    const x = mockAdapter(reply, { name: 'x' })
    const gateway = createGateway({
      providers: { x },
      routes: { kept: { targets: ['x/m'], deadLetter: true, maxAttempts: 1 } },
      deadLetters: { store: sqliteDeadLetters({ path, engine }), content },
    })
    return { gateway, x }
  }
  const messages = [{ role: 'user', content: 'A very private question' }] as const

  it('outlive the gateway: the next one sends them again, and drops what was answered', async () => {
    const path = newPath()
    const before = gatewayOn(path, { error: 'upstream_error' })
    for (const requestId of ['q-1', 'q-2'])
      await before.gateway.chat({ model: 'kept', messages, temperature: 0.3 }, { requestId }).catch(() => {})
    await before.gateway.close()

    const { gateway, x } = gatewayOn(path, 'Here you are.')
    const [latest] = await gateway.deadLetters.list()
    expect(latest).toMatchObject({ requestId: 'q-2', error: { code: 'upstream_error' } })
    const answer = await gateway.deadLetters.retry(latest?.id ?? '')
    expect(answer.choices[0]?.message.content).toBe('Here you are.')
    expect(x.calls.at(-1)?.request).toMatchObject({ messages, temperature: 0.3 })
    expect((await gateway.deadLetters.list()).map(({ requestId }) => requestId)).toEqual(['q-1'])
    await gateway.close()
  })

  it.each<[string, DeadLetterOptions['content'], string]>([
    ['sealed', { sealKey: randomBytes(32) }, 'Here you are.'],
    ['redacted', 'redact', 'invalid_request'],
  ])('hold no prompt when they are %s', async (form, content, expected) => {
    const path = newPath()
    const before = gatewayOn(path, { error: 'upstream_error' }, content)
    await before.gateway.chat({ model: 'kept', messages }).catch(() => {})
    await before.gateway.close()
    expect(readFileSync(path, 'latin1')).not.toContain('private')

    const { gateway } = gatewayOn(path, 'Here you are.', content)
    const [letter] = await gateway.deadLetters.list()
    expect(letter?.request.form).toBe(form)
    const sent = await gateway.deadLetters.retry(letter?.id ?? '').then(
      ({ choices }) => choices[0]?.message.content,
      ({ code }: GatewayError) => code,
    )
    expect(sent).toBe(expected)
    await gateway.close()
  })

  it('leave nothing of themselves in the file when they are dropped', async () => {
    const { store, path } = open()
    await store.add(letterOf('a', 'A very private question'))
    await store.delete('a')
    await store.close()
    expect(readFileSync(path, 'latin1')).not.toContain('private')
  })

  it('wait while another holds the file, which is told once, and are there afterwards', async () => {
    const { store, errors, path } = open({ maxBuffered: 2 })
    const other = openDatabase(path, engine)
    other.exec('BEGIN IMMEDIATE')
    let kept = 0
    const added = ['a', 'b'].map(async (id) => store.add(letterOf(id)).then(() => kept++))
    await expect(store.add(letterOf('c'))).rejects.toMatchObject({ message: /is lost: 2 wait/ })
    await expect(store.list()).rejects.toMatchObject({ code: 'upstream_error', message: /locked/ })
    await expect.poll(() => errors.length).toBe(1)
    expect(errors[0]?.message).toMatch(/^dead letters cannot be written, 2 wait: .*locked/)
    expect(kept).toBe(0)
    other.exec('COMMIT')
    other.close()
    await Promise.all(added)
    expect((await store.list()).map(({ id }) => id)).toEqual(['b', 'a'])
    await store.close()
  })

  it('are reported lost when their file could not be written until the end', async () => {
    const { store, path } = open()
    const other = openDatabase(path, engine)
    other.exec('BEGIN IMMEDIATE')
    const added = store.add(letterOf('a')).catch((error: unknown) => error)
    await expect(store.close()).rejects.toMatchObject({ message: /cannot be written: .*locked/ })
    expect(await added).toMatchObject({ message: /is lost: its file could not be written/ })
    await expect(store.add(letterOf('b'))).rejects.toMatchObject({ code: 'closed' })
    await expect(store.list()).rejects.toMatchObject({ code: 'closed' })
    other.close()
  })

  it('live beside the ledger, in one file, and are shared by two', async () => {
    const { store, path } = open()
    const ledger = sqliteLedger({ path, engine })
    const { store: other } = open({ path })
    await Promise.all([store.add(letterOf('a')), other.add(letterOf('b'))])
    expect((await other.list()).map(({ id }) => id).toSorted()).toEqual(['a', 'b'])
    expect(await ledger.entries()).toEqual([])
    await Promise.all([store.close(), other.close(), ledger.close()])
  })

  it('count what gave way, and refuse what is no letter alone', async () => {
    const { store } = open({ maxEntries: 1 })
    await store.add(letterOf('a'))
    const both = await Promise.allSettled([
      store.add({ ...letterOf('x'), model: 7 } as unknown as DeadLetter),
      store.add(letterOf('b')),
    ])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect((await store.list()).map(({ id }) => id)).toEqual(['b'])
    expect(store.dropped()).toBe(1)
    await store.close()
  })

  it.each<[string, object, string]>([
    ['no path', { path: '' }, 'path'],
    ['an engine that there is none of', { engine: 'duckdb' }, 'engine'],
    ['a bound that is none', { maxEntries: 0 }, 'maxEntries'],
    ['a size that is none', { maxBytes: Infinity }, 'maxBytes'],
  ])('refuse %s', (_what, options, path) => {
    expect(() => sqliteDeadLetters({ path: newPath(), ...options })).toThrow(
      expect.objectContaining({ code: 'invalid_request', path }) as Error,
    )
  })
})
