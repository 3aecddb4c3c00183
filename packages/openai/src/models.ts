/** What OpenAI's models take, one row a family. Unknown ids get what the youngest of their kind take. */
import type { ModelCapabilities } from '@turnout/core/adapter'
import type { ModelRules, SettingRules } from '@turnout/openai-compatible'

/** Ids current when this version was written; any other works behind the provider's prefix. */
export const OPENAI_MODELS = [
  'gpt-6.1-sol',
  'gpt-6.1-terra',
  'gpt-6-sol',
  'gpt-6-luna',
  'gpt-6-astra',
  'gpt-5.6',
  'gpt-5.6-sol',
  'gpt-5.6-terra',
  'gpt-5.6-luna',
  'gpt-5.5',
  'gpt-5.5-pro',
  'gpt-5.4',
  'gpt-5.4-mini',
  'gpt-5.4-nano',
  'gpt-5.3-chat-latest',
  'gpt-5.2',
  'gpt-5.2-pro',
  'gpt-5.2-chat-latest',
  'gpt-5.1',
  'gpt-5.1-mini',
  'gpt-5.1-codex',
  'gpt-5.1-codex-max',
  'gpt-5.1-chat-latest',
  'gpt-5',
  'gpt-5-mini',
  'gpt-5-nano',
  'gpt-5-pro',
  'gpt-5-codex',
  'gpt-5-chat-latest',
  'gpt-4.1',
  'gpt-4.1-mini',
  'gpt-4.1-nano',
  'gpt-4o',
  'gpt-4o-mini',
  'gpt-4o-search-preview',
  'gpt-4o-mini-search-preview',
  'gpt-4o-audio-preview',
  'gpt-4o-mini-audio-preview',
  'chatgpt-4o-latest',
  'gpt-4-turbo',
  'gpt-4',
  'gpt-3.5-turbo',
  'o1',
  'o1-pro',
  'o3',
  'o3-mini',
  'o3-pro',
  'o3-deep-research',
  'o4-mini',
  'o4-mini-deep-research',
  'codex-mini-latest',
  'computer-use-preview',
  'text-embedding-3-large',
  'text-embedding-3-small',
  'text-embedding-ada-002',
] as const

export type OpenAIModel = (typeof OPENAI_MODELS)[number]

/** Rules of a model for both APIs. */
export interface OpenAIModelRules extends ModelRules {
  /** Served by the Responses API only. */
  readonly responsesOnly?: boolean
  /** Chat Completions refuses function tools while the model reasons. */
  readonly noToolsWhileReasoningInChat?: boolean
}

interface Family extends OpenAIModelRules {
  /** Tried in order against the id, a fine-tune's base included. */
  readonly match: RegExp
}

const WHILE_REASONING = { drop: 'it is not taken while the model reasons' }
const REASONING_TAKES_NO: SettingRules = {
  temperature: WHILE_REASONING,
  top_p: WHILE_REASONING,
  presence_penalty: WHILE_REASONING,
  frequency_penalty: WHILE_REASONING,
  logit_bias: WHILE_REASONING,
  logprobs: WHILE_REASONING,
  top_logprobs: WHILE_REASONING,
  stop: WHILE_REASONING,
}
const NO_VERBOSITY: SettingRules = { verbosity: { drop: 'only gpt-5 and later take it' } }
const O_SERIES: SettingRules = {
  ...NO_VERBOSITY,
  parallel_tool_calls: { drop: 'o-series models call one tool at a time' },
}
const SEARCH: SettingRules = {
  ...NO_VERBOSITY,
  temperature: { drop: 'search models take no sampling settings' },
  top_p: { drop: 'search models take no sampling settings' },
}

