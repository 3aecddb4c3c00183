import { describe, expect, it } from 'vitest'
import type { Limits } from '../contract/limit.js'
import { createLimitKeeper } from './limit-keeper.js'
import type { LimitFacts } from './limit-scope.js'
import { rateLimited } from './rate-limited.js'

const facts: LimitFacts = {
  route: 'fast',
  tenant: 'acme',
  tags: { team: 'x"y' },
  provider: 'openai',
  model: 'gpt-4.1',
}

/** The refusal of a second attempt of so many tokens, 1,250 ms after the first. */
function secondRefusal(limits: Limits, inputTokens = 600, outputTokens = 300, maxCounters = 10) {
  const keeper = createLimitKeeper(limits, { maxCounters })
  keeper.take(
    { ...facts, tenant: maxCounters === 1 ? 'other' : 'acme' },
    { inputTokens: 600, outputTokens: 300 },
    0,
  )
  const refusal = keeper.take(facts, { inputTokens, outputTokens }, 1_250)
  if (refusal.granted) throw new Error('it was granted')
  return refusal
}

describe('rateLimited', () => {
  it.each<[string, Limits, string]>([
    [
      'requests',
      { minute: { requests: 1 } },
      'limit "minute" has no room: at most 1 request in 60 s; wait 58.8 s or raise `requests`',
    ],
    [
      'tokens of a tenant',
      { teams: { per: 'tenant', windowMs: 1_500, tokens: 1_000 } },
      'limit "teams" of tenant "acme" has no room: at most 1,000 tokens in 1.5 s; wait 250 ms or raise `tokens`',
    ],
    [
      'several scopes',
      { l: { per: ['tag:team', 'model'], inputTokens: 1_000 } },
      'limit "l" of tag team "x\\"y" and model "openai/gpt-4.1" has no room: at most 1,000 input tokens in 60 s; ' +
        'wait 58.8 s or raise `inputTokens`',
    ],
    [
      'calls at the same time',
      { slots: { per: 'route', concurrent: 1 } },
      'limit "slots" of route "fast" has no room: at most 1 at the same time; wait until a call ends or raise `concurrent`',
    ],
  ])('tells of %s', (_name, limits, message) => {
    const refusal = secondRefusal(limits)
    const error = rateLimited(refusal)
    expect(error.message).toBe(message)
    expect(error).toMatchObject({ code: 'rate_limited', retryable: true })
    expect(error.retryAfterMs ?? null).toBe(refusal.retryAfterMs)
  })

  it('tells when waiting does not help', () => {
    const error = rateLimited(secondRefusal({ l: { outputTokens: 500 } }, 1, 501))
    expect(error.message).toBe(
      'limit "l" has no room even when it is empty: the request is expected to take 501 output tokens, but only 500 ' +
        'output tokens in 60 s are allowed; raise `outputTokens` or lower max_tokens to that',
    )
    expect(error.retryable).toBe(false)
    expect(error).not.toHaveProperty('retryAfterMs')
  })

  it('tells of too many values', () => {
    const error = rateLimited(secondRefusal({ l: { per: 'tenant', requests: 5 } }, 1, 1, 1))
    expect(error.message).toMatch(/^limit "l" of tenant "acme" has to wait: too many different values/)
    expect(error.retryAfterMs).toBe(1_000)
  })

  it('tells what it knows of a refusal from elsewhere', () => {
    const error = rateLimited({
      granted: false,
      limit: 'learned',
      scope: ['openai/gpt-4.1'],
      what: 'tokens',
      retryAfterMs: 800,
      tooLarge: false,
    })
    expect(error.message).toBe(
      'limit "learned" of "openai/gpt-4.1" has no room; wait 800 ms or raise `tokens`',
    )
  })
})
