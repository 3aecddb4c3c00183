import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from './error-code.js'

describe('the error codes', () => {
  // Callers switch over these words: one that goes or changes its default is a breaking change.
  it('is a closed list with one default verdict each', () => {
    const verdicts = Object.fromEntries(
      Object.entries(ERROR_CODES).map(([code, { verdict, retryable }]) => [code, `${verdict} ${retryable}`]),
    )
    expect(verdicts).toEqual({
      invalid_request: 'fail false',
      authentication: 'next false',
      permission: 'next false',
      not_found: 'next false',
      rate_limited: 'same true',
      quota_exhausted: 'next false',
      context_length: 'next false',
      content_filtered: 'fail false',
      timeout: 'next true',
      aborted: 'fail false',
      overloaded: 'same true',
      upstream_error: 'same true',
      bad_response: 'same true',
      stream_interrupted: 'same true',
      schema_mismatch: 'next true',
      blocked: 'fail false',
      approval_required: 'fail false',
      budget_exceeded: 'fail false',
      queue_full: 'fail true',
      breaker_open: 'next true',
      no_route: 'fail false',
      all_failed: 'fail true',
      closed: 'fail false',
    })
  })

  it.each(Object.entries(ERROR_CODES))('%s has an error status and two whole sentences', (_code, entry) => {
    expect(entry.status).toBeGreaterThanOrEqual(400)
    expect(entry.status).toBeLessThan(600)
    for (const sentence of [entry.meaning, entry.remedy]) expect(sentence).toMatch(/^[A-Z][^|\n]+[^.]\.$/)
  })
})
