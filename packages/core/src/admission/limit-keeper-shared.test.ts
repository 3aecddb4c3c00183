import { describe, expect, it } from 'vitest'
import type { LimitShare, ShareMode, SharedCounter, SharedCounters } from '../contract/shared-limits.js'
import { createLimitKeeper, type LimitKeeper } from './limit-keeper.js'

const call = (tenant?: string) => ({ route: null, ...(tenant !== undefined && { tenant }) })
const tokens = (inputTokens: number, outputTokens = 0) => ({ inputTokens, outputTokens })
const NOTHING = tokens(0)

/** Grants what the test hands out, one lease of requests for each counter. */
function fakeShared(processes = 1) {
  const shares = new Map<string, ReturnType<typeof fakeShare>>()
  const shared: SharedCounters = {
    processes,
    share(counter, onRoom) {
      const share = fakeShare(counter, onRoom)
      shares.set(counter.scope.join(), share)
      return share.share
    },
    close: async () => {},
  }
  return { shared, shares }
}

function fakeShare(counter: SharedCounter, onRoom: () => void) {
  const state = {
    counter,
    onRoom,
    mode: 'leased' as ShareMode,
    portion: 1,
    left: 0,
    asked: 0,
    released: false,
    corrections: [] as unknown[],
    max: counter.max,
  }
  const share: LimitShare = {
    fits(inputTokens) {
      if (state.mode !== 'leased') return state.mode !== 'closed'
      if (state.left >= 1 && inputTokens < 1_000) return true
      state.asked++
      return false
    },
    portion: () => state.portion,
    take: () => {
      state.left--
      return 7
    },
    correct: (...all) => state.corrections.push(all),
    isAsking: () => state.mode === 'leased' && state.asked > 0,
    waitMs: () => 12.5,
    status: () => ({ mode: state.mode, leased: { requests: state.left } }),
    resize(max) {
      state.max = max
    },
    release() {
      state.released = true
    },
  }
  return { share, state }
}

const isGranted = (keeper: LimitKeeper, nowMs: number, tenant?: string): boolean =>
  keeper.take(call(tenant), NOTHING, nowMs).granted

