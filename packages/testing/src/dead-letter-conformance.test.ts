import { createMemoryDeadLetters, type DeadLetterStore } from '@turnout/core'
import { describe, expect, it } from 'vitest'
import { deadLetterConformance, type OpenDeadLetters } from './dead-letter-conformance.js'

const openMemory: OpenDeadLetters = (_name, { maxEntries, maxSize }) =>
  createMemoryDeadLetters({
    ...(maxEntries !== undefined && { maxEntries }),
    ...(maxSize !== undefined && { maxChars: maxSize }),
  })

/** Names of the cases that fail. */
async function failing(open: OpenDeadLetters): Promise<readonly string[]> {
  const failed: string[] = []
  for (const { name, run } of deadLetterConformance(open)) await run().catch(() => failed.push(name))
  return failed
}

/** The memory store with a fault. */
const faulty =
  (wrap: (store: DeadLetterStore) => Partial<DeadLetterStore>): OpenDeadLetters =>
  (name, bounds) => {
    const store = openMemory(name, bounds) as DeadLetterStore
    return { ...store, ...wrap(store) }
  }

describe('deadLetterConformance', () => {
  for (const { name, run } of deadLetterConformance(openMemory)) {
    it(`memory: ${name}`, async () => {
      await expect(run()).resolves.toBeUndefined()
    })
  }

  it.each<[string, OpenDeadLetters, RegExp]>([
    [
      'shows the oldest first',
      faulty((store) => ({ list: async (query) => (await store.list(query)).toReversed() })),
      /the latest first/,
    ],
    [
      'ignores whose letters are meant',
      faulty((store) => ({ list: async ({ tenant: _tenant, ...query } = {}) => store.list(query) })),
      /finds by model, tenant and code/,
    ],
    [
      'takes names as the database likes',
      faulty((store) => ({
        list: async ({ tenant, ...query } = {}) =>
          (await store.list({ ...query, limit: 10_000 }))
            .filter((letter) => tenant === undefined || letter.tenant?.toLowerCase() === tenant.toLowerCase())
            .slice(0, query.limit ?? 100),
      })),
      /takes names for what they are/,
    ],
    ['drops nothing', faulty(() => ({ delete: async () => true })), /drops a letter once/],
    ['has no bounds', () => createMemoryDeadLetters(), /holds so many letters/],
    [
      'never forgets',
      (_name, { maxEntries = 1_000, maxSize = 1e9 }) =>
        createMemoryDeadLetters({ maxEntries, maxChars: maxSize, now: () => 0 }),
      /forgets what has expired/,
    ],
    [
      'throws after its end',
      faulty((store) => {
        let isClosed = false
        return {
          close: () => void (isClosed = true),
          add(letter) {
            if (isClosed) throw new Error('closed')
            return store.add(letter)
          },
        }
      }),
      /closes twice/,
    ],
  ])('finds the store that %s', async (_what, open, name) => {
    expect(await failing(open)).toEqual(expect.arrayContaining([expect.stringMatching(name)]))
  })

  it('leaves out what is skipped, with its reason, and knows all its cases', () => {
    const skip = [{ case: 'begins empty', reason: 'never is' }]
    expect(deadLetterConformance(openMemory, { skip })[0]).toMatchObject({ skipped: 'never is' })
    expect(() => deadLetterConformance(openMemory, { skip: [{ case: 'flies', reason: '' }] })).toThrow(
      /names no case: "flies"/,
    )
  })
})
