/** What is under way, so that a server can wait for it and then end it. */
export interface OpenRequest {
  destroy(): unknown
}

export interface OpenRequests {
  readonly size: number
  add(request: OpenRequest): void
  remove(request: OpenRequest): void
  /** Settles when nothing is open, or after `ms`. */
  whenNone(ms: number): Promise<void>
  destroyAll(): void
}

export function createOpenRequests(): OpenRequests {
  const requests = new Set<OpenRequest>()
  const waiting = new Set<() => void>()
  return {
    get size() {
      return requests.size
    },
    add: (request) => void requests.add(request),
    remove(request) {
      requests.delete(request)
      if (requests.size === 0) for (const settle of waiting) settle()
    },
    whenNone(ms) {
      if (requests.size === 0) return Promise.resolve()
      return new Promise((resolve) => {
        const settle = (): void => {
          clearTimeout(timer)
          waiting.delete(settle)
          resolve()
        }
        const timer = setTimeout(settle, ms)
        waiting.add(settle)
      })
    },
    destroyAll() {
      for (const request of requests) request.destroy()
    },
  }
}
