/** L5 and L6: more calls than there is capacity for, at a steady pace, whatever becomes of those before. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { createMemoryLedger, isGatewayError, type Gateway, type QueueStatus } from '@turnout/core'
import { randomFrom } from './aborts.js'
import { gatewayTo, limitedTo, requestOf } from './clients.js'
import { quantile } from './figures.js'
import { heapAfterGcMb, settle } from './live.js'
import { watchLoop } from './loop-delay.js'
import { countUnhandled } from './streams.js'
import { textOf, type Task } from './task.js'

export interface OverloadPlan {
  /** What may run at once, and how long the upstream takes for a call: together the capacity. */
  readonly atOnce: number
  readonly serviceMs: number
  /** Calls begun, over the capacity. */
  readonly times: number
  readonly queue: number
  readonly spanMs: number
  /** As many callers as may run at once, so that the code is compiled. */
  readonly warmUpMs: number
  readonly heapEveryMs: number
  /** 10 % high, 30 % normal, 60 % low, of ten tenants of which one asks for five times as much as each other. */
  readonly mixed: boolean
  readonly seed: number
}

export const CLASSES = ['high', 'normal', 'low'] as const
export type OverloadClass = (typeof CLASSES)[number]

export interface ClassResult {
  readonly submitted: number
  readonly ok: number
  readonly rejected: number
  /** Started so late that the deadline came before the answer. */
  readonly timedOut: number
  readonly otherErrors: number
  /** From the call to its start upstream, of those that started. */
  readonly waitP50Ms: number
  readonly waitP99Ms: number
  readonly waitMaxMs: number
  /** From the sixth second on, while calls are begun. */
  readonly startsByTenant: readonly number[]
}

export interface OverloadResult {
  /** Answers a second. */
  readonly goodput: number
  /** What an attempt took, on average: so many at once of that are the capacity. */
  readonly attemptMs: number
  readonly classes: Readonly<Record<OverloadClass, ClassResult>>
  readonly wrong: number
  readonly firstError: string | null
  readonly mostWaiting: number
  /** Of calls that were refused when they came. */
  readonly refusedAtOnce: number
  readonly refusalP50Ms: number
  readonly refusalP99Ms: number
  readonly refusalMaxMs: number
  readonly withoutRetryAfter: number
  /** Settled later than a quarter of a second after their deadline. */
  readonly late: number
  /** Starts in that time while calls of the class low waited, and how many of those were of it. */
  readonly startsWhileLowWaits: number
  readonly lowStarts: number
  readonly heapsMb: readonly number[]
  readonly started: number
  readonly ended: number
  readonly unhandled: number
  readonly cpuShare: number
  readonly loopDelayP99Ms: number
  readonly loopDelayMaxMs: number
  /** When all is over. */
  readonly waitingAfter: number
  readonly runningAfter: number
}

const TICK_MS = 5
const DEADLINE_MS = 30_000
const GRACE_MS = 250
const TENANTS = 10
/** Before the queue is full everybody is served. */
const RAMP_MS = 6_000
const GREED = 5
const SHARES: readonly (readonly [OverloadClass, upTo: number])[] = [
  ['high', 0.1],
  ['normal', 0.4],
  ['low', 1],
]

interface Tally {
  submitted: number
  ok: number
  rejected: number
  timedOut: number
  otherErrors: number
  readonly waitUs: RecordableHistogram
  readonly startsByTenant: number[]
}
interface Begun {
  readonly at: number
  readonly tally: Tally
  readonly tenant: number
  waitedInQueue: boolean
}

export async function playOverload(port: number, plan: OverloadPlan): Promise<OverloadResult> {
  const unhandled = countUnhandled()
  const gateway = gatewayTo(port, {
    ...limitedTo(plan.atOnce, plan.queue),
    // Full within seconds, so that the heap is not that of a ledger that fills.
    ledger: createMemoryLedger({ maxEntries: 5_000 }),
  })
  await warmUp(gateway, plan)
  const result = await overload(gateway, plan)
  await settle()
  await gateway.close()
  return { ...result, unhandled: unhandled() }
}

const taskOf = (call: number, { serviceMs }: OverloadPlan): Task => ({ call, chunks: 5, spanMs: serviceMs })

/** As many callers as may run at once, each with its next call as soon as the one before has ended. */
async function warmUp(gateway: Gateway, plan: OverloadPlan): Promise<void> {
  const began = performance.now()
  let done = 0
  await Promise.all(
    Array.from({ length: plan.atOnce }, async () => {
      while (performance.now() - began < plan.warmUpMs) {
        await gateway.chat(requestOf(taskOf(done, plan)))
        done++
      }
    }),
  )
}

