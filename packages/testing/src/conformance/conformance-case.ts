/** One thing that every adapter does, as a function that any runner can call. */
export interface ConformanceCase {
  readonly name: string
  /** Why it is not to be run, for an adapter that cannot do it. */
  readonly skipped?: string
  /** Rejects with an `AssertionError` that says what is wrong. */
  readonly run: () => Promise<void>
}
