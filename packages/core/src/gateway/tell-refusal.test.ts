import { mockAdapter, virtualTime } from '@turnout/testing'
import { expect, it } from 'vitest'
import { GatewayError } from '../errors/gateway-error.js'
import { createGateway } from './create-gateway.js'

const ask = { model: 'a/m', messages: [{ role: 'user', content: 'x' }] } as const

it('warns of what limits of its own refuse once a second, with their number; other failures are errors', async () => {
  using time = virtualTime()
  const told: unknown[] = []
  const gateway = createGateway({
    providers: {
      a: mockAdapter([{ text: 'Fine.' }, new GatewayError({ code: 'invalid_request', message: 'no' })]),
    },
    limits: { all: { requests: 2, windowMs: 60_000 } },
    queue: { maxEntries: 0 },
    logger: {
      warn: (facts, message) => told.push(['warn', facts, message]),
      error: (facts) => told.push(['error', facts]),
    },
  })
  const call = async () => time.settle(Promise.allSettled([gateway.chat(ask, { requestId: 'r' })]))
  for (let i = 0; i < 12; i++) await call()
  await time.advance(1_000)
  await call()
  const refused = 'turnout: limit "all" has no room: at most 2 requests in 60 s; wait '
  expect(told).toEqual([
    ['error', expect.objectContaining({ requestId: 'r', code: 'invalid_request' })],
    ['warn', { requestId: 'r', code: 'rate_limited', refused: 1 }, expect.stringContaining(refused)],
    [
      'warn',
      { requestId: 'r', code: 'rate_limited', refused: 10 },
      expect.stringMatching(/ \(9 more were refused since the last line\)$/),
    ],
  ])
  await time.settle(gateway.close())
})
