import { GatewayError } from '@turnout/core'
import type { RedisClient } from './redis-client.js'
import type { SharedLimitsOptions } from './shared-limits-options.js'

const KNOWN = ['prefix', 'processes', 'fail', 'maxWaitMs']
const MODES: readonly unknown[] = ['local', 'open', 'closed']

/** @throws GatewayError `invalid_request` */
export function checkSharedLimits(redis: RedisClient, options: SharedLimitsOptions): void {
  if (typeof (redis as Partial<RedisClient> | null | undefined)?.call !== 'function')
    throw invalid('redis', 'must be a client of ioredis: sharedLimits(new Redis(url))')
  for (const name of Object.keys(options)) {
    if (!KNOWN.includes(name)) throw invalid(name, `is no known option; there are ${KNOWN.join(', ')}`)
  }
  const { prefix, processes, fail, maxWaitMs } = options
  if (prefix !== undefined && (typeof prefix !== 'string' || prefix === ''))
    throw invalid('prefix', 'must be a text that keys begin with, such as "turnout:limits:"')
  if (processes !== undefined && !(Number.isInteger(processes) && processes >= 1))
    throw invalid('processes', 'must be a whole number, 1 or more')
  if (fail !== undefined && !MODES.includes(fail))
    throw invalid('fail', 'must be "local", "open" or "closed"')
  if (maxWaitMs !== undefined && !(maxWaitMs >= 1 && maxWaitMs <= 10_000))
    throw invalid('maxWaitMs', 'must be a number of milliseconds from 1 to 10,000')
}

const invalid = (path: string, what: string): GatewayError =>
  new GatewayError({
    code: 'invalid_request',
    message: `sharedLimits: ${path} ${what}`,
    path,
    retryable: false,
  })
