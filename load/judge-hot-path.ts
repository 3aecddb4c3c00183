/** L11: the CPU of a call whose provider costs nothing. */
import { median } from './figures.js'
import { equals, inTime, type Gate } from './gates.js'
import { runPlay } from './run-play.js'

export async function runHotPath(short: boolean): Promise<readonly Gate[]> {
  const plan = { calls: short ? 5_000 : 20_000, rounds: short ? 3 : 9 }
  console.log(
    `\nL11  the hot path: ${plan.calls} whole answers one after the other, adapter in process, ${plan.rounds} rounds`,
  )
  const { result } = await runPlay({ name: 'hot', client: 'turnout', plan })
  const us = (values: readonly number[]): string =>
    `${median(values).toFixed(1)} (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`
  console.log(
    `  us of CPU a call: the adapter alone ${us(result.adapterUs)}; a gateway with nothing configured ${us(result.plainUs)}; with three limits, two budgets, breaker and ledger ${us(result.fullUs)}`,
  )
  return [
    equals('calls answered', result.ok, plan.calls * plan.rounds),
    inTime('CPU of a call', median(result.fullUs), 80, ' us'),
  ]
}
