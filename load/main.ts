/**
 * `npm run load`: many streams, overload, slow readers, aborts and closing against an upstream on loopback, beside a bare client
 * in the same run. Prints raw counts and judges each against its gate. `-- --short` takes a minute or two and
 * fails only for what is not a matter of time; ids (`-- L1 L9`) choose, `-- --rounds 1` is for the impatient.
 */
import { parseArgs } from 'node:util'
import { quantile } from './figures.js'
import { atMost, equals, inTime, judge, round, type Gate } from './gates.js'
import { runHotPath } from './judge-hot-path.js'
import { runOverload } from './judge-overload.js'
import { runStreams, type StreamsLoad } from './judge-streams.js'
import { machineLine } from './machine-line.js'
import { runPlay } from './run-play.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean' }, rounds: { type: 'string' } },
})
const short = values.short === true
const rounds = Number(values.rounds ?? (short ? 1 : 3))
const spanMs = short ? 1_000 : 5_000
const each = { chunks: 50, spanMs }

const STREAMS: readonly StreamsLoad[] = [
  {
    id: 'L1',
    name: 'streams at once',
    ...each,
    calls: 300,
    inFlight: 300,
    rounds,
    heapMb: 60,
    rssMb: 200,
    wallRatio: 1.15,
    firstText: true,
  },
  {
    id: 'L2',
    name: 'many streams at once',
    ...each,
    calls: 1_000,
    inFlight: 1_000,
    rounds,
    heapMb: 150,
    rssMb: 300,
    wallRatio: 1.2,
    loopRatio: 1.25,
  },
  {
    id: 'L3',
    name: 'more than may run, in the queue',
    ...each,
    calls: short ? 3_000 : 10_000,
    inFlight: short ? 300 : 1_000,
    queued: true,
    rounds: 1,
    heapMb: 300,
    keptMb: 25,
    wallRatio: 1.2,
  },
  {
    id: 'L4',
    name: 'really in flight, 1 GB of heap',
    ...each,
    calls: 10_000,
    inFlight: 10_000,
    gather: true,
    rounds: 1,
    heapMb: 600,
    nodeFlags: ['--max-old-space-size=1024'],
  },
]

async function runSlowReaders(): Promise<readonly Gate[]> {
  const plan = { streams: 100, streamMb: 50, readMs: short ? 4_000 : 20_000 }
  console.log(
    `\nL8  slow readers: ${plan.streams} streams of ${plan.streamMb} MB, read at 1 kB/s for ${plan.readMs / 1_000} s`,
  )
  const played = []
  for (const client of ['bare', 'turnout'] as const) {
    const { result, upstream } = await runPlay({ name: 'slow', client, plan })
    console.log(
      `  ${client.padEnd(8)} ${result.chunksRead} kB read in ${round(result.readMs)} ms, ${result.failed} failed; taken from a socket at most ${round(result.mostTakenKb)} kB, so buffered at most ${round(result.mostBufferedKb)} kB; memory ${round(result.memoryKbPerStream)} kB a stream; open afterwards ${result.openAfter} here, ${upstream.active} upstream` +
        (result.firstError === null ? '' : `; first error: ${result.firstError}`),
    )
    played.push({ result, upstream })
  }
  const [, mine] = played
  if (!mine) return []
  return [
    equals('streams that failed', mine.result.failed, 0),
    atMost('buffered for a stream', mine.result.mostBufferedKb, 1_024, ' kB'),
    atMost('memory for a stream', mine.result.memoryKbPerStream, 1_024, ' kB'),
    equals('streams still open upstream', mine.upstream.active, 0),
  ]
}

