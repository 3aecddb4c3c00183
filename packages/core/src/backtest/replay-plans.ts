import { createCatalog } from '../accounting/catalog.js'
import { computeCostUsd } from '../accounting/compute-cost.js'
import { estimateCostUsd } from '../accounting/estimate-cost.js'
import type { Candidate } from '../contract/plan.js'
import type { Price } from '../contract/price.js'
import type { RoutingState } from '../contract/routing.js'
import type { Target } from '../contract/target.js'
import type { TrafficRecord } from '../contract/traffic.js'
import { isGatewayError } from '../errors/gateway-error.js'
import { createRoutingTable } from '../gateway/routing-config.js'
import { checkGatewayOptions } from '../gateway/check-options.js'
import { hashToUnit } from '../platform/hash.js'
import { draftPlan } from '../routing/plan-route.js'
import { createSessionMemory } from '../routing/session-memory.js'
import type { BacktestConfig } from './backtest-config.js'
import { createHistory, keyOf } from './history.js'

/** What a configuration would have tried for one recorded call. */
export interface ReplayedPlan {
  /** `provider/model` in the order of the tries; empty when nothing could have taken the call. */
  readonly chain: readonly string[]
  /** What the recorded usage costs at each of them; `null` for an unknown price. */
  readonly costsUsd: readonly (number | null)[]
  /** The provider's prompt cache would have held the session's earlier prompt. */
  readonly cacheHit: boolean
}

/** Attempts of one call at most, as in a gateway by default. */
const MAX_CHAIN = 6
/** Shorter prefixes are not cached by any of the vendors. */
const MIN_CACHED_TOKENS = 1_024

/** @param records in the order of `at`. The same records, config and seed give the same plans. */
export function replayPlans(
  records: readonly TrafficRecord[],
  config: BacktestConfig,
  seed: number,
): readonly ReplayedPlan[] {
  checkGatewayOptions(config)
  const catalog = createCatalog(config.catalog)
  const table = createRoutingTable(
    config,
    () => {},
    (adapter, model) => ({ own: catalog.own(adapter, model), known: catalog.find(adapter, model) }),
  )
  const history = createHistory(records)
  const sessions = createSessionMemory()
  const priceAt = (target: Target, at: number): Price | undefined => {
    const adapter = table.adapters.get(target.provider)
    return adapter && catalog.find(adapter.name, target.model, at)?.price
  }

  return records.map((record) => {
    const { at, facts, tokens, usage } = record
    history.moveTo(at)
    const session = facts.session === undefined ? undefined : { tenant: facts.tenant, session: facts.session }
    const last = session && sessions.last(session, at)
    const state: RoutingState = {
      standing: () => 'healthy',
      latencyMs: (target) => history.latencyMs(target, facts.call),
      errorRate: history.errorRate,
      quality: () => undefined,
      inFlight: history.inFlight,
      roomShare: () => 1,
      costUsd: (target) => estimateCostUsd(tokens, priceAt(target, at)),
      inputTokens: () => tokens.input,
      task: () => record.task,
      nowMs: () => at,
      isArmStopped: () => false,
      sessionTarget() {
        const price = last && priceAt(last, at)
        if (!last) return undefined
        const saved = price?.cacheReadUsd === undefined ? 0 : price.inputUsd - price.cacheReadUsd
        return { ...last, cacheSavesUsd: (last.promptTokens * saved) / 1e6 }
      },
    }
    let draws = 0
    const random = (): number => hashToUnit(`${seed}\n${record.requestId}\n${draws++}`)
    const candidates = candidatesFor(() => draftPlan(facts, table, state, random).candidates)
    const [first] = candidates
    const cacheHit = first !== undefined && last !== undefined && keyOf(first) === keyOf(last)
    if (session && first) sessions.note(session, first, usage?.prompt_tokens ?? tokens.input.expected, at)
    const cached = cacheHit && last ? last.promptTokens : 0
    return {
      chain: candidates.map(keyOf),
      costsUsd: candidates.map((target, place) =>
        costAt(record, priceAt(target, at), place === 0 ? cached : 0),
      ),
      cacheHit,
    }
  })
}

/** A name that stands for nothing under this configuration is a call that fails. */
function candidatesFor(plan: () => readonly Candidate[]): readonly Candidate[] {
  try {
    return plan().slice(0, MAX_CHAIN)
  } catch (error) {
    if (isGatewayError(error)) return []
    throw error
  }
}

/** The recorded tokens at another price; where none were reported, those that were expected. */
function costAt(
  { usage, tokens }: TrafficRecord,
  price: Price | undefined,
  cachedBefore: number,
): number | null {
  if (!price) return null
  const prompt = usage?.prompt_tokens ?? tokens.input.expected
  const completion = usage?.completion_tokens ?? tokens.output.expected
  const cached = Math.min(cachedBefore, prompt)
  return computeCostUsd(
    {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      prompt_tokens_details: { cached_tokens: cached >= MIN_CACHED_TOKENS ? cached : 0 },
    },
    price,
  )
}
