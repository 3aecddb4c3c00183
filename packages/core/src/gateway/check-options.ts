import * as z from 'zod'
import type { Adapter } from '../contract/adapter.js'
import { validateOptions } from '../contract/validate-request.js'
import { formatPath, invalidRequest, schemaError } from '../contract/describe-issue.js'
import { suggest } from '../platform/suggest.js'
import { parseTarget } from '../routing/routing-table.js'
import type { GatewayOptions, ProviderConfig, RouteConfig, RouteOptions } from './gateway-options.js'

const price = z.strictObject({
  inputUsd: z.number().min(0),
  outputUsd: z.number().min(0),
  cacheReadUsd: z.number().min(0).optional(),
  cacheWriteUsd: z.number().min(0).optional(),
  cacheWrite1hUsd: z.number().min(0).optional(),
})
const schema = z.strictObject({
  providers: z.record(z.string().regex(/^[\w.-]+$/, 'provider names are letters, digits, "_", "-" and "."'), z.custom((value) => typeof value === 'object' && value !== null, 'must be an adapter, or { adapter, defaults }')),
  routes: z.record(z.string().min(1), z.unknown()).optional(),
  defaults: z.unknown().optional(),
  catalog: z.record(z.string(), z.strictObject({
    price: price.extend({ longPrompt: price.extend({ overTokens: z.int().positive() }).optional() }),
    asOf: z.string().optional(),
    source: z.string().optional(),
  })).optional(),
  logger: z.custom((value) => value === undefined || (typeof value === 'object' && value !== null), 'must be an object with debug, info, warn or error').optional(),
  random: z.custom((value) => value === undefined || typeof value === 'function', 'must be a function that gives numbers in [0, 1)').optional(),
})
const KEYS = Object.keys(schema.shape)
const ROUTE_KEYS = ['targets', 'strategy', 'maxAttempts', 'timeout', 'priority', 'unsupported', 'upstream']
/** HTTP's own alphabet for field names, and visible text for their values. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const HEADER_FORBIDDEN = /[\u0000-\u0008\u000a-\u001f\u007f]/

/** @throws GatewayError `invalid_request` that names the place in the configuration and what to do. */
export function checkGatewayOptions(options: GatewayOptions): void {
  const result = schema.safeParse(options)
  if (!result.success) throw schemaError(result.error, [], KEYS)
  if (Object.keys(options.providers).length === 0) throw invalidRequest('providers', 'is empty; give at least one adapter')
  for (const [name, config] of Object.entries(options.providers)) checkProvider(name, config)
  for (const [name, config] of Object.entries(options.routes ?? {})) checkRoute(name, config, options)
  validateOptions(options.defaults, 'defaults')
}

export const adapterOf = (config: ProviderConfig): Adapter => ('adapter' in config ? config.adapter : config)

export function routeOptions(config: RouteConfig): RouteOptions {
  return 'targets' in config ? config : { targets: config }
}

function checkProvider(name: string, config: ProviderConfig): void {
  const adapter = adapterOf(config) as Partial<Adapter> | undefined
  if (typeof adapter?.chat !== 'function' || typeof adapter.name !== 'string' || !Array.isArray(adapter.models)) {
    throw invalidRequest(`providers.${name}`, 'is no adapter; call the factory, as in `openai()`')
  }
  if (!('adapter' in config)) return
  for (const key of Object.keys(config)) {
    if (key !== 'adapter' && key !== 'defaults') throw invalidRequest(`providers.${name}.${key}`, 'is no known option; use adapter and defaults')
  }
  for (const [header, value] of Object.entries(config.defaults?.headers ?? {})) {
    const path = formatPath(['providers', name, 'defaults', 'headers', header])
    if (!HEADER_NAME.test(header)) throw invalidRequest(path, 'is no valid header name')
    if (typeof value !== 'string' || HEADER_FORBIDDEN.test(value)) {
      throw invalidRequest(path, 'must be text without line breaks or other control characters')
    }
  }
}

function checkRoute(name: string, config: RouteConfig, options: GatewayOptions): void {
  const path = `routes.${name}`
  if (typeof config !== 'object' || config === null) throw invalidRequest(path, 'must be a list of targets, or { targets, … }')
  const { targets, strategy, ...callOptions } = routeOptions(config)
  if (!Array.isArray(targets) || targets.length === 0) throw invalidRequest(`${path}.targets`, 'must be a list with at least one "provider/model"')
  for (const key of Object.keys(callOptions)) {
    if (ROUTE_KEYS.includes(key)) continue
    const meant = suggest(key, ROUTE_KEYS)
    throw invalidRequest(`${path}.${key}`, `is no known option${meant ? `; did you mean \`${meant}\`?` : '; remove it'}`)
  }
  if (strategy !== undefined && strategy !== 'priority') throw invalidRequest(`${path}.strategy`, 'must be "priority"')
  validateOptions(callOptions, path)
  targets.forEach((target: unknown, i) => {
    const parsed = typeof target === 'string' ? parseTarget(target) : undefined
    if (!parsed) throw invalidRequest(`${path}.targets[${i}]`, 'must be "provider/model"')
    if (!Object.hasOwn(options.providers, parsed.provider)) {
      const meant = suggest(parsed.provider, Object.keys(options.providers))
      throw invalidRequest(`${path}.targets[${i}]`, `provider "${parsed.provider}" is not configured${meant ? `; did you mean "${meant}"?` : ''}`)
    }
  })
}
