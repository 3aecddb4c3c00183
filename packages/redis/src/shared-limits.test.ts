import { describe, expect, it } from 'vitest'
import { countWindows, openGateway } from '../test/harness.js'
import { hasRedisServer, startRedis } from '../../../load/redis-server.js'

const times = (count: number, work: () => Promise<unknown>) => Array.from({ length: count }, work)

// Without a redis-server on the PATH there is nothing to share over.
describe.skipIf(!hasRedisServer)('limits that gateways share', () => {
  it('let out so many of all in a window, and hardly fewer', async () => {
    await using server = await startRedis()
    const limits = { l: { windowMs: 1_000, requests: 100 } }
    await using one = openGateway(server.port, limits, { fail: 'closed' })
    await using two = openGateway(server.port, limits, { fail: 'closed' })
    await using three = openGateway(server.port, limits, { fail: 'closed' })
    const all = [one, two, three]
    await Promise.all(all.flatMap(({ ask }) => times(120, ask)))
    const counts = countWindows(
      all.flatMap(({ sentAt }) => sentAt),
      1_000,
    )
    expect(Math.max(...counts)).toBeLessThanOrEqual(100)
    // The first and the last window are no whole ones.
    for (const count of counts.slice(1, -1)) expect(count).toBeGreaterThanOrEqual(98)
    for (const { sentAt } of all) expect(sentAt).toHaveLength(120)
  }, 20_000)
})
