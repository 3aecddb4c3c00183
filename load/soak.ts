/**
 * `npm run soak -- --calls 1000000`: short calls, whole and streamed, to two upstreams on loopback that fail one call in
 * twenty; some are given up, some streams left. Now and then all adapters are replaced while calls run. Prints
 * what was lost, how the heap went and what was still held at the end; Ctrl-C ends it early. Needs `--expose-gc`.
 */
import { fork } from 'node:child_process'
import { getEventListeners, once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createGateway, createMemoryLedger, type Gateway } from '@turnout/core'
import { openai } from '@turnout/openai'
import { median } from './figures.js'
import { atMost, equals, judge } from './gates.js'
import { heapAfterGcMb, live, settle } from './live.js'
import { machineLine } from './machine-line.js'
import { newCounts, soakCall } from './soak-calls.js'
import { countUnhandled } from './streams.js'
import type { UpstreamCounts } from './upstream.js'

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '100000' },
    parallel: { type: 'string', default: '64' },
    'reload-every-s': { type: 'string', default: '60' },
    seed: { type: 'string', default: '20260' },
    refusals: { type: 'boolean', default: false },
    /** No call is begun after so long. */
    minutes: { type: 'string', default: '60' },
  },
})
const calls = Number(values.calls)
const parallel = Number(values.parallel)
const reloadMs = Number(values['reload-every-s']) * 1_000
const seed = Number(values.seed)
let endsAt = performance.now() + Number(values.minutes) * 60_000
process.once('SIGINT', () => (endsAt = 0))
const SAMPLES = 100
/** So that it is full long before the second tenth, which the last one is compared with. */
const ledgerEntries = Math.max(100, Math.floor(calls / 20))

let maxListenersWarnings = 0
process.on('warning', ({ name }) => {
  if (name === 'MaxListenersExceededWarning') maxListenersWarnings++
})
const unhandled = countUnhandled()
const upstreams = [0, 1].map(() => fork(fileURLToPath(new URL('./upstream.js', import.meta.url))))
const ports = await Promise.all(
  upstreams.map(async (child) => ((await once(child, 'message')) as [number])[0]),
)

const providers = () => ({
  one: openai({ apiKey: 'load', baseURL: `http://127.0.0.1:${ports[0]}/v1`, api: 'chat' }),
  two: openai({ apiKey: 'load', baseURL: `http://127.0.0.1:${ports[1]}/v1`, api: 'chat' }),
})
const routes = (first: 'one' | 'two') => ({
  load: { targets: [`${first}/gpt-4.1`, `${first === 'one' ? 'two' : 'one'}/gpt-4.1`] as const },
})
const newGateway = (): Gateway =>
  createGateway({
    providers: providers(),
    routes: routes('one'),
    ledger: createMemoryLedger({ maxEntries: ledgerEntries }),
    budgets: {
      all: { period: 'forever', limitUsd: 1e9 },
      tenants: { per: 'tenant', period: 'day', limitUsd: 1e9 },
    },
    health: { checks: { intervalMs: 1_000 } },
    retry: { budgetRatio: 0.2 },
  }) as Gateway

