import { virtualTime, type VirtualTime } from '@turnout/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { candidateOf, failure } from '../../test/engine-parts.js'
import type { Target } from '../contract/target.js'
import { BREAKER_DEFAULTS } from './breaker-options.js'
import { isRefusal, type Permit, type PermitOutcome, type Refusal } from './permit.js'
import { createTargetGate, type GateChange, type GateOptions, type OwnedGate } from './target-gate.js'
import type { GatewayError } from '../errors/gateway-error.js'

let time: VirtualTime
beforeEach(async () => {
  time = virtualTime()
  // No clock begins at 0.
  await time.advance(1_000)
})
afterEach(() => {
  time.restore()
})

const a: Target = { provider: 'a', model: 'm' }
const b: Target = { provider: 'b', model: 'm' }

function setUp(options: Partial<GateOptions> = {}) {
  const changes: GateChange[] = []
  const gate = createTargetGate({
    breaker: BREAKER_DEFAULTS,
    retryRatio: 0,
    random: () => 0,
    onChange: (change) => void changes.push(change),
    ...options,
  })
  return { gate, changes }
}
function permitOf(given: Permit | Refusal): Permit {
  if (isRefusal(given)) throw new Error(given.reason)
  return given
}
function refusalOf(given: Permit | Refusal): Refusal {
  if (!isRefusal(given)) throw new Error('it was let through')
  return given
}
function end(gate: OwnedGate, target: Target, outcome: PermitOutcome, error?: GatewayError): void {
  permitOf(gate.acquire(target)).settle(outcome, error)
}
/** Waits until the breaker's module is there and has counted. */
const counted = async (): Promise<void> => {
  await import('./circuit-breaker.js')
  await time.advance(0)
}
async function opened(gate: OwnedGate, target: Target): Promise<void> {
  for (let i = 0; i < 10; i++) end(gate, target, 'failure', failure('upstream_error'))
  await counted()
}

describe('a target without trouble', () => {
  it('is let through, and known from its first call on', () => {
    const { gate } = setUp()
    expect(gate.states()).toEqual([])
    expect(gate.refusal(b)).toBeUndefined()
    end(gate, a, 'success')
    end(gate, { provider: 'a', model: 'n' }, 'success')
    const breaker = { state: 'closed', probeFree: false }
    expect(gate.states()).toEqual([
      { ...b, breaker },
      { ...a, breaker },
      { provider: 'a', model: 'n', breaker },
    ])
  })

  it('is remembered as one among a thousand at most, the one unused for longest forgotten first', () => {
    const { gate } = setUp()
    for (let i = 0; i < 1_002; i++) gate.noteFresh({ provider: 'p', model: `m-${i}` })
    gate.noteFresh({ provider: 'p', model: 'm-1001' })
    const models = gate.states().map(({ model }) => model)
    expect(models).toHaveLength(1_000)
    expect(models[0]).toBe('m-2')
    expect(models.at(-1)).toBe('m-1001')
  })
})

describe('a target with trouble', () => {
  it('is not forgotten for others that are asked but once', () => {
    const { gate } = setUp()
    end(gate, a, 'neutral', failure('quota_exhausted'))
    end(gate, b, 'success')
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 500; i++) gate.noteFresh({ provider: 'p', model: `m-${round}-${i}` })
      expect(refusalOf(gate.acquire(a)).code).toBe('cooldown')
    }
    expect(gate.states().map(({ provider }) => provider)).not.toContain('b')
  })
})

describe('the breaker of a target', () => {
  it('shuts it after ten failures, and tells until when', async () => {
    const { gate, changes } = setUp()
    await opened(gate, a)
    expect(changes).toEqual([{ ...a, kind: 'breaker', state: 'open', retryAfterMs: 5_000 }])
    const refusal = {
      code: 'breaker_open',
      reason: 'the circuit breaker is open',
      retryAt: performance.now() + 5_000,
      soft: false,
    }
    expect(gate.refusal(a)).toEqual(refusal)
    expect(gate.acquire(a)).toEqual(refusal)
    expect(gate.acquire(a, true)).toEqual(refusal)
    expect(gate.refusal(b)).toBeUndefined()
    expect(gate.states()[0]).toMatchObject({ ...a, breaker: { state: 'open', probeFree: false } })
  })

  it('lets one probe through when its time has come', async () => {
    const { gate, changes } = setUp()
    await opened(gate, a)
    await time.advance(5_000)
    expect(changes.at(-1)).toStrictEqual({ ...a, kind: 'breaker', state: 'half-open' })
    expect(gate.refusal(a)).toBeUndefined()
    const probe = permitOf(gate.acquire(a))
    const busy = {
      code: 'breaker_open',
      reason: 'the circuit breaker is being probed',
      retryAt: performance.now() + BREAKER_DEFAULTS.probeTimeoutMs,
      soft: false,
    }
    expect(gate.refusal(a)).toEqual(busy)
    expect(gate.acquire(a)).toEqual(busy)
    probe.settle('success')
    await time.advance(0)
    expect(changes.at(-1)).toEqual({ ...a, kind: 'breaker', state: 'closed' })
    expect(gate.refusal(a)).toBeUndefined()
    expect(isRefusal(gate.acquire(a))).toBe(false)
  })

  it('is not there when it is switched off', async () => {
    const { gate, changes } = setUp({ breaker: undefined })
    for (let i = 0; i < 50; i++) end(gate, a, 'failure', failure('upstream_error'))
    await counted()
    expect(gate.refusal(a)).toBeUndefined()
    expect(isRefusal(gate.acquire(a))).toBe(false)
    expect(gate.states()).toEqual([{ ...a, breaker: { state: 'closed', probeFree: false } }])
    expect(changes).toEqual([])
    for (let i = 0; i < 1_000; i++) gate.noteFresh({ provider: 'p', model: `m-${i}` })
    expect(gate.states()).toHaveLength(1_000)
    gate.close()
    expect(gate.states()).toEqual([])
  })
})

