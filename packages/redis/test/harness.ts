import { createGateway, type Gateway, type Limits, type Logger } from '@turnout/core'
import { mockAdapter } from '@turnout/testing'
import { Redis } from 'ioredis'
import { sharedLimits, type SharedLimitsOptions } from '../src/index.js'

/** A gateway on a client of its own, as one process would have it. */
export interface TestGateway extends AsyncDisposable {
  readonly gateway: Gateway
  readonly redis: Redis
  /** When each call reached its provider, by the clock of this machine, which is Redis' too. */
  readonly sentAt: readonly number[]
  readonly logged: readonly string[]
  ask(options?: { readonly tenant?: string; readonly maxTokens?: number }): Promise<unknown>
}

export function openGateway(
  port: number,
  limits: Limits,
  options: SharedLimitsOptions = {},
  client: Record<string, unknown> = {},
): TestGateway {
  const sentAt: number[] = []
  const logged: string[] = []
  const redis = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50, ...client })
  redis.on('error', () => {})
  const note = (facts: object, message: string): void => {
    logged.push(`${message} ${'error' in facts ? String(facts.error) : ''}`)
  }
  const logger: Logger = { info: note, warn: note, error: note }
  const gateway = createGateway({
    providers: { mock: mockAdapter(() => (sentAt.push(Date.now()), 'ok')) },
    limits,
    queue: { maxEntries: 50_000, maxWaitMs: 600_000 },
    // A busy machine is no fault of Redis.
    stores: { limits: sharedLimits(redis, { maxWaitMs: 2_000, ...options }) },
    logger,
    ledger: false,
  })
  return {
    gateway,
    redis,
    sentAt,
    logged,
    ask: async ({ maxTokens = 10, ...callOptions } = {}) =>
      gateway.chat(
        { model: 'mock/m', messages: [{ role: 'user', content: 'x' }], max_tokens: maxTokens },
        callOptions,
      ),
    async [Symbol.asyncDispose]() {
      await gateway.close({ drainMs: 0 })
      redis.disconnect()
    },
  }
}

/** How many fell into each aligned window, in order, windows without any included. */
export function countWindows(at: readonly number[], windowMs: number): readonly number[] {
  const numbers = at.map((one) => Math.floor(one / windowMs))
  const first = Math.min(...numbers)
  const counts = Array.from({ length: Math.max(...numbers) - first + 1 }, () => 0)
  for (const number of numbers) counts[number - first] = (counts[number - first] ?? 0) + 1
  return counts
}

/** A client for the test itself. */
export function openAdmin(port: number): AsyncDisposable & { readonly redis: Redis } {
  const redis = new Redis({ port, host: '127.0.0.1' })
  redis.on('error', () => {})
  return {
    redis,
    async [Symbol.asyncDispose]() {
      redis.disconnect()
    },
  }
}
