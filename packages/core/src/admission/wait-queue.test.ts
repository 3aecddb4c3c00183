import { seededRandom, virtualTime, type VirtualTime } from '@turnout/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LimitRefusal, Limits } from '../contract/limit.js'
import type { Priority } from '../contract/request-options.js'
import type { GatewayError } from '../errors/gateway-error.js'
import { createLimitKeeper, type LimitGrant } from './limit-keeper.js'
import type { LimitFacts } from './limit-scope.js'
import { createWaitQueue, type WaitQueueOptions } from './wait-queue.js'

let time: VirtualTime
beforeEach(() => void (time = virtualTime()))
afterEach(() => time.restore())

interface CallOptions {
  readonly priority?: Priority
  readonly tenant?: string
  readonly session?: string
  readonly group?: string
  readonly chars?: number
  readonly deadlineMs?: number
  readonly tokens?: number
  /** Ends by itself after so long; by `end` otherwise. */
  readonly takesMs?: number
}

/** A queue before a keeper, with calls that are told by their names. */
function setUp(limits: Limits, options: WaitQueueOptions = {}) {
  const keeper = createLimitKeeper(limits)
  const queue = createWaitQueue(options)
  keeper.onRoom(queue.onRoom)
  const started: string[] = []
  const errors = new Map<string, GatewayError>()
  const grants = new Map<string, LimitGrant>()
  const leaves = new Map<string, () => void>()
  let tries = 0
  const end = (name: string): void => {
    grants.get(name)?.settle({ inputTokens: null, outputTokens: null })
    grants.delete(name)
  }
  const call = (name: string, one: CallOptions = {}): void => {
    const { priority = 'normal', group = '', chars = 10, deadlineMs = Infinity, tokens = 0, takesMs } = one
    const facts: LimitFacts = {
      route: null,
      ...(one.tenant !== undefined && { tenant: one.tenant }),
      ...(one.session !== undefined && { session: one.session }),
    }
    const leave = queue.enter({
      priority,
      tenant: one.tenant ?? '',
      group: group + keeper.groupOf(facts),
      chars,
      deadlineAt: performance.now() + deadlineMs,
      tryStart(isHeld) {
        tries++
        const held = keeper.take(facts, { inputTokens: tokens, outputTokens: 0 }, performance.now(), isHeld)
        if (!held.granted) return held
        started.push(name)
        grants.set(name, held)
        if (takesMs !== undefined) setTimeout(end, takesMs, name)
        return 'started'
      },
      onRefused: (error) => errors.set(name, error),
    })
    if (leave) leaves.set(name, leave)
  }
  const refused = (): readonly string[] => [...errors].map(([name, { code }]) => `${name}: ${code}`)
  return {
    queue,
    keeper,
    call,
    end,
    started,
    errors,
    refused,
    leave: (name: string) => leaves.get(name)?.(),
    tries: () => tries,
  }
}

const ONE: Limits = { slot: { concurrent: 1 } }

