/** OpenRouter's own routing among the providers of a model; see https://openrouter.ai/docs/features/provider-routing. */
export interface ProviderPreferences {
  /** Providers to try first, in this order. */
  readonly order?: readonly string[]
  readonly only?: readonly string[]
  readonly ignore?: readonly string[]
  /** `false`: no other provider than those named; use it where Turnout's own routing is to be exact. */
  readonly allow_fallbacks?: boolean
  /** Only providers that take every parameter of the request; set for you where tools or a schema are asked for. */
  readonly require_parameters?: boolean
  /** `deny`: only providers that do not keep prompts. */
  readonly data_collection?: 'allow' | 'deny'
  /** Only endpoints with zero data retention. */
  readonly zdr?: boolean
  readonly sort?: 'price' | 'throughput' | 'latency'
  /** In USD per million tokens. */
  readonly max_price?: { readonly prompt?: number; readonly completion?: number }
  readonly quantizations?: readonly string[]
}
