import { getMaxListeners, setMaxListeners } from 'node:events'

/**
 * One call's cancellation: fires once, tells why, and forgets its listeners. A plain list rather than an
 * `AbortSignal`, because every attempt, wait and read registers here and an event target costs ten times more.
 */
export interface AbortScope {
  readonly aborted: boolean
  readonly reason: unknown
  abort(reason: unknown): void
  /** Runs `listener` on abort, at once when it has happened already. Returns the removal. */
  onAbort(listener: (reason: unknown) => void): () => void
  /** Lets go of the caller's signal. Call it when the call has settled. */
  release(): void
}

/** As much of an `AbortSignal` as is used: one of another realm, or of less cost, will do. */
export interface CallSignal {
  readonly aborted: boolean
  readonly reason?: unknown
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

export const isSignal = (value: unknown): value is CallSignal => {
  if (value instanceof AbortSignal) return true
  if (typeof value !== 'object' || value === null) return false
  const { aborted, addEventListener, removeEventListener } = value as Partial<CallSignal>
  return (
    typeof aborted === 'boolean' &&
    typeof addEventListener === 'function' &&
    typeof removeEventListener === 'function'
  )
}

const NOTHING = (): void => {}
/** Not 0, Node's word for "no limit": `getMaxListeners` throws on a target that has it (Node 20). */
const MANY_CALLS = 1_000_000

/** @param parent the caller's signal; its abort is this scope's abort, with the same reason. */
export function createAbortScope(parent?: CallSignal): AbortScope {
  // Plain fields, not getters: a getter in an object literal gives every object a hidden class of its own.
  const scope = { aborted: false, reason: undefined as unknown, abort, onAbort, release }
  // A list: a set of one takes 200 bytes more, and every call that waits has one.
  let listeners: ((reason: unknown) => void)[] = []
  const followParent = (): void => abort(parent?.reason)

  function abort(why: unknown): void {
    if (scope.aborted) return
    scope.aborted = true
    scope.reason = why
    const told = listeners
    listeners = []
    for (const listener of told) listener(why)
  }
  function onAbort(listener: (reason: unknown) => void): () => void {
    if (scope.aborted) {
      listener(scope.reason)
      return NOTHING
    }
    // The first is put in a list of one place; a push makes room for seventeen.
    if (listeners.length === 0) listeners = [listener]
    else listeners.push(listener)
    return () => {
      const at = listeners.indexOf(listener)
      if (at >= 0) listeners.splice(at, 1)
    }
  }
  function release(): void {
    parent?.removeEventListener('abort', followParent)
  }

  if (parent?.aborted) followParent()
  else if (parent) {
    // One signal for many calls is what signals are for: no leak, and no warning of one on the host's console.
    if (parent instanceof AbortSignal && getMaxListeners(parent) < MANY_CALLS)
      setMaxListeners(MANY_CALLS, parent)
    parent.addEventListener('abort', followParent, { once: true })
  }
  return scope
}

/** A scope of its own that also ends with its parent, for the same reason. Call its `release()` when it is done. */
export function createChildScope(parent: AbortScope): AbortScope {
  const scope = createAbortScope()
  const forget = parent.onAbort((reason) => {
    scope.abort(reason)
  })
  // The same object: its fields change when it aborts.
  return Object.assign(scope, { release: forget })
}

/** Waits `ms`; resolves early, with `false`, when the scope aborts. The timer keeps the process alive: a call waits. */
export function sleep(ms: number, scope: AbortScope): Promise<boolean> {
  return new Promise((resolve) => {
    // Timers cut fractions off, which would be early.
    const timer = setTimeout(() => {
      forget()
      resolve(true)
    }, Math.ceil(ms))
    const forget = scope.onAbort(() => {
      clearTimeout(timer)
      resolve(false)
    })
  })
}
