/**
 * `npm run load:http`: the server beside a bare proxy of node:http, each in a process of its own, in turns, against the same
 * upstream on loopback; then a thousand streams at a time for a minute. `-- --short` takes half a minute;
 * ids (`-- H64 HS`) choose.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { requestOf } from './clients.js'
import { median, quantile } from './figures.js'
import { atMost, equals, inTime, judge, round, type Gate } from './gates.js'
import type { FrontName } from './http-front.js'
import type { SseArguments, SseResult } from './http-sse-clients.js'
import { machineLine } from './machine-line.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean' }, rounds: { type: 'string' } },
})
const isChosen = (id: string): boolean => positionals.length === 0 || positionals.includes(id)
const short = values.short === true
const rounds = Number(values.rounds ?? (short ? 1 : 5))
const seconds = short ? 3 : 6
const FRONTS: readonly FrontName[] = ['proxy', 'turnout']
const MOST_CPU_RATIO = 1.6

const started = new Map<ChildProcess, Promise<undefined>>()
const start = (file: string, given?: object): ChildProcess => {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), given ? [JSON.stringify(given)] : [])
  const ended = once(child, 'exit').then(() => undefined)
  started.set(child, ended)
  return child
}
async function messageOf<T>(child: ChildProcess): Promise<T> {
  const told = new AbortController()
  const message = once(child, 'message', { signal: told.signal })
  const first = (await Promise.race([message, started.get(child)])) as [T] | undefined
  if (!first) message.catch(() => {})
  told.abort()
  if (!first) throw new Error(`a process ended before it had an answer (exit code ${child.exitCode})`)
  return first[0]
}

interface Front {
  readonly name: FrontName
  readonly child: ChildProcess
  readonly port: number
}

async function startFront(name: FrontName, port: number): Promise<Front> {
  const child = start('./http-front.js', { name, port })
  return { name, child, port: await messageOf<number>(child) }
}

async function cpuUs({ child }: Front): Promise<number> {
  child.send('cpu')
  return (await messageOf<{ readonly cpuUs: number }>(child)).cpuUs
}

interface Measured {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly cpuUs: number
  readonly failed: number
}

async function measure(front: Front, connections: number, duration: number): Promise<Measured> {
  const before = await cpuUs(front)
  const { requests, latency, errors, timeouts, non2xx, ...counts } = await autocannon({
    url: `http://127.0.0.1:${front.port}/v1/chat/completions`,
    connections,
    duration,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer load' },
    body: JSON.stringify(requestOf({ call: 1, chunks: 20, spanMs: 0 })),
  })
  const used = (await cpuUs(front)) - before
  return {
    perSecond: requests.average,
    p50Ms: latency.p50,
    p99Ms: latency.p99,
    cpuUs: used / counts['2xx'],
    failed: errors + timeouts + non2xx,
  }
}

async function compare(fronts: readonly Front[], connections: number): Promise<readonly Gate[]> {
  console.log(`\nH${connections}  ${connections} connections, ${rounds} rounds of ${seconds} s each`)
  const runs = new Map<FrontName, Measured[]>(FRONTS.map((name) => [name, []]))
  for (const front of fronts) await measure(front, connections, short ? 2 : 5)
  for (let turn = 0; turn < rounds; turn++) {
    // Each is the first in every other round.
    for (const front of turn % 2 === 0 ? fronts : fronts.toReversed()) {
      runs.get(front.name)?.push(await measure(front, connections, seconds))
    }
  }
  const of = (name: FrontName, what: keyof Measured): number =>
    median((runs.get(name) ?? []).map((run) => run[what]))
  for (const name of FRONTS) {
    const all = (runs.get(name) ?? []).map((run) => round(run.cpuUs)).join(' ')
    console.log(
      `  ${name.padEnd(8)} ${round(of(name, 'perSecond'))} requests/s, latency p50 ${round(of(name, 'p50Ms'))} p99 ${round(of(name, 'p99Ms'))} ms, CPU ${round(of(name, 'cpuUs'))} us a request (${all})`,
    )
  }
  const ratios = (runs.get('turnout') ?? []).map(
    (run, turn) => run.cpuUs / (runs.get('proxy')?.[turn]?.cpuUs ?? Number.NaN),
  )
  const failed = [...runs.values()].flat().reduce((sum, run) => sum + run.failed, 0)
  console.log(
    `  added latency: p50 ${round(of('turnout', 'p50Ms') - of('proxy', 'p50Ms'))} ms, p99 ${round(of('turnout', 'p99Ms') - of('proxy', 'p99Ms'))} ms; CPU ratios ${ratios.map(round).join(' ')}`,
  )
  return [
    equals('requests that failed', failed, 0),
    inTime('CPU beside the bare proxy, median', median(ratios), MOST_CPU_RATIO, 'x'),
  ]
}

async function stream(fronts: readonly Front[]): Promise<readonly Gate[]> {
  const plan = { streams: 1_000, chunks: short ? 50 : 240, spanMs: short ? 10_000 : 60_000 }
  console.log(
    `\nHS  ${plan.streams} streams at a time, each of ${plan.chunks} chunks over ${plan.spanMs / 1_000} s`,
  )
  const gates: Gate[] = []
  for (const front of fronts) {
    const before = await cpuUs(front)
    const clients = start('./http-sse-clients.js', { ...plan, port: front.port } satisfies SseArguments)
    const result = await messageOf<SseResult>(clients)
    const used = (await cpuUs(front)) - before
    console.log(
      `  ${front.name.padEnd(8)} ${result.complete} complete, ${result.wrong} wrong, ${result.failed} failed${result.firstError === null ? '' : ` (${result.firstError})`}; at most ${result.mostOpen} open; first byte p50 ${round(quantile(result.firstByteMs, 0.5))} p99 ${round(quantile(result.firstByteMs, 0.99))} ms; CPU ${round(used / (plan.streams * plan.chunks))} us a chunk`,
    )
    if (front.name === 'proxy') continue
    gates.push(
      equals('streams that came complete', result.complete, plan.streams),
      atMost('streams that failed or had a wrong text', result.wrong + result.failed, 0),
      equals('streams open at a time', result.mostOpen, plan.streams),
    )
  }
  return gates
}

let allHold = true
try {
  const upstream = start('./upstream.js')
  const port = await messageOf<number>(upstream)
  const fronts: Front[] = []
  for (const name of FRONTS) fronts.push(await startFront(name, port))
  for (const connections of [64, 256]) {
    if (isChosen(`H${connections}`) && !judge(await compare(fronts, connections), !short)) allHold = false
  }
  if (isChosen('HS') && !judge(await stream(fronts), !short)) allHold = false
} finally {
  for (const child of started.keys()) if (child.connected) child.disconnect()
}
console.log(
  `\n${allHold ? 'All gates hold' : 'Some gates fell short'}${short ? ' (short form: timing is shown, not judged)' : ''}`,
)
console.log(machineLine())
process.exitCode = allHold ? 0 : 1
