/** L1 to L4: rounds of both clients in turn, their figures, and the gates. */
import type { ClientName } from './clients.js'
import { median } from './figures.js'
import { atMost, equals, inTime, round, type Gate } from './gates.js'
import { runPlay } from './run-play.js'
import type { StreamsPlan, StreamsResult } from './streams.js'

export interface StreamsLoad extends StreamsPlan {
  readonly id: string
  readonly name: string
  readonly rounds: number
  readonly heapMb: number
  readonly rssMb?: number
  /** Of wall time and of event-loop delay, over the bare client. */
  readonly wallRatio?: number
  readonly loopRatio?: number
  readonly firstText?: true
  readonly keptMb?: number
  readonly nodeFlags?: readonly string[]
}

export async function runStreams(load: StreamsLoad): Promise<readonly Gate[]> {
  const { calls, inFlight, chunks, spanMs, rounds, nodeFlags, gather, queued } = load
  console.log(
    `\n${load.id}  ${load.name}: ${calls} calls, ${inFlight} in flight, ${chunks} chunks over ${spanMs / 1_000} s`,
  )
  const plan = { calls, inFlight, chunks, spanMs, ...(gather && { gather }), ...(queued && { queued }) }
  const mostActive: number[] = []
  const results: Record<ClientName, StreamsResult[]> = { bare: [], turnout: [] }
  for (let at = 0; at < rounds; at++) {
    // The order changes with the round, so that nobody always runs after the same neighbour.
    const order: readonly ClientName[] = at % 2 === 0 ? ['bare', 'turnout'] : ['turnout', 'bare']
    for (const client of order) {
      const { result, upstream } = await runPlay({ name: 'streams', client, plan }, nodeFlags)
      results[client].push(result)
      if (client === 'turnout') mostActive.push(upstream.mostActive)
      print(client, result, upstream.mostActive)
    }
  }
  const gates = gatesOf(load, results)
  if (queued) gates.push(atMost('at once upstream', Math.max(...mostActive), inFlight))
  if (gather) gates.push(equals('at once upstream', Math.min(...mostActive), inFlight))
  return gates
}

function print(client: ClientName, result: StreamsResult, mostActive: number): void {
  const { identical, different, failed, firstError, unhandled } = result
  console.log(
    `  ${client.padEnd(8)} ${identical} identical, ${different} different, ${failed} failed, ${unhandled} unhandled; ${mostActive} at once upstream; ` +
      `wall ${round(result.wallMs)} ms, cpu ${round(result.cpuMs)} ms; first text p50 ${round(result.firstTextP50Ms)} p99 ${round(result.firstTextP99Ms)} ms; ` +
      `loop delay p99 ${round(result.loopDelayP99Ms)} most ${round(result.loopDelayMaxMs)} ms (histogram p99 ${round(result.loopHistogramP99Ms)} ms); heap +${round(result.heapGrowthMb)} MB (${result.liveMb === null ? 'no full collection' : `+${round(result.liveMb)} after full collections`}), rss ${round(result.rssMb)} MB, kept ${round(result.keptMb)} MB` +
      (firstError === null ? '' : `; first error: ${firstError}`),
  )
}

function gatesOf(
  load: StreamsLoad,
  { bare, turnout }: Readonly<Record<ClientName, readonly StreamsResult[]>>,
): Gate[] {
  type Figure =
    | 'wallMs'
    | 'firstTextP99Ms'
    | 'loopDelayP99Ms'
    | 'loopHistogramP99Ms'
    | 'heapGrowthMb'
    | 'rssMb'
    | 'keptMb'
    | 'cpuMs'
  const sum = (figure: 'identical' | 'unhandled'): number =>
    turnout.reduce((all, one) => all + one[figure], 0)
  const worst = (figure: Figure): number => Math.max(...turnout.map((one) => one[figure]))
  const of = (figure: Figure) => ({
    mine: median(turnout.map((one) => one[figure])),
    bare: median(bare.map((one) => one[figure])),
  })
  const ratio = (figure: Figure): number =>
    median(turnout.map((one, at) => one[figure] / (bare[at]?.[figure] ?? Number.NaN)))
  const first = of('firstTextP99Ms')
  console.log(
    `  ratios to bare (median of ${turnout.length}): wall ${ratio('wallMs').toFixed(2)}, cpu ${ratio('cpuMs').toFixed(2)}, first text p99 ${ratio('firstTextP99Ms').toFixed(2)}, loop delay p99 ${ratio('loopDelayP99Ms').toFixed(2)} (histogram ${ratio('loopHistogramP99Ms').toFixed(2)}), heap growth ${ratio('heapGrowthMb').toFixed(2)}, rss ${ratio('rssMb').toFixed(2)}`,
  )
  const gates = [
    equals('identical answers', sum('identical'), load.calls * turnout.length),
    equals('unhandled rejections', sum('unhandled'), 0),
    atMost('heap growth', worst('heapGrowthMb'), load.heapMb, ' MB'),
  ]
  if (load.rssMb !== undefined) gates.push(atMost('rss', worst('rssMb'), load.rssMb, ' MB'))
  if (load.keptMb !== undefined)
    gates.push(atMost('heap kept after drain and collection', worst('keptMb'), load.keptMb, ' MB'))
  if (load.wallRatio !== undefined) gates.push(inTime('wall time', ratio('wallMs'), load.wallRatio, 'x bare'))
  if (load.loopRatio !== undefined)
    gates.push(inTime('event-loop delay p99', ratio('loopDelayP99Ms'), load.loopRatio, 'x bare'))
  if (load.firstText)
    gates.push(
      inTime('added time to first text, p99', first.mine - first.bare, Math.max(5, first.bare / 10), ' ms'),
    )
  return gates
}
