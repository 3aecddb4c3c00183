import { describe, expect, it, vi } from 'vitest'
import { openAdmin, openGateway } from '../test/harness.js'
import { hasRedisServer, startRedis } from '../../../load/redis-server.js'

/** So long that no test sees its end, so that counts are exact. */
const LONG_MS = 3_600_000
const times = (count: number, work: () => Promise<unknown>) =>
  Array.from({ length: count }, async () => work())

// Without a redis-server on the PATH there is nothing to share over.
describe.skipIf(!hasRedisServer)('limits that gateways share', () => {
  it('let out so many of all in a window, and not one fewer', async () => {
    await using server = await startRedis()
    const limits = { l: { windowMs: LONG_MS, requests: 100 } }
    await using one = openGateway(server.port, limits)
    await using two = openGateway(server.port, limits)
    await using three = openGateway(server.port, limits)
    const all = [one, two, three]
    const out = () => all.reduce((sum, { sentAt }) => sum + sentAt.length, 0)
    for (const { ask } of all) void Promise.allSettled(times(80, ask))
    await vi.waitFor(() => expect(out()).toBeGreaterThanOrEqual(100), 15_000)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(out()).toBe(100)
  }, 20_000)

  it('let out the rest in the windows after', async () => {
    await using server = await startRedis()
    const limits = { l: { windowMs: 500, requests: 40 } }
    await using one = openGateway(server.port, limits)
    await using two = openGateway(server.port, limits)
    await Promise.all([one, two].flatMap(({ ask }) => times(60, ask)))
    expect([one.sentAt.length, two.sentAt.length]).toEqual([60, 60])
  }, 20_000)

  it('let one process have what the others do not want, but for what may lie idle', async () => {
    await using server = await startRedis()
    const limits = { l: { windowMs: LONG_MS, requests: 1_000 } }
    await using busy = openGateway(server.port, limits, { processes: 4 })
    await using idle = openGateway(server.port, limits, { processes: 4 })
    await idle.ask()
    void Promise.allSettled(times(1_100, busy.ask))
    // A hundredth of the limit in all: 2 of 1,000 with each of four.
    await vi.waitFor(() => expect(busy.sentAt.length).toBeGreaterThanOrEqual(997), 15_000)
    // What it still holds it can spend.
    await idle.ask()
    expect(busy.sentAt.length + idle.sentAt.length).toBeLessThanOrEqual(1_000)
  }, 30_000)

  it('of tokens are corrected by what was taken, for all', async () => {
    await using server = await startRedis()
    const limits = { l: { windowMs: LONG_MS, outputTokens: 1_000 } }
    await using one = openGateway(server.port, limits, { processes: 2 })
    await using two = openGateway(server.port, limits, { processes: 2 })
    // Each is expected to take 400, and takes a few: what was too much is given back to all.
    for (let i = 0; i < 10; i++) {
      await one.ask({ maxTokens: 400 })
      await two.ask({ maxTokens: 400 })
    }
    const used = () => [one, two].map(({ gateway }) => gateway.limits()[0]?.used.outputTokens ?? 0)
    expect(used().every((tokens) => tokens > 0 && tokens < 200)).toBe(true)
  })

  it('count each tenant apart, and keep nothing in Redis longer than its window', async () => {
    await using server = await startRedis()
    await using admin = openAdmin(server.port)
    const limits = { t: { per: 'tenant', windowMs: 500, requests: 5 } } as const
    await using one = openGateway(server.port, limits, { prefix: 'mine:' })
    await Promise.all(['a', 'b', '*', 'a:b'].flatMap((tenant) => times(5, async () => one.ask({ tenant }))))
    const keys = await admin.redis.keys('*')
    expect(keys.every((key) => key.startsWith('mine:'))).toBe(true)
    const ttls = await Promise.all(keys.map(async (key) => admin.redis.pttl(key)))
    expect(Math.min(...ttls)).toBeGreaterThan(0)
    await vi.waitFor(async () => expect(await admin.redis.keys('*:c:*')).toEqual([]), 5_000)
  })

  it('give back what is left when the gateway closes, and leave the client open', async () => {
    await using server = await startRedis()
    const limits = { l: { windowMs: LONG_MS, requests: 100 } }
    await using one = openGateway(server.port, limits)
    await Promise.all(times(20, one.ask))
    await one.gateway.close()
    expect(await one.redis.ping()).toBe('PONG')
    await using two = openGateway(server.port, limits)
    void Promise.allSettled(times(100, two.ask))
    await vi.waitFor(() => expect(two.sentAt.length).toBe(80), 10_000)
    expect(await one.redis.zcard('turnout:limits:p')).toBe(1)
  })

  it('leave concurrent calls to each process, divided by their number where it is told', async () => {
    await using server = await startRedis()
    await using one = openGateway(server.port, { l: { concurrent: 10, requests: 100 } }, { processes: 4 })
    await one.ask()
    expect(one.gateway.limits()).toMatchObject([
      { max: { concurrent: 2, requests: 100 }, used: { requests: 1 }, shared: { mode: 'leased' } },
    ])
  })
})
