import pRetry from 'p-retry'

/**
 * Runs `attempt` until it succeeds or `again` says no. `again` decides and waits: p-retry's own delays and limits
 * are off, because the wait may be a provider's and the count is the call's.
 * @param attempt gets 1, 2, 3 …
 */
export function retry<T>(attempt: (tryNumber: number) => Promise<T>, again: (error: unknown) => Promise<boolean>): Promise<T> {
  return pRetry(attempt, {
    retries: Infinity,
    minTimeout: 0,
    randomize: false,
    shouldRetry: ({ error }) => again(error),
  })
}
