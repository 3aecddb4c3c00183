import type { ResponseFacts } from '../contract/adapter.js'
import type { AttemptBill } from '../contract/gateway-meta.js'
import type { LimitRefusal } from '../contract/limit.js'
import type { Target } from '../contract/target.js'
import type { GatewayError } from '../errors/gateway-error.js'
import type { AttemptNeed } from './learned-limits.js'

/** How an attempt ended, as the parts that learn from it see it. An abort by the caller teaches nothing: neutral. */
export type PermitOutcome = 'success' | 'failure' | 'neutral'

/** The right to make one attempt. Settled when its real outcome is known, for a stream at its end, or else cancelled. */
export interface Permit {
  /** Which of the provider's keys it is for, by its name; absent where it has one. */
  readonly key?: string | undefined
  /** The head of the answer has come. */
  heard?(facts: ResponseFacts): void
  settle(outcome: PermitOutcome, error?: GatewayError, bill?: AttemptBill): void
  /** Nothing was sent, and nothing will be: it counts nowhere. */
  cancel(): void
}

/** Why a target may not be called now, and when it may again. */
export interface Refusal {
  readonly code: 'breaker_open' | 'cooldown' | 'limit' | 'budget_exceeded'
  /** In words: what happened at this target. */
  readonly reason: string
  /** The same in fewer words, for a list of several. */
  readonly brief?: string
  /** On the clock of `performance.now()`; `Infinity` when waiting would not help. */
  readonly retryAt: number
  /** What put the target into its cooldown, or what the call fails with when nothing else is left. */
  readonly error?: GatewayError
  /** Not out, but to be asked last: its key was refused, which the next call's key may not be. */
  readonly soft: boolean
  /** The target is there, but has no room at this moment: what the queue waits for. */
  readonly room?: LimitRefusal
}

/** What an attempt asks of the keys of its target. */
export interface KeyWish {
  /** Used only where no other is free. */
  readonly avoid?: ReadonlySet<string> | undefined
  /** Set aside for it: used if it is free. */
  readonly prefer?: string | undefined
  /** Why a key may not be used for other reasons; asked for `undefined` where there is only one. */
  readonly refusal?: ((key: string | undefined) => Refusal | undefined) | undefined
  /** What it may take; asked where the provider states limits on tokens. */
  readonly need?: (() => AttemptNeed) | undefined
  /** The same at a glance, more rather than less, and enough where plenty is left; `undefined` where that cannot be told. */
  readonly roughNeed?: (() => AttemptNeed | undefined) | undefined
}

/** Stands before every target: breaker, cooldown and retry budget behind one door. */
export interface TargetGate {
  /** Why the target would be refused; asks without taking anything. */
  refusal(target: Target, wish?: KeyWish): Refusal | undefined
  /**
   * The right to call the target, or why not. A half-open breaker gives it to one caller.
   * @param despiteSoft also when the refusal would be a soft one
   */
  acquire(target: Target, despiteSoft?: boolean, wish?: KeyWish): Permit | Refusal
  /** Whether the target has a key that is free and that this call has not used. */
  hasFreshKey(target: Target): boolean
  /** Counts an attempt that is no retry: the retry budget grows with it. */
  noteFresh(target: Target): void
  /** Takes one retry from the target's budget; false when it is used up. */
  takeRetry(target: Target): boolean
}

export const isRefusal = (given: Permit | Refusal): given is Refusal => 'retryAt' in given