async function overload(gateway: Gateway, plan: OverloadPlan) {
  const random = randomFrom(plan.seed)
  const tallies = Object.fromEntries(CLASSES.map((name) => [name, newTally()])) as Record<
    OverloadClass,
    Tally
  >
  const begun = new Map<string, Begun>()
  const refusalUs = createHistogram()
  const seen = { started: 0, ended: 0 }
  let wrong = 0
  let firstError: string | null = null
  let mostWaiting = 0
  let refusedAtOnce = 0
  let withoutRetryAfter = 0
  let late = 0
  let attempts = 0
  let attemptsMs = 0
  let lowWaits = false
  let startsWhileLowWaits = 0
  let lowStarts = 0

  gateway.on('request-start', () => void seen.started++)
  gateway.on('request-end', () => void seen.ended++)
  gateway.on('attempt-end', ({ attempt }) => {
    attempts++
    attemptsMs += attempt.durationMs
  })
  gateway.on('queue-shed', ({ requestId, waitedMs }) => {
    const one = begun.get(requestId)
    if (one && waitedMs > 0) one.waitedInQueue = true
  })
  gateway.on('attempt-start', ({ requestId }) => {
    const one = begun.get(requestId)
    if (!one) return
    const now = performance.now()
    one.tally.waitUs.record(Math.max(1, Math.round((now - one.at) * 1_000)))
    if (now < countFrom || now > countUntil) return
    one.tally.startsByTenant[one.tenant] = (one.tally.startsByTenant[one.tenant] ?? 0) + 1
    if (!lowWaits) return
    startsWhileLowWaits++
    if (one.tally === tallies.low) lowStarts++
  })

  const submit = async (call: number): Promise<void> => {
    const drawn = random()
    const priority = plan.mixed ? (SHARES.find(([, upTo]) => drawn < upTo)?.[0] ?? 'low') : 'normal'
    const tenant = plan.mixed ? Math.max(0, Math.floor(random() * (TENANTS - 1 + GREED)) - GREED + 1) : 0
    const tally = tallies[priority]
    const requestId = `overload-${call}`
    const one: Begun = { at: performance.now(), tally, tenant, waitedInQueue: false }
    begun.set(requestId, one)
    tally.submitted++
    const task = taskOf(call, plan)
    const options = { requestId, priority, tenant: `tenant-${tenant}`, timeout: { totalMs: DEADLINE_MS } }
    try {
      const answer = await gateway.chat(requestOf(task), options)
      if (answer.choices[0]?.message.content === textOf(task)) tally.ok++
      else wrong++
    } catch (error) {
      if (isGatewayError(error, 'queue_full')) {
        tally.rejected++
        if (!(error.retryAfterMs && error.retryAfterMs > 0)) withoutRetryAfter++
        if (!one.waitedInQueue) {
          refusedAtOnce++
          refusalUs.record(Math.max(1, Math.round((performance.now() - one.at) * 1_000)))
        }
      } else if (isGatewayError(error, 'timeout')) tally.timedOut++
      else {
        tally.otherErrors++
        firstError ??= String(error)
      }
    }
    if (performance.now() - one.at > DEADLINE_MS + GRACE_MS) late++
    begun.delete(requestId)
  }

  const heapsMb: number[] = []
  const countFrom = performance.now() + RAMP_MS
  const countUntil = performance.now() + plan.spanMs
  const loop = watchLoop()
  const cpu = process.cpuUsage()
  const began = performance.now()
  let submitted = 0
  const running = new Set<Promise<void>>()
  const tick = (): void => {
    const due = ((performance.now() - began) / plan.serviceMs) * plan.atOnce * plan.times
    while (submitted < due) {
      const call = submit(submitted++).finally(() => running.delete(call))
      running.add(call)
    }
    const { waiting } = gateway.queue()
    mostWaiting = Math.max(mostWaiting, waitingIn(waiting))
    lowWaits = waiting.low > 0
    if (performance.now() - began >= (heapsMb.length + 1) * plan.heapEveryMs) heapsMb.push(heapAfterGcMb())
  }
  const ticking = setInterval(tick, TICK_MS)
  await new Promise((resolve) => setTimeout(resolve, plan.spanMs))
  clearInterval(ticking)
  const seconds = (performance.now() - began) / 1_000
  const answered = CLASSES.reduce((sum, name) => sum + tallies[name].ok, 0)
  const { user, system } = process.cpuUsage(cpu)
  const lateMs = loop.stop()
  await Promise.all(running)

  return {
    goodput: answered / seconds,
    attemptMs: attemptsMs / attempts,
    classes: Object.fromEntries(CLASSES.map((name) => [name, resultOf(tallies[name])])) as Record<
      OverloadClass,
      ClassResult
    >,
    wrong,
    firstError,
    mostWaiting,
    refusedAtOnce,
    refusalP50Ms: refusalUs.percentile(50) / 1_000,
    refusalP99Ms: refusalUs.percentile(99) / 1_000,
    refusalMaxMs: refusedAtOnce > 0 ? refusalUs.max / 1_000 : 0,
    withoutRetryAfter,
    late,
    startsWhileLowWaits,
    lowStarts,
    heapsMb,
    ...seen,
    loopDelayP99Ms: quantile(lateMs, 0.99),
    loopDelayMaxMs: quantile(lateMs, 1),
    cpuShare: (user + system) / 1e6 / seconds,
    waitingAfter: waitingIn(gateway.queue().waiting),
    runningAfter: gateway.limits().reduce((sum, { used }) => sum + (used.concurrent ?? 0), 0),
  }
}

const waitingIn = (waiting: QueueStatus['waiting']): number =>
  Object.values(waiting).reduce((sum, count) => sum + count, 0)

const newTally = (): Tally => ({
  submitted: 0,
  ok: 0,
  rejected: 0,
  timedOut: 0,
  otherErrors: 0,
  waitUs: createHistogram(),
  startsByTenant: [],
})

function resultOf({ waitUs, ...counts }: Tally): ClassResult {
  const any = waitUs.count > 0
  return {
    ...counts,
    waitP50Ms: waitUs.percentile(50) / 1_000,
    waitP99Ms: waitUs.percentile(99) / 1_000,
    waitMaxMs: any ? waitUs.max / 1_000 : 0,
  }
}
