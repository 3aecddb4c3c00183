/** What Qwen's models take, one row a family. */
import type { ModelCapabilities } from '@turnout/core/adapter'
import type { ModelRules } from '@turnout/openai-compatible'

/** Ids current when this version was written; any other works behind the provider's prefix. */
export const QWEN_MODELS = [
  'qwen3.6-plus',
  'qwen3.6-flash',
  'qwen3.5-plus',
  'qwen3.5-flash',
  'qwen3-max',
  'qwen3-vl-plus',
  'qwen3-vl-flash',
  'qwen3-coder-plus',
  'qwen3-coder-flash',
  'qwen3-235b-a22b',
  'qwen3-235b-a22b-thinking-2507',
  'qwen3-235b-a22b-instruct-2507',
  'qwen3-32b',
  'qwen3-omni-flash',
  'qwen-max',
  'qwen-plus',
  'qwen-flash',
  'qwen-turbo',
  'qwen-long',
  'qwen-vl-max',
  'qwen-vl-plus',
  'qwq-plus',
  'text-embedding-v4',
  'text-embedding-v3',
] as const

export type QwenModel = (typeof QWEN_MODELS)[number]

export interface QwenModelRules extends ModelRules {
  /** Thinking is switched by `enable_thinking`; absent: it cannot be. */
  readonly thinkingSwitch?: boolean
}

interface Family extends QwenModelRules {
  /** Tried in order against the id. */
  readonly match: RegExp
}

const TEXT: ModelCapabilities = { tools: true, images: false, audio: false, files: false, embeddings: false }
const SEES: ModelCapabilities = { ...TEXT, images: true }
const EMBEDS: ModelCapabilities = {
  embeddings: true,
  tools: false,
  images: false,
  audio: false,
  files: false,
}
/** Their words become a budget of tokens. */
const EFFORTS = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max']

const plain = (capabilities: ModelCapabilities): QwenModelRules => ({
  reasoning: false,
  capabilities: { ...capabilities, reasoning: false },
})
/** @param streamOnly its thinking is refused in whole answers, so it is always asked for a stream */
const switchable = (on: boolean, capabilities: ModelCapabilities, streamOnly = false): QwenModelRules => ({
  thinkingSwitch: true,
  reasoning: { efforts: ['none', ...EFFORTS], default: on ? 'high' : 'none' },
  capabilities: { ...capabilities, reasoning: true, ...(streamOnly && { streamOnly: true }) },
})
/** Cannot stop; takes no response_format meanwhile, so a schema is put into the instructions. */
const alwaysThinks = (capabilities: ModelCapabilities): QwenModelRules => ({
  reasoning: { efforts: EFFORTS, default: 'high' },
  schemaInInstructions: true,
  capabilities: { ...capabilities, reasoning: true, streamOnly: true },
})
/** From before JSON Schema: it is put into the instructions. */
const NO_SCHEMA = { schemaInInstructions: true }

const FAMILIES: readonly Family[] = [
  { match: /^text-embedding-/, capabilities: EMBEDS },
  { match: /^qwq/, ...alwaysThinks(TEXT) },
  { match: /^qvq/, ...alwaysThinks({ ...SEES, tools: false }) },
  { match: /-vl.*-thinking\b/, ...alwaysThinks(SEES) },
  { match: /-thinking\b/, ...alwaysThinks(TEXT) },
  { match: /-vl.*-instruct\b/, ...plain(SEES) },
  { match: /-omni/, ...NO_SCHEMA, ...switchable(false, { ...SEES, audio: true }, true) },
  { match: /^qwen3-coder/, ...plain({ ...TEXT, contextTokens: 1_000_000 }) },
  { match: /^qwen3-.*-instruct\b/, ...plain(TEXT) },
  { match: /^qwen3-vl-(?:plus|flash)/, ...switchable(false, SEES) },
  { match: /^qwen3-max/, ...switchable(false, { ...TEXT, contextTokens: 262_144 }) },
  // The open models think by default, and only in streams.
  { match: /^qwen3-(?:\d|next)/, ...switchable(true, TEXT, true) },
  { match: /^qwen3\.\d+-/, ...switchable(true, { ...SEES, contextTokens: 1_000_000 }) },
  { match: /^qwen-vl/, ...NO_SCHEMA, ...plain(SEES) },
  { match: /^qwen-long/, ...NO_SCHEMA, ...plain({ ...TEXT, contextTokens: 10_000_000 }) },
  { match: /^qwen-(?:plus|flash)/, ...switchable(false, { ...TEXT, contextTokens: 1_000_000 }) },
  { match: /^qwen-turbo/, ...switchable(false, TEXT) },
  { match: /^qwen-max/, ...plain(TEXT) },
  { match: /^qwen(?:1\.5|2|2\.5)-.*-?vl/, ...NO_SCHEMA, ...plain(SEES) },
  { match: /^qwen(?:1\.5|2|2\.5)-/, ...NO_SCHEMA, ...plain(TEXT) },
]

/** A model of tomorrow, or another vendor's that is hosted there: everything passes as it is. */
const UNKNOWN: QwenModelRules = {}

/**
 * What a model takes.
 * @param overrides the caller's own rules by model id; their fields win
 */
export function modelRules(
  model: string,
  overrides?: Readonly<Record<string, Partial<QwenModelRules>>>,
): QwenModelRules {
  const family = FAMILIES.find(({ match }) => match.test(model)) ?? UNKNOWN
  const own = overrides && Object.hasOwn(overrides, model) ? overrides[model] : undefined
  return own ? { ...family, ...own } : family
}
