import { virtualTime, type VirtualTime } from '@turnout/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { callWith, candidateOf, failure, startedAttempt } from '../../test/engine-parts.js'
import type { GatewayError } from '../errors/gateway-error.js'
import { startAttempt } from './start-attempt.js'
import type { PermitOutcome } from './permit.js'

let time: VirtualTime
beforeEach(() => {
  time = virtualTime()
})
afterEach(() => {
  time.restore()
})

const target = candidateOf('a')
const never = (): Promise<never> => new Promise(() => {})
/** What a promise comes to, as a value, so that a rejection is never unhandled. */
const outcomeOf = (pending: Promise<unknown>): Promise<unknown> =>
  pending.then(
    (value) => value,
    (error: unknown) => error,
  )

describe('what an attempt is started with', () => {
  it('is handed to the adapter', () => {
    const call = callWith()
    const options = { ...call.options, idempotencyKey: 'key-1', unsupported: 'error' as const }
    const headers = { 'x-team': 'blue' }
    const { attempt, started } = startedAttempt(target, {
      call: { ...call, options },
      headers,
      stream: false,
      kind: 'retry',
    })
    expect(attempt.context).toMatchObject({
      requestId: 'r-1',
      idempotencyKey: 'key-1',
      provider: 'a',
      model: 'm',
      stream: false,
      headers,
      unsupported: 'error',
    })
    expect(attempt.candidate).toBe(target)
    expect(started).toEqual(['retry a'])
  })

  it('depends on the target, and on whether it is the last', () => {
    const asked: unknown[] = []
    const note = (...facts: readonly unknown[]): undefined => void asked.push(facts)
    const limits = { connectMs: 1, headersMs: 1, firstTokenMs: 1, idleMs: 1, progressMs: 1 }
    const attempt = startAttempt(
      target,
      { call: callWith(), kind: 'first', permit: { settle() {}, cancel() {} }, isLast: true },
      {
        stream: (candidate) => (note('stream', candidate), true),
        limits: (candidate, isLast) => (note('limits', candidate, isLast), limits),
        headers: (candidate) => note('headers', candidate),
        onStart: (kind, candidate) => note('start', kind, candidate),
        onEnd: () => {},
      },
    )
    expect(asked).toHaveLength(4)
    expect(asked).toEqual(
      expect.arrayContaining([
        ['limits', target, true],
        ['stream', target],
        ['headers', target],
        ['start', 'first', target],
      ]),
    )
    expect(attempt.context.stream).toBe(true)
  })

  it('holds the call’s least throughput', () => {
    const call = callWith()
    expect(startedAttempt(target, { call }).attempt.minTokensPerSecond).toBeUndefined()
    const timeout = { ...call.options.timeout, minTokensPerSecond: 7 }
    const hurried = { ...call, options: { ...call.options, timeout } }
    expect(startedAttempt(target, { call: hurried }).attempt.minTokensPerSecond).toBe(7)
  })

  it('lets the adapter warn in the name of its provider', () => {
    const { attempt, call } = startedAttempt(target)
    attempt.context.warn({ code: 'setting_dropped', path: 'seed', message: 'no seed here' })
    attempt.context.warn({ code: 'event_skipped', message: 'odd', provider: 'upstream' })
    expect(call.warnings).toEqual([
      { code: 'setting_dropped', path: 'seed', message: 'no seed here', provider: 'a' },
      { code: 'event_skipped', message: 'odd', provider: 'upstream' },
    ])
  })
})

