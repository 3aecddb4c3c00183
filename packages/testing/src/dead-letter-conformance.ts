/** What every store of dead letters does, as cases for any test runner. */
import assert from 'node:assert/strict'
import type { DeadLetter, DeadLetterQuery, DeadLetterStore } from '@turnout/core'
import type { ConformanceCase } from './conformance/conformance-case.js'
import { ODD_NAMES } from './ledger-conformance-entries.js'

/** Bounds of one store; absent ones are the store's own. */
export interface DeadLetterBounds {
  readonly maxEntries?: number
  /** Of all letters as JSON, in bytes or in UTF-16 units: the letters here are ASCII where it matters. */
  readonly maxSize?: number
}

/**
 * Opens the store of that name. A name is new to a case: its store is empty. A durable one gives, for a name that was
 * opened and closed before, what was kept then; others may ignore the name.
 */
export type OpenDeadLetters = (
  name: string,
  bounds: DeadLetterBounds,
) => DeadLetterStore | Promise<DeadLetterStore>

export interface DeadLetterConformanceOptions {
  /** Whether letters survive `close()`. Default false: the cases about that are left out. */
  readonly durable?: boolean
  /** Cases that this store cannot pass, each with the reason that readers will see. */
  readonly skip?: readonly { readonly case: string; readonly reason: string }[]
}

interface Check {
  readonly name: string
  readonly durable?: boolean
  readonly bounds?: DeadLetterBounds
  /** `store` is open and empty; `reopen` closes it and opens it again. */
  readonly check: (store: DeadLetterStore, reopen: () => Promise<DeadLetterStore>) => Promise<void>
}

/**
 * What every store of dead letters must do, as cases for any test runner.
 *
 * @throws TypeError for a `skip` that names no case.
 * @example
 * describe('conformance', () => {
 *   const open: OpenDeadLetters = (file, bounds) => acmeDeadLetters(join(folder, file), bounds)
 *   for (const { name, skipped, run } of deadLetterConformance(open, { durable: true })) it(name, { skip: skipped }, run)
 * })
 */
export function deadLetterConformance(
  openStore: OpenDeadLetters,
  { durable = false, skip = [] }: DeadLetterConformanceOptions = {},
): readonly ConformanceCase[] {
  const cases = checks.filter((each) => durable || !each.durable)
  const unknown = skip.find((entry) => !cases.some(({ name }) => name === entry.case))
  if (unknown) {
    const names = cases.map(({ name }) => name).join('; ')
    throw new TypeError(`skip names no case: "${unknown.case}"; the cases are: ${names}`)
  }
  return cases.map(({ name, bounds = {}, check }, i) => {
    const reason = skip.find((entry) => entry.case === name)?.reason
    const run = async (): Promise<void> => {
      const place = `letters-${i + 1}`
      let store = await openStore(place, bounds)
      try {
        await check(store, async () => {
          await store.close?.()
          store = await openStore(place, bounds)
          return store
        })
      } finally {
        await store.close?.()
      }
    }
    return { name, run, ...(reason !== undefined && { skipped: reason }) }
  })
}

const DAY_MS = 86_400_000

const letterOf = (id: string, more: Partial<DeadLetter> = {}): DeadLetter => ({
  id,
  requestId: `request-${id}`,
  call: 'chat',
  model: 'm',
  at: Date.now(),
  expiresAt: Date.now() + DAY_MS,
  error: { code: 'timeout', message: 'the call took too long' },
  trace: {
    requestId: `request-${id}`,
    requested: 'm',
    route: null,
    strategy: 'none',
    candidates: [],
    attempts: [],
    skipped: [],
    outcome: 'error',
    durationMs: 12.5,
  },
  options: { tags: { team: 'search' } },
  request: { form: 'plain', body: { model: 'm', messages: [{ role: 'user', content: 'Hello 🌧' }] } },
  ...more,
})

const addAll = async (store: DeadLetterStore, letters: readonly DeadLetter[]): Promise<void> => {
  // One after the other, so that their order is theirs.
  for (const letter of letters) await store.add(letter)
}
const idsIn = async (store: DeadLetterStore, query?: DeadLetterQuery): Promise<readonly string[]> =>
  (await store.list(query)).map(({ id }) => id)

const samples = (): readonly DeadLetter[] => [
  letterOf('bare'),
  letterOf('full', { tenant: 'acme', model: 'fast', call: 'stream', options: {} }),
  letterOf('sealed', { request: { form: 'sealed', body: 'c2VhbGVk' } }),
  letterOf('redacted', { request: { form: 'redacted', body: { messages: [] } } }),
  ...ODD_NAMES.map((name, i) => letterOf(`odd-${i}`, { tenant: name, model: name })),
]

