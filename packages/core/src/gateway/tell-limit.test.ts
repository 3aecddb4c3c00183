import { virtualTime } from '@turnout/testing'
import { expect, it } from 'vitest'
import { createEventBus } from '../events/event-bus.js'
import { createLimitTeller } from './tell-limit.js'

const full = (tenant: string) =>
  ({
    granted: false,
    limit: 'tenants',
    scope: [tenant],
    what: 'requests',
    max: 2,
    windowMs: 60_000,
    retryAfterMs: 500,
    tooLarge: false,
    reason: 'no_room',
  }) as const

it('tells of each value of the scope once a second, of a thousand at most', async () => {
  using time = virtualTime()
  const bus = createEventBus(() => {})
  const told: string[] = []
  bus.on('limit-reached', ({ scope }) => told.push(scope.join()))
  const tell = createLimitTeller(bus)
  for (const tenant of ['a', 'b', 'a', 'b']) tell(full(tenant))
  expect(told).toEqual(['a', 'b'])
  await time.advance(999)
  tell(full('c'))
  tell(full('a'))
  expect(told).toEqual(['a', 'b', 'c'])
  await time.advance(1)
  for (const tenant of ['a', 'b', 'c']) tell(full(tenant))
  expect(told).toEqual(['a', 'b', 'c', 'a', 'b'])
  for (let i = 0; i < 2_000; i++) tell(full(`t${i}`))
  expect(told).toHaveLength(1_002)
  await time.advance(1_000)
  tell(full('last'))
  expect(told.at(-1)).toBe('last')
})
