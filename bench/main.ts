/**
 * `npm run bench`: CPU of the client for a request and for a streamed chunk, beside bare clients in one run, and
 * what importing costs. Prints medians and, what counts on a noisy machine, ratios.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { contenders, type Contender } from './contenders.js'
import { engineCost } from './engine-cost.js'
import { encodeCost } from './encode-cost.js'
import { importTime } from './import-time.js'
import { measure, median, ratio, type Row } from './measure.js'

const CHUNKS = 500
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9)

const upstream = fork(fileURLToPath(new URL('./upstream.js', import.meta.url)), [String(CHUNKS)])
const [port] = (await once(upstream, 'message')) as [number]

const short = [{ role: 'user' as const, content: 'Summarise this change in a sentence.' }]
const clients = contenders(port, short)

try {
  await sameText(clients)
  const whole = await measure(
    clients.map(({ name, whole: run }) => ({ name, run })),
    { rounds: ROUNDS, runs: 1_000, perRun: 1, parallel: 1 },
  )
  print('A whole answer, one call after the other', 'us of CPU a call', whole)
  const busy = await measure(
    clients.map(({ name, whole: run }) => ({ name, run })),
    { rounds: ROUNDS, runs: 1_600, perRun: 1, parallel: 64 },
  )
  print('Whole answers, 64 callers at once', 'us of CPU a call', busy)
  const streams = await measure(
    clients.map(({ name, stream: run }) => ({ name, run })),
    { rounds: ROUNDS, runs: 20, perRun: CHUNKS, parallel: 1 },
  )
  print(`A stream of ${CHUNKS} chunks`, 'us of CPU a chunk', streams)
  const encoding = await encodeCost(ROUNDS)
  console.log(
    `\nA conversation of 40 messages and 3 tools to its wire text (JSON.stringify alone: ${encoding.plainUs.toFixed(0)} us of CPU)`,
  )
  for (const { name, us, times: x } of encoding.rows)
    console.log(`  ${name.padEnd(22)} ${us.toFixed(0).padStart(8)}  ${x.toFixed(2).padStart(5)}x`)
  const { alone, engine } = await engineCost(ROUNDS)
  const [without, within] = [median(alone.cpuUs), median(engine.cpuUs)]
  console.log(
    `\nA healthy call through breaker, retry and clocks, in process: ${within.toFixed(1)} us of CPU, the adapter alone ${without.toFixed(1)}: ${(within - without).toFixed(1)} us for the engine`,
  )
  const loading = importTime(9)
  const times = (loading.totalMs / loading.undiciMs).toFixed(2)
  console.log(
    `\nImport of core: ${loading.ownMs.toFixed(0)} ms of its own, ${loading.totalMs.toFixed(0)} ms with the libraries it loads`,
  )
  console.log(`  (a bare import of undici: ${loading.undiciMs.toFixed(0)} ms, so ${times}x of that)`)
  console.log(
    `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'CPU'}, ${ROUNDS} interleaved rounds, upstream in another process`,
  )
} finally {
  await Promise.all(clients.map(({ close }) => close()))
  upstream.disconnect()
}

/** A bench of different work would be no bench: all contenders must give the same text. */
async function sameText(all: readonly Contender[]): Promise<void> {
  for (const kind of ['whole', 'stream'] as const) {
    const texts = new Set(await Promise.all(all.map((client) => client[kind]())))
    if (texts.size !== 1 || texts.has('')) throw new Error(`the contenders disagree about the ${kind} answer`)
  }
}

function print(title: string, unit: string, rows: readonly Row[]): void {
  const base = rows.find(({ name }) => name === 'bare fetch') as Row
  console.log(`\n${title} (${unit}; x = ratio to bare fetch, median of rounds)`)
  for (const row of rows) {
    const low = Math.min(...row.cpuUs).toFixed(1)
    const high = Math.max(...row.cpuUs).toFixed(1)
    console.log(
      `  ${row.name.padEnd(22)} ${median(row.cpuUs).toFixed(1).padStart(8)}  ${ratio(row, base).toFixed(2).padStart(5)}x   (${low} to ${high}; ${median(row.wallUs).toFixed(1)} wall)`,
    )
  }
}
