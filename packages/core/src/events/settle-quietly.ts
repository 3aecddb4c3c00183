/**
 * Calls a host's function that must not disturb the call it is told of: what it throws, now or as a promise, goes
 * to `onError` and no further. Nothing waits for it.
 */
export function settleQuietly(call: () => unknown, onError: (error: unknown) => void): void {
  try {
    const result = call()
    // A rejection nobody hears would end the host's process.
    if (isThenable(result)) result.then(undefined, onError)
  } catch (error) {
    onError(error)
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
