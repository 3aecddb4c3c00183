/** Metrics of what stands at the moment they are asked for. */
import type { Gateway, Target } from '@turnout/core'
import { Gauge } from 'prom-client'

const BREAKER_STATES = { closed: 0, 'half-open': 1, open: 2 } as const

type Row = readonly [labels: Readonly<Record<string, string>>, value: number]

/** @param labelOf the label that stands for a target's model */
export function stateGauges(
  gateway: Gateway,
  openRequests: () => number,
  labelOf: (target: Target) => string,
): readonly Gauge[] {
  return [
    gaugeOf('turnout_http_open_requests', 'HTTP requests that are not answered to the end yet.', [], () => [
      [{}, openRequests()],
    ]),
    gaugeOf('turnout_queue_waiting', 'Calls that wait for room under the limits.', ['priority'], () =>
      Object.entries(gateway.queue().waiting).map(([priority, waiting]) => [{ priority }, waiting]),
    ),
    gaugeOf(
      'turnout_limit_used_share',
      'How much of a limit is used, 0 to 1, of its fullest counter.',
      ['limit', 'what'],
      () =>
        gateway.limits().flatMap(({ limit, used, max }) =>
          (Object.keys(max) as (keyof typeof max)[]).map((what): Row => {
            const share = (used[what] ?? 0) / (max[what] ?? 1)
            return [{ limit, what }, share]
          }),
        ),
    ),
    gaugeOf(
      'turnout_budget_used_share',
      'How much of a budget is spent, 0 to 1 and beyond, of its emptiest purse.',
      ['budget'],
      () =>
        gateway.budgets().map(({ budget, spentUsd, limitUsd, spentTokens, limitTokens }) => {
          const ofMoney = limitUsd === undefined ? 0 : spentUsd / limitUsd
          const ofTokens = limitTokens === undefined ? 0 : spentTokens / limitTokens
          return [{ budget }, Math.max(ofMoney, ofTokens)]
        }),
    ),
    gaugeOf(
      'turnout_breaker_state',
      'Of a target: 0 closed, 1 half-open, 2 open.',
      ['provider', 'model'],
      () =>
        gateway
          .health()
          .map((target) => [
            { provider: target.provider, model: labelOf(target) },
            BREAKER_STATES[target.breaker.state],
          ]),
    ),
  ]
}

/** Of several rows with the same labels, as of a limit with a counter for each tenant, the highest. */
function gaugeOf(
  name: string,
  help: string,
  labelNames: readonly string[],
  read: () => readonly Row[],
): Gauge {
  return new Gauge({
    name,
    help,
    labelNames,
    registers: [],
    collect() {
      this.reset()
      const highest = new Map<string, number>()
      for (const [labels, value] of read()) {
        const key = JSON.stringify(labels)
        // Also what is no number, such as the share of a limit of 0: it is never the highest.
        if (!(value >= (highest.get(key) ?? 0))) continue
        highest.set(key, value)
        this.set(labels, value)
      }
    },
  })
}
