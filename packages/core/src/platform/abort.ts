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

const NOTHING = (): void => {}
/** Not 0, Node's word for "no limit": `getMaxListeners` throws on a target that has it (Node 20). */
const MANY_CALLS = 1_000_000

/** @param parent the caller's signal; its abort is this scope's abort, with the same reason. */
export function createAbortScope(parent?: AbortSignal): AbortScope {
  const listeners = new Set<(reason: unknown) => void>()
  let aborted = false
  let reason: unknown

  const abort = (why: unknown): void => {
    if (aborted) return
    aborted = true
    reason = why
    for (const listener of [...listeners]) listener(why)
    listeners.clear()
  }
  const followParent = (): void => abort(parent?.reason)
  if (parent?.aborted) followParent()
  else if (parent) {
    // One signal for many calls is what signals are for: no leak, and no warning of one on the host's console.
    if (getMaxListeners(parent) < MANY_CALLS) setMaxListeners(MANY_CALLS, parent)
    parent.addEventListener('abort', followParent, { once: true })
  }

  return {
    get aborted() {
      return aborted
    },
    get reason() {
      return reason
    },
    abort,
    onAbort(listener) {
      if (aborted) {
        listener(reason)
        return NOTHING
      }
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    release() {
      parent?.removeEventListener('abort', followParent)
    },
  }
}

/** Waits `ms`; resolves early, with `false`, when the scope aborts. The timer keeps the process alive: a call waits. */
export function sleep(ms: number, scope: AbortScope): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      forget()
      resolve(true)
    }, ms)
    const forget = scope.onAbort(() => {
      clearTimeout(timer)
      resolve(false)
    })
  })
}
