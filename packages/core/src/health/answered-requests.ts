import type { Target } from '../contract/target.js'

/** Which target answered which request, for feedback that comes later. Bounded: the newest push the oldest out. */
export interface AnsweredRequests {
  note(requestId: string, target: Target): void
  /** The target, once: what has been taken is forgotten. */
  take(requestId: string): Target | undefined
}

const MAX_REQUESTS = 10_000

export function createAnsweredRequests(maxRequests: number = MAX_REQUESTS): AnsweredRequests {
  const byId = new Map<string, { readonly target: Target; readonly at: number }>()
  /** A ring of ids. A map alone would do, were its first key not ever slower to find as keys are deleted. */
  const ids: string[] = []
  let noted = 0

  return {
    note(requestId, { provider, model }) {
      const slot = noted % maxRequests
      const oldest = ids[slot]
      // The caller may use an id twice: then it belongs to its later slot.
      if (oldest !== undefined && byId.get(oldest)?.at === noted - maxRequests) byId.delete(oldest)
      ids[slot] = requestId
      byId.set(requestId, { target: { provider, model }, at: noted })
      noted++
    },
    take(requestId) {
      const found = byId.get(requestId)
      byId.delete(requestId)
      return found?.target
    },
  }
}