const can = (
  contextTokens: number,
  maxOutputTokens: number,
  differences: ModelCapabilities = {},
): ModelCapabilities => ({
  tools: true,
  parallelTools: true,
  images: true,
  audio: false,
  files: true,
  jsonSchema: true,
  reasoning: false,
  prefill: false,
  embeddings: false,
  contextTokens,
  maxOutputTokens,
  ...differences,
})
const OLD = { files: false, jsonSchema: false }
const TEXT_ONLY = { ...OLD, images: false }
const GPT_5 = can(400_000, 128_000, { reasoning: true })
/** Window and output limit of these are not sure enough to stand here. */
const GPT_5_4: ModelCapabilities = { ...GPT_5, contextTokens: undefined, maxOutputTokens: undefined }
const O_MODEL = can(200_000, 100_000, { reasoning: true, parallelTools: false })

const LOW_TO_HIGH = ['low', 'medium', 'high']
const LOW_TO_XHIGH = [...LOW_TO_HIGH, 'xhigh']
const LOW_TO_MAX = [...LOW_TO_XHIGH, 'max']

const reasoner = (
  efforts: readonly string[],
  byDefault: string,
  rest: OpenAIModelRules,
): OpenAIModelRules => ({
  systemRole: 'developer',
  whileReasoning: REASONING_TAKES_NO,
  ...rest,
  reasoning: { efforts, default: byDefault },
})
const plain = (capabilities: ModelCapabilities, settings: SettingRules = NO_VERBOSITY): OpenAIModelRules => ({
  reasoning: false,
  settings,
  capabilities,
})
/** From gpt-5.4 on: reasoning and tools together in Responses only. */
const latest = (efforts: readonly string[], byDefault: string): OpenAIModelRules =>
  reasoner(efforts, byDefault, { noToolsWhileReasoningInChat: true, capabilities: GPT_5_4 })
/** From gpt-5.6 on, besides: explicit marks for the prompt cache. */
const marked = (efforts: readonly string[]): OpenAIModelRules => ({
  ...latest(efforts, 'medium'),
  cacheMark: 'prompt_cache_breakpoint',
})
const responsesOnly = (
  efforts: readonly string[],
  byDefault: string,
  capabilities: ModelCapabilities,
): OpenAIModelRules =>
  reasoner(efforts, byDefault, { responsesOnly: true, noToolsWhileReasoningInChat: true, capabilities })

