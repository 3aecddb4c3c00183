/** What `createGateway` takes, and its one table of defaults. */
import type { CatalogOptions } from '../contract/price.js'
import type { BreakerOptions } from '../attempts/breaker-options.js'
import type { RetryPolicy } from '../attempts/retry-decision.js'
import type { ReplayMemoryOptions } from '../context/replay-memory.js'
import type { Adapter } from '../contract/adapter.js'
import type { RequestBounds } from '../contract/request-bounds.js'
import type { RequestOptions } from '../contract/request-options.js'
import type { ResolvedOptions } from '../contract/call-context.js'
import type { StrategyConfig } from '../contract/routing.js'
import type { Logger } from '../contract/logger.js'
import type { Budgets } from '../contract/budget.js'
import type { DeadLetterOptions } from '../contract/dead-letter.js'
import type { TokenCounter } from '../contract/token-counter.js'
import type { TrafficRecorder } from '../contract/traffic.js'
import type { Limits, QueueOptions } from '../contract/limit.js'
import type { SharedLimits } from '../contract/shared-limits.js'
import type { LedgerStore } from '../contract/ledger.js'
import type { TaskClassifier, TaskClassifierOptions } from '../contract/task-classifier.js'
import type { HealthStore } from '../contract/target-health.js'
import type { ProviderDefaults } from '../pipeline/runtime.js'
import type { QualityOverrides } from '../routing/quality-table.js'
import type { Random } from '../platform/random.js'

/** An adapter, or an adapter with settings that fill what requests to it leave open. */
export type ProviderConfig =
  | Adapter
  | {
      readonly adapter: Adapter
      readonly defaults?: ProviderDefaults
      /** Where this provider processes data, in your own words, such as `eu`. For `require.region`. */
      readonly region?: string
    }
export type Providers = Readonly<Record<string, ProviderConfig>>

/** `provider/model` for a configured provider; the model id is free text, so that tomorrow's model works today. */
export type TargetName<P extends Providers> = `${keyof P & string}/${string}`

export interface RetryOptions extends Partial<RetryPolicy> {
  /** Retries at a target as a share of its other attempts, besides a small reserve. Default 0.1. */
  readonly budgetRatio?: number
}

export interface HealthOptions {
  /** Asks every provider now and then for its list of models. Default: never, health is seen in passing. */
  readonly checks?: {
    /** Between two checks of a provider, give or take a tenth, in milliseconds; 1,000 at least. */
    readonly intervalMs: number
    /** A provider that takes longer is out of reach. Default 5,000. */
    readonly timeoutMs?: number
  }
  /** Keeps what is seen of the targets. Default: this process's memory. Closed with the gateway. */
  readonly store?: HealthStore
}

/**
 * Options of a route: its targets in order, and call options for the calls that name it. Where it stands in another
 * route, what says who may answer (`require`, `maxCostUsd`, `preference: 'binding'`) still holds for its targets, and
 * its strategy orders them; the other options are those of the route that was asked for.
 */
export interface RouteOptions<Target extends string = string> extends Pick<
  RequestOptions,
  | 'maxAttempts'
  | 'timeout'
  | 'priority'
  | 'unsupported'
  | 'upstream'
  | 'hedge'
  | 'race'
  | 'fallback'
  | 'rescue'
  | 'require'
  | 'preferredProvider'
  | 'deadLetter'
  | 'maxCostUsd'
> {
  readonly targets: readonly RouteTarget<Target>[]
  /** How the targets are ordered. `priority` (the default) keeps the order given. */
  readonly strategy?: StrategyConfig
  /** `binding`: a `preferredProvider` is not only tried first, but is the only one that may answer. */
  readonly preference?: 'binding'
}

/** `provider/model`, or the name of another route, whose targets then stand here as a block in its own order. */
export type RouteTarget<Target extends string = string> =
  | Target
  | {
      readonly target: Target
      /** For the strategy `weighted`; 1 unless given, 0 is tried last. */
      readonly weight?: number
      /** Where this target processes data, if elsewhere than its provider's `region`. */
      readonly region?: string
    }

export type RouteConfig<Target extends string = string> =
  readonly RouteTarget<Target>[] | RouteOptions<Target>