describe('a limit that several processes share', () => {
  it('lets out what was granted, and asks where nothing is', () => {
    const { shared, shares } = fakeShared()
    const keeper = createLimitKeeper({ l: { per: 'tenant', windowMs: 1_000, requests: 10 } }, { shared })
    expect(keeper.take(call('a'), NOTHING, 0)).toMatchObject({
      granted: false,
      reason: 'leasing',
      scope: ['a'],
      retryAfterMs: 13,
      tooLarge: false,
    })
    const share = shares.get('a')!
    expect(share.state.counter).toEqual({
      limit: 'l',
      per: ['tenant'],
      scope: ['a'],
      windowMs: 1_000,
      max: {
        requests: 10,
        inputTokens: Infinity,
        outputTokens: Infinity,
        tokens: Infinity,
        concurrent: Infinity,
      },
    })
    expect(share.state.asked).toBe(1)
    share.state.left = 2
    expect([isGranted(keeper, 0, 'a'), isGranted(keeper, 0, 'a'), isGranted(keeper, 0, 'a')]).toEqual([
      true,
      true,
      false,
    ])
    expect(keeper.status(0)).toMatchObject([
      { used: { requests: 2 }, shared: { mode: 'leased', leased: { requests: 0 } } },
    ])
  })

  it('keeps to its own sliding window with any lease', () => {
    const { shared, shares } = fakeShared()
    const keeper = createLimitKeeper({ l: { windowMs: 1_000, requests: 3 } }, { shared })
    keeper.check(call(), NOTHING, 0)
    shares.get('')!.state.left = 100
    expect([0, 100, 200, 300, 999, 1_000].map((at) => isGranted(keeper, at))).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
    ])
  })

  it('tells the share what was taken in truth, and who waits that there is room', () => {
    const { shared, shares } = fakeShared()
    const keeper = createLimitKeeper({ l: { per: 'tenant', tokens: 100 } }, { shared })
    const told: unknown[] = []
    keeper.onRoom((...room) => told.push(room))
    keeper.check(call('a'), NOTHING, 0)
    const { state } = shares.get('a')!
    state.left = 2
    const first = keeper.take(call('a'), tokens(10, 5), 0)
    if (first.granted) first.settle(tokens(12, 1))
    const second = keeper.take(call('a'), tokens(10, 5), 0)
    if (second.granted) second.cancel()
    expect(state.corrections).toEqual([
      [7, 0, 2, -4],
      [7, -1, -10, -5],
    ])
    told.length = 0
    state.onRoom()
    expect(told).toEqual([['l', ['a']]])
  })

  it('keeps to a part of the limit where leases cannot be had, and to nothing where that was chosen', () => {
    const { shared, shares } = fakeShared()
    const keeper = createLimitKeeper({ l: { windowMs: 1_000, requests: 10, tokens: 100 } }, { shared })
    keeper.check(call(), NOTHING, 0)
    const { state } = shares.get('')!
    state.mode = 'local'
    state.portion = 1 / 4
    expect([0, 0, 0].map((at) => isGranted(keeper, at))).toEqual([true, true, false])
    expect(keeper.check(call(), NOTHING, 0)).toMatchObject({ reason: 'no_room', max: 2, retryAfterMs: 1_000 })
    expect(keeper.check(call(), tokens(26), 2_000)).toMatchObject({
      what: 'tokens',
      max: 25,
      tooLarge: false,
      // No window of this process alone will ever have room for it: leases have to be had again.
      reason: 'shared',
      retryAfterMs: 13,
    })
    expect(keeper.check(call(), tokens(101), 2_000)).toMatchObject({ what: 'tokens', tooLarge: true })
    // One at least, of however many.
    state.portion = 1 / 100
    expect([2_000, 2_000].map((at) => isGranted(keeper, at))).toEqual([true, false])
    state.mode = 'closed'
    state.portion = 1
    expect(keeper.check(call(), NOTHING, 4_000)).toMatchObject({ reason: 'unreachable', retryAfterMs: 13 })
  })

  it('divides calls at the same time between the processes that are told', () => {
    const { shared, shares } = fakeShared(4)
    const keeper = createLimitKeeper({ l: { concurrent: 10 }, one: { concurrent: 3 } }, { shared })
    expect(keeper.status(0)).toMatchObject([{ max: { concurrent: 2 } }, { max: { concurrent: 1 } }])
    expect(isGranted(keeper, 0)).toBe(true)
    expect(shares.size).toBe(0)
  })

  it('asks for all limits at once, and for none that is full anyway', () => {
    const { shared, shares } = fakeShared()
    const keeper = createLimitKeeper(
      { t: { per: 'tenant', requests: 5 }, s: { per: 'session', requests: 5 } },
      { shared },
    )
    keeper.check({ ...call('a'), session: 's' }, NOTHING, 0)
    expect([...shares.keys()]).toEqual(['a', 's'])
    shares.get('a')!.state.mode = 'closed'
    keeper.check({ ...call('a'), session: 'other' }, NOTHING, 0)
    expect([...shares.keys()]).toEqual(['a', 's'])
  })

  it('goes on over a change of its figures, and is released with its counter', () => {
    const { shared, shares } = fakeShared()
    const limit = { per: 'tenant', windowMs: 1_000, requests: 5 } as const
    const before = createLimitKeeper({ l: limit }, { shared })
    before.check(call('a'), NOTHING, 0)
    const after = createLimitKeeper(
      { l: { ...limit, requests: 9 } },
      { shared, from: before, maxCounters: 1 },
    )
    const { state } = shares.get('a')!
    expect(state.max.requests).toBe(9)
    state.left = 1
    const grant = after.take(call('a'), NOTHING, 0)
    if (grant.granted) grant.settle(NOTHING)
    expect(after.counts()).toMatchObject({ settled: 1 })
    expect(after.take(call('b'), NOTHING, 500)).toMatchObject({ reason: 'too_many_scopes' })
    expect(state.released).toBe(false)
    const kept = shares.get('a')
    createLimitKeeper({ l: limit }, { shared, from: after })
    expect(kept?.state.released).toBe(false)
    after.check(call('b'), NOTHING, 1_000)
    expect(state.released).toBe(true)
    createLimitKeeper({ l: { ...limit, windowMs: 5 } }, { shared, from: after })
    expect(shares.get('b')?.state.released).toBe(true)
  })
})
