import type { Keepers } from './create-parts.js'
import { createCatalog } from '../accounting/catalog.js'
import { REQUEST_BOUNDS } from '../contract/validate-request.js'
import { answerFaults, worthOf } from '../health/answer-worth.js'
import type { HealthBoard } from '../health/health-board.js'
import type { Runtime, RuntimeParts } from '../pipeline/runtime.js'
import { withoutUndefined } from '../platform/without-undefined.js'
import { blendQuality, createQualityTable } from '../routing/quality-table.js'
import { DEFAULT_OPTIONS, type GatewayOptions } from './gateway-options.js'
import { adapterOf, createRoutingTable, routeOptions } from './routing-config.js'

/** The configuration as the pipeline reads it, with the parts that outlive it. Swapped whole by `reload`. */
export function createRuntime(
  options: GatewayOptions,
  parts: RuntimeParts,
  keepers: Keepers,
  board: HealthBoard,
): Runtime {
  const { providers, routes = {}, defaults } = options
  const { logger, sessions } = parts
  const catalog = createCatalog(options.catalog)
  const qualities = createQualityTable(options.quality)
  const providerDefaults: Runtime['providerDefaults'] = new Map(
    Object.entries(providers).flatMap(([name, config]) =>
      'adapter' in config && config.defaults ? [[name, config.defaults] as const] : [],
    ),
  )
  return {
    ...parts,
    ...keepers,
    table: createRoutingTable(
      options,
      (route, error) =>
        logger.error?.(
          { route, error },
          'turnout: a strategy function failed; the order of the config was used',
        ),
      (adapter, model) => ({ own: catalog.own(adapter, model), known: catalog.find(adapter, model) }),
    ),
    catalog,
    qualityOf(target, task) {
      const { provider, model } = target
      const config = Object.hasOwn(providers, provider) ? providers[provider] : undefined
      const prior = config && qualities.prior(adapterOf(config).name, model, task)
      return blendQuality(prior, board.observed(target, performance.now())?.quality)
    },
    providerDefaults,
    bounds: { ...REQUEST_BOUNDS, ...withoutUndefined(options.bounds ?? {}) },
    defaults: {
      ...DEFAULT_OPTIONS,
      ...withoutUndefined(defaults ?? {}),
      timeout: { ...DEFAULT_OPTIONS.timeout, ...withoutUndefined(defaults?.timeout ?? {}) },
    },
    routeOptions: new Map(
      Object.entries(routes).flatMap(([name, config]) => {
        const {
          targets: _targets,
          strategy: _strategy,
          preference: _preference,
          ...callOptions
        } = routeOptions(config)
        // Most have none: then nothing is merged for their calls.
        return Object.keys(callOptions).length > 0 ? [[name, callOptions] as const] : []
      }),
    ),
    noteAnswer(call, target, request, answer, refusedWith) {
      const settings = providerDefaults.get(target.provider)
      const faults = answerFaults(answer, settings ? { ...settings, ...request } : request, refusedWith)
      if (faults) board.noteAnswer(target, faults, performance.now())
      const worth = faults && worthOf(faults)
      if (refusedWith) return worth
      board.noteAnswered(call.requestId, target)
      const { session, tenant } = call.options
      if (session !== undefined)
        sessions.note({ session, tenant }, target, answer.usage.prompt_tokens, performance.now())
      return worth
    },
  }
}
