/** L1 to L4: many streams at once, each compared with what was sent. */
import { createHash } from 'node:crypto'
import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import type { Client } from './clients.js'
import { quantile } from './figures.js'
import { heapAfterGcMb, heapMb, settle } from './live.js'
import { watchLoop } from './loop-delay.js'
import { hashOf, type Task } from './task.js'

export interface StreamsPlan {
  readonly calls: number
  readonly inFlight: number
  readonly chunks: number
  readonly spanMs: number
  /** The upstream waits until all are there, so that they really are in flight at once. */
  readonly gather?: true
  /** The gateway is given all calls at once, and a limit for what may run: its own queue holds the rest. */
  readonly queued?: true
}

export interface StreamsResult {
  readonly identical: number
  readonly different: number
  readonly failed: number
  readonly firstError: string | null
  readonly wallMs: number
  /** From the start of the call to its first text; with the wait in the gateway's queue, where there is one. */
  readonly firstTextP50Ms: number
  readonly firstTextP99Ms: number
  /** How late a timer is that should ring every 10 ms, over all of the time. */
  readonly loopDelayP99Ms: number
  readonly loopDelayMaxMs: number
  /** Of Node's own histogram, which counts a stall once, however long it is. */
  readonly loopHistogramP99Ms: number
  readonly cpuMs: number
  /** The most that was seen, garbage included, over the heap before. */
  readonly heapGrowthMb: number
  /** The most that was left by a full collection, of those that V8 made by itself; `null` when it made none. */
  readonly liveMb: number | null
  readonly rssMb: number
  /** After the last call and a collection, over the heap before. */
  readonly keptMb: number
  readonly unhandled: number
}

const SAMPLE_MS = 50
const WARM_UP_CALLS = 20

/** @param places how many calls are begun at once; the others wait for their turn here */
export async function playStreams(
  client: Client,
  plan: StreamsPlan,
  places = plan.inFlight,
): Promise<StreamsResult> {
  const taskOf = (call: number): Task => ({
    call,
    chunks: plan.chunks,
    spanMs: plan.spanMs,
    ...(plan.gather && { gather: plan.inFlight }),
  })
  const expected = Array.from({ length: plan.calls }, (_, call) => hashOf(taskOf(call)))
  const unhandled = countUnhandled()
  await Promise.all(
    Array.from({ length: WARM_UP_CALLS }, async (_, i) =>
      client.read({ call: plan.calls + i, chunks: 50, spanMs: 20 }, () => undefined),
    ),
  )
  await settle()

  const heapBefore = heapAfterGcMb()
  let heapMost = heapBefore
  let rssMost = 0
  const sample = (): void => {
    heapMost = Math.max(heapMost, heapMb())
    rssMost = Math.max(rssMost, process.memoryUsage.rss() / 2 ** 20)
  }
  const sampler = setInterval(sample, SAMPLE_MS)
  let liveMost: number | null = null
  const collections = new PerformanceObserver((list) => {
    const { kind } = (list.getEntries().at(-1) as unknown as { readonly detail: { readonly kind: number } })
      .detail
    if (kind === constants.NODE_PERFORMANCE_GC_MAJOR)
      liveMost = Math.max(liveMost ?? 0, heapMb() - heapBefore)
  })
  const delay = monitorEventLoopDelay({ resolution: 10 })
  const firstTextMs: number[] = []
  let identical = 0
  let different = 0
  let failed = 0
  let firstError: string | null = null

  const one = async (call: number): Promise<void> => {
    const hash = createHash('sha256')
    const began = performance.now()
    let isFirst = true
    try {
      await client.read(taskOf(call), (text) => {
        if (isFirst) firstTextMs.push(performance.now() - began)
        isFirst = false
        hash.update(text)
        return undefined
      })
      if (hash.digest('hex') === expected[call]) identical++
      else different++
    } catch (error) {
      failed++
      firstError ??= String(error)
    }
  }

  collections.observe({ entryTypes: ['gc'] })
  delay.enable()
  const loop = watchLoop()
  // Both have to be under way before the burst that they are to see.
  await new Promise((resolve) => setTimeout(resolve, 50))
  const cpu = process.cpuUsage()
  const began = performance.now()
  const room = createRoom(places)
  await Promise.all(Array.from({ length: plan.calls }, async (_, call) => room(async () => one(call))))
  const wallMs = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  sample()
  const lateMs = loop.stop()
  delay.disable()
  collections.disconnect()
  clearInterval(sampler)
  await settle()

  return {
    identical,
    different,
    failed,
    firstError,
    wallMs,
    firstTextP50Ms: quantile(firstTextMs, 0.5),
    firstTextP99Ms: quantile(firstTextMs, 0.99),
    loopDelayP99Ms: quantile(lateMs, 0.99),
    loopDelayMaxMs: quantile(lateMs, 1),
    loopHistogramP99Ms: delay.percentile(99) / 1e6,
    cpuMs: (user + system) / 1_000,
    heapGrowthMb: heapMost - heapBefore,
    liveMb: liveMost,
    rssMb: rssMost,
    keptMb: heapAfterGcMb() - heapBefore,
    unhandled: unhandled(),
  }
}

/** All are submitted, so many run: who waits is served in turn. */
function createRoom(places: number): (run: () => Promise<void>) => Promise<void> {
  const waiting: (() => void)[] = []
  let free = places
  return async (run) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    await run()
    const next = waiting.shift()
    if (next) next()
    else free++
  }
}

export function countUnhandled(): () => number {
  let count = 0
  process.on('unhandledRejection', () => count++)
  return () => count
}