describe('a call', () => {
  it('starts at once where there is room, and waits for room where there is none', () => {
    const { queue, call, end, started } = setUp(ONE)
    call('a')
    expect(queue.isEmpty()).toBe(true)
    call('b')
    call('c')
    expect(started).toEqual(['a'])
    expect(queue.status()).toMatchObject({ waiting: { normal: 2 }, chars: 20, started: 0 })
    end('a')
    expect(started).toEqual(['a', 'b'])
    end('b')
    end('c')
    expect(started).toEqual(['a', 'b', 'c'])
    expect(queue.status()).toMatchObject({ waiting: { normal: 0 }, chars: 0, started: 2 })
    expect(queue.isEmpty()).toBe(true)
    expect(time.pendingTimers()).toBe(0)
  })

  it('waits for its window to the millisecond, with one timer and no try in vain', async () => {
    const { call, started, tries } = setUp({ s: { windowMs: 1_000, requests: 2 } })
    for (const name of ['a', 'b', 'c', 'd', 'e']) call(name)
    expect([started.length, time.pendingTimers(), tries()]).toEqual([2, 1, 3])
    await time.advance(999)
    expect([started.length, tries()]).toEqual([2, 3])
    await time.advance(1)
    expect([started, tries()]).toEqual([['a', 'b', 'c', 'd'], 6])
    await time.advance(1_000)
    expect(started).toHaveLength(5)
    expect(time.pendingTimers()).toBe(0)
  })

  it('is not overtaken by a smaller one that would fit', async () => {
    const { call, started } = setUp({ t: { windowMs: 1_000, tokens: 100 } })
    call('a', { tokens: 60 })
    await time.advance(500)
    call('b', { tokens: 30 })
    call('large', { tokens: 70 })
    call('small', { tokens: 10, group: 'other' })
    expect(started).toEqual(['a', 'b'])
    await time.advance(500)
    expect(started).toEqual(['a', 'b', 'large'])
    await time.advance(500)
    expect(started).toEqual(['a', 'b', 'large', 'small'])
  })

  it('is overtaken by those who wait for something else for a second, not for ever', async () => {
    const { call, end, started } = setUp({
      slot: { concurrent: 1 },
      t: { windowMs: 10_000, tokens: 100 },
    })
    call('run', { tokens: 60 })
    for (const tenant of ['x', 'y', 'z']) call(tenant, { tenant, tokens: 10 })
    call('large', { tokens: 70 })
    await time.advance(500)
    end('run')
    expect(started).toEqual(['run', 'x'])
    await time.advance(1_000)
    end('x')
    // There is room for `y`, but `large` has been waiting for more of it for longer.
    expect(started).toEqual(['run', 'x'])
    await time.advance(8_500)
    expect(started).toEqual(['run', 'x', 'large'])
    end('large')
    end('y')
    expect(started).toEqual(['run', 'x', 'large', 'y', 'z'])
  })

  it('does not wait behind a group that needs something else', () => {
    const { call, end, started } = setUp({ t: { per: 'tenant', concurrent: 1 } })
    for (const tenant of ['a', 'b']) for (const i of [1, 2]) call(`${tenant}${i}`, { tenant })
    expect(started).toEqual(['a1', 'b1'])
    end('b1')
    call('c1', { tenant: 'c' })
    expect(started).toEqual(['a1', 'b1', 'b2', 'c1'])
  })

  it('that is too large for a limit does not wait for it', () => {
    const { call, refused, errors } = setUp({ t: { tokens: 100 } })
    call('a', { tokens: 101 })
    expect(refused()).toEqual(['a: rate_limited'])
    expect(errors.get('a')!.retryable).toBe(false)
  })

  it('goes from one line to another when something else stands in its way by then', async () => {
    const { call, end, started } = setUp({
      all: { concurrent: 1 },
      t: { per: 'tenant', windowMs: 1_000, requests: 1 },
    })
    call('a1', { tenant: 'a' })
    await time.advance(900)
    call('b1', { tenant: 'b' })
    call('c1', { tenant: 'c' })
    end('a1')
    call('b2', { tenant: 'b' })
    expect(started).toEqual(['a1', 'b1'])
    end('b1')
    end('c1')
    expect(started).toEqual(['a1', 'b1', 'c1'])
    await time.advance(1_000)
    expect(started).toEqual(['a1', 'b1', 'c1', 'b2'])
    expect(time.pendingTimers()).toBe(0)
  })

  it('is found behind many that go on to wait elsewhere, a few at a time', async () => {
    const { call, end, started, tries } = setUp({
      slot: { concurrent: 1 },
      s: { per: 'session', windowMs: 10_000, requests: 1 },
    })
    call('run')
    for (let i = 0; i < 100; i++) call(`s${i}`, { tenant: `t${i}`, session: 's' })
    call('other', { tenant: 'other', session: 'o' })
    end('run')
    expect(started).toEqual(['run', 's0'])
    const before = tries()
    end('s0')
    // The first 32, and the first of those who wait for the session.
    expect(tries() - before).toBe(33)
    await time.advance(9)
    expect(started).toEqual(['run', 's0'])
    await time.advance(1)
    expect(started).toEqual(['run', 's0', 'other'])
    end('other')
    await time.advance(10_000)
    expect(started).toEqual(['run', 's0', 'other', 's1'])
  })

  it('is tried again when room was given back while it was tried', () => {
    const { queue, started } = setUp({})
    const slot: LimitRefusal = {
      granted: false,
      limit: 'slot',
      scope: [],
      what: 'concurrent',
      retryAfterMs: null,
      tooLarge: false,
    }
    let free = 0
    const giveBack = (): void => {
      free++
      queue.onRoom('slot', [])
    }
    let onFull = (): void => {}
    for (const name of ['a', 'b']) {
      queue.enter({
        priority: 'normal',
        group: '',
        chars: 1,
        deadlineAt: Infinity,
        tryStart() {
          if (free > 0) {
            free--
            started.push(name)
            return 'started'
          }
          onFull()
          return slot
        },
        onRefused() {},
      })
    }
    // As a listener does that hears of the limit and ends a call that runs.
    onFull = () => {
      onFull = () => {}
      giveBack()
    }
    queue.onRoom('slot', [])
    expect(started).toEqual(['a'])
    giveBack()
    expect(started).toEqual(['a', 'b'])
    expect(queue.isEmpty()).toBe(true)
  })

  it('that throws when it is started ends alone', () => {
    const { queue, call, end, started } = setUp(ONE)
    call('a')
    const errors: GatewayError[] = []
    let isBroken = false
    const refusal: LimitRefusal = {
      granted: false,
      limit: 'slot',
      scope: [],
      what: 'concurrent',
      retryAfterMs: null,
      tooLarge: false,
    }
    queue.enter({
      priority: 'high',
      group: 'broken',
      chars: 0,
      deadlineAt: Infinity,
      tryStart() {
        if (isBroken) throw new Error('no')
        return refusal
      },
      onRefused: (error) => errors.push(error),
    })
    call('b')
    isBroken = true
    end('a')
    expect(started).toEqual(['a', 'b'])
    expect(errors).toMatchObject([{ code: 'queue_full', cause: { message: 'no' } }])
  })
})

