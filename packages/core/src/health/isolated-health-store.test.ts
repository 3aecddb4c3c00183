import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HealthObservation, HealthStore } from '../contract/target-health.js'
import { isolatedHealthStore } from './isolated-health-store.js'
import { createMemoryHealthStore } from './memory-health-store.js'

const A = { provider: 'p', model: 'a' }
const seen: HealthObservation = { kind: 'quality', ...A, worth: 0 }
const boom = (): never => {
  throw new Error('redis is gone')
}
const broken: HealthStore = { record: boom, qualityOf: boom, read: boom, readAll: boom, close: boom }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const isolated = (store: HealthStore) => {
  const told: unknown[] = []
  return { told, store: isolatedHealthStore(store, (error) => told.push(error)) }
}

describe('a health store of the host', () => {
  it('is passed through while it works', () => {
    const { store, told } = isolated(createMemoryHealthStore())
    store.record(seen, 0)
    expect(store.qualityOf(A, 0)).toEqual({ score: 0, samples: 1 })
    expect(store.read(A, 0)).toMatchObject(A)
    expect(store.readAll(0)).toHaveLength(1)
    store.close?.()
    expect(told).toEqual([])
  })

  it('that throws is told of once a minute and harms nobody', () => {
    const { store, told } = isolated(broken)
    store.record(seen, 0)
    expect(store.qualityOf(A, 0)).toEqual({ score: 1, samples: 0 })
    expect(store.read(A, 0)).toBeUndefined()
    expect(store.readAll(0)).toEqual([])
    store.close?.()
    expect(told).toEqual([new Error('redis is gone')])
    vi.advanceTimersByTime(59_999)
    store.record(seen, 0)
    expect(told).toHaveLength(1)
    vi.advanceTimersByTime(1)
    store.record(seen, 0)
    expect(told).toHaveLength(2)
  })

  it('that fails later is told of too', async () => {
    const { store, told } = isolated({ ...broken, record: () => Promise.reject(new Error('late')) })
    store.record(seen, 0)
    await new Promise((resolve) => setImmediate(resolve))
    expect(told).toEqual([new Error('late')])
  })

  it.each([
    undefined,
    {},
    { score: NaN, samples: 20 },
    { score: 0, samples: -1 },
    { score: '0', samples: '20' },
  ])('that takes %j for a quality is not believed', (quality) => {
    const { store, told } = isolated({ ...broken, qualityOf: () => quality as never })
    expect(store.qualityOf(A, 0)).toEqual({ score: 1, samples: 0 })
    expect(told).toHaveLength(1)
  })
})
