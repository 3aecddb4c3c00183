/** What routing decides by: facts of the request, the state of the targets, and the strategies that order them. */
import type { Random } from '../platform/random.js'
import type { Range } from './estimate.js'
import type { SplitStrategy } from './experiment.js'
import type { AllRequirements, RequestOptions } from './request-options.js'
import type { Standing } from './target-health.js'
import type { Target } from './target.js'

/** What a request is about, as far as can be told from outside. */
export type TaskKind =
  'code' | 'reasoning' | 'maths' | 'creative' | 'extraction' | 'summary' | 'translation' | 'chat'

export type Complexity = 'simple' | 'moderate' | 'complex'

export interface TaskGuess {
  readonly task: TaskKind
  readonly complexity: Complexity
  /** 0 to 1. */
  readonly confidence: number
}

/** What routing may know of a request: facts, never text. */
export interface RequestFacts extends Pick<
  RequestOptions,
  'preferredProvider' | 'maxCostUsd' | 'session' | 'tenant' | 'tags'
> {
  readonly require?: AllRequirements
  /** The `model` of the request. */
  readonly model: string
  readonly call: 'chat' | 'stream' | 'object' | 'embed'
  readonly needsTools: boolean
  readonly needsImages: boolean
  readonly needsAudio: boolean
  readonly needsFiles: boolean
  readonly needsJsonSchema: boolean
  /** UTF-16 units of all texts: three times as many bytes is more than they can have. */
  readonly textLength: number
  /** The request's own limit on its answer. */
  readonly maxOutputTokens?: number
}

/**
 * The targets as they are at the moment of planning, for one request. Read lazily: a strategy pays for what it asks.
 * The same state gives the same plan.
 */
export interface RoutingState {
  standing(target: Target): Standing
  /** The median of the last minutes: to the first content for streams, to the end for whole answers. */
  latencyMs(target: Target): number | undefined
  /** 0 to 1, of the last minutes. */
  errorRate(target: Target): number | undefined
  /** 0 to 1, for the task of this request. */
  quality(target: Target): number | undefined
  /** Attempts of this process that are under way. */
  inFlight(target: Target): number
  /**
   * How much is left of what its provider states that it takes, 0 to 1, of the key that has most; 1 where nothing is
   * stated.
   */
  roomShare(target: Target): number
  /** What one attempt would cost; `null` when the price is unknown. */
  costUsd(target: Target): Range | null
  /** What the prompt would count for at this target. */
  inputTokens(target: Target): Range
  task(): TaskGuess
  /** Who answered this session last, and what a cached prompt there saves; `undefined` when nobody did lately. */
  sessionTarget(): (Target & { readonly cacheSavesUsd: number }) | undefined
  /** The moment of planning, in milliseconds since 1970. */
  nowMs(): number
  /** Whether a guard has taken an arm out of its experiment. */
  isArmStopped(experiment: string, arm: string): boolean
}

/** What a strategy of yours is given besides the targets. */
export interface StrategyContext {
  readonly facts: RequestFacts
  readonly state: RoutingState
  readonly random: Random
}

/**
 * A strategy of your own: the targets in the order in which they are to be tried. A pure function of what it is given.
 * What it leaves out is left out of the plan; what it makes up is ignored.
 * @example
 * const nightOwl: StrategyFunction = (targets, { facts }) => facts.tags?.batch ? [...targets].toReversed() : targets
 */
export type StrategyFunction = (
  targets: readonly (Target & { readonly region?: string })[],
  context: StrategyContext,
) => readonly Target[]

/** How much each term of a score counts; absent ones do not. */
export interface ScoreWeights {
  /** The cheapest for this request is 1, one of twice its price 0.5. An unknown price is 0. */
  readonly cost?: number
  /** The fastest is 1, one of twice its median 0.5. Unknown is 0.5, so that new targets get their chance. */
  readonly latency?: number
  /** Of the answers seen and of your feedback, over the table of qualities per task. */
  readonly quality?: number
  /** The share of attempts that did not fail; 0 for a target out of reach. */
  readonly health?: number
  /** 1 for an idle target, 0.5 with one attempt under way. */
  readonly load?: number
}

/** The strategies that need no settings. */
export type StrategyName =
  | 'priority'
  | 'weighted'
  | 'lowest-cost'
  | 'lowest-latency'
  | 'least-busy'
  | 'sticky'
  | 'score'
  | 'explore'
  | 'by-complexity'

/** How the targets of a route are ordered. `base` orders what the strategy itself leaves open. */
export type StrategyConfig =
  | StrategyName
  | { readonly type: 'score'; readonly weights: ScoreWeights }
  | { readonly type: 'sticky'; readonly base?: BaseStrategy }
  | {
      readonly type: 'explore'
      /** Share of the calls that go to another target than the best, 0 to 1. Default 0.05. */
      readonly share?: number
      readonly base?: BaseStrategy
    }
  | {
      readonly type: 'by-task'
      /** The target or nested route to be tried first for a task; other tasks keep the order given. */
      readonly tasks: Readonly<Partial<Record<TaskKind, string>>>
    }
  | SplitStrategy
  | StrategyFunction

/** A strategy that orders what another one leaves open: all but the one that counts who comes where. */
export type BaseStrategy = Exclude<StrategyConfig, SplitStrategy>