describe('the order', () => {
  it('is by class, then tenant by tenant, then first come first served', () => {
    const { call, end, started } = setUp(ONE)
    call('first')
    call('batch', { priority: 'batch' })
    call('x1', { tenant: 'x' })
    call('x2', { tenant: 'x' })
    call('x3', { tenant: 'x', group: 'other' })
    call('y1', { tenant: 'y' })
    call('y2', { tenant: 'y' })
    call('low', { priority: 'low' })
    call('high', { priority: 'high' })
    call('critical', { priority: 'critical' })
    for (let i = 0; i < 10; i++) end(started.at(-1)!)
    expect(started.slice(1)).toEqual(['critical', 'high', 'x1', 'y1', 'x2', 'y2', 'x3', 'low', 'batch'])
  })

  it('leaves every class that waits at least one start in twenty', () => {
    const { call, end, started } = setUp(ONE, { maxEntries: 10_000 })
    call('first')
    const classes = ['critical', 'high', 'normal', 'low', 'batch'] as const
    for (const priority of classes) for (let i = 0; i < 1_000; i++) call(`${priority}/${i}`, { priority })
    for (let i = 0; i < 1_000; i++) end(started.at(-1)!)
    const counted = (names: readonly string[]) =>
      classes.map((one) => names.filter((name) => name.startsWith(one)).length)
    const [critical, ...below] = counted(started)
    expect(critical).toBeGreaterThan(800)
    // A twentieth of a thousand, the first of which comes when nineteen have passed.
    expect(Math.min(...below)).toBeGreaterThanOrEqual(49)
    // In any twenty starts in a row, give or take the turn of another that waited as long.
    for (let i = 1; i + 24 < started.length; i++) {
      expect(Math.min(...counted(started.slice(i, i + 24)))).toBeGreaterThanOrEqual(1)
    }
  })
})

