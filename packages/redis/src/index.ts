export { sharedLimits } from './shared-limits.js'
export type { SharedLimitsOptions } from './shared-limits.js'
export type { RedisClient } from './redis-client.js'
