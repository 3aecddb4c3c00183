/** What holds for every request to a surface. */
export interface SurfaceOptions {
  /**
   * What a client is told beside the answer. `full` (default of `createFetch`): messages as the gateway words them, and
   * all that it tells under `gateway`. `brief`, for clients that are not yours: no provider's text, no attempts, no trace.
   */
  readonly detail?: 'full' | 'brief'
  /**
   * A stream whose first content is not there after so many milliseconds begins with a comment, and says so again this
   * often: for proxies that cut silent connections. Errors from then on are events of the stream instead of a status.
   * Default: never.
   */
  readonly keepAliveMs?: number
}
