/** Checks the configuration: whatever is misspelt or misshapen is named before the first call. */
import * as z from 'zod'
import type { Adapter } from '../contract/adapter.js'
import { checkSchema, formatPath, invalidRequest, unknownOption } from '../contract/describe-issue.js'
import { guardReading } from '../contract/guard-reading.js'
import { validateSettings, validateStandingOptions } from '../contract/validate-options.js'
import { checkLimits, checkQueue } from '../admission/limit-options.js'
import { checkBudgets } from '../admission/budget-options.js'
import { TASK_KINDS } from '../routing/classify-task.js'
import { checkCatalog } from './check-catalog.js'
import { checkOnly } from './check-only.js'
import { checkCycles, checkRoute } from './check-routes.js'
import { checkExperimentNames } from './check-split.js'
import { experimentsOf } from './experiments-of.js'
import type { GatewayOptions, ProviderConfig } from './gateway-options.js'
import { adapterOf } from './routing-config.js'

/** As far as a timer of the platform reaches. */
const MAX_MS = 2_147_483_647
const ms = z.number().positive().max(MAX_MS)
const LOG_METHODS = ['debug', 'info', 'warn', 'error']
const STORE_METHODS = ['record', 'qualityOf', 'read', 'readAll']
const isHealthStore = (value: unknown): boolean =>
  isRecord(value) && STORE_METHODS.every((name) => typeof value[name] === 'function')
const isTokenCounter = (value: unknown): boolean =>
  isRecord(value) && ['countText', 'countRequest'].some((name) => typeof value[name] === 'function')
const isDeadLetterStore = (value: unknown): boolean =>
  isRecord(value) && ['add', 'list', 'get', 'delete'].every((name) => typeof value[name] === 'function')
const isSealKey = (value: unknown): boolean => value instanceof Uint8Array && value.length === 32
const isSharedLimits = (value: unknown): boolean => isRecord(value) && typeof value['open'] === 'function'
const LEDGER_METHODS = ['append', 'entries', 'usage']
const isLedger = (value: unknown): boolean =>
  isRecord(value) && LEDGER_METHODS.every((name) => typeof value[name] === 'function')
const isLogger = (value: unknown): boolean =>
  isRecord(value) &&
  LOG_METHODS.every((name) => value[name] === undefined || typeof value[name] === 'function')