describe('the clocks of an attempt', () => {
  /** What was missing, for how long, and which option to raise; the words are free. */
  const expectToSay = (error: unknown, limitMs: number, option: string): void => {
    expect((error as Error).message).toMatch(
      new RegExp(`^a/m: .{10,} within ${limitMs} ms .*timeout\\.${option}\\b`),
    )
  }

  it.each([
    ['connect', 1_000, 'connectMs', () => {}],
    ['headers', 2_000, 'headersMs', ({ context }) => context.mark('connected')],
    ['first_token', 3_000, 'firstTokenMs', ({ context }) => context.mark('headers')],
    ['idle', 4_000, 'idleMs', (attempt) => attempt.content()],
  ] as [string, number, string, (attempt: ReturnType<typeof startedAttempt>['attempt']) => void][])(
    '%s: it is stopped after %i ms, and the error names timeout.%s',
    async (phase, limitMs, option, begin) => {
      const { attempt } = startedAttempt(target)
      begin(attempt)
      const error = await time.settle(outcomeOf(attempt.race(never())))
      expect(error).toMatchObject({ code: 'timeout', phase, provider: 'a', model: 'm' })
      expectToSay(error, limitMs, option)
      expect(time.elapsedMs()).toBeGreaterThanOrEqual(limitMs)
      expect(time.elapsedMs()).toBeLessThan(limitMs + 5)
      expect(attempt.context.signal).toMatchObject({ aborted: true, reason: error })
    },
  )

  it('total: it ends with the call, however the attempt fares', async () => {
    await time.advance(70)
    const call = callWith({ deadlineAt: performance.now() + 500 })
    const { attempt } = startedAttempt(target, { call })
    const error = (await time.settle(outcomeOf(attempt.race(never())))) as GatewayError
    expect(error).toMatchObject({ code: 'timeout', phase: 'total' })
    expectToSay(error, 500, 'totalMs')
  })

  it('are stopped when it has settled', async () => {
    const { attempt } = startedAttempt(target)
    attempt.settle('ok', { costUsd: 0 })
    expect(time.pendingTimers()).toBe(0)
    await time.advance(10_000)
    expect(attempt.context.signal.aborted).toBe(false)
  })

  it('know that a request was on its way as soon as there was a connection', () => {
    const { attempt } = startedAttempt(target)
    expect(attempt.wasSent()).toBe(false)
    attempt.context.mark('connected')
    expect(attempt.wasSent()).toBe(true)
  })
})

describe('an attempt that is waited for', () => {
  it('gives what the adapter gives', async () => {
    const { attempt } = startedAttempt(target)
    expect(await attempt.race(Promise.resolve('answer'))).toBe('answer')
    const error = failure('overloaded', { provider: 'elsewhere' })
    expect(await outcomeOf(attempt.race(Promise.reject(error)))).toBe(error)
    expect(await outcomeOf(attempt.race(Promise.reject(new Error('a bug'))))).toMatchObject({
      code: 'bad_response',
      provider: 'a',
      cause: { message: 'a bug' },
    })
  })

  it('is given up at once when it is stopped, with the first reason', async () => {
    const { attempt } = startedAttempt(target)
    const heard: GatewayError[] = []
    attempt.onStop((reason) => heard.push(reason))
    attempt.onStop((reason) => heard.push(reason))
    const pending = outcomeOf(attempt.race(never()))
    const first = failure('aborted')
    attempt.stop(first)
    attempt.stop(failure('timeout'))
    expect(await pending).toBe(first)
    expect(heard).toEqual([first, first])
    expect(attempt.context.signal.reason).toBe(first)
  })

  it('tells it at once to those who ask after the stop', () => {
    const { attempt } = startedAttempt(target)
    const reason = failure('aborted')
    attempt.stop(reason)
    const heard: GatewayError[] = []
    attempt.onStop((error) => heard.push(error))
    expect(heard).toEqual([reason])
  })

  it('is not waited for any more once it has been stopped', async () => {
    const { attempt } = startedAttempt(target)
    const reason = failure('aborted')
    attempt.stop(reason)
    expect(await outcomeOf(attempt.race(Promise.resolve('late')))).toBe(reason)
    // The adapter's own failure is only the echo of the stop, and is nobody's unhandled rejection.
    expect(await outcomeOf(attempt.race(Promise.reject(new Error('socket closed'))))).toBe(reason)
  })

  it('takes the reason of the stop over the adapter’s word for it', async () => {
    const { attempt } = startedAttempt(target)
    const reason = failure('timeout', { phase: 'idle' })
    const pending = new Promise((_resolve, reject) => {
      attempt.onStop(() => {
        reject(new Error('socket closed'))
      })
    })
    const outcome = outcomeOf(attempt.race(pending))
    attempt.stop(reason)
    expect(await outcome).toBe(reason)
  })

  it('does not answer for one that was waited for before', async () => {
    const { attempt } = startedAttempt(target)
    await attempt.race(Promise.resolve(1))
    await outcomeOf(attempt.race(Promise.reject(new Error('a bug'))))
    attempt.stop(failure('aborted'))
    expect(attempt.context.signal.aborted).toBe(true)
  })

  it('is stopped by the caller’s abort, for the caller’s reason', async () => {
    const { attempt, call } = startedAttempt(target)
    const pending = outcomeOf(attempt.race(never()))
    const reason = new Error('enough')
    call.scope.abort(reason)
    expect(await pending).toMatchObject({ code: 'aborted', cause: reason, requestId: 'r-1' })
  })

  it('hears of no abort after it has settled', () => {
    const { attempt, call } = startedAttempt(target)
    attempt.settle('ok', { costUsd: 0 })
    call.scope.abort(new Error('enough'))
    expect(attempt.context.signal.aborted).toBe(false)
  })
})

