import type { AttemptContext } from '../contract/adapter.js'

interface SignalOwner {
  controller: AbortController | undefined
  abortedWith: unknown
}

/**
 * `context.signal`, made when an adapter first asks for it: an AbortController costs 5 us on Node 20, and the
 * toolkit's chats hear of an abort through `cancel()`. The getter sits on a prototype, because one in each object
 * would give each a hidden class of its own.
 */
const LAZY_SIGNAL = {
  get signal(): AbortSignal {
    const owner = this as unknown as SignalOwner
    if (!owner.controller) {
      owner.controller = new AbortController()
      if (owner.abortedWith !== undefined) owner.controller.abort(owner.abortedWith)
    }
    return owner.controller.signal
  },
}

export function createAttemptContext(fields: Omit<AttemptContext, 'signal'>): AttemptContext {
  return { __proto__: LAZY_SIGNAL, controller: undefined, abortedWith: undefined, ...fields } as unknown as AttemptContext
}

/** Aborts the signal of a context, now or when it is first asked for. */
export function abortAttempt(context: AttemptContext, reason: unknown): void {
  const owner = context as unknown as SignalOwner
  owner.abortedWith = reason
  owner.controller?.abort(reason)
}
