/** Embeddings: OpenAI's shape. */
import type { JsonObject } from './json.js'
import type { RequestOptions } from './request-options.js'
import type { GatewayMeta } from './gateway-meta.js'

export interface EmbeddingRequest<Model extends string = string> {
  readonly model: Model
  readonly input: string | readonly string[]
  /** Size of the vectors, where the model lets one choose. */
  readonly dimensions?: number
  /** `base64` is little-endian float32. Default `float`. */
  readonly encoding_format?: 'float' | 'base64'
  readonly user?: string
  readonly provider_options?: Readonly<Record<string, JsonObject>>
  readonly gateway?: RequestOptions
}

export interface Embedding {
  readonly object: 'embedding'
  /** Position in `input`. */
  readonly index: number
  readonly embedding: readonly number[] | string
}

export interface EmbeddingUsage {
  readonly prompt_tokens: number
  readonly total_tokens: number
}

/** What an adapter gives back: vectors as numbers, in the order of the input. */
export interface EmbeddingResult {
  readonly model: string
  readonly vectors: readonly (readonly number[])[]
  /** Absent when the provider counts nothing. */
  readonly usage?: EmbeddingUsage
}

export interface EmbeddingResponse {
  readonly object: 'list'
  readonly model: string
  readonly data: readonly Embedding[]
  readonly usage: EmbeddingUsage
  readonly gateway: GatewayMeta
}
