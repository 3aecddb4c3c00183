export interface TurnoutOptions {
  /** `provider` of the models, for telemetry. Default `turnout`. */
  readonly name?: string
  /**
   * Addresses that go to the provider as they are, by media type; the AI SDK downloads all others and sends their bytes.
   * Default: none, since not every target of a route takes addresses.
   */
  readonly supportedUrls?: Readonly<Record<string, RegExp[]>>
  /** Texts in one call of `embedMany`. Default 2,048, which the adapters cut into what their providers take. */
  readonly maxEmbeddingsPerCall?: number
}
