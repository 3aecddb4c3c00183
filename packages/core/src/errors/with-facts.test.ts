import { expect, it } from 'vitest'
import { GatewayError } from './gateway-error.js'
import { withFacts } from './with-facts.js'

const original = new GatewayError({
  code: 'timeout',
  message: 'no content came',
  path: 'timeout.firstTokenMs',
  phase: 'first_token',
  provider: 'openai',
  model: 'gpt-4.1',
  status: 200,
  retryable: false,
  retryAfterMs: 10,
  resetsAt: new Date(5),
  quotas: [{ what: 'requests', max: 5, windowMs: 60_000 }],
  partial: { id: 'x' },
  cause: new Error('why'),
})

it('is the same error with more facts, and leaves the original alone', () => {
  const attempts = [
    { provider: 'openai', model: 'gpt-4.1', code: 'timeout', message: 'm', durationMs: 1 },
  ] as const
  const told = withFacts(original, { requestId: 'req_1', attempts })
  expect(told).not.toBe(original)
  expect(told.toJSON()).toEqual({ ...original.toJSON(), requestId: 'req_1', attempts })
  expect(told.quotas).toBe(original.quotas)
  expect(told.partial).toBe(original.partial)
  expect(told.cause).toBe(original.cause)
  expect(told.stack).toBe(original.stack)
  expect(original.requestId).toBe('')
  expect(original.attempts).toEqual([])
})

it('overrides a fact that stands already', () => {
  expect(withFacts(original, { provider: 'other' }).provider).toBe('other')
})
