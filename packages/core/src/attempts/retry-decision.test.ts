import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ERROR_CODES, type ErrorCode } from '../errors/error-code.js'
import { GatewayError, type GatewayErrorInit } from '../errors/gateway-error.js'
import { decideRetry, errorVerdict, RETRY_POLICY, type FailureFacts } from './retry-decision.js'

const error = (init: Partial<GatewayErrorInit> & { code: ErrorCode }): GatewayError =>
  new GatewayError({ message: 'x', ...init })
const facts = (over: Partial<FailureFacts> = {}): FailureFacts => ({
  error: error({ code: 'overloaded' }),
  triesHere: 1,
  attemptsLeft: 5,
  hasFallback: true,
  remainingMs: 60_000,
  ...over,
})
const half = (): number => 0.5

describe('the verdict of an error', () => {
  it.each([
    ['overloaded', {}, 'same'],
    ['upstream_error', {}, 'same'],
    ['stream_interrupted', {}, 'same'],
    ['bad_response', { retryable: false }, 'next'],
    ['rate_limited', { retryable: false }, 'next'],
    ['timeout', { phase: 'first_token' }, 'next'],
    ['timeout', { phase: 'connect' }, 'next'],
    ['timeout', { phase: 'total' }, 'fail'],
    ['quota_exhausted', {}, 'next'],
    ['context_length', {}, 'next'],
    ['content_filtered', {}, 'fail'],
    ['invalid_request', {}, 'fail'],
    ['aborted', {}, 'fail'],
  ] as const)('%s %o -> %s', (code, init, verdict) => {
    expect(errorVerdict(error({ code, ...init }))).toBe(verdict)
  })
})

describe('deciding', () => {
  it('tries the same target again with growing, jittered waits', () => {
    const delays = [1, 2].map((triesHere) => decideRetry(facts({ triesHere }), RETRY_POLICY, half))
    expect(delays).toEqual([
      { action: 'same', delayMs: 300 },
      { action: 'same', delayMs: 600 },
    ])
  })

  it('leaves after the tries of one target, for the next or for good', () => {
    expect(decideRetry(facts({ triesHere: 3 }), RETRY_POLICY, half)).toEqual({ action: 'next' })
    expect(decideRetry(facts({ triesHere: 3, hasFallback: false }), RETRY_POLICY, half)).toEqual({
      action: 'fail',
    })
  })

  it('stops when the call has no attempts left', () => {
    expect(decideRetry(facts({ attemptsLeft: 0 }), RETRY_POLICY, half)).toEqual({ action: 'fail' })
  })

  it('waits a short Retry-After and leaves on a long one; on the last target it waits longer', () => {
    const asks = (retryAfterMs: number, hasFallback: boolean) =>
      decideRetry(
        facts({ error: error({ code: 'rate_limited', retryAfterMs }), hasFallback }),
        RETRY_POLICY,
        half,
      )
    expect(asks(2_000, true)).toEqual({ action: 'same', delayMs: 2_200 })
    expect(asks(30_000, true)).toEqual({ action: 'next' })
    expect(asks(30_000, false)).toEqual({ action: 'same', delayMs: 33_000 })
    expect(asks(3_600_000, false)).toEqual({ action: 'fail' })
  })

  it('does not begin a wait that the deadline would cut', () => {
    expect(decideRetry(facts({ remainingMs: 200 }), RETRY_POLICY, half)).toEqual({ action: 'next' })
    expect(decideRetry(facts({ remainingMs: 200, hasFallback: false }), RETRY_POLICY, half)).toEqual({
      action: 'fail',
    })
  })

  it('holds for everything: never early, never past the deadline, never against the verdict', () => {
    const codes = Object.keys(ERROR_CODES) as ErrorCode[]
    fc.assert(
      fc.property(
        fc.record({
          code: fc.constantFrom(...codes),
          retryable: fc.boolean(),
          retryAfterMs: fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined }),
          triesHere: fc.integer({ min: 1, max: 5 }),
          attemptsLeft: fc.integer({ min: 0, max: 5 }),
          hasFallback: fc.boolean(),
          remainingMs: fc.integer({ min: -10, max: 100_000 }),
          chance: fc.double({ min: 0, max: 0.999, noNaN: true }),
        }),
        ({ code, retryable, retryAfterMs, chance, ...rest }) => {
          const failed = error({ code, retryable, retryAfterMs })
          const decision = decideRetry({ error: failed, ...rest }, RETRY_POLICY, () => chance)
          const again = decision.action === 'same'
          const delayMs = decision.action === 'same' ? decision.delayMs : 0
          expect(!again || errorVerdict(failed) === 'same').toBe(true)
          expect(!again || rest.triesHere < RETRY_POLICY.maxPerTarget).toBe(true)
          expect(!again || rest.attemptsLeft > 0).toBe(true)
          expect(!again || delayMs < rest.remainingMs).toBe(true)
          const asked = retryAfterMs ?? 0
          expect(!again || delayMs >= asked).toBe(true)
          expect(
            !again || delayMs <= (retryAfterMs === undefined ? RETRY_POLICY.maxDelayMs : asked * 1.2),
          ).toBe(true)
          expect(decision.action !== 'next' || rest.hasFallback).toBe(true)
        },
      ),
    )
  })
})
