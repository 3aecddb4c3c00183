/** What a call would do and why, without doing it. */
import type { ErrorCode } from '../errors/error-code.js'
import type { TargetEstimate } from './estimate.js'
import type { DecisionTrace } from './gateway-meta.js'
import type { LimitRefusal } from './limit.js'
import type { RequestFacts, TaskGuess } from './routing.js'
import type { TargetHealth } from './target-health.js'
import type { Verdict } from './target.js'

/** A limit that has no room at this moment: for the call, or for an attempt at a target. */
export interface ExplainedLimit extends Omit<LimitRefusal, 'granted'> {
  /** In words, with what to do. */
  readonly message: string
}

/** One target of the name that was asked for. */
export interface ExplainedTarget extends Verdict {
  /** 1 is asked first; `null` for a target that is left out. */
  readonly rank: number | null
  readonly estimate: Omit<TargetEstimate, 'provider' | 'model'>
  /** The state that routing judged by. */
  readonly health: TargetHealth
  /** Why its budget, breaker, cooldown, limit or `fallback: false` would pass it over at this moment. */
  readonly blocked?: string
  /** The limit that has no room for an attempt there. Where all targets lack room, the call waits for the first. */
  readonly limit?: ExplainedLimit
  /**
   * In words: a call would count the prompt first, and may find room that the bounds do not show. Then `blocked` is
   * absent, and a `reason` for leaving the target out is not the last word.
   */
  readonly undecided?: string
}

/** The decisions that a call would begin with. `candidates`: every target once, in the order planned. */
export interface Explanation extends Pick<DecisionTrace, 'requested' | 'route' | 'strategy'> {
  readonly candidates: readonly ExplainedTarget[]
  readonly facts: RequestFacts
  readonly task: TaskGuess
  /** The limit of calls that it would have to wait for, in the queue where there is one. */
  readonly limit?: ExplainedLimit
  /**
   * What the call would fail with: nothing is eligible, budgets have no room for anything that is, or it is larger than
   * a limit ever allows. Absent where one of
   * them is `undecided`. A call whose candidates are out by breakers and cooldowns fails too, or waits for the first.
   */
  readonly error?: { readonly code: ErrorCode; readonly message: string }
}
