import { createFaultProxy } from '@turnout/testing'
import type { Redis } from 'ioredis'
import { describe, expect, it, vi } from 'vitest'
import { hasRedisServer, startRedis } from '../../../load/redis-server.js'
import { countWindows, openAdmin, openGateway, type TestGateway } from '../test/harness.js'

/** So long that no test sees its end, so that counts are exact. */
const LONG_MS = 3_600_000
const perHour = (requests: number) => ({ l: { windowMs: LONG_MS, requests } })

const modeOf = ({ gateway }: TestGateway) => gateway.limits()[0]?.shared?.mode
const ask = (one: TestGateway, count: number, options = {}) =>
  Array.from({ length: count }, async () => one.ask(options).catch(() => {}))
const sleep = async (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
/** Asks so often; so many have to go out, and none more after them. */
const expectOut = async (one: TestGateway, count: number, out: number, options = {}): Promise<void> => {
  const before = one.sentAt.length
  void ask(one, count, options)
  await vi.waitFor(() => expect(one.sentAt.length - before).toBeGreaterThanOrEqual(out), 10_000)
  await sleep(300)
  expect(one.sentAt.length - before).toBe(out)
}

// Without a redis-server on the PATH there is nothing to share over.
describe.skipIf(!hasRedisServer)('while Redis is at fault, limits that are shared', () => {
  it('keep to a part of each in each process, and are shared again when it is back', async () => {
    await using server = await startRedis()
    await using one = openGateway(server.port, { l: { windowMs: 1_000, requests: 40 } }, { processes: 2 })
    await using two = openGateway(server.port, { l: { windowMs: 1_000, requests: 40 } }, { processes: 2 })
    await Promise.all([one.ask(), two.ask()])
    await server.kill()
    await Promise.all([...ask(one, 80), ...ask(two, 80)])
    expect([modeOf(one), modeOf(two)]).toEqual(['local', 'local'])
    expect(one.logged.join('\n')).toMatch(
      /limits are not shared at the moment: this process keeps to its part of each .*Redis/,
    )
    await server.start()
    await vi.waitFor(() => expect([modeOf(one), modeOf(two)]).toEqual(['leased', 'leased']), 20_000)
    expect(one.logged.at(-1)).toMatch(/shared over Redis again/)
    // In no window two limits: what was leased before, and a part for each after.
    const counts = countWindows([...one.sentAt, ...two.sentAt], 1_000)
    expect(Math.max(...counts)).toBeLessThanOrEqual(80)
    await Promise.all([one.ask(), two.ask()])
  }, 40_000)

  it.each([
    ['local', 25],
    ['open', 100],
    ['closed', 0],
  ] as const)('with `fail: %s` let %i of 100 out where Redis was never there', async (fail, most) => {
    await using server = await startRedis()
    await server.kill()
    await using one = openGateway(server.port, perHour(100), { processes: 4, fail, maxWaitMs: 50 })
    await expectOut(one, 150, most)
    await vi.waitFor(() => expect(modeOf(one)).toBe(fail), 5_000)
    expect(one.sentAt).toHaveLength(most)
  })

  it('let nothing more out in a window that Redis said was full', async () => {
    await using server = await startRedis()
    await using one = openGateway(server.port, perHour(20), { processes: 2 })
    await using two = openGateway(server.port, perHour(20), { processes: 2 })
    await expectOut(one, 30, 20)
    await expectOut(two, 30, 0)
    await server.kill()
    await vi.waitFor(() => expect(modeOf(two)).toBe('local'), 5_000)
    await expectOut(two, 30, 0)
  })

  it('wait for a slow one once, and have few commands under way', async () => {
    await using server = await startRedis()
    await using proxy = await createFaultProxy({ target: server.url })
    await using one = openGateway(
      proxy.port,
      { t: { per: 'tenant', requests: 1_000 } },
      { processes: 4, maxWaitMs: 50 },
    )
    await one.ask({ tenant: 'a' })
    proxy.setToxics({ toClient: { latencyMs: 2_000 } })
    for (let i = 0; i < 50; i++) await one.ask({ tenant: `t${i}` })
    expect(modeOf(one)).toBe('local')
    const pending = (one.redis as unknown as { commandQueue: { length: number } }).commandQueue.length
    expect(pending).toBeLessThanOrEqual(1_000)
    expect(one.sentAt).toHaveLength(51)
  })

  it('let out at most as much again in the window in which Redis forgot everything', async () => {
    await using server = await startRedis()
    await using admin = openAdmin(server.port)
    await using one = openGateway(server.port, perHour(100), { processes: 2 })
    await using two = openGateway(server.port, perHour(100), { processes: 2 })
    await expectOut(one, 30, 30)
    await expectOut(two, 30, 30)
    await admin.redis.flushall()
    await admin.redis.script('FLUSH')
    void ask(one, 100)
    void ask(two, 100)
    const out = () => one.sentAt.length + two.sentAt.length
    await vi.waitFor(() => expect(out()).toBeGreaterThanOrEqual(100), 10_000)
    await sleep(300)
    expect(out()).toBeLessThanOrEqual(200)
    expect(modeOf(one)).toBe('leased')
  })

  it('go on after a restart that lost everything, and after the scripts were flushed', async () => {
    await using server = await startRedis()
    await using one = openGateway(server.port, perHour(1_000), { processes: 2 })
    await one.ask()
    await using admin = openAdmin(server.port)
    await admin.redis.script('FLUSH')
    await expectOut(one, 50, 50)
    await server.kill()
    await server.start()
    await one.ask()
    await vi.waitFor(() => expect(modeOf(one)).toBe('leased'), 20_000)
    await expectOut(one, 50, 50)
  }, 30_000)

  it.each<[string, (admin: Redis) => Promise<unknown>, RegExp]>([
    [
      'a read-only replica',
      async (admin) => admin.replicaof('127.0.0.1', 1),
      /read-only replica|READONLY|not shared/,
    ],
    ['out of memory', async (admin) => admin.config('SET', 'maxmemory', '1'), /its memory is full \(OOM\)/],
  ])('keep to a part of each where it is %s', async (_name, spoil, message) => {
    await using server = await startRedis()
    await using one = openGateway(server.port, perHour(40), { processes: 4 })
    await one.ask()
    await using admin = openAdmin(server.port)
    await spoil(admin.redis)
    await expectOut(one, 60, 9)
    expect(modeOf(one)).toBe('local')
    await vi.waitFor(() => expect(one.logged.join('\n')).toMatch(message), 5_000)
  })

  it('keep to a part of that one alone whose key is of another kind', async () => {
    await using server = await startRedis()
    await using admin = openAdmin(server.port)
    await using one = openGateway(server.port, { t: { per: 'tenant', requests: 40 } }, { processes: 4 })
    await one.ask({ tenant: 'a' })
    const [key = ''] = await admin.redis.keys('*6:tenant1:a')
    await admin.redis.set(key.replace(/1:a$/, '1:b'), 'something else')
    await expectOut(one, 40, 10, { tenant: 'b' })
    expect(one.gateway.limits().map(({ scope, shared }) => [scope[0], shared?.mode])).toEqual([
      ['a', 'leased'],
      ['b', 'local'],
    ])
    expect(await admin.redis.get(key.replace(/1:a$/, '1:b'))).toBe('something else')
  })

  it('tell of a Redis that may evict what they count', async () => {
    await using server = await startRedis(['--maxmemory-policy', 'allkeys-lru'])
    await using one = openGateway(server.port, perHour(40))
    await vi.waitFor(
      () => expect(one.logged.join('\n')).toMatch(/set its maxmemory-policy to noeviction/),
      5_000,
    )
  })
})
