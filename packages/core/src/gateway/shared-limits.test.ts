import { mockAdapter } from '@turnout/testing'
import { describe, expect, it } from 'vitest'
import type { LimitShare, ShareMode, SharedLimits } from '../contract/shared-limits.js'
import { createGateway } from './create-gateway.js'

const messages = [{ role: 'user', content: 'x' }] as const

/** Grants all that is asked for, a turn of the event loop later. */
function slowlyShared(isDown = false) {
  let mode: ShareMode = 'leased'
  const told = { opened: 0, closed: 0, shares: [] as string[] }
  const limits: SharedLimits = {
    open() {
      told.opened++
      return {
        processes: 1,
        share({ limit, scope }, onRoom) {
          told.shares.push([limit, ...scope].join(' '))
          let left = 0
          let isAsking = false
          const share: LimitShare = {
            fits() {
              if (left > 0) return true
              if (!isAsking) {
                isAsking = true
                setTimeout(() => {
                  isAsking = false
                  if (isDown) mode = 'closed'
                  else left = 1
                  onRoom()
                }, 0)
              }
              return false
            },
            portion: () => 1,
            take: () => left--,
            correct() {},
            isAsking: () => isAsking,
            waitMs: () => 50,
            status: () => ({ mode, leased: { requests: left } }),
            resize() {},
            release() {},
          }
          return share
        },
        async close() {
          told.closed++
        },
      }
    },
  }
  return { limits, told }
}

describe('a gateway with shared limits', () => {
  it('lets calls wait for a lease, goes nowhere else meanwhile, and closes what it opened', async () => {
    const { limits, told } = slowlyShared()
    const asked: string[] = []
    const adapter = (name: string) => mockAdapter(() => (asked.push(name), name))
    const gateway = createGateway({
      providers: { first: adapter('first'), second: adapter('second') },
      routes: { r: ['first/m', 'second/m'] },
      limits: { models: { per: 'model', requests: 100 }, tenants: { per: 'tenant', requests: 100 } },
      stores: { limits },
    })
    const calls = Array.from({ length: 10 }, async () =>
      gateway.chat({ model: 'r', messages }, { tenant: 't' }),
    )
    await Promise.all(calls)
    expect(asked).toEqual(Array.from({ length: 10 }, () => 'first'))
    expect(told.opened).toBe(1)
    expect(told.shares.slice(0, 2)).toEqual(['models first/m', 'tenants t'])
    expect(gateway.limits()).toMatchObject([
      { limit: 'tenants', scope: ['t'], used: { requests: 10 }, shared: { mode: 'leased' } },
      { limit: 'models', used: { requests: 10 }, shared: { mode: 'leased' } },
    ])
    await gateway.close()
    expect(told.closed).toBe(1)
  })

  it('refuses as soon as it is known that nothing is let out, and says why', async () => {
    const { limits } = slowlyShared(true)
    const gateway = createGateway({
      providers: { a: mockAdapter('Fine.') },
      limits: { tenants: { per: 'tenant', requests: 100 } },
      stores: { limits },
    })
    for (let i = 0; i < 2; i++) {
      await expect(gateway.chat({ model: 'a/m', messages }, { tenant: 't' })).rejects.toMatchObject({
        code: 'rate_limited',
        retryAfterMs: 50,
        message: expect.stringMatching(
          /^limit "tenants" of tenant "t" is shared, and its store \(stores.limits\) does not answer/,
        ) as string,
      })
    }
    expect(gateway.health().queue.started).toBe(0)
    await gateway.close()
  })

  it('opens nothing without limits, until a reload brings some', async () => {
    const { limits, told } = slowlyShared()
    const gateway = createGateway({ providers: { mock: mockAdapter('ok') }, stores: { limits } })
    await gateway.chat({ model: 'mock/m', messages })
    expect(told.opened).toBe(0)
    gateway.reload({ limits: { all: { requests: 5 } } })
    await gateway.chat({ model: 'mock/m', messages })
    gateway.reload({ limits: { all: { requests: 9 } } })
    await gateway.chat({ model: 'mock/m', messages })
    expect(told).toMatchObject({ opened: 1, shares: ['all'] })
    await gateway.close()
  })
})
