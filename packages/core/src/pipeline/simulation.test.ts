/**
 * A day of traffic with faults, in virtual time, many times over: whatever happens, calls end once and in time, counters
 * balance, nobody is asked who said no, and no text is doubled or lost. A failing seed is in the test's name:
 * `SEED=17 npx vitest run packages/core/src/pipeline/simulation.test.ts` plays it again.
 */
import {
  createGateway,
  isGatewayError,
  type CallOptions,
  type ChatChunk,
  type GatewayEvent,
} from '@turnout/core'
import { mockAdapter, seededRandom, virtualTime, type MockReply } from '@turnout/testing'
import { describe, expect, it } from 'vitest'

const SEEDS = process.env.SEED ? [Number(process.env.SEED)] : Array.from({ length: 300 }, (_, i) => i + 1)
const DAY_MS = 86_400_000
const CALLS = 40
const TEXT = 'one two three four five six seven eight nine ten'
const TARGETS = ['a/m', 'b/m', 'c/m'] as const
const TOTAL_MS = 120_000

type Random = () => number
const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

/** What a provider does while it has trouble. */
function troubleOf(random: Random): () => MockReply {
  const chunks = Math.floor(random() * 8)
  const kinds: (() => MockReply)[] = [
    () => ({ error: 'overloaded' }),
    () => ({ error: 'upstream_error', headersDelayMs: 500 }),
    () => ({ error: 'rate_limited' }),
    () => ({ error: 'rate_limited', retryAfterMs: pick(random, [0, 300, 2_000, 30_000, 3_600_000]) }),
    () => ({ error: 'quota_exhausted' }),
    () => ({ error: 'authentication' }),
    () => ({ error: 'timeout' }),
    () => ({ fault: 'reset' }),
    () => ({ fault: 'silence' }),
    () => ({ fault: 'html' }),
    () => ({ text: TEXT, cut: { afterChunks: chunks } }),
    () => ({ text: TEXT, stall: { afterChunks: chunks } }),
    () => ({ text: TEXT, firstTokenDelayMs: 20_000 }),
    () => ({ text: TEXT, errorEvent: { afterChunks: chunks, error: 'overloaded' } }),
    () => ({ text: TEXT, chunkDelayMs: 3_000 }),
  ]
  return pick(random, kinds)
}

/** A provider whose good and bad hours follow from the seed. */
function moodyProvider(random: Random, now: () => number) {
  const troubles = Array.from({ length: 4 }, () => {
    const from = random() * DAY_MS
    return { from, to: from + random() * DAY_MS * 0.3, reply: troubleOf(random), share: 0.3 + 0.7 * random() }
  })
  return mockAdapter(({ lastUserText }) => {
    const trouble = troubles.find(({ from, to }) => now() >= from && now() < to)
    if (trouble && random() < trouble.share) return trouble.reply()
    // Asked to go on, a model goes on; asked anew, it answers anew.
    return lastUserText.startsWith('Your last message was cut off') ? TEXT : { text: TEXT, chunkDelayMs: 20 }
  })
}

/** Options of a call: plain, or with one of the engine's powers. */
const optionsOf = (random: Random): CallOptions => ({
  timeout: { totalMs: TOTAL_MS, firstTokenMs: 8_000, idleMs: 5_000 },
  ...pick<CallOptions>(random, [
    {},
    {},
    { hedge: { after: 1_000, maxExtraLoad: 0.5 } },
    { race: 2 },
    { rescue: 'continue' },
    { rescue: 'restart' },
    { rescue: 'hold' },
    { fallback: false },
    { maxAttempts: 2 },
  ]),
})

interface CallEnd {
  readonly outcome: 'ok' | 'error' | 'aborted'
  /** The text of each segment that was delivered. */
  readonly texts: readonly string[]
  readonly tookMs: number
}

describe.each(SEEDS)('a day with seed %i', (seed) => {
  it('keeps every promise', async () => {
    using time = virtualTime()
    const random = seededRandom(seed)
    const now = (): number => time.elapsedMs()
    const gateway = createGateway({
      random,
      providers: {
        a: moodyProvider(random, now),
        b: moodyProvider(random, now),
        c: moodyProvider(random, now),
      },
      routes: { day: TARGETS },
    })
    const events: (GatewayEvent & { at: number })[] = []
    gateway.on('*', (event) => events.push({ ...event, at: now() }))

    const ends: Promise<CallEnd>[] = []
    let at = 0
    while (ends.length < CALLS) {
      // Bursts now and then, long pauses else.
      const pause = random() < 0.7 ? random() * 2_000 : random() * ((2 * DAY_MS) / CALLS)
      await time.advance(pause)
      at += pause
      ends.push(call(gateway, random, now))
    }
    const settled = await time.settle(Promise.all(ends))

    for (const { tookMs, texts, outcome } of settled) {
      expect(tookMs).toBeLessThanOrEqual(TOTAL_MS + 50)
      for (const text of texts) expect(TEXT.startsWith(text)).toBe(true)
      expect(outcome !== 'ok' || texts.at(-1) === TEXT).toBe(true)
    }
    expect(at).toBeGreaterThan(0)
    checkCounters(events, settled)
    expect(gateViolations(events)).toEqual([])
    await time.settle(gateway.close())
    expect(time.pendingTimers()).toBe(0)
  })
})

