import { describe, expect, it } from 'vitest'
import type { AttemptRecord } from '../contract/gateway-meta.js'
import type { ErrorCode, TimeoutPhase } from '../errors/error-code.js'
import { observeAttempt } from './observe-attempt.js'

const record = (more: Partial<AttemptRecord> = {}): AttemptRecord => ({
  kind: 'first',
  provider: 'p',
  model: 'm',
  outcome: 'ok',
  startedAfterMs: 0,
  durationMs: 800,
  costUsd: null,
  ...more,
})
const failed = (code: ErrorCode, phase?: TimeoutPhase, more: Partial<AttemptRecord> = {}): AttemptRecord =>
  record({ outcome: 'error', error: { code, message: 'x', ...(phase && { phase }) }, ...more })

describe('the outcome', () => {
  it.each<[string, AttemptRecord, 'ok' | 'error' | undefined]>([
    ['an answer', record(), 'ok'],
    ['an abort', record({ outcome: 'aborted', error: { code: 'aborted', message: 'x' } }), undefined],
    ['a lost race', record({ outcome: 'aborted' }), undefined],
    ['a request that is no good', failed('invalid_request'), undefined],
    ['a wrong key', failed('authentication'), undefined],
    ['a key without the right', failed('permission'), undefined],
    ['a model that is not there', failed('not_found'), undefined],
    ['too long a conversation', failed('context_length'), undefined],
    ['a filtered request', failed('content_filtered'), undefined],
    ['a rate limit', failed('rate_limited'), 'error'],
    ['a quota', failed('quota_exhausted'), 'error'],
    ['a server error', failed('upstream_error'), 'error'],
    ['an overload', failed('overloaded'), 'error'],
    ['an answer that is none', failed('bad_response'), 'error'],
    ['an answer that does not match', failed('schema_mismatch'), 'error'],
    ['a broken stream', failed('stream_interrupted'), 'error'],
    ['silence', failed('timeout', 'first_token'), 'error'],
    ['a stall', failed('timeout', 'idle'), 'error'],
    ["the call's deadline, soon", failed('timeout', 'total'), undefined],
    ["the call's deadline, after a fair chance", failed('timeout', 'total', { durationMs: 5_000 }), 'error'],
    [
      "the call's deadline amid a long answer",
      failed('timeout', 'total', { durationMs: 60_000, firstContentMs: 300 }),
      undefined,
    ],
  ])('of %s', (_name, attempt, outcome) => {
    const observation = { kind: 'attempt', provider: 'p', model: 'm', outcome }
    expect(observeAttempt(attempt, true)).toMatchObject(observation)
  })
})

describe('the times', () => {
  const times = (attempt: AttemptRecord, streamed = true): object => {
    const fields = Object.entries(observeAttempt(attempt, streamed))
    return Object.fromEntries(fields.filter(([name, value]) => name.endsWith('Ms') && value !== undefined))
  }
  it.each<[string, object, object]>([
    ['a stream', times(record({ firstContentMs: 90 })), { firstContentMs: 90, totalMs: 800 }],
    ['a whole answer', times(record({ firstContentMs: 790 }), false), { totalMs: 800 }],
    [
      'a lost race',
      times(record({ outcome: 'aborted' })),
      { firstContentAtLeastMs: 800, totalAtLeastMs: 800 },
    ],
    ['a lost race for a whole answer', times(record({ outcome: 'aborted' }), false), { totalAtLeastMs: 800 }],
    [
      'a reader who left',
      times(record({ outcome: 'aborted', firstContentMs: 90 })),
      { firstContentMs: 90, totalAtLeastMs: 800 },
    ],
    ['silence', times(failed('timeout', 'first_token')), { firstContentAtLeastMs: 800, totalAtLeastMs: 800 }],
    [
      'a broken stream',
      times(failed('stream_interrupted', undefined, { firstContentMs: 90 })),
      { firstContentMs: 90 },
    ],
    ['a quick refusal', times(failed('overloaded')), {}],
  ])('of %s', (_name, seen, expected) => {
    expect(seen).toEqual(expected)
  })
})
