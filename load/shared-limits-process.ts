/** One of several processes that share a limit over Redis: always has calls that wait, and says when each went out. */
import { createGateway, type SharedLimits } from '@turnout/core'
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
  readonly maxWaitMs: number
}

export interface SharingResult {
  /** When the limit let each go, by the clock of this machine, which is Redis' too, in milliseconds. */
  readonly takenAt: readonly number[]
  /** When each came to the provider: later by what a busy machine takes for the way. */
  readonly sentAt: readonly number[]
  /** Each time that leases could not be had for longer. */
  readonly warnings: number
}

const messages = [{ role: 'user', content: 'A page about turnouts.' }] as const
/** At the same time, so that most of them wait. */
const UNDER_WAY = 1_000

const task = JSON.parse(process.argv[2] ?? '') as SharingProcess
const { port, calls, limit, windowMs, processes, fail, maxWaitMs } = task
const redis = new Redis({ port, host: '127.0.0.1' })
const takenAt: number[] = []
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
  stores: { limits: noted(sharedLimits(redis, { processes, fail, maxWaitMs })) },
  logger: { warn: () => void warnings++ },
  ledger: false,
})
await redis.ping()
await warmUp()
process.send?.('ready')
process.once('message', () => {
  void run()
})

/** Code that has not run yet is slow, and demand is what is needed here. */
async function warmUp(): Promise<void> {
  const other = createGateway({
    providers: { mock: mockAdapter('ok') },
    limits: { l: { requests: 1e6 } },
    ledger: false,
  })
  for (let i = 0; i < 20; i++) {
    await Promise.all(Array.from({ length: 100 }, async () => other.chat({ model: 'mock/m', messages })))
  }
  await other.close()
}

function noted(limits: SharedLimits): SharedLimits {
  return {
    open(host) {
      const counters = limits.open(host)
      return {
        ...counters,
        share(counter, onRoom) {
          const share = counters.share(counter, onRoom)
          return {
            ...share,
            take(inputTokens, outputTokens, nowMs) {
              takenAt.push(Date.now())
              return share.take(inputTokens, outputTokens, nowMs)
            },
          }
        },
      }
    },
  }
}

async function run(): Promise<void> {
  let begun = 0
  const lane = async (): Promise<void> => {
    while (begun++ < calls)
      await gateway.chat({ model: 'mock/m', messages }, { timeout: { totalMs: 600_000 } })
  }
  await Promise.all(Array.from({ length: UNDER_WAY }, lane))
  await gateway.close()
  redis.disconnect()
  const result: SharingResult = { takenAt, sentAt, warnings }
  process.send?.(result, () => {
    process.disconnect()
  })
}
