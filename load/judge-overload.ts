/** L5 and L6: what came of the overload, and the gates. */
import { atLeast, atMost, equals, inTime, round, type Gate } from './gates.js'
import { median } from './figures.js'
import { CLASSES, type OverloadPlan, type OverloadResult } from './overload.js'
import { runPlay } from './run-play.js'

export interface OverloadLoad {
  readonly id: 'L5' | 'L6'
  readonly short: boolean
}

const QUEUE = 1_000

export async function runOverload({ id, short }: OverloadLoad): Promise<readonly Gate[]> {
  const plan: OverloadPlan = {
    atOnce: 20,
    serviceMs: 200,
    times: 3,
    queue: QUEUE,
    spanMs: short ? 15_000 : 300_000,
    warmUpMs: 2_000,
    heapEveryMs: short ? 1_000 : 5_000,
    mixed: id === 'L6',
    seed: 20_260,
  }
  console.log(
    `\n${id}  overload: ${plan.times} times the capacity for ${plan.spanMs / 1_000} s, ${plan.atOnce} at once of ${plan.serviceMs} ms each, a queue of ${QUEUE}` +
      (plan.mixed ? '; 10 % high, 30 % normal, 60 % low, of 10 tenants of which one asks for 5 shares' : '') +
      `; seed ${plan.seed}`,
  )
  const { result, upstream } = await runPlay({ name: 'overload', client: 'turnout', plan })
  print(plan, result, upstream.mostActive)
  return gatesOf(plan, result, upstream.mostActive, short)
}

/** Answers a second that so many at once could give, as long as each took. */
const capacityOf = ({ atOnce }: OverloadPlan, { attemptMs }: OverloadResult): number =>
  (atOnce * 1_000) / attemptMs

function print(plan: OverloadPlan, result: OverloadResult, mostActive: number): void {
  const { goodput, heapsMb } = result
  const capacity = capacityOf(plan, result)
  console.log(
    `  an attempt took ${round(result.attemptMs)} ms, so the capacity was ${round(capacity)} a second; goodput ${round(goodput)} (${((100 * goodput) / capacity).toFixed(1)} %); ${mostActive} at once upstream, ${result.mostWaiting} waiting at most; ${(100 * result.cpuShare).toFixed(0)} % of a CPU; loop delay p99 ${round(result.loopDelayP99Ms)} most ${round(result.loopDelayMaxMs)} ms\n` +
      `  ${result.refusedAtOnce} refused when they came: p50 ${round(result.refusalP50Ms)} p99 ${round(result.refusalP99Ms)} most ${round(result.refusalMaxMs)} ms; ${result.wrong} with wrong text; ${result.started} begun, ${result.ended} ended` +
      (result.firstError === null ? '' : `; first other error: ${result.firstError}`),
  )
  for (const name of CLASSES) {
    const one = result.classes[name]
    if (one.submitted === 0) continue
    console.log(
      `  ${name.padEnd(6)} ${one.submitted} submitted, ${one.ok} ok, ${one.rejected} rejected, ${one.timedOut} timed out, ${one.otherErrors} other errors; waited p50 ${round(one.waitP50Ms)} p99 ${round(one.waitP99Ms)} most ${round(one.waitMaxMs)} ms; starts by tenant ${one.startsByTenant.join(' ')}`,
    )
  }
  console.log(`  heap after collection: ${heapsMb.map((heap) => heap.toFixed(1)).join(' ')} MB`)
}

function gatesOf(
  plan: OverloadPlan,
  result: OverloadResult,
  mostActive: number,
  short: boolean,
): readonly Gate[] {
  const { classes, heapsMb } = result
  const sum = (what: 'submitted' | 'ok' | 'rejected' | 'timedOut' | 'otherErrors'): number =>
    CLASSES.reduce((all, name) => all + classes[name][what], 0)
  const third = Math.floor(heapsMb.length / 3)
  const gates = [
    equals(
      'calls without an end',
      sum('submitted') - sum('ok') - sum('rejected') - sum('timedOut') - result.wrong,
      0,
    ),
    equals('request-end events', result.ended, result.started),
    equals('answers with wrong text', result.wrong, 0),
    equals('unhandled rejections', result.unhandled, 0),
    // Upstream hears a little later of what was given up here.
    atMost('at once upstream', mostActive, plan.atOnce + Math.min(5, sum('timedOut'))),
    atMost('waiting at once', result.mostWaiting, QUEUE),
    equals('refusals without retryAfterMs', result.withoutRetryAfter, 0),
    equals('waiting or running when all is over', result.waitingAfter + result.runningAfter, 0),
    inTime('goodput below the capacity', 1 - result.goodput / capacityOf(plan, result), 0.1, ' of it'),
    short
      ? atMost(
          'heap of the last third over the first',
          median(heapsMb.slice(-third)) - median(heapsMb.slice(0, third)),
          15,
          ' MB',
        )
      : atMost('growth of the heap after the first minute', slope(heapsMb, plan), 1, ' MB a minute'),
  ]
  if (!plan.mixed) return [...gates, inTime('a refusal, p99', result.refusalP99Ms, 5, ' ms')]
  return [
    ...gates,
    timed(equals('rejected of the class high', classes.high.rejected, 0)),
    inTime('waiting of the class high, p99', classes.high.waitP99Ms, 250, ' ms'),
    inTime('settled after their deadline', result.late, 0, ''),
    // One more may just have been due when counting ended.
    timed(
      atLeast(
        'starts of the class low while it waits',
        (result.lowStarts + 1) / result.startsWhileLowWaits,
        0.05,
      ),
    ),
    // Fair is to have the same of what is short: where all of a class start, each tenant has what it asks for.
    ...(['normal', 'low'] as const)
      .filter((name) => classes[name].rejected > classes[name].submitted / 20)
      .map((name) =>
        atLeast(
          `fairness among tenants, class ${name}`,
          jain(classes[name].startsByTenant),
          short ? 0.9 : 0.95,
        ),
      ),
  ]
}

/** Where the machine is so busy that the urgent calls alone are more than the capacity, nothing can hold these. */
const timed = (gate: Gate): Gate => ({ ...gate, isTiming: true })

/** MB a minute, by least squares, over what was measured after the first minute. */
function slope(heapsMb: readonly number[], { heapEveryMs }: OverloadPlan): number {
  const points = heapsMb
    .map((heap, at) => ({ minute: ((at + 1) * heapEveryMs) / 60_000, heap }))
    .filter(({ minute }) => minute > 1)
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const minute = mean(points.map((point) => point.minute))
  const heap = mean(points.map((point) => point.heap))
  const rise = points.reduce((sum, point) => sum + (point.minute - minute) * (point.heap - heap), 0)
  return rise / points.reduce((sum, point) => sum + (point.minute - minute) ** 2, 0)
}

/** Jain's index: 1 when all have the same, 1/n when one has all. */
function jain(counts: readonly number[]): number {
  const sum = counts.reduce((all, count) => all + count, 0)
  return sum ** 2 / (counts.length * counts.reduce((all, count) => all + count ** 2, 0))
}