const checks: readonly Check[] = [
  {
    name: 'begins empty',
    async check(store) {
      assert.deepEqual(await store.list(), [])
      assert.equal(await store.get('nobody'), undefined)
      assert.equal(await store.delete('nobody'), false)
    },
  },
  {
    name: 'gives letters back as they were, the latest first',
    async check(store) {
      await addAll(store, samples())
      assert.deepEqual(await store.list(), samplesOf(await store.list()).toReversed())
      for (const { id } of samples()) assert.equal((await store.get(id))?.requestId, `request-${id}`)
    },
  },
  {
    name: 'shows what was added a moment ago, also to those who do not wait for it',
    async check(store) {
      const added = store.add(letterOf('a'))
      assert.deepEqual(await idsIn(store), ['a'])
      await added
    },
  },
  {
    name: 'keeps one letter for an id, the later one, as the latest of all',
    async check(store) {
      await addAll(store, [letterOf('a'), letterOf('b'), letterOf('a', { model: 'other' })])
      assert.deepEqual(await idsIn(store), ['a', 'b'])
      assert.equal((await store.get('a'))?.model, 'other')
    },
  },
  {
    name: 'finds by model, tenant and code, all of them together too',
    async check(store) {
      await addAll(store, [
        letterOf('a', { model: 'one', tenant: 't' }),
        letterOf('b', { model: 'one', error: { code: 'overloaded', message: '' } }),
        letterOf('c', { tenant: 't' }),
      ])
      assert.deepEqual(await idsIn(store, { model: 'one' }), ['b', 'a'])
      assert.deepEqual(await idsIn(store, { tenant: 't' }), ['c', 'a'])
      assert.deepEqual(await idsIn(store, { code: 'overloaded' }), ['b'])
      assert.deepEqual(await idsIn(store, { model: 'one', tenant: 't' }), ['a'])
      assert.deepEqual(await idsIn(store, { model: 'one', code: 'overloaded', tenant: 't' }), [])
    },
  },
  {
    name: 'takes names for what they are: case, blanks, wildcards, quotes',
    async check(store) {
      await addAll(store, samples())
      for (const [i, name] of ODD_NAMES.entries()) {
        const expected = samples().filter(({ tenant }) => tenant === name)
        const ids = expected.map(({ id }) => id).toReversed()
        assert.deepEqual(await idsIn(store, { tenant: name }), ids, `tenant ${JSON.stringify(name)}`)
        assert.ok((await idsIn(store, { model: name })).includes(`odd-${i}`), `model ${JSON.stringify(name)}`)
      }
    },
  },
  {
    name: 'gives a hundred at most, or as many as are asked for',
    async check(store) {
      await Promise.all(Array.from({ length: 120 }, async (_, i) => store.add(letterOf(`many-${i}`))))
      assert.equal((await store.list()).length, 100)
      assert.equal((await store.list({ limit: 3 })).length, 3)
      assert.equal((await store.list({ limit: 1_000 })).length, 120)
    },
  },
  {
    name: 'drops a letter once',
    async check(store) {
      await addAll(store, [letterOf('a'), letterOf('b')])
      assert.equal(await store.delete('a'), true)
      assert.equal(await store.delete('a'), false)
      assert.equal(await store.get('a'), undefined)
      assert.deepEqual(await idsIn(store), ['b'])
    },
  },
  {
    name: 'forgets what has expired',
    async check(store) {
      const now = Date.now()
      await addAll(store, [letterOf('past', { expiresAt: now - 1 }), letterOf('here')])
      assert.deepEqual(await idsIn(store), ['here'])
      assert.equal(await store.get('past'), undefined)
    },
  },
  {
    name: 'holds so many letters: the oldest give way',
    bounds: { maxEntries: 3 },
    async check(store) {
      await addAll(
        store,
        ['a', 'b', 'c', 'd', 'e'].map((id) => letterOf(id)),
      )
      assert.deepEqual(await idsIn(store), ['e', 'd', 'c'])
      await store.delete('d')
      await store.add(letterOf('f'))
      assert.deepEqual(await idsIn(store), ['f', 'e', 'c'])
    },
  },
  {
    name: 'holds so much: the oldest give way, and none for one that is larger than all',
    bounds: { maxSize: 20_000 },
    async check(store) {
      const sized = (id: string, size: number): DeadLetter =>
        letterOf(id, { request: { form: 'sealed', body: 'x'.repeat(size) } })
      await addAll(
        store,
        ['a', 'b', 'c', 'd'].map((id) => sized(id, 8_000)),
      )
      assert.deepEqual(await idsIn(store), ['d', 'c'])
      await store.add(sized('small', 10))
      assert.deepEqual(await idsIn(store), ['small', 'd', 'c'])
      // It may be refused; the others must not go for it.
      await Promise.resolve(store.add(sized('huge', 40_000))).catch(() => {})
      assert.deepEqual(await idsIn(store), ['small', 'd', 'c'])
    },
  },
  {
    name: 'keeps a thousand that were added at once',
    async check(store) {
      const ids = Array.from({ length: 1_000 }, (_, i) => `many-${i}`)
      await Promise.all(ids.map(async (id) => store.add(letterOf(id))))
      assert.deepEqual(await idsIn(store, { limit: 2_000 }), ids.toReversed())
    },
  },
  {
    name: 'closes twice, and never throws at a letter that comes late',
    async check(store) {
      await store.add(letterOf('a'))
      await store.close?.()
      await store.close?.()
      assert.doesNotThrow(() => void Promise.resolve(store.add(letterOf('b'))).catch(() => {}))
    },
  },
  {
    name: 'durable: what was added is there after closing and opening again, in its order',
    durable: true,
    async check(store, reopen) {
      await addAll(store, samples())
      const before = await store.list()
      const again = await reopen()
      assert.deepEqual(await again.list(), before)
      assert.equal(await again.delete('bare'), true)
      assert.equal(await (await reopen()).get('bare'), undefined)
    },
  },
  {
    name: 'durable: bounds hold for what was there before',
    durable: true,
    bounds: { maxEntries: 2 },
    async check(store, reopen) {
      await addAll(store, [letterOf('a'), letterOf('b')])
      const again = await reopen()
      await again.add(letterOf('c'))
      assert.deepEqual(await idsIn(again), ['c', 'b'])
    },
  },
]

/** The samples with the times that these letters have: they were made a moment apart. */
const samplesOf = (letters: readonly DeadLetter[]): readonly DeadLetter[] =>
  samples().map((sample) => {
    const { at, expiresAt } = letters.find(({ id }) => id === sample.id) ?? sample
    return { ...sample, at, expiresAt }
  })
