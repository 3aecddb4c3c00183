import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RedisClient } from './redis-client.js'
import { createRedisLink, type RedisLink } from './redis-link.js'
import type { Script } from './scripts.js'

const SCRIPT: Script = { source: 'return 1', sha: 'abc' }

/** A client that does as it is told; time stands still unless it is moved. */
function fakeClient() {
  const state = { status: 'ready', answer: async (): Promise<unknown> => 1, commands: [] as string[] }
  const client: RedisClient = {
    get status() {
      return state.status
    },
    async call(command) {
      state.commands.push(command)
      return state.answer()
    },
  }
  return Object.assign(state, { client })
}

function open(client: RedisClient) {
  const changes: boolean[] = []
  const link: RedisLink = createRedisLink(client, {
    answerMs: 50,
    probe: async () => link.run(SCRIPT, 'p', []),
    onChange: (isWell) => changes.push(isWell),
  })
  return { link, changes }
}

const never = async (): Promise<never> => new Promise(() => {})
const later = async (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms))
const fails = (message: string) => async (): Promise<never> => {
  throw new Error(message)
}
const run = async (link: RedisLink): Promise<unknown> =>
  link.run(SCRIPT, 'k', []).catch((error: unknown) => error)

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a link to Redis', () => {
  it('sends a script once by its text, where Redis does not know it', async () => {
    const redis = fakeClient()
    const { link } = open(redis.client)
    let isKnown = false
    redis.answer = async () => {
      if (redis.commands.at(-1) === 'eval') isKnown = true
      if (!isKnown) throw new Error('NOSCRIPT No matching script')
      return 7
    }
    expect([await run(link), await run(link)]).toEqual([7, 7])
    expect(redis.commands).toEqual(['evalsha', 'eval', 'evalsha'])
    expect(link.isWell()).toBe(true)
  })

  it('asks no more after five failures, but for a probe now and then, until that is answered', async () => {
    const redis = fakeClient()
    const { link, changes } = open(redis.client)
    redis.answer = fails('READONLY')
    for (let i = 0; i < 4; i++) await run(link)
    expect([link.isWell(), link.mayAsk()]).toEqual([false, true])
    await run(link)
    expect(link.mayAsk()).toBe(false)
    redis.commands.length = 0
    // After 0.1 s, 0.2 s, 0.4 s and so on, and then each 5 s.
    await vi.advanceTimersByTimeAsync(26_300)
    expect(redis.commands).toHaveLength(6 + 4)
    redis.answer = async () => 1
    await vi.advanceTimersByTimeAsync(5_000)
    expect([link.isWell(), link.mayAsk()]).toEqual([true, true])
    expect(changes).toEqual([false, true])
    redis.commands.length = 0
    await vi.advanceTimersByTimeAsync(60_000)
    expect(redis.commands).toEqual([])
  })

  it('is not well when an answer takes too long, whatever the answer says in the end', async () => {
    const redis = fakeClient()
    const { link, changes } = open(redis.client)
    redis.answer = async () => later(2_000)
    const answer = run(link)
    await vi.advanceTimersByTimeAsync(49)
    expect(link.isWell()).toBe(true)
    await vi.advanceTimersByTimeAsync(2)
    expect(link.isWell()).toBe(false)
    await vi.advanceTimersByTimeAsync(2_000)
    await answer
    expect(link.isWell()).toBe(false)
    redis.answer = async () => 1
    await run(link)
    expect(changes).toEqual([false, true])
  })

  it('never has more than a thousand commands under way, and one probe among them', async () => {
    const redis = fakeClient()
    const { link } = open(redis.client)
    redis.answer = never
    for (let i = 0; i < 1_500; i++) void run(link)
    expect([link.pending(), link.mayAsk()]).toEqual([1_000, false])
    vi.advanceTimersByTime(60)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(link.pending()).toBe(1_000)
    expect(redis.commands).toHaveLength(1_000)
  })

  it('asks a client that is disconnected nothing', async () => {
    const redis = fakeClient()
    const { link } = open(redis.client)
    redis.status = 'reconnecting'
    expect(await run(link)).toMatchObject({ message: 'the client is not connected (reconnecting)' })
    expect(redis.commands).toEqual([])
    expect(link.isWell()).toBe(false)
  })

  it('does not blame Redis for one key of another kind', async () => {
    const redis = fakeClient()
    const { link } = open(redis.client)
    redis.answer = fails('WRONGTYPE Operation against a key holding the wrong kind of value')
    for (let i = 0; i < 10; i++) await run(link)
    expect([link.isWell(), link.mayAsk()]).toEqual([true, true])
  })

  it('leaves no timer behind', async () => {
    const redis = fakeClient()
    const { link } = open(redis.client)
    redis.answer = fails('OOM')
    for (let i = 0; i < 5; i++) await run(link)
    expect(vi.getTimerCount()).toBe(1)
    link.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
