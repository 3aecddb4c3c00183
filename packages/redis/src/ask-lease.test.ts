import { seededRandom } from '@turnout/testing'
import { describe, expect, it } from 'vitest'
import { hasRedisServer, startRedis } from '../../../load/redis-server.js'
import { openAdmin } from '../test/harness.js'
import { askLease, type LeaseRequest, type LeaseRow } from './ask-lease.js'
import { createRedisLink } from './redis-link.js'

const LONG_MS = 3_600_000
const row = (more: Partial<LeaseRow> = {}): LeaseRow => ({
  letter: 'r',
  max: 100,
  held: 0,
  need: 0,
  want: 0,
  ...more,
})

async function open() {
  const server = await startRedis()
  const admin = openAdmin(server.port)
  const link = createRedisLink(admin.redis, { answerMs: 10_000, probe: async () => {}, onChange() {} })
  let window = -1
  return {
    redis: admin.redis,
    /** What a process holds is said of the window that was answered last. */
    async ask(process: string, rows: readonly LeaseRow[], more: Partial<LeaseRequest> = {}) {
      const request = { key: 'k', process, processes: 2, windowMs: LONG_MS, window, rows, ...more }
      const answer = await askLease(link, request)
      window = answer.window
      return answer
    },
    async [Symbol.asyncDispose]() {
      link.close()
      await admin[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

// Without a redis-server on the PATH there is nothing to ask.
describe.skipIf(!hasRedisServer)('a lease', () => {
  it('counts what a process held before it knew of a window in the one that it is told of', async () => {
    await using redis = await open()
    expect(await redis.ask('a', [row({ held: 30, need: 1, want: 1 })], { window: -2 })).toMatchObject({
      grants: [1],
      free: [69],
    })
  })

  it('is what is wished for, and half of an equal part of what is free at most, beyond the need', async () => {
    await using redis = await open()
    expect(await redis.ask('a', [row({ want: 10 })])).toMatchObject({ grants: [10], free: [90] })
    expect((await redis.ask('a', [row({ held: 10, want: 1_000 })])).grants).toEqual([22])
    expect((await redis.ask('b', [row({ want: 1_000 })])).grants).toEqual([17])
    expect((await redis.ask('b', [row({ held: 17, need: 40, want: 1_000 })])).grants).toEqual([40])
    expect((await redis.ask('a', [row({ held: 32, want: 1_000 })])).grants).toEqual([2])
  })

  it('is nothing where one of the needs cannot be met', async () => {
    await using redis = await open()
    const tokens = { letter: 't', max: 1_000 }
    const both = (need: number) => [row({ need: 1, want: 5 }), row({ ...tokens, need, want: need })]
    expect(await redis.ask('a', both(600))).toMatchObject({ lacking: -1, grants: [5, 600] })
    expect(await redis.ask('b', both(401))).toMatchObject({ lacking: 1, grants: [0, 0] })
    expect(await redis.ask('b', both(400))).toMatchObject({ lacking: -1, grants: [5, 400] })
  })

  it('is counted once, whatever was asked twice, lost on the way or forgotten by Redis', async () => {
    await using redis = await open()
    await redis.ask('a', [row({ want: 20 })])
    // The answer was lost: the process still says that it holds nothing, and is not counted twice.
    expect((await redis.ask('a', [row({ want: 20 })])).grants).toEqual([20])
    expect((await redis.ask('b', [row({ need: 80, want: 80 })])).grants).toEqual([80])
    await redis.redis.flushall()
    expect(await redis.ask('a', [row({ held: 20 })])).toMatchObject({ lacking: -1 })
    expect(await redis.ask('b', [row({ held: 80, need: 1, want: 1 })])).toMatchObject({
      lacking: 0,
      grants: [0],
    })
  })

  it('that is given back is there for others, and a debt is not', async () => {
    await using redis = await open()
    await redis.ask('a', [row({ need: 100, want: 100 })])
    expect((await redis.ask('b', [row({ need: 1, want: 1 })])).lacking).toBe(0)
    await redis.ask('a', [row({ held: 60 })])
    expect((await redis.ask('b', [row({ need: 40, want: 40 })])).grants).toEqual([40])
    await redis.ask('a', [row({ held: 90 })])
    expect((await redis.ask('b', [row({ held: 0, need: 11, want: 11 })])).lacking).toBe(0)
    expect((await redis.ask('b', [row({ held: 0, need: 10, want: 10 })])).grants).toEqual([10])
  })

  it('ends with its window, and so does its key', async () => {
    await using redis = await open()
    const more = { windowMs: 1_000 }
    const first = await redis.ask('a', [row({ need: 100, want: 100 })], more)
    expect(first.leftMs).toBeGreaterThan(0)
    expect(first.leftMs).toBeLessThanOrEqual(1_000)
    const ttl = await redis.redis.pttl('k')
    expect(ttl).toBeGreaterThan(0)
    expect(ttl).toBeLessThanOrEqual(2_000)
    // Of an earlier window nothing is held any more, whoever says so.
    expect(
      (await redis.ask('b', [row({ held: 100, want: 0 })], { ...more, window: first.window - 1 })).lacking,
    ).toBe(-1)
    await new Promise((resolve) => setTimeout(resolve, first.leftMs + 5))
    const next = await redis.ask('b', [row({ need: 100, want: 100 })], more)
    expect(next.grants).toEqual([100])
    expect(next.window).toBeGreaterThan(first.window)
  })

  it('is one with huge figures, and with windows that are no whole number', async () => {
    await using redis = await open()
    const max = 2 ** 50
    const answer = await redis.ask('a', [row({ max, want: 2 ** 45 })], { windowMs: 1_234.5 })
    expect(answer.grants).toEqual([2 ** 45])
    const again = await redis.ask('a', [row({ max, held: 2 ** 45, need: 1, want: 1 })], { windowMs: 1_234.5 })
    expect(again.grants).toEqual([1])
  })

  it('never makes more of the limit than there is, in random order', async () => {
    await using redis = await open()
    const random = seededRandom(11)
    const held = new Map<string, number>()
    for (let i = 0; i < 2_000; i++) {
      const process = `p${Math.floor(random() * 5)}`
      const before = held.get(process) ?? 0
      const kept = random() < 0.2 ? Math.floor(before * random()) : before
      const need = Math.floor(random() * 8)
      const want = need + Math.floor(random() * 30)
      const answer = await redis.ask(process, [row({ max: 200, held: kept, need, want })], { processes: 5 })
      const isLost = random() < 0.05
      held.set(process, kept + (isLost ? 0 : (answer.grants[0] ?? 0)))
      const sum = [...held.values()].reduce((all, one) => all + one, 0)
      expect(sum).toBeLessThanOrEqual(200)
    }
  })
})
