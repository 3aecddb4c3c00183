/** As much of an ioredis client, or cluster, as is used here. */
export interface RedisClient {
  call(command: string, ...args: (string | number)[]): Promise<unknown>
  /** Where it is known to be disconnected it is not asked. */
  readonly status?: string
}