const schema = z.strictObject({
  providers: z.record(
    z.string().regex(/^[\w.-]+$/, 'must be a name of letters, digits, "_", "-" and "."'),
    z
      .custom(
        (value) => typeof value !== 'function',
        'must be an adapter: call the factory, as in `openai()`',
      )
      .refine((value) => isRecord(value), 'must be an adapter, or { adapter, defaults }'),
  ),
  routes: z.record(z.string().min(1), z.unknown()).optional(),
  defaults: z.unknown().optional(),
  catalog: z.unknown().optional(),
  budgets: z.unknown().optional(),
  limits: z.unknown().optional(),
  queue: z.unknown().optional(),
  bounds: z
    .strictObject({
      maxTools: z.int().positive().optional(),
      maxJsonDepth: z.int().positive().max(1_000).optional(),
    })
    .optional(),
  stores: z
    .strictObject({
      limits: z.custom(isSharedLimits, 'must be what sharedLimits(redis) of @turnout/redis gives').optional(),
    })
    .optional(),
  tokenCounter: z.custom(isTokenCounter, 'must be an object with countText or countRequest').optional(),
  quality: z
    .record(
      z.string().regex(/^[^/]+\/./, 'must be "adapter/model"'),
      z.strictObject(
        Object.fromEntries(TASK_KINDS.map((task) => [task, z.number().min(0).max(1).optional()])),
      ),
    )
    .optional(),
  classifier: z
    .union([
      z.custom((value) => typeof value === 'function', 'must be a function, or { classify, timeoutMs }'),
      z.strictObject({
        classify: z.custom((value) => typeof value === 'function', 'must be a function of the request'),
        timeoutMs: ms.optional(),
      }),
    ])
    .optional(),
  deadLetters: z
    .strictObject({
      store: z.custom(isDeadLetterStore, 'must be an object with add, list, get and delete').optional(),
      ttlMs: z.number().positive().optional(),
      maxEntries: z.int().positive().optional(),
      maxChars: z.int().positive().optional(),
      content: z
        .union([
          z.enum(['keep', 'redact']),
          z.strictObject({ sealKey: z.custom(isSealKey, 'must be 32 bytes') }),
        ])
        .optional(),
    })
    .optional(),
  traffic: z
    .custom(
      (value) => isRecord(value) && typeof value['record'] === 'function',
      'must be a recorder, as recordTraffic({ path }) gives',
    )
    .optional(),
  ledger: z
    .union([
      z.literal(false),
      z.custom(isLedger, 'must be a ledger with the methods append, entries and usage, or false'),
    ])
    .optional(),
  breaker: z
    .union([
      z.literal(false),
      z.strictObject({
        windowMs: ms.optional(),
        minRequests: z.int().positive().optional(),
        failureRatio: z.number().gt(0).max(1).optional(),
        openMs: ms.optional(),
        maxOpenMs: ms.optional(),
        probeTimeoutMs: ms.optional(),
      }),
    ])
    .optional(),
  retry: z
    .strictObject({
      maxPerTarget: z.int().positive().optional(),
      baseDelayMs: z.number().min(0).max(MAX_MS).optional(),
      maxDelayMs: z.number().min(0).max(MAX_MS).optional(),
      maxRetryAfterWaitMs: z
        .strictObject({ withFallback: z.number().min(0).max(MAX_MS), last: z.number().min(0).max(MAX_MS) })
        .optional(),
      budgetRatio: z.number().min(0).optional(),
    })
    .optional(),
  health: z
    .strictObject({
      checks: z
        .strictObject({ intervalMs: z.number().min(1_000).max(MAX_MS), timeoutMs: ms.optional() })
        .optional(),
      store: z
        .custom(isHealthStore, 'must be an object with the methods record, qualityOf, read and readAll')
        .optional(),
    })
    .optional(),
  replayMemory: z
    .union([
      z.literal(true),
      z.strictObject({
        maxEntries: z.int().positive().optional(),
        maxChars: z.int().positive().optional(),
      }),
    ])
    .optional(),
  logger: z
    .custom(isLogger, 'must be an object with the methods debug, info, warn, error (each may be absent)')
    .optional(),
  random: z
    .custom((value) => typeof value === 'function', 'must be a function that gives numbers in [0, 1)')
    .optional(),
})
/** All that `createGateway` takes. */
export const OPTION_NAMES: readonly string[] = Object.keys(schema.shape)
const PROVIDER_KEYS = ['adapter', 'defaults', 'region']
/** HTTP's own alphabet for field names, and what may stand in their values. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** @throws GatewayError `invalid_request` that names the place in the configuration and what to do. */
export function checkGatewayOptions(options: GatewayOptions): void {
  guardReading(
    options,
    [],
    () => {
      if (!isRecord(options))
        throw invalidRequest(
          'options',
          'must be an object with providers, as in { providers: { openai: openai() } }',
        )
      checkSchema(schema, options, [])
      const { providers, routes = {}, defaults } = options as GatewayOptions
      if (Object.keys(providers).length === 0)
        throw invalidRequest('providers', 'must not be empty; give at least one adapter')
      for (const [name, config] of entries(providers, 'providers')) checkProvider(name, config)
      for (const [name, config] of entries(routes, 'routes')) checkRoute(name, config, options)
      checkCycles(routes)
      checkExperimentNames(experimentsOf(routes))
      checkCatalog(options.catalog, ['catalog'])
      if (options.budgets !== undefined) {
        checkBudgets(options.budgets)
        checkOnly(options.budgets, 'budgets', options)
      }
      if (options.limits !== undefined) {
        checkLimits(options.limits)
        checkOnly(options.limits, 'limits', options)
      }
      if (options.queue !== undefined) checkQueue(options.queue)
      validateStandingOptions(defaults, 'defaults')
    },
    'options',
  )
}

function entries<T>(record: Readonly<Record<string, T>>, path: string): readonly (readonly [string, T])[] {
  if (Object.hasOwn(record, '__proto__')) throw invalidRequest(`${path}.__proto__`, 'is no name; remove it')
  return Object.entries(record)
}

function checkProvider(name: string, config: ProviderConfig): void {
  const adapter = adapterOf(config) as Partial<Adapter> | undefined
  if (
    typeof adapter?.chat !== 'function' ||
    typeof adapter.name !== 'string' ||
    !Array.isArray(adapter.models)
  ) {
    throw invalidRequest(`providers.${name}`, 'is no adapter; call the factory, as in `openai()`')
  }
  if (!('adapter' in config)) return
  for (const key of Object.keys(config)) {
    if (!PROVIDER_KEYS.includes(key))
      throw invalidRequest(`providers.${name}.${key}`, unknownOption(key, PROVIDER_KEYS))
  }
  if (config.region !== undefined && (typeof config.region !== 'string' || config.region === ''))
    throw invalidRequest(`providers.${name}.region`, 'must be a name, such as "eu"')
  if (config.defaults === undefined) return
  const path = ['providers', name, 'defaults']
  if (!isRecord(config.defaults))
    throw invalidRequest(formatPath(path), 'must be an object of request fields and headers')
  const { headers, ...settings } = config.defaults
  validateSettings(settings, path)
  if (headers !== undefined) checkHeaders(headers, [...path, 'headers'])
}

function checkHeaders(headers: unknown, path: readonly string[]): void {
  if (!isRecord(headers)) throw invalidRequest(formatPath(path), 'must be an object of names and values')
  for (const [name, value] of Object.entries(headers)) {
    if (!HEADER_NAME.test(name)) {
      throw invalidRequest(
        formatPath([...path, name]),
        'is no valid header name; use letters, digits and "-"',
      )
    }
    if (typeof value !== 'string' || !HEADER_VALUE.test(value)) {
      throw invalidRequest(
        formatPath([...path, name]),
        'must be Latin text without line breaks or other control characters',
      )
    }
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