describe('the cooldown of a target', () => {
  const limited = failure('rate_limited', { retryAfterMs: 30_000 })

  it('keeps it out for as long as it asked, and tells so once', async () => {
    const { gate, changes } = setUp()
    end(gate, a, 'neutral', limited)
    expect(changes).toEqual([{ ...a, kind: 'cooldown', error: limited, retryAfterMs: 30_000 }])
    const until = performance.now() + 30_000
    const refusal = {
      code: 'cooldown',
      reason: 'cooling down after rate_limited',
      retryAt: until,
      error: limited,
      soft: false,
    }
    expect(gate.refusal(a)).toEqual(refusal)
    expect(gate.acquire(a, true)).toEqual(refusal)
    expect(gate.states()[0]).toMatchObject({ cooldown: { until, error: limited } })
    await time.advance(30_000)
    expect(gate.refusal(a)).toBeUndefined()
    expect(gate.states()[0]).not.toHaveProperty('cooldown')
    expect(changes).toHaveLength(1)
  })

  it('is what an error of a call that passed no judgement can begin too', () => {
    const { gate, changes } = setUp()
    end(gate, a, 'failure', failure('overloaded', { retryAfterMs: 1_000 }))
    expect(changes).toMatchObject([{ kind: 'cooldown', retryAfterMs: 1_000 }])
  })

  it('is soft for a refused key: the target may be asked as the last', () => {
    const { gate } = setUp()
    end(gate, a, 'neutral', failure('authentication'))
    expect(gate.refusal(a)).toMatchObject({ code: 'cooldown', soft: true })
    expect(refusalOf(gate.acquire(a)).soft).toBe(true)
    expect(isRefusal(gate.acquire(a, true))).toBe(false)
  })

  it('is not begun by one upstream of an aggregator that refuses the key', () => {
    const { gate, changes } = setUp()
    end(gate, candidateOf('hub', { isAggregator: true }), 'neutral', failure('authentication'))
    end(gate, candidateOf('direct', { isAggregator: false }), 'neutral', failure('authentication'))
    expect(changes.map(({ provider }) => provider)).toEqual(['direct'])
  })

  it('comes when limits go on without a word about when they end, unless an answer comes between', async () => {
    const silent = failure('rate_limited')
    const { gate, changes } = setUp()
    end(gate, a, 'neutral', silent)
    end(gate, b, 'neutral', silent)
    await time.advance(3_000)
    end(gate, b, 'success')
    // An abort is no answer.
    end(gate, a, 'neutral')
    await time.advance(3_000)
    end(gate, a, 'neutral', silent)
    end(gate, b, 'neutral', silent)
    expect(changes).toEqual([{ ...a, kind: 'cooldown', error: silent, retryAfterMs: 5_000 }])
  })

  it('is told before the breaker', async () => {
    const { gate } = setUp()
    const permits = Array.from({ length: 10 }, () => permitOf(gate.acquire(a)))
    for (const permit of permits) permit.settle('failure', limited)
    await counted()
    expect(gate.refusal(a)).toMatchObject({ code: 'cooldown' })
    expect(gate.states()[0]).toMatchObject({ breaker: { state: 'open' } })
  })
})

describe('the retry budget of a target', () => {
  const spent = (gate: OwnedGate, target: Target): number => {
    let count = 0
    while (count < 1_000 && gate.takeRetry(target)) count++
    return count
  }

  it('is a share of its own fresh attempts, and a small reserve', () => {
    const { gate } = setUp({ retryRatio: 0.5 })
    for (let i = 0; i < 8; i++) gate.noteFresh(a)
    expect(spent(gate, a)).toBe(10 + 4)
    expect(spent(gate, b)).toBe(10)
  })
})