describe('the record of an attempt', () => {
  it('says when, how long, what it cost and what the provider said', async () => {
    await time.advance(40)
    const call = callWith()
    await time.advance(100)
    const { attempt, ended } = startedAttempt(target, { call, kind: 'failover' })
    attempt.context.response({ status: 200, headers: { 'x-a': 'b' }, providerRequestId: 'req-7' })
    await time.advance(30)
    attempt.content()
    expect(attempt.hasContent()).toBe(true)
    await time.advance(20)
    attempt.content()
    await time.advance(10)
    attempt.settle('ok', { costUsd: 0.25 })
    const record = {
      kind: 'failover',
      provider: 'a',
      model: 'm',
      outcome: 'ok',
      startedAfterMs: 100,
      durationMs: 60,
      costUsd: 0.25,
      firstContentMs: 30,
      status: 200,
      headers: { 'x-a': 'b' },
      providerRequestId: 'req-7',
    }
    expect(ended).toEqual([record])
    expect(call.attempts).toEqual([record])
  })

  it('holds no time of content where none came, and the error where there was one', () => {
    const { attempt, ended } = startedAttempt(target)
    expect(attempt.hasContent()).toBe(false)
    attempt.settle('error', { costUsd: null }, failure('timeout', { phase: 'headers' }))
    expect(ended[0]).toMatchObject({
      outcome: 'error',
      costUsd: null,
      error: { code: 'timeout', message: 'timeout, as scripted', phase: 'headers' },
    })
    expect(ended[0]).not.toHaveProperty('firstContentMs')
  })

  it('holds no phase where there was none, and no error where all went well', () => {
    const failed = startedAttempt(target)
    failed.attempt.settle('error', { costUsd: 0 }, failure('overloaded'))
    expect(failed.ended[0]?.error).toEqual({ code: 'overloaded', message: 'overloaded, as scripted' })
    const well = startedAttempt(target)
    well.attempt.settle('ok', { costUsd: 0 })
    expect(well.ended[0]).not.toHaveProperty('error')
  })
})

describe('what an outcome says of the health of its target', () => {
  const partial = { choices: [] }
  it.each([
    ['an answer', 'ok', undefined, 'success'],
    ['a fault', 'error', failure('upstream_error'), 'failure'],
    ['no capacity', 'error', failure('overloaded'), 'failure'],
    ['silence', 'error', failure('timeout', { phase: 'first_token' }), 'failure'],
    ['the end of the call’s own time', 'error', failure('timeout', { phase: 'total' }), 'neutral'],
    ['an abort', 'aborted', failure('aborted'), 'neutral'],
    ['a lost race, whatever the error', 'aborted', failure('upstream_error'), 'neutral'],
    ['an end that nobody explains', 'error', undefined, 'neutral'],
    ['a whole answer that the caller refused', 'error', failure('bad_response', { partial }), 'success'],
    ['a wrong request', 'error', failure('invalid_request'), 'neutral'],
    ['a filter', 'error', failure('content_filtered'), 'neutral'],
    ['a conversation that is too long', 'error', failure('context_length'), 'neutral'],
    ['a refused key', 'error', failure('authentication'), 'neutral'],
    ['a missing right', 'error', failure('permission'), 'neutral'],
    ['an unknown model', 'error', failure('not_found'), 'neutral'],
    ['a limit', 'error', failure('rate_limited'), 'neutral'],
    ['a used-up quota', 'error', failure('quota_exhausted'), 'neutral'],
    ['another shape', 'error', failure('schema_mismatch'), 'neutral'],
  ] as [string, 'ok' | 'error' | 'aborted', GatewayError | undefined, PermitOutcome][])(
    '%s',
    (_name, outcome, error, said) => {
      const { attempt, outcomes } = startedAttempt(target)
      attempt.settle(outcome, { costUsd: 0 }, error)
      expect(outcomes).toEqual([[said, error]])
    },
  )
})
