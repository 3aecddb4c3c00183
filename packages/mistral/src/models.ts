/** What Mistral's models take, one row a family. */
import type { ModelCapabilities } from '@turnout/core/adapter'
import type { ModelRules } from '@turnout/openai-compatible'

/** Ids current when this version was written; any other works behind the provider's prefix. */
export const MISTRAL_MODELS = [
  'mistral-large-latest',
  'mistral-large-2512',
  'mistral-medium-latest',
  'mistral-medium-3-5',
  'mistral-medium-2508',
  'mistral-small-latest',
  'mistral-small-2603',
  'ministral-14b-latest',
  'ministral-14b-2512',
  'ministral-8b-latest',
  'ministral-8b-2512',
  'ministral-3b-latest',
  'ministral-3b-2512',
  'magistral-medium-latest',
  'magistral-small-latest',
  'codestral-latest',
  'codestral-2508',
  'devstral-latest',
  'devstral-2512',
  'voxtral-small-latest',
  'voxtral-mini-latest',
  'pixtral-large-latest',
  'open-mistral-nemo',
  'mistral-embed',
  'codestral-embed',
] as const

export type MistralModel = (typeof MISTRAL_MODELS)[number]

export interface MistralModelRules extends ModelRules {
  /** Asked to reason by `prompt_mode: 'reasoning'` instead of an effort. */
  readonly reasonsByPromptMode?: boolean
}

interface Family extends MistralModelRules {
  /** Tried in order against the id, a fine-tune's base included. */
  readonly match: RegExp
}

const can = (contextTokens: number | undefined, differences: ModelCapabilities = {}): ModelCapabilities => ({
  tools: true,
  parallelTools: true,
  images: true,
  audio: false,
  jsonSchema: true,
  reasoning: false,
  prefill: true,
  embeddings: false,
  contextTokens,
  ...differences,
})
const TEXT_ONLY: ModelCapabilities = { images: false }
const EMBEDS: ModelCapabilities = {
  embeddings: true,
  tools: false,
  images: false,
  audio: false,
  files: false,
}

const plain = (capabilities: ModelCapabilities): MistralModelRules => ({ reasoning: false, capabilities })
/** Reasoning is off unless an effort is asked for; its thinking goes back as parts of the message. */
const adjustable = (contextTokens: number): MistralModelRules => ({
  reasoning: { efforts: ['none', 'high'], default: 'none' },
  replayReasoning: { field: 'reasoning_content' },
  capabilities: can(contextTokens, { reasoning: true }),
})

const FAMILIES: readonly Family[] = [
  { match: /-embed\b/, ...plain({ ...EMBEDS, contextTokens: 8_192 }) },
  {
    match: /^magistral/,
    reasonsByPromptMode: true,
    reasoning: { efforts: [], default: 'high' },
    replayReasoning: { field: 'reasoning_content' },
    capabilities: can(131_072, { reasoning: true }),
  },
  { match: /^mistral-small-(?:latest|2603)/, ...adjustable(262_144) },
  { match: /^mistral-medium-(?:latest|3[.-]5)/, ...adjustable(262_144) },

  { match: /^mistral-large-(?:latest|2512)/, ...plain(can(262_144)) },
  { match: /^mistral-large/, ...plain(can(131_072, TEXT_ONLY)) },
  { match: /^mistral-medium/, ...plain(can(131_072)) },
  // The first small model with eyes is 2503.
  { match: /^mistral-small-(?:24|2501)/, ...plain(can(32_768, TEXT_ONLY)) },
  { match: /^mistral-small/, ...plain(can(131_072)) },
  { match: /^ministral-(?:14b|8b-(?:latest|2512))/, ...plain(can(262_144)) },
  { match: /^ministral-3b-(?:latest|2512)/, ...plain(can(131_072)) },
  { match: /^ministral/, ...plain(can(131_072, TEXT_ONLY)) },
  { match: /^pixtral/, ...plain(can(131_072)) },
  { match: /^voxtral/, ...plain(can(32_768, { images: false, audio: true })) },
  { match: /^codestral/, ...plain(can(256_000, TEXT_ONLY)) },
  { match: /^devstral-(?:latest|2512)/, ...plain(can(262_144, TEXT_ONLY)) },
  { match: /^devstral/, ...plain(can(undefined, TEXT_ONLY)) },
  { match: /^open-mistral-nemo/, ...plain(can(131_072, TEXT_ONLY)) },
  { match: /^open-(?:mistral|mixtral)/, ...plain(can(undefined, TEXT_ONLY)) },
]

/** A model of tomorrow, or another vendor's that is hosted there: everything passes as it is. */
const UNKNOWN: MistralModelRules = {}

/**
 * What a model takes. A fine-tune (`ft:ministral-3b-latest:org:suffix`) takes what its base takes, an experiment
 * (`labs-devstral-small-2512`) what its family takes.
 *
 * @param overrides the caller's own rules by model id; their fields win
 */
export function modelRules(
  model: string,
  overrides?: Readonly<Record<string, Partial<MistralModelRules>>>,
): MistralModelRules {
  const base = model.startsWith('ft:') ? (model.split(':')[1] ?? model) : model.replace(/^labs-/, '')
  const family = FAMILIES.find(({ match }) => match.test(base)) ?? UNKNOWN
  const own = overrides && Object.hasOwn(overrides, model) ? overrides[model] : undefined
  return own ? { ...family, ...own } : family
}
