/**
 * Providers with limits that nobody configured, in virtual time: how much of them is used, and how much is refused.
 * `FIGURES=1 npx vitest run packages/core/src/pipeline/learned-limits.test.ts` prints the counts.
 */
import { createGateway, isGatewayError } from '@turnout/core'
import { seededRandom, virtualTime } from '@turnout/testing'
import { describe, expect, it } from 'vitest'
import {
  aroundMs,
  fixedWindow,
  limitedProvider,
  slidingWindow,
  tokenBucket,
  type Arrival,
  type Server,
} from '../../test/limited-provider.js'

const SEEDS = [1, 2, 3] as const
const messages = [{ role: 'user', content: 'Hello' }] as const

interface Hidden {
  readonly name: string
  readonly server: () => Server
  /** What it takes in the time of the run. */
  readonly capacity: (ms: number) => number
  readonly runMs: number
  readonly callers: number
  /** So long it may take to learn what nobody tells: not judged, but printed. Half a minute, twice what R5 allows. */
  readonly learnMs: number
}

/** Calls that were refused while it was learned fail as they do with any provider that only refuses. */
const LEARN_MS = 30_000

/** Calls as many as `callers` at a time, one after the other, until the time is over. */
async function run({ server, callers, runMs }: Hidden, seed: number) {
  using time = virtualTime()
  const random = seededRandom(seed)
  const a = limitedProvider(server(), { latencyMs: aroundMs(300, random) })
  const gateway = createGateway({
    random,
    providers: { a },
    queue: { maxEntries: 10_000, maxWaitMs: 1e9 },
    retry: { maxRetryAfterWaitMs: { withFallback: 3_000, last: 120_000 } },
  })
  const codes: Record<string, number> = {}
  const worker = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      try {
        await gateway.chat({ model: 'a/m', messages }, { timeout: { totalMs: 1e8 } })
      } catch (error) {
        const code = isGatewayError(error) ? error.code : 'raw'
        codes[code] = (codes[code] ?? 0) + 1
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }
  const startedAt = performance.now()
  const endsAt = startedAt + runMs
  for (let i = 0; i < callers; i++) void worker()
  await time.advance(runMs)
  const arrivals = a.arrivals.map((one): Arrival => ({ ...one, at: one.at - startedAt }))
  return { arrivals, codes }
}

function judge(arrivals: readonly Arrival[], fromMs: number, toMs: number, capacity: number) {
  const within = arrivals.filter(({ at }) => at >= fromMs && at <= toMs)
  const refused = within.filter((one) => one.refused).length
  return {
    sent: within.length,
    refused,
    refusedShare: refused / within.length,
    usedShare: (within.length - refused) / capacity,
  }
}

const HIDDEN: readonly Hidden[] = [
  {
    name: 'a bucket of 1,200 a minute, in headers as OpenAI has them',
    server: () => tokenBucket(() => 20, 1_200, true),
    capacity: (ms) => 1_200 + ms / 50,
    runMs: 120_000,
    callers: 50,
    learnMs: 0,
  },
  {
    name: '600 in each minute, in headers as Anthropic has them',
    server: () => fixedWindow(() => 600, 60_000, true, 17_000),
    capacity: (ms) => 600 * (ms / 60_000 + 1),
    runMs: 180_000,
    callers: 50,
    learnMs: 0,
  },
  {
    name: '300 in any minute, in refusals as Gemini has them',
    server: () => slidingWindow(300, 60_000),
    capacity: (ms) => (300 * ms) / 60_000,
    runMs: 300_000,
    callers: 50,
    // The first window is used up before anything is known of it.
    learnMs: 60_000,
  },
  {
    name: '20 a second, 20 at once, never told',
    server: () => tokenBucket(() => 20, 20),
    capacity: (ms) => ms / 50,
    runMs: 240_000,
    callers: 12,
    learnMs: LEARN_MS,
  },
  {
    name: '20 in each second, never told',
    server: () => fixedWindow(() => 20, 1_000),
    capacity: (ms) => ms / 50,
    runMs: 240_000,
    callers: 12,
    learnMs: LEARN_MS,
  },
  {
    name: '200 a second, 200 at once, never told',
    server: () => tokenBucket(() => 200, 200),
    capacity: (ms) => ms / 5,
    runMs: 60_000,
    callers: 120,
    learnMs: LEARN_MS,
  },
]

describe.each(HIDDEN)('$name', (hidden) => {
  it.each(SEEDS)(
    'is used to nine tenths and more, with one refusal in a hundred at most (seed %i)',
    async (seed) => {
      const { name, runMs, learnMs, capacity } = hidden
      const { arrivals, codes } = await run(hidden, seed)
      const judged = judge(arrivals, learnMs, runMs, capacity(runMs - learnMs))
      if (process.env.FIGURES) {
        const all = judge(arrivals, 0, runMs, capacity(runMs))
        const line = ({ sent, refused, refusedShare, usedShare }: typeof all): string =>
          `sent ${sent} refused ${refused} (${(refusedShare * 100).toFixed(2)} %) used ${(usedShare * 100).toFixed(1)} %`
        process.stderr.write(
          `${name} | seed ${seed} | ${line(judged)} | from the start ${line(all)} | ${JSON.stringify(codes)}\n`,
        )
      }
      expect(judged.usedShare).toBeGreaterThanOrEqual(0.9)
      expect(judged.refusedShare).toBeLessThanOrEqual(0.01)
      // What is told fails nobody; nobody fails of anything but refusals.
      expect(Object.keys(codes).filter((code) => code !== 'rate_limited' && code !== 'all_failed')).toEqual(
        [],
      )
      expect(learnMs === 0 ? codes : {}).toEqual({})
    },
    60_000,
  )
})