describe('the bounds', () => {
  it('without entries nothing waits', () => {
    const { call, refused, errors } = setUp({ s: { windowMs: 1_000, requests: 1 } }, { maxEntries: 0 })
    call('a')
    call('b')
    expect(refused()).toEqual(['b: rate_limited'])
    expect(errors.get('b')!.retryAfterMs).toBe(1_000)
    expect(time.pendingTimers()).toBe(0)
  })

  it('shed the newest of the lowest class for a higher one, and refuse what is itself the lowest', () => {
    const { queue, call, end, refused, started, errors } = setUp(ONE, { maxEntries: 3 })
    call('run')
    call('low1', { priority: 'low' })
    call('batch1', { priority: 'batch' })
    call('batch2', { priority: 'batch' })
    call('batch3', { priority: 'batch' })
    call('high1', { priority: 'high' })
    call('high2', { priority: 'high' })
    call('high3', { priority: 'high' })
    call('high4', { priority: 'high' })
    expect(refused()).toEqual(
      ['batch3', 'batch2', 'batch1', 'low1', 'high4'].map((name) => `${name}: queue_full`),
    )
    expect(errors.get('batch3')!.message).toMatch(
      /queue is full \(queue.maxEntries\).*; limit "slot" has no room/,
    )
    expect(errors.get('low1')!.message).toMatch(/of priority low made room for another/)
    expect([...errors.values()].every(({ retryAfterMs }) => retryAfterMs! > 0)).toBe(true)
    expect(queue.status()).toMatchObject({ waiting: { high: 3 }, shed: { high: 1, low: 1, batch: 3 } })
    for (let i = 0; i < 4; i++) end(started.at(-1)!)
    expect(started).toEqual(['run', 'high1', 'high2', 'high3'])
  })

  it('take from the tenant that has most waiting what another of its class needs', () => {
    const { call, end, refused, started } = setUp(ONE, { maxEntries: 4 })
    call('run')
    for (const i of [1, 2, 3, 4]) call(`flood${i}`, { tenant: 'flood' })
    call('flood5', { tenant: 'flood' })
    call('quiet1', { tenant: 'quiet' })
    call('quiet2', { tenant: 'quiet' })
    call('quiet3', { tenant: 'quiet' })
    expect(refused()).toEqual(['flood5', 'flood4', 'flood3', 'quiet3'].map((name) => `${name}: queue_full`))
    for (let i = 0; i < 5; i++) end(started.at(-1)!)
    expect(started).toEqual(['run', 'flood1', 'quiet1', 'flood2', 'quiet2'])
  })

  it('keep a twentieth of all places for a class, whatever comes of others', () => {
    const { queue, call, refused } = setUp(ONE, { maxEntries: 40 })
    call('run')
    for (let i = 1; i <= 40; i++) call(`normal${i}`)
    for (const i of [1, 2, 3]) call(`low${i}`, { priority: 'low' })
    expect(refused()).toEqual(['normal40', 'normal39', 'low3'].map((name) => `${name}: queue_full`))
    for (const i of [1, 2]) call(`high${i}`, { priority: 'high' })
    expect(queue.status().waiting).toMatchObject({ high: 2, normal: 36, low: 2 })
  })

  it('count text: lower classes make room for it, if that is enough', () => {
    const { queue, call, refused } = setUp(ONE, { maxChars: 100 })
    call('run', { chars: 1_000 })
    call('a', { chars: 60 })
    call('low1', { chars: 20, priority: 'low' })
    call('low2', { chars: 20, priority: 'low' })
    call('b', { chars: 41 })
    expect(refused()).toEqual(['b: queue_full'])
    call('c', { chars: 25 })
    expect(refused()).toEqual(['b: queue_full', 'low2: queue_full', 'low1: queue_full'])
    expect(queue.status()).toMatchObject({ waiting: { normal: 2, low: 0 }, chars: 85 })
  })

  it('end the wait: by age, or by a nearer deadline', async () => {
    const { queue, call, end, refused, errors, started } = setUp(ONE, { maxWaitMs: 5_000 })
    call('run')
    call('a', { deadlineMs: 9_000 })
    call('b', { deadlineMs: 2_000 })
    await time.advance(1_999)
    expect(refused()).toEqual([])
    expect(queue.status().longestWaitMs).toBe(1_999)
    await time.advance(1)
    expect(refused()).toEqual(['b: queue_full'])
    await time.advance(3_000)
    expect(refused()).toEqual(['b: queue_full', 'a: queue_full'])
    expect(errors.get('a')!.message).toMatch(/has waited as long as it may/)
    end('run')
    expect([started, time.pendingTimers()]).toEqual([['run'], 0])
  })

  it('let who comes next start when the one before gives up', async () => {
    const { call, started, refused } = setUp({ t: { windowMs: 10_000, tokens: 100 } })
    call('run', { tokens: 60 })
    call('large', { tokens: 70, deadlineMs: 1_000 })
    call('small', { tokens: 40 })
    await time.advance(1_000)
    expect([started, refused()]).toEqual([['run', 'small'], ['large: queue_full']])
  })
})

