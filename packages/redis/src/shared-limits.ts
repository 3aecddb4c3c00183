import { randomBytes } from 'node:crypto'
import type { Logger, SharedCounters, SharedLimits } from '@turnout/core'
import { checkSharedLimits } from './check-options.js'
import { counterKey } from './counter-key.js'
import { createFaultTeller } from './fault-teller.js'
import type { RedisClient } from './redis-client.js'
import { createRedisLink } from './redis-link.js'
import { PRESENCE } from './scripts.js'
import type { SharedLimitsOptions } from './shared-limits-options.js'
import { createShare, type OpenShare, type ShareHost } from './share.js'
import { warnOfEviction } from './warn-of-eviction.js'

const DEFAULTS = { prefix: 'turnout:limits:', processes: 1, fail: 'local', maxWaitMs: 50 } as const
const BEAT_MS = 3_000
/** A process that was not heard of for so long is not counted any more. */
const FORGET_MS = 15_000
/** What giving back may take. */
const CLOSE_MS = 300

/**
 * Rates of `limits` that several processes keep together, over Redis. Each process is granted leases of what is left of
 * the window, by Redis' clock, and spends them without asking; `concurrent` is never shared.
 *
 * @param redis a client of ioredis 5 or later. It stays yours: closing the gateway does not close it.
 * @throws GatewayError `invalid_request` that names what is wrong.
 * @example
 * const redis = new Redis('redis://localhost')
 * const gateway = createGateway({
 *   providers: { openai: openai() },
 *   limits: { tenants: { per: 'tenant', requests: 600 } },
 *   stores: { limits: sharedLimits(redis, { processes: 4 }) },
 * })
 */
export function sharedLimits(redis: RedisClient, options: SharedLimitsOptions = {}): SharedLimits {
  checkSharedLimits(redis, options)
  return { open: ({ logger }) => openCounters(redis, options, logger) }
}

function openCounters(redis: RedisClient, options: SharedLimitsOptions, logger: Logger): SharedCounters {
  const { prefix = DEFAULTS.prefix, processes = DEFAULTS.processes } = options
  const { fail = DEFAULTS.fail, maxWaitMs = DEFAULTS.maxWaitMs } = options
  const process = randomBytes(9).toString('base64url')
  const shares = new Set<OpenShare>()
  let known = 0
  let isPolicyChecked = false
  let isClosed = false

  const tellPresence = async (leaves = false): Promise<void> => {
    known = Number(await link.run(PRESENCE, `${prefix}p`, [process, FORGET_MS, leaves ? 1 : 0]))
  }
  const link = createRedisLink(redis, {
    answerMs: maxWaitMs,
    probe: tellPresence,
    onChange(isWell, error) {
      if (isWell) teller.recovery()
      else teller.fault(error)
      for (const share of shares) share.wake()
    },
  })
  const host: ShareHost = {
    link,
    process,
    fail,
    answerMs: maxWaitMs,
    processes: () => Math.max(processes, known),
    isClosed: () => isClosed,
  }
  const teller = createFaultTeller(logger, fail, host.processes)
  const beat = async (): Promise<void> => {
    if (!link.mayAsk()) return
    try {
      await tellPresence()
    } catch {
      return // The link has told.
    }
    if (isPolicyChecked) return
    isPolicyChecked = true
    await warnOfEviction(redis, logger)
  }
  const beats = setInterval(() => void beat(), BEAT_MS)
  beats.unref()
  void beat()

  return {
    processes,
    share(counter, onRoom) {
      const share = createShare(counter, counterKey(prefix, counter), onRoom, host)
      shares.add(share)
      return {
        ...share,
        release() {
          shares.delete(share)
          share.release()
        },
      }
    },
    async close() {
      if (isClosed) return
      isClosed = true
      clearInterval(beats)
      teller.close()
      const goodbyes = [...shares].map(async (share) => share.end())
      if (link.isWell()) goodbyes.push(tellPresence(true).catch(() => {}))
      shares.clear()
      await within(CLOSE_MS, Promise.all(goodbyes))
      link.close()
    },
  }
}

async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs)
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}
