export interface SharedLimitsOptions {
  /** Before every key. Default `turnout:limits:`. Gateways with the same one share their limits. */
  readonly prefix?: string
  /**
   * How many processes there are at least. `concurrent` limits are divided by it, and so is the local share of a process
   * that has not heard of others. Default 1: `concurrent` counts in each process by itself.
   */
  readonly processes?: number
  /**
   * While leases cannot be had: `local` (default) keeps to the process's part of each limit, `open` to the whole limit in
   * each process, `closed` lets nothing out.
   */
  readonly fail?: 'local' | 'open' | 'closed'
  /** What Redis may take for an answer, and so the longest that a call waits for it. Default 50, in milliseconds. */
  readonly maxWaitMs?: number
}
