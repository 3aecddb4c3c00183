export { sharedLimits } from './shared-limits.js'
export type { SharedLimitsOptions } from './shared-limits-options.js'
export type { RedisClient } from './redis-client.js'
