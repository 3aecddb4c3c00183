/** What a model takes over the Responses API, as data: the table is the vendor's package's, one row a family. */
export interface ResponsesModelRules {
  /**
   * `false`: never reasons. `efforts`: the words it takes, others are moved to the nearest; empty: it reasons, and the
   * field is refused. `default`: what it does without the field; `none` means that it does not reason.
   */
  readonly reasoning: false | { readonly efforts: readonly string[]; readonly default: string }
  /**
   * When a readable summary of the reasoning is asked for: with an effort that the caller set, or whenever the
   * model reasons. OpenAI answers 400 to summaries for organisations that it has not verified.
   */
  readonly summary: 'never' | 'asked' | 'on'
  /** `temperature`, `top_p` and `logprobs` are taken while the model reasons. */
  readonly samplingWhileReasoning: boolean
  readonly verbosity: boolean
  /** The setting is taken; a model that calls one tool at a time may refuse it. */
  readonly parallelToolCalls: boolean
  readonly images: boolean
  readonly files: boolean
  /** `cache_control` becomes `prompt_cache_breakpoint`; elsewhere caching is automatic and needs no mark. */
  readonly cacheBreakpoints: boolean
  readonly systemRole: 'developer' | 'system'
  readonly userField: 'safety_identifier' | 'user'
}
