/** USD per million tokens. Absent cache and audio prices mean that these tokens are billed like fresh text. */
export interface Price {
  readonly inputUsd: number
  readonly outputUsd: number
  readonly cacheReadUsd?: number
  readonly cacheWriteUsd?: number
  /** Prefixes written for an hour, where they cost more. */
  readonly cacheWrite1hUsd?: number
  /** Audio in the prompt that was not read from the cache. */
  readonly inputAudioUsd?: number
  readonly outputAudioUsd?: number
  /** Prices that hold instead when the whole prompt is longer than `overTokens`. */
  readonly longPrompt?: { readonly overTokens: number } & Omit<Price, 'longPrompt'>
}

export interface CatalogEntry {
  readonly price: Price
  /** Date of the price, `YYYY-MM-DD`. */
  readonly asOf?: string
  readonly source?: string
}

/** Entries by `adapter/model`, such as `openai/gpt-4.1`; yours win over the built-in ones. */
export type CatalogOverrides = Readonly<Record<string, CatalogEntry>>