describe('a deadline', () => {
  it('that a window makes impossible is the end at once', () => {
    const { call, refused, errors } = setUp({ s: { windowMs: 10_000, requests: 1 } })
    call('a')
    call('b', { deadlineMs: 4_000 })
    expect(refused()).toEqual(['b: queue_full'])
    expect(errors.get('b')!.message).toMatch(
      /could not start .* in the time that it may wait \(queue.maxWaitMs, or its deadline\)/,
    )
    expect(errors.get('b')!.retryAfterMs).toBe(6_000)
    expect(time.pendingTimers()).toBe(0)
  })

  it('that a window makes impossible while it waits is the end as soon as that is known', async () => {
    const { call, started, refused, errors } = setUp(
      { slot: { concurrent: 1 }, t: { per: 'tenant', requests: 2 } },
      { maxWaitMs: 3_000 },
    )
    for (const name of ['a', 'b', 'c', 'd']) call(name, { tenant: 'x', takesMs: 200 })
    call('other', { tenant: 'y', takesMs: 200 })
    call('patient', { tenant: 'z', takesMs: 200 })
    expect(refused()).toEqual([])
    await time.advance(600)
    expect(started).toEqual(['a', 'b', 'other', 'patient'])
    expect(refused()).toEqual(['c: queue_full', 'd: queue_full'])
    // Who comes 3 s before there is room (60 s after `b`, by the slice of its window) gets it.
    expect(errors.get('c')!.retryAfterMs).toBe(56_600)
    expect(errors.get('c')!.message).toMatch(/limit "t" of tenant "x" has no room$/)
    await time.advance(1_000)
    expect(time.pendingTimers()).toBe(0)
  })

  it('that the window of those before it makes impossible is the end at once', () => {
    const { call, refused, errors } = setUp({ s: { windowMs: 10_000, requests: 1 } })
    for (const name of ['a', 'first']) call(name)
    call('same', { deadlineMs: 4_000 })
    call('another', { deadlineMs: 3_000, group: 'other' })
    expect(refused()).toEqual(['same: queue_full', 'another: queue_full'])
    expect(errors.get('same')!.retryAfterMs).toBe(6_000)
    expect(errors.get('another')!.retryAfterMs).toBe(7_000)
  })

  it('is waited for where tokens may come back before the window ends', () => {
    const { call, end, refused, started } = setUp({ t: { windowMs: 10_000, tokens: 100 } })
    call('a', { tokens: 60 })
    call('b', { tokens: 60, deadlineMs: 4_000 })
    expect(refused()).toEqual([])
    end('a')
    expect(started).toEqual(['a'])
    expect(refused()).toEqual([])
  })

  it('that has passed is the end at once', () => {
    const { call, refused } = setUp(ONE)
    call('a')
    call('b', { deadlineMs: -1 })
    expect(refused()).toEqual(['b: queue_full'])
  })

  it('that the recent rate of starts makes impossible is the end at once', async () => {
    const { call, refused, errors, started } = setUp({ slots: { concurrent: 10 } }, { maxEntries: 5_000 })
    // 10 at a time, 100 ms each: 100 a second.
    for (let i = 0; i < 1_000; i++) call(`old${i}`, { takesMs: 100 })
    await time.advance(3_000)
    expect(started).toHaveLength(310)
    call('late', { deadlineMs: 5_000 })
    call('soon enough', { deadlineMs: 9_000 })
    call('urgent', { deadlineMs: 100, priority: 'high' })
    call('other tenant', { deadlineMs: 500, tenant: 'quiet' })
    expect(refused()).toEqual(['late: queue_full'])
    expect(errors.get('late')!.retryAfterMs).toBeGreaterThan(1_500)
    expect(errors.get('late')!.retryAfterMs).toBeLessThan(2_500)
    await time.advance(9_000)
    expect(refused()).toEqual(['late: queue_full'])
    expect(started).toHaveLength(1_003)
  })
})

