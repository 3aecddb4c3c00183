/**
 * `npm run faults`: the sixteen faults against emulated providers on real sockets, for whole answers and for streams,
 * in three dialects. Prints a scorecard with what fell short, and fails when anything did.
 */
import { FAULTS, type Check, type Fault } from './scenes.js'
import { DIALECTS, MODES, type Dialect, type Mode } from './stage.js'

interface Result {
  readonly fault: Fault
  readonly dialect: Dialect
  readonly mode: Mode
  readonly checks: readonly Check[]
}

const only = process.argv.slice(2)
const began = performance.now()
const plays = FAULTS.filter(({ id }) => only.length === 0 || only.includes(id)).flatMap((fault) =>
  DIALECTS.flatMap((dialect) => MODES.map((mode) => ({ fault, dialect, mode }))),
)
const results = await Promise.all(
  plays.map(async ({ fault, dialect, mode }): Promise<Result> => {
    try {
      return { fault, dialect, mode, checks: await fault.play(dialect, mode) }
    } catch (error) {
      return { fault, dialect, mode, checks: [{ what: `no crash: ${String(error)}`, ok: false }] }
    }
  }),
)

const failed = (result: Result): readonly Check[] => result.checks.filter(({ ok }) => !ok)
const columns = DIALECTS.flatMap((dialect) => MODES.map((mode) => `${dialect} ${mode}`))
console.log(`${'fault'.padEnd(56)}${columns.map((name) => name.padEnd(18)).join('')}`)
for (const fault of new Set(plays.map((play) => play.fault))) {
  const marks = results
    .filter((result) => result.fault === fault)
    .map((result) => {
      const bad = failed(result).length
      return (
        bad === 0
          ? `ok ${result.checks.length}/${result.checks.length}`
          : `FAIL ${result.checks.length - bad}/${result.checks.length}`
      ).padEnd(18)
    })
  console.log(`${`${fault.id}  ${fault.name}`.padEnd(56)}${marks.join('')}`)
}
for (const result of results) {
  for (const { what } of failed(result))
    console.log(`\n${result.fault.id} ${result.dialect} ${result.mode}: ${what}`)
}
const passed = results.filter((result) => failed(result).length === 0).length
const seconds = ((performance.now() - began) / 1_000).toFixed(0)
console.log(`\n${passed} of ${results.length} as they should be, in ${seconds} s (Node ${process.version})`)
process.exitCode = passed === results.length ? 0 : 1
