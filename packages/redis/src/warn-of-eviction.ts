import type { Logger } from '@turnout/core'
import type { RedisClient } from './redis-client.js'

/** A counter that is evicted would let a window's worth out once more. */
export async function warnOfEviction(redis: RedisClient, logger: Logger): Promise<void> {
  let answer: unknown
  try {
    answer = await redis.call('config', 'get', 'maxmemory-policy')
  } catch {
    return // Hosted servers often do not say.
  }
  const policy = policyIn(answer)
  if (policy === undefined || policy === 'noeviction') return
  logger.warn?.(
    { policy },
    'turnout: Redis may evict the counters of shared limits; set its maxmemory-policy to noeviction',
  )
}

/** A list in RESP2, a map in RESP3. */
function policyIn(answer: unknown): string | undefined {
  const values: readonly unknown[] =
    typeof answer === 'object' && answer !== null ? Object.values(answer) : []
  const policy = values.at(-1)
  return typeof policy === 'string' ? policy : undefined
}