describe('leaving', () => {
  it('leaves no trace: no entry, no timer, no word', async () => {
    const { queue, call, end, leave, started, refused, tries } = setUp(ONE)
    call('run')
    for (const name of ['a', 'b', 'c']) call(name, { tenant: name })
    for (const name of ['b', 'a', 'c', 'b']) leave(name)
    expect(queue.status()).toMatchObject({ waiting: { normal: 0 }, chars: 0, longestWaitMs: 0 })
    expect([queue.isEmpty(), time.pendingTimers(), tries()]).toEqual([true, 0, 5])
    end('run')
    await time.advance(100_000)
    expect([started, refused()]).toEqual([['run'], []])
    leave('a')
  })

  it('lets who is next start, if that one fits', () => {
    const { call, leave, started } = setUp({ t: { tokens: 100 } })
    call('run', { tokens: 60 })
    call('large', { tokens: 70 })
    call('small1', { tokens: 20, tenant: 'x' })
    call('small2', { tokens: 20, tenant: 'x' })
    leave('small1')
    expect(started).toEqual(['run'])
    leave('large')
    expect(started).toEqual(['run', 'small2'])
  })

  it('after the start does nothing', () => {
    const { queue, call, end, leave } = setUp(ONE)
    call('a')
    call('b')
    end('a')
    leave('b')
    expect(queue.status()).toMatchObject({ started: 1, waiting: { normal: 0 } })
  })
})

describe('shedding and closing', () => {
  it('takes no class below the one that the host can bear', () => {
    let below: Priority | undefined = 'normal'
    const { queue, call, refused, errors, started } = setUp({}, { shedBelow: () => below })
    call('low', { priority: 'low' })
    call('normal')
    call('high', { priority: 'high' })
    below = undefined
    call('batch', { priority: 'batch' })
    expect(started).toEqual(['normal', 'high', 'batch'])
    expect(refused()).toEqual(['low: queue_full'])
    expect(errors.get('low')!.message).toMatch(/host is under pressure/)
    expect(queue.status().shed).toMatchObject({ low: 1, normal: 0 })
  })

  it('refuses what waits below a class, and no other', () => {
    const { queue, call, end, refused, started } = setUp(ONE)
    call('run')
    for (const priority of ['critical', 'normal', 'low', 'batch'] as const) call(priority, { priority })
    queue.shed('normal')
    expect(refused().toSorted()).toEqual(['batch: queue_full', 'low: queue_full'])
    for (let i = 0; i < 3; i++) end(started.at(-1)!)
    expect(started).toEqual(['run', 'critical', 'normal'])
  })

  it('returns what waits when it is closed, and takes nothing more', async () => {
    const { queue, call, end, refused, started } = setUp(ONE)
    call('run')
    for (const tenant of ['a', 'b']) call(tenant, { tenant })
    queue.close()
    call('late')
    expect(refused().toSorted()).toEqual(['a: closed', 'b: closed', 'late: closed'])
    expect([queue.isEmpty(), time.pendingTimers()]).toEqual([true, 0])
    end('run')
    queue.close()
    expect(started).toEqual(['run'])
  })

  it('has other bounds after a change, and asks again', () => {
    const keeper = createLimitKeeper(ONE)
    let isOpen = false
    const started: string[] = []
    const refused: string[] = []
    const queue = createWaitQueue({ maxEntries: 1 })
    const call = (name: string): void => {
      queue.enter({
        priority: 'normal',
        group: name,
        chars: 1,
        deadlineAt: Infinity,
        tryStart() {
          const held = isOpen || keeper.take({ route: null }, { inputTokens: 0, outputTokens: 0 }, 0)
          if (held !== true && !held.granted) return held
          started.push(name)
          return 'started'
        },
        onRefused: () => refused.push(name),
      })
    }
    for (const name of ['a', 'b', 'c']) call(name)
    isOpen = true
    queue.change({ maxEntries: 0 })
    expect([started, refused]).toEqual([['a', 'b'], ['c']])
  })
})

