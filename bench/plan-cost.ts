/**
 * What planning costs: from a request's facts to the ordered candidates, in microseconds of CPU for one plan.
 *   node bench/dist/plan-cost.js [rounds]
 */
import type { Adapter, RequestFacts, RoutingState, StrategyConfig } from '@turnout/core'
import type * as ConfigModule from '../packages/core/dist/gateway/routing-config.js'
import type * as PlanModule from '../packages/core/dist/routing/plan-route.js'
import { pathToFileURL } from 'node:url'
import { median } from './measure.js'

/** Planning by itself has no public name: the built files are read beside this one. */
const built = (file: string): string => new URL(`../../packages/core/dist/${file}`, import.meta.url).href

const adapter: Adapter = {
  name: 'bench',
  models: [],
  chat: () => ({ next: () => Promise.resolve(undefined), cancel() {} }),
  capabilities: () => ({ tools: true, images: true, contextTokens: 128_000 }),
}
const facts: RequestFacts = {
  model: 'r',
  call: 'chat',
  needsTools: true,
  needsImages: false,
  needsAudio: false,
  needsFiles: false,
  needsJsonSchema: false,
  textLength: 4_000,
  session: 's-1',
}
const numberOf = ({ model }: { readonly model: string }): number => Number(model.slice(1)) + 1
const state: RoutingState = {
  standing: () => 'healthy',
  latencyMs: (target) => 100 * numberOf(target),
  errorRate: () => 0.01,
  quality: () => 0.9,
  inFlight: numberOf,
  costUsd: (target) => ({ lower: 0, expected: 1 / numberOf(target), upper: 1 }),
  inputTokens: () => ({ lower: 900, expected: 1_000, upper: 12_000 }),
  task: () => ({ task: 'chat', complexity: 'moderate', confidence: 1 }),
  sessionTarget: () => undefined,
  nowMs: () => 0,
  roomShare: () => 1,
  isArmStopped: () => false,
}
const STRATEGIES: readonly Exclude<StrategyConfig, object>[] = [
  'priority',
  'weighted',
  'lowest-cost',
  'lowest-latency',
  'least-busy',
  'sticky',
  'score',
  'explore',
  'by-complexity',
]

/** Medians over the rounds, in microseconds of user and system CPU for one plan, by strategy. */
export type PlanCost = Readonly<Record<string, { readonly of5: number; readonly of200: number }>>

export async function planCost(rounds: number): Promise<PlanCost> {
  const { createRoutingTable } = (await import(built('gateway/routing-config.js'))) as typeof ConfigModule
  const { planRoute } = (await import(built('routing/plan-route.js'))) as typeof PlanModule
  const work = (strategy: (typeof STRATEGIES)[number], targets: number) => {
    const names = Array.from({ length: targets }, (_, i) => `bench/m${i}`)
    const table = createRoutingTable(
      { providers: { bench: adapter }, routes: { r: { targets: names, strategy } } },
      () => {},
    )
    const plans = Math.round(100_000 / targets)
    return (): number => {
      const before = process.cpuUsage()
      for (let i = 0; i < plans; i++) planRoute(facts, table, state, Math.random)
      const { user, system } = process.cpuUsage(before)
      return (user + system) / plans
    }
  }
  const costs: Record<string, { of5: number; of200: number }> = {}
  for (const strategy of STRATEGIES) {
    const few = work(strategy, 5)
    const many = work(strategy, 200)
    few()
    many()
    const measured = Array.from({ length: rounds }, () => [few(), many()] as const)
    costs[strategy] = {
      of5: median(measured.map(([of5]) => of5)),
      of200: median(measured.map(([, of200]) => of200)),
    }
  }
  return costs
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const costs = await planCost(Number(process.argv[2] ?? 7))
  console.log('planning, in us of CPU a plan        5 targets   200 targets')
  for (const [strategy, { of5, of200 }] of Object.entries(costs))
    console.log(`  ${strategy.padEnd(30)} ${of5.toFixed(1).padStart(12)} ${of200.toFixed(0).padStart(13)}`)
}