const FAMILIES: readonly Family[] = [
  { match: /^text-embedding-/, ...plain({ embeddings: true, tools: false, contextTokens: 8_192 }, {}) },

  { match: /^gpt-(?:4o-.*)?audio/, ...plain(can(128_000, 16_384, { ...TEXT_ONLY, audio: true })) },
  {
    match: /^gpt-4o(?:-mini)?-search/,
    ...plain(can(128_000, 16_384, { tools: false, images: false, files: false }), SEARCH),
  },
  { match: /^chatgpt-4o/, ...plain(can(128_000, 16_384, { tools: false, jsonSchema: false })) },
  { match: /^gpt-4o-2024-05-13/, ...plain(can(128_000, 4_096, { jsonSchema: false })) },
  { match: /^gpt-4o/, ...plain(can(128_000, 16_384)) },
  { match: /^gpt-4\.1/, ...plain(can(1_047_576, 32_768)) },
  { match: /^gpt-4\.5/, ...plain(can(128_000, 16_384)) },
  { match: /^gpt-4-(?:turbo|vision)/, ...plain(can(128_000, 4_096, OLD)) },
  { match: /^gpt-4-(?:1106|0125)/, ...plain(can(128_000, 4_096, TEXT_ONLY)) },
  { match: /^gpt-4-32k/, ...plain(can(32_768, 32_768, TEXT_ONLY)) },
  { match: /^gpt-4(?:-0\d{3})?$/, ...plain(can(8_192, 8_192, TEXT_ONLY)) },
  { match: /^gpt-3\.5/, ...plain(can(16_385, 4_096, TEXT_ONLY)) },

  { match: /deep-research/, ...responsesOnly(['medium'], 'medium', O_MODEL) },
  { match: /^(?:o1|o3)-pro/, ...responsesOnly(LOW_TO_HIGH, 'medium', O_MODEL) },
  { match: /^codex-mini/, ...responsesOnly(LOW_TO_HIGH, 'medium', O_MODEL) },
  { match: /^computer-use/, ...responsesOnly([], 'medium', O_MODEL) },
  {
    match: /^o1-(?:mini|preview)/,
    ...reasoner([], 'medium', {
      systemRole: 'user',
      settings: O_SERIES,
      capabilities: can(128_000, 32_768, {
        ...TEXT_ONLY,
        tools: false,
        parallelTools: false,
        reasoning: true,
      }),
    }),
  },
  {
    match: /^o3-mini/,
    ...reasoner(LOW_TO_HIGH, 'medium', {
      settings: O_SERIES,
      capabilities: { ...O_MODEL, images: false, files: false },
    }),
  },
  { match: /^o\d/, ...reasoner(LOW_TO_HIGH, 'medium', { settings: O_SERIES, capabilities: O_MODEL }) },

  { match: /^gpt-5(?:\.\d+)?-chat/, ...plain(can(128_000, 16_384), {}) },
  { match: /^gpt-\d+(?:\.\d+)?-chat/, ...plain({}, {}) },
  { match: /^gpt-5-pro/, ...responsesOnly(['high'], 'high', GPT_5) },
  { match: /^gpt-5\.\d+-pro/, ...responsesOnly(['medium', 'high', 'xhigh'], 'medium', GPT_5_4) },
  { match: /^gpt-5(?:\.1)?-codex(?:-mini)?(?:-\d|$)/, ...responsesOnly(LOW_TO_HIGH, 'medium', GPT_5) },
  { match: /^gpt-5\.\d+-codex/, ...responsesOnly(LOW_TO_XHIGH, 'medium', GPT_5) },
  { match: /^gpt-5(?:-|$)/, ...reasoner(['minimal', ...LOW_TO_HIGH], 'medium', { capabilities: GPT_5 }) },
  { match: /^gpt-5\.1/, ...reasoner(['none', ...LOW_TO_HIGH], 'none', { capabilities: GPT_5 }) },
  { match: /^gpt-5\.[23]/, ...reasoner(['none', ...LOW_TO_XHIGH], 'none', { capabilities: GPT_5 }) },
  { match: /^gpt-5\.4/, ...latest(['none', ...LOW_TO_XHIGH], 'none') },
  { match: /^gpt-5\.5/, ...latest(['none', 'minimal', ...LOW_TO_XHIGH], 'medium') },
  { match: /^gpt-5\.6/, ...marked(['none', ...LOW_TO_MAX]) },
  { match: /^gpt-(?:6-astra|6\.1-sol)/, ...marked(LOW_TO_MAX) },
  { match: /^gpt-6/, ...marked(['none', ...LOW_TO_MAX]) },
  // Of a model of tomorrow only this is sure: it reasons.
  { match: /^gpt-(?:[5-9]|[1-9]\d)/, ...marked(['none', 'minimal', ...LOW_TO_MAX]) },
]

/** An id that is none of OpenAI's, such as a deployment's name: everything passes as it is. */
const UNKNOWN: OpenAIModelRules = {}

/**
 * What a model takes. A fine-tune (`ft:gpt-4.1-mini:org::id`) takes what its base takes.
 *
 * @param overrides the caller's own rules by model id; their fields win
 */
export function modelRules(
  model: string,
  overrides?: Readonly<Record<string, Partial<OpenAIModelRules>>>,
): OpenAIModelRules {
  const base = model.startsWith('ft:') ? (model.split(':')[1] ?? model) : model
  const family = FAMILIES.find(({ match }) => match.test(base)) ?? UNKNOWN
  const own = overrides && Object.hasOwn(overrides, model) ? overrides[model] : undefined
  return own ? { ...family, ...own } : family
}
