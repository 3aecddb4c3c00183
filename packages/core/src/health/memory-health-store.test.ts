import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HealthObservation } from '../contract/target-health.js'
import { HEALTH_WINDOW_MS } from './health-window.js'
import { createMemoryHealthStore } from './memory-health-store.js'

const A = { provider: 'p', model: 'a' }
const attempt = (more: object = {}): HealthObservation => ({ kind: 'attempt', ...A, outcome: 'ok', ...more })

describe('the memory store', () => {
  it('adds up what it is told', () => {
    const store = createMemoryHealthStore()
    store.record(attempt({ firstContentMs: 100, totalMs: 1_000 }), 0)
    store.record(attempt({ outcome: 'error' }), 1)
    store.record(attempt({ outcome: undefined }), 1)
    store.record({ kind: 'quality', ...A, worth: 0.5 }, 2)
    const seen = store.read(A, 3)
    expect(seen).toEqual({
      ...A,
      requests: 2,
      errorRate: 0.5,
      firstContentMs: {
        p50: expect.closeTo(100, -1) as number,
        p95: expect.closeTo(100, -1) as number,
        samples: 1,
      },
      totalMs: {
        p50: expect.closeTo(1_000, -2) as number,
        p95: expect.closeTo(1_000, -2) as number,
        samples: 1,
      },
      quality: { score: expect.closeTo(0.5) as number, samples: 1 },
    })
    expect(store.readAll(3)).toEqual([seen])
    expect(store.qualityOf(A, 3)).toEqual(seen?.quality)
  })

  it('knows nothing of a target it has not heard of', () => {
    const store = createMemoryHealthStore()
    store.record(attempt(), 0)
    expect(store.read({ provider: 'p', model: 'b' }, 0)).toBeUndefined()
    expect(store.qualityOf({ provider: 'p', model: 'b' }, 0)).toEqual({ score: 1, samples: 0 })
  })

  it('says null where there is nothing to say, also when it has forgotten', () => {
    const store = createMemoryHealthStore()
    store.record(attempt({ firstContentMs: 5, totalMs: 5, outcome: 'error' }), 0)
    expect(store.read(A, HEALTH_WINDOW_MS)).toEqual({
      ...A,
      requests: 0,
      errorRate: null,
      firstContentMs: null,
      totalMs: null,
      quality: { score: 1, samples: 0 },
    })
  })

  it('holds a bounded number of targets and lets go of the one asked longest ago', () => {
    const model = fc.integer({ min: 0, max: 12 }).map(String)
    fc.assert(
      fc.property(fc.array(model, { minLength: 1, maxLength: 60 }), (models) => {
        const store = createMemoryHealthStore(5)
        for (const [now, name] of models.entries()) store.record({ ...attempt(), model: name }, now)
        const lastFive = [...new Set(models.toReversed())].slice(0, 5)
        expect(
          store
            .readAll(models.length)
            .map((seen) => seen.model)
            .sort(),
        ).toEqual(lastFive.sort())
      }),
    )
  })
})

it('holds a thousand targets unless told otherwise', () => {
  const store = createMemoryHealthStore()
  for (let at = 0; at <= 1_000; at++) store.record({ ...attempt(), model: `m${at}` }, at)
  expect(store.readAll(1_001)).toHaveLength(1_000)
})

describe('a time cut short', () => {
  const usual = () => {
    const store = createMemoryHealthStore()
    for (let at = 0; at < 100; at++) store.record(attempt({ firstContentMs: 100, totalMs: 500 }), at)
    return store
  }

  it('counts when it was longer than usual: hedging must not hide the stragglers', () => {
    const store = usual()
    for (let at = 0; at < 10; at++)
      store.record(attempt({ outcome: undefined, firstContentAtLeastMs: 900, totalAtLeastMs: 900 }), 100)
    const seen = store.read(A, 100)
    expect(seen?.firstContentMs).toMatchObject({ samples: 110, p95: expect.closeTo(900, -2) as number })
    expect(seen?.totalMs).toMatchObject({ samples: 110, p95: expect.closeTo(900, -2) as number })
    expect(seen?.requests).toBe(100)
  })

  it('says nothing when it was shorter', () => {
    const store = usual()
    store.record(attempt({ outcome: undefined, firstContentAtLeastMs: 3, totalAtLeastMs: 3 }), 100)
    expect(store.read(A, 100)).toMatchObject({ firstContentMs: { samples: 100 }, totalMs: { samples: 100 } })
  })

  it('is measured against the median', () => {
    const store = createMemoryHealthStore()
    for (let at = 0; at < 100; at++) store.record(attempt({ totalMs: at < 40 ? 100 : 300 }), at)
    store.record(attempt({ outcome: undefined, totalAtLeastMs: 200 }), 100)
    expect(store.read(A, 100)?.totalMs).toMatchObject({ samples: 100 })
  })

  it('says nothing of a target whose usual time is unknown', () => {
    const store = createMemoryHealthStore()
    store.record(attempt({ outcome: undefined, firstContentAtLeastMs: 900, totalAtLeastMs: 900 }), 0)
    expect(store.read(A, 0)).toMatchObject({ firstContentMs: null, totalMs: null })
  })
})
