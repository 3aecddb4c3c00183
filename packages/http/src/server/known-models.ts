/** Models that may be a label: any text behind a known prefix is a model, and clients choose it. */
import type { Target } from '@turnout/core'

const MOST = 500
const OTHER = 'other'

export interface KnownModels {
  /** This one has answered, or stands in the configuration. */
  learn(target: Target): void
  /** The model, or `other`. */
  labelOf(target: Target): string
}

export function createKnownModels(): KnownModels {
  const known = new Set<string>()
  const keyOf = ({ provider, model }: Target): string => `${provider}/${model}`
  return {
    learn(target) {
      if (known.size < MOST) known.add(keyOf(target))
    },
    labelOf: (target) => (known.has(keyOf(target)) ? target.model : OTHER),
  }
}