async function runAborts(): Promise<readonly Gate[]> {
  const plan = { calls: 1_000, spanMs: short ? 2_000 : 5_000, seed: 20_260 }
  console.log(
    `\nL9  aborts: ${plan.calls} calls at once, each given up in the first ${plan.spanMs / 1_000} s; seed ${plan.seed}`,
  )
  const { result, upstream } = await runPlay({ name: 'aborts', client: 'turnout', plan })
  const abortedAt = new Map(result.abortedAt)
  const closedMs = upstream.givenUp.flatMap(([call, atUs]) => {
    const at = abortedAt.get(call)
    return at === undefined ? [] : [(atUs - at) / 1_000]
  })
  const { before, after } = result
  const p99 = quantile(closedMs, 0.99)
  console.log(
    `  ${result.aborted} aborted, ${result.finished} finished before, ${result.otherErrors} other errors${result.firstError === null ? '' : ` (${result.firstError})`}; ` +
      `${closedMs.length} sockets seen closing upstream: p50 ${round(quantile(closedMs, 0.5))} p99 ${round(p99)} most ${round(Math.max(...closedMs))} ms; ` +
      `${result.closedWhenTold} closed here before the caller was told, ${result.openWhenTold} not yet; callers told p50 ${round(quantile(result.toldMs, 0.5))} p99 ${round(quantile(result.toldMs, 0.99))} ms\n` +
      `  before: ${JSON.stringify(before)}\n  after:  ${JSON.stringify(after)}`,
  )
  return [
    equals('calls with exactly one end', result.aborted + result.finished, plan.calls),
    equals('unhandled rejections', result.unhandled, 0),
    equals('sockets open when the caller was told', result.openWhenTold, 0),
    inTime('abort to closed socket upstream, p99', p99, 100, ' ms'),
    equals('answers still written upstream', upstream.active, 0),
    equals('sockets open upstream', upstream.sockets, 0),
    atMost('sockets kept for the next call', result.pooledSockets, result.finished + 6),
    equals('sockets open here after close()', result.openSockets, 0),
    equals('listeners left on signals', result.listenersLeft, 0),
    equals('reserved money and tokens', result.reserved, 0),
    equals('calls with text that are booked', result.textBooked, result.withText),
    equals('partial answers that lack text', result.partialsWrong, 0),
    atMost('sockets held, over before', after.sockets - before.sockets, 0),
    atMost('timers held, over before', after.timers - before.timers, 0),
    atMost('signals held, over before', after.signals - before.signals, 0),
  ]
}

async function runClosing(): Promise<readonly Gate[]> {
  console.log('\nL10  closing: an idle gateway, one with two streams under way, and one that is left alone')
  const { result, exitMs } = await runPlay({ name: 'closing', client: 'turnout', plan: null })
  console.log(
    `  idle closed in ${round(result.idleCloseMs)} ms; busy in ${round(result.busyCloseMs)} ms with a drain of ${result.drainMs} ms, its stream ended with "${result.busyCode}"; ` +
      `resources left: ${result.resources.join(', ') || 'none'}; the process ended ${exitMs === null ? 'not by itself' : `after ${round(exitMs)} ms`}`,
  )
  return [
    equals('processes that had to be killed', exitMs === null ? 1 : 0, 0),
    equals(
      'timers that keep the process alive',
      result.resources.filter((name) => name === 'Timeout').length,
      0,
    ),
    equals('streams under way that ended with "closed"', result.busyCode === 'closed' ? 1 : 0, 1),
    inTime('close() with calls under way', result.busyCloseMs, result.drainMs + 1_000, ' ms'),
  ]
}

const PLAYS: readonly (readonly [id: string, inShort: boolean, run: () => Promise<readonly Gate[]>])[] = [
  ...STREAMS.map((load) => [load.id, load.id !== 'L4', async () => runStreams(load)] as const),
  ['L5', true, async () => runOverload({ id: 'L5', short })],
  ['L6', true, async () => runOverload({ id: 'L6', short })],
  ['L8', true, runSlowReaders],
  ['L9', true, runAborts],
  ['L10', true, runClosing],
  ['L11', true, async () => runHotPath(short)],
]

const began = performance.now()
let allHold = true
for (const [id, inShort, run] of PLAYS) {
  if (positionals.length > 0 ? !positionals.includes(id) : short && !inShort) continue
  try {
    if (!judge(await run(), !short)) allHold = false
  } catch (error) {
    allHold = false
    console.log(`  FELL SHORT  ${id} gave no result: ${String(error)}`)
  }
}
console.log(
  `\n${allHold ? 'All gates hold' : 'Some gates fell short'}${short ? ' (short form: timing is shown, not judged)' : ''}, in ${((performance.now() - began) / 1_000).toFixed(0)} s`,
)
console.log(machineLine())
process.exitCode = allHold ? 0 : 1
