import type { RedisClient } from './redis-client.js'
import { isOfKey, isUnknownScript } from './redis-error.js'
import type { Script } from './scripts.js'

/** The way to Redis, and whether it is any good now. */
export interface RedisLink {
  /**
   * @param onLate told when no answer has come in time; there may be one yet
   * @throws what the client throws; or that there is no connection, or too much is pending
   */
  run(script: Script, key: string, args: readonly (string | number)[], onLate?: () => void): Promise<unknown>
  /** The last that was asked was answered, and in time. */
  isWell(): boolean
  /** After a failure few may ask, and after five in a row only the probe. */
  mayAsk(): boolean
  /** Commands without an answer; 1,000 at most. */
  pending(): number
  close(): void
}

export interface RedisLinkOptions {
  /** What takes longer has failed. In milliseconds. */
  readonly answerMs: number
  /** Asks something that changes nothing, by `run`. */
  readonly probe: () => Promise<unknown>
  /** @param error why it is no longer well */
  readonly onChange: (isWell: boolean, error: unknown) => void
}

const MAX_FAILURES = 5
const MAX_PENDING = 1_000
const PROBE_MS = 100
const MAX_PROBE_MS = 5_000
const DISCONNECTED: ReadonlySet<string | undefined> = new Set([
  'close',
  'reconnecting',
  'end',
  'disconnecting',
])

export function createRedisLink(redis: RedisClient, options: RedisLinkOptions): RedisLink {
  const { answerMs, probe, onChange } = options
  let pending = 0
  let failures = 0
  let isWell = true
  let isClosed = false
  let probeTimer: NodeJS.Timeout | undefined
  let probeMs = PROBE_MS
  let isProbing = false

  const isOpen = (): boolean => failures >= MAX_FAILURES
  const scheduleProbe = (): void => {
    if (probeTimer || isClosed) return
    probeTimer = setTimeout(() => {
      probeTimer = undefined
      probeMs = Math.min(2 * probeMs, MAX_PROBE_MS)
      // One that hangs says nothing new, and another behind it would not either.
      if (isProbing) scheduleProbe()
      else void tryProbe()
    }, probeMs)
    probeTimer.unref()
  }
  const tryProbe = async (): Promise<void> => {
    isProbing = true
    try {
      await probe()
    } catch {
      // It was counted.
    }
    isProbing = false
    if (!isWell) scheduleProbe()
  }
  const fail = (error: unknown): void => {
    failures++
    scheduleProbe()
    if (!isWell || isClosed) return
    isWell = false
    onChange(false, error)
  }
  const succeed = (): void => {
    failures = 0
    probeMs = PROBE_MS
    clearTimeout(probeTimer)
    probeTimer = undefined
    if (isWell || isClosed) return
    isWell = true
    onChange(true, undefined)
  }

  const evaluate = async (script: Script, key: string, args: readonly (string | number)[]) => {
    if (DISCONNECTED.has(redis.status)) throw new Error(`the client is not connected (${redis.status})`)
    try {
      return await redis.call('evalsha', script.sha, 1, key, ...args)
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      return redis.call('eval', script.source, 1, key, ...args)
    }
  }

  return {
    async run(script, key, args, onLate) {
      if (pending >= MAX_PENDING) throw new Error('too much waits for an answer already')
      pending++
      let isLate = false
      let isSettled = false
      const timer = setTimeout(() => {
        // After a stall of this process the answer may be here, unread.
        setImmediate(() => {
          if (isSettled) return
          isLate = true
          onLate?.()
          fail(new Error(`no answer in ${answerMs} ms`))
        })
      }, answerMs)
      timer.unref()
      try {
        const answer = await evaluate(script, key, args)
        if (!isLate) succeed()
        return answer
      } catch (error) {
        if (!isLate && !isOfKey(error)) fail(error)
        throw error
      } finally {
        isSettled = true
        pending--
        clearTimeout(timer)
      }
    },
    isWell: () => isWell,
    mayAsk: () => !isOpen() && pending < (isWell ? MAX_PENDING : MAX_FAILURES) && !isClosed,
    pending: () => pending,
    close() {
      isClosed = true
      clearTimeout(probeTimer)
    },
  }
}
