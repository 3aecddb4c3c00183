import type { CallSignal } from '@turnout/core'

/** A signal of a client that may go away. */
export interface Departure extends CallSignal {
  abort(): void
}

/** An `AbortController` for every request would cost more than finding its endpoint and reading its options. */
export function createDeparture(): Departure {
  const listeners = new Set<() => void>()
  const departure = {
    aborted: false,
    reason: undefined as unknown,
    addEventListener: (_type: 'abort', listener: () => void): void => void listeners.add(listener),
    removeEventListener: (_type: 'abort', listener: () => void): void => void listeners.delete(listener),
    abort(): void {
      if (departure.aborted) return
      departure.aborted = true
      departure.reason = new DOMException('The client has gone', 'AbortError')
      const told = [...listeners]
      listeners.clear()
      for (const listener of told) listener()
    },
  }
  return departure
}
