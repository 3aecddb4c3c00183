import type { Target } from '../contract/target.js'
import { GatewayError } from '../errors/gateway-error.js'
import { suggest } from '../platform/suggest.js'
import { parseTarget, type RoutingTable } from './routing-table.js'

export interface ResolvedName {
  /** The route's name; `null` when the name was a model's. */
  readonly route: string | null
  readonly strategy: string
  readonly targets: readonly Target[]
}

/**
 * What a model name stands for: a route, `provider/model`, or a bare model id that a configured adapter knows.
 * @throws GatewayError `no_route`, with the name that was probably meant.
 */
export function resolveName(name: string, table: RoutingTable): ResolvedName {
  const route = table.routes.get(name)
  if (route) return { route: name, strategy: route.strategy, targets: route.targets }
  const target = parseTarget(name)
  if (target && table.adapters.has(target.provider)) return { route: null, strategy: 'direct', targets: [target] }
  const serving = [...table.adapters].filter(([, adapter]) => adapter.models.includes(name))
  if (serving.length > 0) {
    return { route: null, strategy: 'direct', targets: serving.map(([provider]) => ({ provider, model: name })) }
  }
  throw noRoute(name, table)
}

function noRoute(name: string, table: RoutingTable): GatewayError {
  const meant = closest(name, table)
  const providers = [...table.adapters.keys()].join(', ') || 'none'
  return new GatewayError({
    code: 'no_route',
    path: 'model',
    message: `"${name.slice(0, 200)}" is no route, no model of a configured provider (${providers}) and no known model id${meant ? `; did you mean "${meant}"?` : '. Use provider/model, or add a route'}`,
  })
}

function closest(name: string, table: RoutingTable): string | undefined {
  // `openai/gpt-4o` where only an aggregator is configured that lists exactly this id.
  for (const [provider, adapter] of table.adapters) if (adapter.models.includes(name)) return `${provider}/${name}`
  const target = parseTarget(name)
  if (target) {
    const aggregator = [...table.adapters].find(([, adapter]) => adapter.models.some((model) => model.includes('/')))
    const provider = suggest(target.provider, table.adapters.keys())
    if (provider) return `${provider}/${target.model}`
    if (aggregator) return `${aggregator[0]}/${name}`
    const owner = [...table.adapters].find(([, adapter]) => adapter.models.includes(target.model))
    if (owner) return `${owner[0]}/${target.model}`
  }
  const known = [...table.routes.keys()]
  for (const adapter of table.adapters.values()) known.push(...adapter.models)
  return suggest(name, known)
}
