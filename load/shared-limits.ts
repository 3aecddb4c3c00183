/**
 * Several processes, one limit, one Redis: never one call over in any window of Redis' clock, and hardly one fewer.
 * On a machine that is busy with other things `--fail closed` or a longer `--max-wait-ms` shows what is exact: without
 * them a process that hears nothing from Redis for 50 ms spends its part of what is left by itself.
 *   npm run shared-limits -- [--short] [--processes 4] [--calls 10000] [--limit 1000] [--window-ms 1000] [--fail closed] [--max-wait-ms 50]
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { equals, inTime, judge, type Gate } from './gates.js'
import { machineLine } from './machine-line.js'
import { hasRedisServer, startRedis } from './redis-server.js'
import type { SharingProcess, SharingResult } from './shared-limits-process.js'

const { values } = parseArgs({
  options: {
    /** For CI: what depends on the machine's speed is told, and does not fail the run. */
    short: { type: 'boolean', default: false },
    processes: { type: 'string', default: '4' },
    calls: { type: 'string', default: '10000' },
    limit: { type: 'string', default: '1000' },
    'window-ms': { type: 'string', default: '1000' },
    fail: { type: 'string', default: 'local' },
    'max-wait-ms': { type: 'string', default: '50' },
  },
})
const processes = Number(values.processes)
const calls = values.short ? 500 : Number(values.calls)
const limit = values.short ? 200 : Number(values.limit)
const windowMs = Number(values['window-ms'])

console.log(machineLine())
if (!hasRedisServer) {
  console.log('there is no redis-server on the PATH: nothing was measured')
  process.exit(0)
}
console.log(`${processes} processes, ${calls} calls each, at most ${limit} in ${windowMs} ms`)

await using server = await startRedis()
const fail = values.fail === 'closed' ? 'closed' : 'local'
const maxWaitMs = values.short ? 2_000 : Number(values['max-wait-ms'])
const task: SharingProcess = { port: server.port, calls, limit, windowMs, processes, fail, maxWaitMs }
const program = fileURLToPath(new URL('./shared-limits-process.js', import.meta.url))
const children = Array.from({ length: processes }, () =>
  fork(program, [JSON.stringify(task)], { serialization: 'advanced' }),
)
try {
  await Promise.all(children.map(async (child) => once(child, 'message')))
  const beganAt = Date.now()
  const results = await Promise.all(children.map(run))
  const tookMs = Date.now() - beganAt
  const gates = await report(results, tookMs)
  if (!judge(gates, !values.short)) process.exitCode = 1
} finally {
  for (const child of children) child.kill('SIGKILL')
}

async function run(child: ChildProcess): Promise<SharingResult> {
  const answer = once(child, 'message')
  child.send('go')
  const [result] = (await answer) as [SharingResult]
  return result
}

async function report(results: readonly SharingResult[], tookMs: number): Promise<readonly Gate[]> {
  const windows = new Map<number, number[]>()
  results.forEach(({ takenAt }, i) => {
    for (const at of takenAt) {
      const number = Math.floor(at / windowMs)
      const counts = windows.get(number) ?? results.map(() => 0)
      counts[i] = (counts[i] ?? 0) + 1
      windows.set(number, counts)
    }
  })
  const numbers = [...windows.keys()].sort((one, other) => one - other)
  console.log('\n  window  of each process                all')
  const sums = numbers.map((number) => {
    const counts = windows.get(number) ?? []
    const sum = counts.reduce((all, one) => all + one, 0)
    const cells = counts.map((count) => String(count).padStart(6)).join(' ')
    console.log(`  ${String(number - (numbers[0] ?? 0)).padStart(6)}  ${cells}  ${String(sum).padStart(6)}`)
    return sum
  })
  // The first and the last window are no whole ones.
  const whole = sums.slice(1, -1)
  const used = whole.reduce((all, one) => all + one, 0) / (whole.length * limit)
  const redis = new Redis(server.port)
  const stats = await redis.info('commandstats')
  redis.disconnect()
  const asked = Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0)
  const sent = new Map<number, number>()
  for (const { sentAt } of results) {
    for (const at of sentAt)
      sent.set(Math.floor(at / windowMs), (sent.get(Math.floor(at / windowMs)) ?? 0) + 1)
  }
  const late = [...sent.values()].reduce((all, one) => all + Math.max(0, one - limit), 0)
  console.log(`\n  let go in one window and come to the provider in the next, beyond its limit: ${late}`)
  const warnings = results.reduce((all, one) => all + one.warnings, 0)
  console.log(`  warnings that leases could not be had: ${warnings}`)
  console.log(`  ${sums.length} windows in ${tookMs} ms, ${asked} scripts run in Redis\n`)
  const gaps = (numbers.at(-1) ?? 0) - (numbers[0] ?? 0) + 1 - numbers.length
  return [
    equals(
      'calls that went out',
      results.reduce((all, one) => all + one.sentAt.length, 0),
      processes * calls,
    ),
    equals(
      'calls over the limit in any window',
      sums.reduce((all, sum) => all + Math.max(0, sum - limit), 0),
      0,
    ),
    equals('windows without a call', gaps, 0),
    inTime('limit not used in whole windows', 100 * (1 - used), 2, ' %'),
    inTime('in the worst of them', 100 * (1 - Math.min(...whole) / limit), 2, ' %'),
  ]
}
