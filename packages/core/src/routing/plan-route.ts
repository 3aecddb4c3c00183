import type { Candidate, Plan } from '../contract/plan.js'
import type { Standing } from '../contract/target-health.js'
import type { Target, Verdict } from '../contract/target.js'
import { GatewayError } from '../errors/gateway-error.js'
import { quote } from '../platform/quote.js'
import { byStanding } from './by-standing.js'
import { ineligible } from './eligibility.js'
import type { RequestFacts } from './request-facts.js'
import { resolveName } from './resolve-name.js'
import type { RoutingTable } from './routing-table.js'
import { priority } from './strategies/priority.js'

/**
 * From a request's facts to the ordered candidates, with a verdict for every target. A pure function: the same
 * facts, table and standings give the same plan.
 * @param standing what is known of a target's health; one that is not healthy goes behind, but stays in the plan
 * @throws GatewayError `no_route` when the name stands for nothing, or nothing it stands for can take the request.
 */
export function planRoute(
  facts: RequestFacts,
  table: RoutingTable,
  standing: (target: Target) => Standing = () => 'healthy',
): Plan {
  const { route, strategy, targets } = resolveName(facts.model, table)
  const eligible: Candidate[] = []
  const leftOut: Verdict[] = []
  for (const { provider, model } of targets) {
    const adapter = table.adapters.get(provider)
    const reason = adapter ? ineligible(facts, adapter, model) : 'the provider is not configured'
    if (adapter && reason === undefined) {
      eligible.push({ provider, model, adapter, unknownModel: !adapter.models.includes(model) })
    } else {
      leftOut.push({ provider, model, eligible: false, reason: reason ?? '' })
    }
  }
  const ranked = byStanding(priority(eligible), standing)
  const candidates = ranked.map(({ one }) => one)
  if (candidates.length === 0) {
    const reasons = leftOut.map(({ provider, model, reason }) => `${provider}/${model}: ${reason}`).join('; ')
    throw new GatewayError({
      code: 'no_route',
      path: 'model',
      message: `no target of ${quote(facts.model)} can take this request (${reasons}); add one that can, or change the request`,
    })
  }
  const taken = ranked.map(({ one: { provider, model }, standing: health }, at): Verdict => ({
    provider,
    model,
    eligible: true,
    reason: placeOf(at, health),
  }))
  return { route, strategy, candidates, verdicts: [...taken, ...leftOut] }
}

function placeOf(at: number, standing: Standing): string {
  if (at > 0) return standing === 'healthy' ? `fallback ${at}` : `fallback ${at}: it is ${standing}`
  return standing === 'healthy' ? 'first in order' : `first in order, although ${standing}: none is healthy`
}
