/** One of several processes that share a limit over Redis: always has calls that wait, and says when each went out. */
import { createGateway } from '@turnout/core'
import { sharedLimits } from '@turnout/redis'
import { mockAdapter } from '@turnout/testing'
import { Redis } from 'ioredis'

export interface SharingProcess {
  readonly port: number
  readonly calls: number
  readonly limit: number
  readonly windowMs: number
  readonly processes: number
  readonly fail: 'local' | 'closed'
}

export interface SharingResult {
  /** By the clock of this machine, which is Redis' too, in milliseconds. */
  readonly sentAt: readonly number[]
  /** Each time that leases could not be had for longer. */
  readonly warnings: number
}

/** At the same time, so that most of them wait. */
const UNDER_WAY = 1_000

const task = JSON.parse(process.argv[2] ?? '') as SharingProcess
const { port, calls, limit, windowMs, processes, fail } = task
const redis = new Redis({ port, host: '127.0.0.1' })
const sentAt: number[] = []
let warnings = 0
const gateway = createGateway({
  providers: {
    mock: mockAdapter(() => {
      sentAt.push(Date.now())
      return 'ok'
    }),
  },
  limits: { shared: { requests: limit, windowMs } },
  queue: { maxEntries: calls, maxWaitMs: 600_000 },
  stores: { limits: sharedLimits(redis, { processes, fail }) },
  logger: { warn: () => void warnings++ },
  ledger: false,
})
await redis.ping()
process.send?.('ready')
process.once('message', () => {
  void run()
})

async function run(): Promise<void> {
  const messages = [{ role: 'user', content: 'A page about turnouts.' }] as const
  let begun = 0
  const lane = async (): Promise<void> => {
    while (begun++ < calls)
      await gateway.chat({ model: 'mock/m', messages }, { timeout: { totalMs: 600_000 } })
  }
  await Promise.all(Array.from({ length: UNDER_WAY }, lane))
  await gateway.close()
  redis.disconnect()
  const result: SharingResult = { sentAt, warnings }
  process.send?.(result, () => {
    process.disconnect()
  })
}
