/**
 * What calls feel of a Redis that is stopped, slow or back again, while limits are shared over it (J5, J6).
 *   npm run shared-limits:faults
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createGateway, type SharedLimits } from '@turnout/core'
import { sharedLimits } from '@turnout/redis'
import { createFaultProxy, mockAdapter } from '@turnout/testing'
import { Redis } from 'ioredis'
import { quantile } from './figures.js'
import { atMost, inTime, judge, round, type Gate } from './gates.js'
import { machineLine } from './machine-line.js'
import { hasRedisServer, startRedis } from './redis-server.js'

console.log(machineLine())
if (!hasRedisServer) {
  console.log('there is no redis-server on the PATH: nothing was measured')
  process.exit(0)
}

const messages = [{ role: 'user', content: 'A page about turnouts.' }] as const
await using server = await startRedis()
await using proxy = await createFaultProxy({ target: server.url })
const redis = new Redis({ port: proxy.port, host: '127.0.0.1', retryStrategy: () => 100 })
redis.on('error', () => {})
await redis.ping()

const open = (limits?: SharedLimits) =>
  createGateway({
    providers: { mock: mockAdapter('ok') },
    // Each call asks for a lease of its own tenant, so that no lease from before hides the fault.
    limits: { tenants: { per: 'tenant', requests: 1_000 } },
    ...(limits && { stores: { limits } }),
    ledger: false,
  })
const alone = open()
const shared = open(sharedLimits(redis, { processes: 4 }))
let tenants = 0

/** What so many calls took, one after the other, in milliseconds. */
async function times(gateway: typeof alone, count: number): Promise<readonly number[]> {
  const took: number[] = []
  for (let i = 0; i < count; i++) {
    const beganAt = performance.now()
    await gateway.chat({ model: 'mock/m', messages }, { tenant: `t${tenants++}` })
    took.push(performance.now() - beganAt)
  }
  return took
}
function tell(name: string, took: readonly number[]): readonly number[] {
  const figures = [0.5, 0.99, 1].map((share) => round(quantile(took, share)).padStart(6)).join(' ')
  console.log(`  ${name.padEnd(52)} ${String(took.length).padStart(5)} ${figures}`)
  return took
}
const pending = (): number => (redis as unknown as { commandQueue: { length: number } }).commandQueue.length
/** What the slowest calls take more than those that share nothing, on the same machine. */
const beyond = (took: readonly number[]): number => quantile(took, 0.99) - quantile(base, 0.99)
const most = (took: readonly number[]): number => Math.max(...took)
const mode = (): string | undefined => shared.limits().at(-1)?.shared?.mode
async function untilShared(): Promise<number> {
  const beganAt = performance.now()
  while (mode() !== 'leased' && performance.now() - beganAt < 20_000) {
    await sleep(20)
    await times(shared, 1)
  }
  return performance.now() - beganAt
}

const gates: Gate[] = []
await times(alone, 300)
await times(shared, 300)
console.log(`  ${''.padEnd(52)} calls    p50    p99    max (ms)`)
const base = tell('each process for itself', await times(alone, 1_000))
tell('shared, each call on a lease of its own', await times(shared, 1_000))

proxy.setToxics({ toClient: { latencyMs: 2_000 } })
const firstSlow = tell('Redis takes 2 s: the first call', await times(shared, 1))
gates.push(
  inTime('slow: added to the call that met it first', most(firstSlow) - quantile(base, 0.5), 60, ' ms'),
)
const slow = tell('                 the next', await times(shared, 1_000))
gates.push(inTime('slow: added to calls after it, p99', beyond(slow), 5, ' ms'))
gates.push(atMost('slow: commands without an answer', pending(), 1_000))
await sleep(3_000)
gates.push(atMost('slow, 3 s later: commands without an answer', pending(), 1_000))
tell('                 3 s later', await times(shared, 1_000))
proxy.setToxics({})
gates.push(inTime('slow no more: shared again after', await untilShared(), 10_000, ' ms'))

await server.kill()
tell('Redis stopped: the first 10 calls', await times(shared, 10))
await sleep(1_500)
const dead = tell('               after the breaker opened', await times(shared, 1_000))
gates.push(inTime('stopped: added to a call, p99', beyond(dead), 5, ' ms'))
await server.start()
gates.push(inTime('started again, empty: shared again after', await untilShared(), 10_000, ' ms'))
tell('shared again', await times(shared, 300))

await Promise.all([alone.close(), shared.close()])
redis.disconnect()
console.log('')
if (!judge(gates, true)) process.exitCode = 1