describe('what an attempt needs', () => {
  const stated = (remaining: number) => ({
    'x-ratelimit-limit-tokens': '10000',
    'x-ratelimit-remaining-tokens': String(remaining),
    'x-ratelimit-reset-tokens': '60s',
  })
  const exact = { inputTokens: 100, outputTokens: 100 }
  const rough = { inputTokens: 400, outputTokens: 100 }

  it.each([
    { remaining: undefined, isEstimated: false, used: undefined },
    { remaining: 10_000, isEstimated: false, used: 500 },
    { remaining: 5_500, isEstimated: false, used: 5_000 },
    { remaining: 5_499, isEstimated: true, used: 4_701 },
    { remaining: 300, isEstimated: true, used: 9_900 },
  ])('is estimated only where it may matter: $remaining left', ({ remaining, isEstimated, used }) => {
    const { gate } = setUp()
    const first = permitOf(gate.acquire(a))
    first.heard?.({ status: 200, headers: remaining === undefined ? {} : stated(remaining) })
    first.settle('success')
    const need = vi.fn<() => typeof exact>(() => exact)
    const wish = { need, roughNeed: () => rough }
    expect(gate.refusal(a, wish)).toBeUndefined()
    permitOf(gate.acquire(a, false, wish))
    expect(need.mock.calls.length > 0).toBe(isEstimated)
    expect(gate.learned(performance.now())[0]?.stated[0]?.used).toBe(used)
  })

  it('is estimated where nothing can be told at a glance', () => {
    const { gate } = setUp()
    const first = permitOf(gate.acquire(a))
    first.heard?.({ status: 200, headers: stated(10_000) })
    first.settle('success')
    permitOf(gate.acquire(a, false, { need: () => exact, roughNeed: () => undefined }))
    expect(gate.learned(performance.now())[0]?.stated[0]?.used).toBe(200)
  })
})

describe('a permit that is cancelled', () => {
  const headers = {
    'x-ratelimit-limit-requests': '10',
    'x-ratelimit-remaining-requests': '2',
    'x-ratelimit-reset-requests': '60s',
  }
  /** How many are let through at this moment. */
  const countFree = (gate: OwnedGate, target: Target): number => {
    let count = 0
    while (count < 1_000 && !isRefusal(gate.acquire(target))) count++
    return count
  }
  const cancelAll = (gate: OwnedGate, target: Target, times: number): void => {
    for (let i = 0; i < times; i++) permitOf(gate.acquire(target)).cancel()
  }

  it('gives its place in what refusals have taught back', async () => {
    const { gate } = setUp()
    for (let i = 0; i < 20; i++) {
      end(gate, a, 'neutral', failure('rate_limited'))
      await time.advance(20)
      if (isRefusal(gate.acquire(a))) break
    }
    await time.advance(1_000)
    cancelAll(gate, a, 100)
    const free = countFree(gate, a)
    expect(free).toBeGreaterThan(0)
    expect(free).toBeLessThan(100)
  })

  it('counts for nothing in what the provider states', () => {
    const { gate } = setUp()
    const first = permitOf(gate.acquire(a))
    first.heard?.({ status: 200, headers })
    first.settle('success')
    cancelAll(gate, a, 100)
    expect(gate.learned(performance.now())[0]?.stated).toMatchObject([{ used: 8 }])
    expect(countFree(gate, a)).toBe(2)
  })

  it('tells those who wait for room that there is some', () => {
    const onRoom = vi.fn<(target: Target) => void>()
    const { gate } = setUp({ onRoom })
    permitOf(gate.acquire(a)).heard?.({ status: 200, headers })
    permitOf(gate.acquire(a))
    const last = permitOf(gate.acquire(a))
    expect(refusalOf(gate.acquire(a)).code).toBe('limit')
    last.cancel()
    expect(onRoom.mock.calls).toEqual([[a]])
    expect(countFree(gate, a)).toBe(1)
  })

  it('leaves the probe of a breaker to the next', async () => {
    const { gate } = setUp()
    await opened(gate, a)
    await time.advance(5_000)
    permitOf(gate.acquire(a)).cancel()
    expect(countFree(gate, a)).toBe(1)
  })

  it('leaves a key that was refused to the next', async () => {
    const { gate } = setUp()
    const hub = candidateOf('hub', { keys: ['key-1'] })
    end(gate, hub, 'neutral', failure('authentication'))
    await time.advance(300_000)
    permitOf(gate.acquire(hub)).cancel()
    expect(countFree(gate, hub)).toBe(1)
  })
})

describe('a closed gate', () => {
  it('leaves no timer and remembers nobody', async () => {
    const { gate } = setUp()
    await opened(gate, a)
    expect(time.pendingTimers()).toBe(1)
    gate.close()
    expect(time.pendingTimers()).toBe(0)
    expect(gate.states()).toEqual([])
  })

  it('closes also the breaker of a target that is forgotten', async () => {
    const { gate } = setUp()
    await opened(gate, a)
    for (let i = 0; i < 1_000; i++) gate.noteFresh({ provider: 'p', model: `m-${i}` })
    expect(time.pendingTimers()).toBe(0)
  })
})
