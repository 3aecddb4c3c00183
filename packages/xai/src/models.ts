/** What xAI's models take, one row a family. */
import type { ModelCapabilities } from '@turnout/core/adapter'
import type { ModelRules, SettingRules } from '@turnout/openai-compatible'

/** Ids current when this version was written; any other works behind the provider's prefix. */
export const XAI_MODELS = [
  'grok-4.6',
  'grok-4.5',
  'grok-4.3',
  'grok-4.20-reasoning',
  'grok-4.20-non-reasoning',
  'grok-4-1-fast-reasoning',
  'grok-4-1-fast-non-reasoning',
  'grok-4-fast-reasoning',
  'grok-4-fast-non-reasoning',
  'grok-4',
  'grok-4-0709',
  'grok-code-fast-1',
  'grok-3',
  'grok-3-mini',
  'grok-2-vision-1212',
] as const

export type XaiModel = (typeof XAI_MODELS)[number]
export type XaiModelRules = ModelRules

interface Family extends XaiModelRules {
  /** Tried in order against the id. */
  readonly match: RegExp
}

const REFUSED = { drop: 'xAI refuses it for models that reason' }
const WHILE_REASONING: SettingRules = { stop: REFUSED, presence_penalty: REFUSED, frequency_penalty: REFUSED }
const TEXT: ModelCapabilities = {
  tools: true,
  parallelTools: true,
  jsonSchema: true,
  images: false,
  audio: false,
  files: false,
  embeddings: false,
}
const SEES: ModelCapabilities = { ...TEXT, images: true }

const plain = (capabilities: ModelCapabilities): XaiModelRules => ({
  reasoning: false,
  capabilities: { ...capabilities, reasoning: false },
})
const reasons = (
  efforts: readonly string[],
  byDefault: string,
  capabilities: ModelCapabilities,
): XaiModelRules => ({
  reasoning: { efforts, default: byDefault },
  whileReasoning: WHILE_REASONING,
  capabilities: { ...capabilities, reasoning: true },
})

const FAMILIES: readonly Family[] = [
  { match: /non-reasoning/, ...plain({ ...SEES, contextTokens: 2_000_000 }) },
  { match: /^grok-3-mini/, ...reasons(['low', 'high'], 'low', { ...TEXT, contextTokens: 131_072 }) },
  { match: /^grok-3/, ...plain({ ...TEXT, contextTokens: 131_072 }) },
  { match: /^grok-2-vision/, ...plain(SEES) },
  { match: /^grok-2/, ...plain({ ...TEXT, jsonSchema: undefined }) },
  { match: /^grok-code/, ...reasons([], 'high', { ...TEXT, contextTokens: 256_000 }) },
  { match: /^grok-4\.3/, ...reasons(['none', 'low', 'medium', 'high'], 'low', SEES) },
  { match: /^grok-4\.[5-9]/, ...reasons(['low', 'medium', 'high'], 'high', SEES) },
  // Reason as much as they like: the field itself is refused.
  { match: /^grok-4\.20|^grok-4-(?:1-)?fast/, ...reasons([], 'high', { ...SEES, contextTokens: 2_000_000 }) },
  { match: /^grok-4(?:$|-)/, ...reasons([], 'high', { ...SEES, contextTokens: 256_000 }) },
]

/** A model of tomorrow: everything passes as it is. */
const UNKNOWN: XaiModelRules = {}

/**
 * What a model takes.
 * @param overrides the caller's own rules by model id; their fields win
 */
export function modelRules(
  model: string,
  overrides?: Readonly<Record<string, Partial<XaiModelRules>>>,
): XaiModelRules {
  const family = FAMILIES.find(({ match }) => match.test(model)) ?? UNKNOWN
  const own = overrides && Object.hasOwn(overrides, model) ? overrides[model] : undefined
  return own ? { ...family, ...own } : family
}
