/** The result of routing: plain data, the same for a real call and for `explain()`. */
import type { Adapter } from './adapter.js'

/** One place that can answer: a configured provider and one of its models. */
export interface Target {
  /** Name of the provider in the config. */
  readonly provider: string
  /** The provider's own model id. */
  readonly model: string
}

/** An eligible target with what is needed to call it. */
export interface Candidate extends Target {
  readonly adapter: Adapter
  /** Neither the adapter nor the catalog knows the model: price unknown, limits conservative. */
  readonly unknownModel: boolean
}

/** What routing says of one target: taken, or left out and why. */
export interface Verdict extends Target {
  readonly eligible: boolean
  readonly reason: string
}

export interface Plan {
  /** The route's name; `null` when the request named a model itself. */
  readonly route: string | null
  readonly strategy: string
  /** In the order in which they are to be tried; never empty. */
  readonly candidates: readonly Candidate[]
  /** Every configured target of the route exactly once. */
  readonly verdicts: readonly Verdict[]
}
