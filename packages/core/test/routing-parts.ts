/** Tables, facts and states for tests of routing without a gateway around it. */
import type { Adapter, ModelCapabilities } from '../src/contract/adapter.js'
import type { RequestFacts, RoutingState } from '../src/contract/routing.js'
import type { RouteConfig } from '../src/gateway/gateway-options.js'
import { createRoutingTable } from '../src/gateway/routing-config.js'
import type { RoutingTable } from '../src/routing/routing-table.js'

export const adapterWith = (
  models: readonly string[] = [],
  can?: (model: string) => ModelCapabilities,
): Adapter => ({
  name: 'fake',
  models,
  chat: () => ({ next: () => Promise.resolve(undefined), cancel: () => {} }),
  ...(can && { capabilities: can }),
})

export const tableOf = (
  providers: Readonly<Record<string, Adapter>>,
  routes: Readonly<Record<string, RouteConfig>> = {},
): RoutingTable =>
  createRoutingTable({ providers, routes }, (_route, error) => {
    throw error
  })

export const factsOf = (facts: Partial<RequestFacts> = {}): RequestFacts => ({
  model: 'review',
  call: 'chat',
  needsTools: false,
  needsImages: false,
  needsAudio: false,
  needsFiles: false,
  needsJsonSchema: false,
  textLength: 100,
  ...facts,
})

/** Everything healthy and idle, nothing measured, no prices. */
export const stateOf = (state: Partial<RoutingState> = {}): RoutingState => ({
  standing: () => 'healthy',
  latencyMs: () => undefined,
  errorRate: () => undefined,
  quality: () => undefined,
  inFlight: () => 0,
  roomShare: () => 1,
  costUsd: () => null,
  inputTokens: () => ({ lower: 30, expected: 40, upper: 110 }),
  task: () => ({ task: 'chat', complexity: 'moderate', confidence: 1 }),
  sessionTarget: () => undefined,
  nowMs: () => 0,
  isArmStopped: () => false,
  ...state,
})

/** About so many dollars. */
export const about = (usd: number) => ({ lower: usd / 2, expected: usd, upper: usd * 2 })
