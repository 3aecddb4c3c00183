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
  /**
   * Answers of `/v1/responses` that later requests may name by id (`previous_response_id`, `item_reference`), unless they
   * said `store: false`. They are kept in this process's memory, 64 Mi characters at most; the oldest give way. Default 1,000.
   */
  readonly rememberedResponses?: number
  /**
   * Features of the `anthropic-beta` header that clients may have, `*` for any. They go to Anthropic targets only; all
   * others are left out without a word. Default: none.
   */
  readonly anthropicBetas?: readonly string[]
}
