/** What Anthropic's model families take. */

export interface ClaudeFamily {
  readonly models: RegExp
  readonly maxOutputTokens: number
  /** A final assistant message is continued. */
  readonly prefill: boolean
  /** `free`: temperature 0 to 1, top_p, top_k; `fixed`: their default values only. */
  readonly sampling: 'free' | 'fixed'
  /** `thinking: { type: 'enabled', budget_tokens }` is taken. */
  readonly budgetThinking: boolean
  /** A system message may follow a user turn. */
  readonly laterSystem: boolean
}

const older = { prefill: true, sampling: 'free', budgetThinking: true, laterSystem: false } as const

/** First match wins; the last one stands for models to come. */
const FAMILIES: readonly ClaudeFamily[] = [
  { ...older, models: /^claude-3-7/, maxOutputTokens: 64_000 },
  { ...older, models: /^claude-3-5/, maxOutputTokens: 8_192 },
  { ...older, models: /^claude-3-/, maxOutputTokens: 4_096 },
  { ...older, models: /^claude-opus-4(?:-[01])?(?:-\d{8})?$/, maxOutputTokens: 32_000 },
  { ...older, models: /^claude-(?:sonnet-4(?:-0)?(?:-\d{8})?$|[a-z]+-4-5)/, maxOutputTokens: 64_000 },
  { ...older, models: /^claude-[a-z]+-4-6/, maxOutputTokens: 128_000, prefill: false },
  {
    ...older,
    models: /^claude-[a-z]+-4-7/,
    maxOutputTokens: 128_000,
    prefill: false,
    sampling: 'fixed',
    budgetThinking: false,
  },
  {
    models: /^/,
    maxOutputTokens: 128_000,
    prefill: false,
    sampling: 'fixed',
    budgetThinking: false,
    laterSystem: true,
  },
]

export function claudeFamily(model: string): ClaudeFamily {
  return FAMILIES.find(({ models }) => models.test(model)) as ClaudeFamily
}
