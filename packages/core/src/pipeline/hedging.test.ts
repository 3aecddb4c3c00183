/** What hedging is for, in virtual time: three in a hundred answers take ten times as long. */
import { createGateway, type HedgeOptions } from '@turnout/core'
import { mockAdapter, seededRandom, virtualTime } from '@turnout/testing'
import { describe, expect, it } from 'vitest'

const CALLS = 4_000

/** Latencies of all calls, and the attempts that were made for them. */
async function run(seed: number, hedge: HedgeOptions | false) {
  using time = virtualTime()
  const random = seededRandom(seed)
  const provider = () =>
    mockAdapter(() => {
      const usual = 80 + 40 * random()
      return { text: 'answer', firstTokenDelayMs: random() < 0.03 ? usual * 10 : usual }
    })
  const gateway = createGateway({
    random,
    providers: { a: provider(), b: provider() },
    routes: { r: { targets: ['a/m', 'b/m'], hedge } },
  })
  let attempts = 0
  gateway.on('attempt-start', () => attempts++)
  const latencies: number[] = []
  for (let i = 0; i < CALLS; i++) {
    const began = time.elapsedMs()
    await time.settle(gateway.chat({ model: 'r', messages: [{ role: 'user', content: 'Hi' }] }))
    latencies.push(time.elapsedMs() - began)
  }
  await time.settle(gateway.close())
  expect(time.pendingTimers()).toBe(0)
  latencies.sort((one, other) => one - other)
  return { p99: latencies[Math.floor(CALLS * 0.99)] as number, extraLoad: attempts / CALLS - 1 }
}

describe('hedging', () => {
  it.each([1, 2, 3])(
    'halves the p99 for a twentieth more load (seed %i)',
    async (seed) => {
      const plain = await run(seed, false)
      const hedged = await run(seed, { after: 'p95', maxExtraLoad: 0.05 })
      expect(plain.extraLoad).toBe(0)
      expect(plain.p99).toBeGreaterThan(700)
      expect(hedged.p99).toBeLessThan(plain.p99 / 2)
      expect(hedged.extraLoad).toBeGreaterThan(0.02)
      expect(hedged.extraLoad).toBeLessThanOrEqual(0.055)
    },
    30_000,
  )
})
