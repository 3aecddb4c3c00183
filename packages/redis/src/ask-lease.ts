import type { RedisLink } from './redis-link.js'
import { LEASE } from './scripts.js'

/** One figure of a counter: what is asked for it. */
export interface LeaseRow {
  readonly letter: string
  readonly max: number
  /** In this window by this process, spent or not. */
  readonly held: number
  /** Without so much the lease is of no use. */
  readonly need: number
  readonly want: number
}

export interface LeaseAnswer {
  /** Index of the first row whose need was not met; -1: all were. */
  readonly lacking: number
  /** The window's number by Redis' clock. */
  readonly window: number
  /** What is left of it when Redis answered, in milliseconds. */
  readonly leftMs: number
  /** Of each row: what was granted, and what is left for all. */
  readonly grants: readonly number[]
  readonly free: readonly number[]
}

export interface LeaseRequest {
  readonly key: string
  readonly process: string
  readonly processes: number
  readonly windowMs: number
  /** The window that `held` speaks of; below 0: not known, so that it counts in this one. */
  readonly window: number
  readonly rows: readonly LeaseRow[]
}

/** @throws what `link.run` throws, and when the answer is none of this script */
export async function askLease(
  link: RedisLink,
  request: LeaseRequest,
  onLate?: () => void,
): Promise<LeaseAnswer> {
  const { key, process, processes, windowMs, window, rows } = request
  const args: (string | number)[] = [process, windowMs, processes, window]
  for (const { letter, max, held, need, want } of rows) args.push(letter, max, held, need, want)
  const answer = await link.run(LEASE, key, args, onLate)
  if (!Array.isArray(answer) || answer.length !== 3 + 2 * rows.length)
    throw new Error('the answer is no lease')
  const [lacking, number, now, ...pairs] = answer.map(Number) as [number, number, number, ...number[]]
  return {
    lacking: lacking - 1,
    window: number,
    leftMs: (number + 1) * windowMs - now,
    grants: pairs.filter((_, i) => i % 2 === 0),
    free: pairs.filter((_, i) => i % 2 === 1),
  }
}