async function call(
  gateway: ReturnType<typeof createGateway>,
  random: Random,
  now: () => number,
): Promise<CallEnd> {
  const began = now()
  const texts = ['']
  const controller = new AbortController()
  const options = { ...optionsOf(random), signal: controller.signal }
  const leaves = random() < 0.1 && setTimeout(() => controller.abort(new Error('gone')), random() * 10_000)
  const request = { model: gateway.model('day'), messages: [{ role: 'user' as const, content: 'Count.' }] }
  const hear = (chunk: ChatChunk): void => {
    if (chunk.gateway && 'event' in chunk.gateway) texts.push('')
    texts.push(`${texts.pop() ?? ''}${chunk.choices[0]?.delta.content ?? ''}`)
  }
  try {
    if (random() < 0.4) texts[0] = (await gateway.chat(request, options)).choices[0]?.message.content ?? ''
    else for await (const chunk of gateway.stream(request, options)) hear(chunk)
    return { outcome: 'ok', texts, tookMs: now() - began }
  } catch (error) {
    if (!isGatewayError(error)) throw error
    return { outcome: error.code === 'aborted' ? 'aborted' : 'error', texts, tookMs: now() - began }
  } finally {
    if (leaves) clearTimeout(leaves)
  }
}

function checkCounters(events: readonly GatewayEvent[], settled: readonly CallEnd[]): void {
  const of = <Type extends GatewayEvent['type']>(type: Type) =>
    events.filter((event): event is Extract<GatewayEvent, { type: Type }> => event.type === type)
  const [started, ended] = [of('request-start'), of('request-end')]
  expect(started).toHaveLength(CALLS)
  expect(ended.map(({ requestId }) => requestId).toSorted()).toEqual(
    started.map(({ requestId }) => requestId).toSorted(),
  )
  const count = (outcome: string): number => ended.filter((end) => end.outcome === outcome).length
  expect(count('ok') + count('error') + count('aborted')).toBe(CALLS)
  for (const outcome of ['ok', 'error', 'aborted'] as const)
    expect(count(outcome)).toBe(settled.filter((end) => end.outcome === outcome).length)

  const attempts = of('attempt-end').map(({ attempt }) => attempt)
  expect(of('attempt-start')).toHaveLength(attempts.length)
  const kinds = attempts.map(({ kind }) => kind)
  const kind = (name: string): number => kinds.filter((each) => each === name).length
  expect(kind('first') + kind('retry') + kind('failover') + kind('hedge')).toBe(attempts.length)
  for (const { trace } of ended) {
    expect(trace.attempts.length).toBeLessThanOrEqual(6)
    expect(trace.attempts.filter(({ kind: each }) => each === 'first').length).toBeLessThanOrEqual(1)
    for (const { startedAfterMs, verdict, durationMs } of trace.attempts) {
      expect(startedAfterMs + durationMs).toBeLessThanOrEqual(TOTAL_MS + 50)
      expect(verdict?.delayMs ?? 0).toBeLessThanOrEqual(72_000)
    }
  }
}

/** Who said when to come back is not asked before; an open breaker lets nobody through, a half-open one a probe at a time. */
function gateViolations(events: readonly (GatewayEvent & { readonly at: number })[]): readonly string[] {
  const violations: string[] = []
  const coolUntil = new Map<string, number>()
  const state = new Map<string, 'open' | 'half-open'>()
  const probedAt = new Map<string, number>()
  for (const event of events) {
    const { type, at } = event
    if (type === 'attempt-end') probedAt.delete(nameOf(event.attempt))
    if (type === 'cooldown' && event.code !== 'authentication')
      coolUntil.set(nameOf(event), Math.max(coolUntil.get(nameOf(event)) ?? 0, at + event.retryAfterMs))
    if (type === 'breaker-open') state.set(nameOf(event), 'open')
    if (type === 'breaker-half-open') {
      state.set(nameOf(event), 'half-open')
      probedAt.delete(nameOf(event))
    }
    if (type === 'breaker-close') state.delete(nameOf(event))
    if (type !== 'attempt-start') continue
    const target = nameOf(event)
    if (at < (coolUntil.get(target) ?? 0) - 0.001) violations.push(`${target} was asked while it cooled down`)
    if (state.get(target) === 'open') violations.push(`${target} was asked while its breaker was open`)
    if (state.get(target) !== 'half-open') continue
    if (at - (probedAt.get(target) ?? -Infinity) < 10_000)
      violations.push(`${target} was probed by two at a time`)
    probedAt.set(target, at)
  }
  return violations
}

const nameOf = ({ provider, model }: { readonly provider: string; readonly model: string }): string =>
  `${provider}/${model}`