try {
  // Before anything is counted: where the output is a pipe, the first line makes a socket.
  console.log(`${calls} calls, ${parallel} at once, seed ${seed}`)
  await warmUp()
  await settle()
  const before = { ...live(), processListeners: processListeners() }
  const run = await soak()
  await settle(10)
  const after = { ...live(), processListeners: processListeners() }
  const upstream = await Promise.all(
    upstreams.map(async (child) => {
      child.send('counts')
      return ((await once(child, 'message')) as [UpstreamCounts])[0]
    }),
  )

  const { submitted, seconds, cpuMs, reloads, seen, heaps } = run
  const { ok, aborted, left, errors, untyped, wrong, firstUntyped } = run.counts
  const tenth = (at: number): number => median(heaps.slice((at - 1) * 10, at * 10))
  const typed = Object.values(errors).reduce((sum, count) => sum + count, 0)
  const lost = submitted - ok - aborted - left - typed - untyped - wrong
  console.log(
    `\n${submitted} calls in ${seconds.toFixed(0)} s (${(submitted / seconds).toFixed(0)} a second, ${parallel} at once; ${((cpuMs / submitted) * 1_000).toFixed(0)} us of CPU a call), seed ${seed}, ${reloads} reloads\n` +
      `  ${ok} ok, ${aborted} aborted, ${left} left by their reader, ${typed} typed errors ${JSON.stringify(errors)}, ${wrong} with wrong text, ${untyped} untyped errors${firstUntyped === null ? '' : ` (${firstUntyped})`}, ${lost} lost\n` +
      `  events: ${JSON.stringify(seen)}; upstream: ${upstream.map(({ requests, faults, active, sockets }) => `${requests} requests, ${faults} faults, ${active} active, ${sockets} sockets`).join(' and ')}\n` +
      `  heap after collection, median of each tenth: ${Array.from({ length: 10 }, (_, at) => tenth(at + 1).toFixed(1)).join(' ')} MB\n` +
      `  before: ${JSON.stringify(before)}\n  after:  ${JSON.stringify(after)}`,
  )
  const holds = judge(
    [
      equals('calls begun', submitted, calls),
      equals('calls lost', lost, 0),
      equals('calls with wrong text', wrong, 0),
      equals('errors that are not typed', untyped, 0),
      equals('unhandled rejections', unhandled(), 0),
      equals('request-end events', seen.ended, seen.started),
      equals('attempts by kind', seen.first + seen.retry + seen.failover + seen.hedge, seen.attempts),
      equals('reserved money and tokens', run.reserved, 0),
      atMost('heap of the last tenth over the second', tenth(10) - tenth(2), 5, ' MB'),
      atMost('sockets held, over before', after.sockets - before.sockets, 0),
      atMost('timers held, over before', after.timers - before.timers, 0),
      atMost('signals held, over before', after.signals - before.signals, 0),
      equals('listeners left on the shared signal', run.listenersLeft, 0),
      equals('listeners on the process', after.processListeners, before.processListeners),
      equals('MaxListeners warnings', maxListenersWarnings, 0),
      equals(
        'sockets open upstream',
        upstream.reduce((sum, { sockets }) => sum + sockets, 0),
        0,
      ),
    ],
    true,
  )
  console.log(machineLine())
  process.exitCode = holds ? 0 : 1
} finally {
  for (const child of upstreams) if (child.connected) child.disconnect()
}

/** The gateway lives in here only: what is alive afterwards is held by nobody who should. */
async function soak() {
  const shared = new AbortController()
  const counts = newCounts()
  const seen = { started: 0, ended: 0, attempts: 0, first: 0, retry: 0, failover: 0, hedge: 0 }
  const gateway = newGateway()
  gateway.on('request-start', () => void seen.started++)
  gateway.on('request-end', () => void seen.ended++)
  gateway.on('attempt-end', ({ attempt }) => {
    seen.attempts++
    seen[attempt.kind]++
  })
  let reloads = 0
  const reloading = setInterval(() => {
    // All adapters anew, whose sockets go with the last call on them, and another order of the targets.
    const first = reloads % 2 === 0 ? 'two' : 'one'
    gateway.reload({ providers: providers(), routes: routes(first) })
    reloads++
  }, reloadMs)

  const heaps: number[] = []
  const sampleEvery = Math.max(1, Math.floor(calls / SAMPLES))
  const cpu = process.cpuUsage()
  const began = performance.now()
  let submitted = 0
  let settledCalls = 0
  const work = async (): Promise<void> => {
    while (submitted < calls && performance.now() < endsAt) {
      await soakCall(gateway, submitted++, seed, shared.signal, counts, values.refusals)
      if (++settledCalls % sampleEvery === 0) heaps.push(heapAfterGcMb())
      if (settledCalls % (sampleEvery * 10) === 0) tell(settledCalls, heaps.at(-1) ?? 0, began)
    }
  }
  await Promise.all(Array.from({ length: parallel }, work))
  const seconds = (performance.now() - began) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  clearInterval(reloading)
  const listenersLeft = getEventListeners(shared.signal, 'abort').length
  const reserved = gateway.budgets().reduce((sum, purse) => sum + purse.reservedUsd + purse.reservedTokens, 0)
  await gateway.close()
  const cpuMs = (user + system) / 1_000
  return { counts, seen, heaps, submitted, seconds, cpuMs, reloads, listenersLeft, reserved }
}

async function warmUp(): Promise<void> {
  const gateway = newGateway()
  const { signal } = new AbortController()
  for (let call = 0; call < 500; call++) await soakCall(gateway, -1 - call, seed, signal, newCounts())
  await gateway.close()
}

function processListeners(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name as 'exit'), 0)
}

function tell(done: number, heap: number, began: number): void {
  const seconds = (performance.now() - began) / 1_000
  console.log(`  ${done} calls, ${seconds.toFixed(0)} s, heap ${heap.toFixed(1)} MB`)
}
