/** Thinking in Anthropic's words, and as the one word that every provider is asked with. */
import type { ChatRequest } from '@turnout/core'
import type { JsonRecord } from '../read-json.js'
import { isGiven, recordIn, textIn } from './read-value.js'

export interface ReadThinking {
  readonly fields: Pick<ChatRequest, 'reasoning_effort'>
  /** As the client said it; `null` keeps the adapter from saying what the client did not. */
  readonly own: { readonly thinking: JsonRecord | null; readonly output_config: JsonRecord }
  /** Whether thinking is to be seen in the answer, when it bears no signature. */
  readonly isShown: boolean
}

/** Budgets up to here, in tokens, are this effort; larger ones are `high`. */
const EFFORTS = [
  [4_096, 'low'],
  [12_288, 'medium'],
] as const

/** @throws SurfaceFault */
export function readThinking(thinking: unknown, config: unknown): ReadThinking {
  const own = isGiven(thinking) ? recordIn(thinking, 'thinking') : null
  const { format: _format, effort, ...rest } = isGiven(config) ? recordIn(config, 'output_config') : {}
  const word = isGiven(effort) ? textIn(effort, 'output_config.effort') : undefined
  const asked = own === null ? word : effortOf(own, word)
  return {
    fields: asked === undefined ? {} : { reasoning_effort: asked },
    own: { thinking: own, output_config: { ...rest, effort: word ?? null } },
    isShown: (own?.['type'] === 'enabled' || own?.['type'] === 'adaptive') && own['display'] !== 'omitted',
  }
}

function effortOf(own: JsonRecord, word: string | undefined): string | undefined {
  switch (own['type']) {
    case 'disabled':
      return 'none'
    case 'enabled': {
      const budget = own['budget_tokens']
      if (typeof budget !== 'number') return word
      return word ?? EFFORTS.find(([tokens]) => budget <= tokens)?.[1] ?? 'high'
    }
    case 'adaptive':
      return word ?? 'medium'
    default:
      return word
  }
}
