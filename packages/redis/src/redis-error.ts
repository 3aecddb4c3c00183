import { GatewayError } from '@turnout/core'

/** What Redis answers is wrong with one key, not with itself. */
export const isOfKey = (error: unknown): boolean => textOf(error).startsWith('WRONGTYPE')

export const isUnknownScript = (error: unknown): boolean => textOf(error).startsWith('NOSCRIPT')

/** For the log: what is wrong with Redis and what to do, without the command, which holds names of tenants. */
export function redisError(error: unknown): GatewayError {
  const text = textOf(error)
  const code = /^[A-Z]+\b/.exec(text)?.[0] ?? ''
  const advice = Object.hasOwn(ADVICE, code) ? ADVICE[code] : undefined
  return new GatewayError({
    code: 'upstream_error',
    message: `Redis: ${advice ?? firstLine(text)}`,
    retryable: true,
  })
}

const ADVICE: Readonly<Record<string, string>> = {
  READONLY: 'it is a read-only replica (READONLY); connect to the primary',
  OOM: 'its memory is full (OOM); raise maxmemory or take keys out of it',
  LOADING: 'it is still loading its data (LOADING)',
  MOVED: 'it is a cluster (MOVED); give sharedLimits() a Cluster of ioredis',
  WRONGTYPE: 'a key of another kind is in the way (WRONGTYPE); give sharedLimits() a prefix of its own',
  NOAUTH: 'it asks for a password (NOAUTH)',
  NOPERM: 'its user may not run what is needed (NOPERM): evalsha, eval and the commands in the scripts',
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const firstLine = (text: string): string => (text.split('\n', 1)[0] ?? '').slice(0, 200)
