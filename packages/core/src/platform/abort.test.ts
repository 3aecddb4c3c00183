import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAbortScope, sleep } from './abort.js'

describe('an abort scope', () => {
  it('fires once, with the first reason', () => {
    const scope = createAbortScope()
    const heard: unknown[] = []
    scope.onAbort((reason) => heard.push(reason))
    expect(scope.aborted).toBe(false)
    expect(scope.reason).toBeUndefined()
    scope.abort('first')
    scope.abort('second')
    expect(heard).toEqual(['first'])
    expect(scope.aborted).toBe(true)
    expect(scope.reason).toBe('first')
  })

  it('follows what is no AbortSignal but does as one, and lets go of it', () => {
    const listeners = new Set<() => void>()
    const parent = {
      aborted: false,
      reason: 'gone',
      addEventListener: (_type: 'abort', listener: () => void) => void listeners.add(listener),
      removeEventListener: (_type: 'abort', listener: () => void) => void listeners.delete(listener),
    }
    const followed = createAbortScope(parent)
    const released = createAbortScope(parent)
    released.release()
    for (const listener of listeners) listener()
    expect([followed.aborted, followed.reason, released.aborted]).toEqual([true, 'gone', false])
    followed.release()
    expect(listeners.size).toBe(0)
  })

  it('tells a late listener at once', () => {
    const scope = createAbortScope()
    scope.abort('over')
    const heard: unknown[] = []
    const remove = scope.onAbort((reason) => heard.push(reason))
    expect(heard).toEqual(['over'])
    expect(remove).not.toThrow()
  })

  it('tells everyone who is registered when it fires, also when one leaves or joins meanwhile', () => {
    const scope = createAbortScope()
    const heard: string[] = []
    const removeThird: { call?: () => void } = {}
    scope.onAbort(() => {
      heard.push('first')
      removeThird.call?.()
      scope.onAbort(() => heard.push('joined'))
    })
    scope.onAbort(() => heard.push('second'))
    removeThird.call = scope.onAbort(() => heard.push('third'))
    scope.abort('x')
    expect(heard).toEqual(['first', 'joined', 'second', 'third'])
  })

  it('forgets a listener that was removed', () => {
    const scope = createAbortScope()
    const listener = vi.fn<() => void>()
    scope.onAbort(listener)()
    scope.abort('x')
    expect(listener).not.toHaveBeenCalled()
  })

  it("follows the caller's signal with its reason, before and after the fact", () => {
    const controller = new AbortController()
    const early = createAbortScope(controller.signal)
    controller.abort('caller left')
    const late = createAbortScope(controller.signal)
    expect([early.aborted, early.reason]).toEqual([true, 'caller left'])
    expect([late.aborted, late.reason]).toEqual([true, 'caller left'])
  })

  it("keeps a falsy reason, and leaves the caller's signal alone when it aborts by itself", () => {
    const controller = new AbortController()
    const scope = createAbortScope(controller.signal)
    scope.abort(null)
    expect([scope.aborted, scope.reason]).toEqual([true, null])
    expect(controller.signal.aborted).toBe(false)
  })

  it("lets go of the caller's signal when released", () => {
    const controller = new AbortController()
    const scope = createAbortScope(controller.signal)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
    scope.release()
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
    controller.abort()
    expect(scope.aborted).toBe(false)
  })

  it('takes one signal for many calls at once without a warning on the console', async () => {
    const warnings: Error[] = []
    const hear = (warning: Error): void => void warnings.push(warning)
    process.on('warning', hear)
    try {
      const { signal } = new AbortController()
      const scopes = Array.from({ length: 100 }, () => createAbortScope(signal))
      await new Promise((resolve) => setImmediate(resolve)) // warnings are emitted on the next tick
      expect(warnings).toEqual([])
      for (const scope of scopes) scope.release()
      expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    } finally {
      process.off('warning', hear)
    }
  })
})

describe('sleep', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('resolves to true after its time, not before', async () => {
    let settled: boolean | undefined
    const slept = sleep(1_000, createAbortScope()).then((whole) => (settled = whole))
    await vi.advanceTimersByTimeAsync(999)
    expect(settled).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    expect(settled).toBe(true)
    await slept
  })

  it('resolves to false on abort, at once, and leaves no timer behind', async () => {
    const scope = createAbortScope()
    const slept = sleep(1_000, scope)
    scope.abort('x')
    await expect(slept).resolves.toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not wait at all when it is over already', async () => {
    const scope = createAbortScope()
    scope.abort('x')
    await expect(sleep(1_000, scope)).resolves.toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves no listener behind', async () => {
    const scope = createAbortScope()
    const remove = vi.fn<() => void>()
    const slept = sleep(5, { ...scope, onAbort: () => remove })
    await vi.advanceTimersByTimeAsync(5)
    await slept
    expect(remove).toHaveBeenCalledOnce()
  })
})
