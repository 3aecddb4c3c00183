/** The result of routing: plain data, the same for a real call and for `explain()`. */
import type { Adapter } from './adapter.js'
import type { Target, Verdict } from './target.js'

/** An eligible target with what is needed to call it. */
export interface Candidate extends Target {
  readonly adapter: Adapter
  /** Neither the adapter nor the catalog knows the model: price unknown, limits conservative. */
  readonly unknownModel: boolean
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