export type Routes<Target extends string = string> = Readonly<Record<string, RouteConfig<Target>>>

export interface GatewayOptions<P extends Providers = Providers, R extends Routes = Routes> {
  /** Adapters by a name of your choice, which becomes the prefix in `provider/model`. */
  readonly providers: P
  /** Names of your own for ordered lists of targets. */
  readonly routes?: R
  /** Call options that hold for every call unless its route or the call itself says otherwise. */
  readonly defaults?: Omit<RequestOptions, 'requestId' | 'idempotencyKey'>
  /** When a target that fails too often is left alone; per provider and model. `false`: never. */
  readonly breaker?: Partial<BreakerOptions> | false
  /** How failed attempts are repeated at the same target. */
  readonly retry?: RetryOptions
  /** How the targets' health is seen and kept. */
  readonly health?: HealthOptions
  /**
   * Remembers signed thinking and encrypted reasoning of answers in this process, for clients that send back only
   * OpenAI's own fields; apart for each `tenant`. Default: off, messages are taken as they come.
   */
  readonly replayMemory?: true | ReplayMemoryOptions
  /** How much may go out at a time, by names of your own. What has no room waits in the queue. */
  readonly limits?: Limits
  /**
   * What several processes keep together. `limits`: the rates of the limits above, as `sharedLimits(redis)` of
   * `@turnout/redis` does. Default: each process counts for itself. Closed with the gateway.
   */
  readonly stores?: { readonly limits?: SharedLimits }
  /** Where calls wait for room under the limits, by priority and tenant. `{ maxEntries: 0 }`: nobody waits. */
  readonly queue?: QueueOptions
  /** How large requests may be: `{ maxTools, maxJsonDepth }`. Answers are bounded by the adapter's own `bounds`. */
  readonly bounds?: RequestBounds
  /** What may be spent, by names of your own. */
  readonly budgets?: Budgets
  /**
   * Keeps the account of every attempt. Default: in memory, the last 100,000. `false`: none is kept. Closed with the
   * gateway.
   */
  readonly ledger?: LedgerStore | false
  /** How calls that failed for good are kept, on routes with `deadLetter: true`. Default: in memory, for 7 days. */
  readonly deadLetters?: DeadLetterOptions
  /** Counts tokens in place of js-tiktoken: another tokenizer, or a provider's endpoint. */
  readonly tokenCounter?: TokenCounter
  /** Records the facts of every call for backtests: `recordTraffic({ path })`. Closed with the gateway. */
  readonly traffic?: TrafficRecorder
  /**
   * Prices, windows and tokenizers of models that the built-in catalog lacks or has wrong, by `adapter/model`; a source
   * that is asked for the rest; or a list of both.
   */
  readonly catalog?: CatalogOptions
  /**
   * Says what a request is about, in place of the gateway's own guess: a function, or one with a `timeoutMs` (default
   * 300). Asked only where the order of a route depends on it.
   */
  readonly classifier?: TaskClassifier | TaskClassifierOptions
  /**
   * How good models are at tasks, 0 to 1, by `adapter/model`: in place of what public benchmarks say. Either is where a
   * target begins; the more of its answers were seen, the more they count, up to a half.
   */
  readonly quality?: QualityOverrides
  /** Hears warnings, recoveries, failed calls and, at `debug`, failed attempts. `console` and pino fit. Default: silent. */
  readonly logger?: Logger
  /** The one source of chance: jitter, ids. Default `Math.random`; give a seeded one to tests. */
  readonly random?: Random
}

export const DEFAULT_OPTIONS: ResolvedOptions = {
  maxAttempts: 6,
  unsupported: 'warn',
  timeout: { totalMs: 600_000, connectMs: 10_000, idleMs: 30_000 },
}

export const DEFAULT_DRAIN_MS = 5_000
export const DEFAULT_DEAD_LETTER_TTL_MS = 7 * 24 * 3_600_000
/** What adapters and stores may take to close, after the calls; the adapters at most half of it. */
export const CLOSE_MS = 1_000
export const DEFAULT_CLASSIFIER_TIMEOUT_MS = 300
export const DEFAULT_CHECK_TIMEOUT_MS = 5_000