describe('at random', () => {
  it('nobody is forgotten, nothing is passed, and what is left behind is nothing', async () => {
    const over: string[] = []
    for (let seed = 1; seed <= 60; seed++) {
      const random = seededRandom(seed)
      const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!
      const limits: Limits = {
        slots: { concurrent: 1 + Math.floor(random() * 4) },
        tokens: { windowMs: 1_000, tokens: 100 },
        tenants: { per: 'tenant', windowMs: 3_000, requests: 3 },
        sessions: { per: ['tenant', 'session'], concurrent: 1 },
      }
      const { queue, keeper, call, leave, started, errors } = setUp(limits, {
        maxEntries: pick([3, 20, 1_000]),
        maxWaitMs: pick([2_000, 1e9]),
      })
      const left = new Set<string>()
      for (let i = 0; i < 60; i++) {
        call(String(i), {
          priority: pick(['critical', 'high', 'normal', 'low', 'batch']),
          tenant: pick(['a', 'b', 'c']),
          session: pick(['s', 't', 'u']),
          group: pick(['', 'other']),
          tokens: Math.floor(random() * 60),
          takesMs: Math.floor(random() * 800),
          deadlineMs: random() < 0.2 ? random() * 3_000 : Infinity,
        })
        if (random() < 0.1) {
          const one = String(Math.floor(random() * i))
          if (!started.includes(one) && !errors.has(one)) left.add(one)
          leave(one)
        }
        const isOver = keeper
          .status(performance.now())
          .some(
            ({ used, max }) =>
              (used.concurrent ?? 0) > (max.concurrent ?? 0) || (used.tokens ?? 0) > (max.tokens ?? 0),
          )
        if (isOver) over.push(`seed ${seed}, call ${i}`)
        if (random() < 0.5) await time.advance(Math.floor(random() * 400))
      }
      await time.advance(120_000)
      const { waiting, shed } = queue.status()
      expect(waiting).toEqual({ critical: 0, high: 0, normal: 0, low: 0, batch: 0 })
      expect([queue.isEmpty(), time.pendingTimers()]).toEqual([true, 0])
      expect(new Set(started).size).toBe(started.length)
      expect(started.length + errors.size + left.size).toBe(60)
      expect(Object.values(shed).reduce((a, b) => a + b)).toBe(errors.size)
      expect(keeper.counts()).toMatchObject({ taken: started.length, settled: started.length, pending: 0 })
    }
    expect(over).toEqual([])
  })
})

/** What each would get of `total` if all took turns, and nobody more than asked for. */
function fairShares(asked: readonly number[], total: number): readonly number[] {
  const shares = asked.map(() => 0)
  let left = total
  for (const i of asked.map((_, index) => index).toSorted((a, b) => asked[a]! - asked[b]!)) {
    const open = shares.filter((share) => share === 0).length
    shares[i] = Math.min(asked[i]!, left / open)
    left -= shares[i]
  }
  return shares
}

/** Jain's index: 1 when all are alike, 1/n when one has everything. */
function fairnessOf(values: readonly number[]): number {
  const sum = values.reduce((a, b) => a + b)
  return sum ** 2 / (values.length * values.reduce((all, one) => all + one * one, 0))
}

describe('under load', () => {
  // 100 places, calls of about a second: 100 calls a second. Three times as many come, half of them of one tenant.
  it.each<[string, number, number]>([
    ['a tenth urgent, most of it low', 0.1, 0.3],
    ['a tenth urgent, most of it normal', 0.1, 0.6],
  ])('serves the urgent soon, every tenant alike, and starves nobody: %s', async (mix, high, normal) => {
    const random = seededRandom(20_261_121)
    const { queue, call, refused, started, errors } = setUp({ slots: { concurrent: 100 } })
    const classFor = (chance: number): Priority =>
      chance < high ? 'high' : chance < high + normal ? 'normal' : 'low'
    const tenants = ['flood', 't1', 't2', 't3', 't4', 't5', 't6', 't7']
    const tenantFor = () => (random() < 0.5 ? 'flood' : tenants[1 + Math.floor(random() * 7)]!)
    const enteredAt = new Map<string, number>()
    const waits: Record<string, number[]> = { high: [], normal: [], low: [] }
    let seen = 0
    const collect = (): void => {
      for (; seen < started.length; seen++) {
        const name = started[seen]!
        waits[name.split('/')[0]!]!.push(performance.now() - enteredAt.get(name)!)
      }
    }
    const waiting = (): number => Object.values(queue.status().waiting).reduce((a, b) => a + b)
    let submitted = 0
    let mostWaiting = 0
    for (let ms = 0; ms < 60_000; ms += 10) {
      for (let i = 0; i < 3; i++) {
        const priority = classFor(random())
        const tenant = tenantFor()
        const name = `${priority}/${tenant}/${submitted++}`
        enteredAt.set(name, performance.now())
        call(name, { priority, tenant, takesMs: 500 + random() * 1_000 })
      }
      collect()
      mostWaiting = Math.max(mostWaiting, waiting())
      await time.advance(10)
      collect()
    }
    const counted = (names: Iterable<string>, part: string) =>
      [...names].filter((name) => name.startsWith(part)).length
    const p99 = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)]!
    const asked = tenants.map((tenant) => counted(enteredAt.keys(), `normal/${tenant}/`))
    const got = tenants.map((tenant) => counted(started, `normal/${tenant}/`))
    const fair = fairShares(asked, counted(started, 'normal'))
    const fairness = fairnessOf(got.map((count, i) => count / fair[i]!))
    const figures = {
      mix,
      submitted,
      started: started.length,
      refused: errors.size,
      mostWaiting,
      waitP99Ms: Object.fromEntries(Object.entries(waits).map(([name, all]) => [name, Math.round(p99(all))])),
      startedByClass: Object.fromEntries(Object.entries(waits).map(([name, all]) => [name, all.length])),
      asked,
      got,
      fairness: Number(fairness.toFixed(4)),
    }
    if (process.env.SHOW_FIGURES) process.stdout.write(`${JSON.stringify(figures)}\n`)
    // Nothing is lost and nothing idle: all places are taken from the first second to the last.
    expect(started.length + waiting() + errors.size).toBe(submitted)
    expect(started.length).toBeGreaterThan(0.97 * 60 * 100)
    expect(mostWaiting).toBeLessThanOrEqual(1_000)
    // The urgent.
    expect(p99(waits.high!)).toBeLessThan(250)
    expect(counted(refused(), 'high')).toBe(0)
    // The lowest class gets its twentieth of all starts, and nobody waits for ever.
    expect(waits.low!.length).toBeGreaterThan(0.05 * started.length)
    expect(Math.max(...waits.low!)).toBeLessThan(60_000)
    expect(fairness).toBeGreaterThan(0.95)
    const refusals = [...errors.values()].filter(
      ({ code, retryAfterMs }) => code === 'queue_full' && retryAfterMs! > 0,
    )
    expect(refusals).toHaveLength(errors.size)
  })
})
