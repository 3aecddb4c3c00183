/** The Messages API on the wire, as far as this adapter reads and writes it. */

export interface WireCacheControl {
  readonly type: 'ephemeral'
  readonly ttl?: '5m' | '1h'
}

/** A content block of a request. Ours are built fresh for each request, so that cache marks may be set on them. */
export interface WireBlock {
  readonly type: string
  cache_control?: WireCacheControl
  readonly [field: string]: unknown
}

export interface WireMessage {
  readonly role: 'user' | 'assistant' | 'system'
  readonly content: string | readonly WireBlock[]
}

export interface WireTool {
  readonly name: string
  readonly description?: string
  readonly input_schema: object
  readonly strict?: boolean
  cache_control?: WireCacheControl
}

export interface WireToolChoice {
  readonly type: 'auto' | 'any' | 'tool' | 'none'
  readonly name?: string
  readonly disable_parallel_tool_use?: boolean
}

type Count = number | null

/** Input counts are disjoint: cache reads and writes are not in `input_tokens`. */
export interface WireUsage {
  readonly input_tokens?: Count
  readonly output_tokens?: Count
  readonly cache_creation_input_tokens?: Count
  readonly cache_read_input_tokens?: Count
  readonly cache_creation?: {
    readonly ephemeral_5m_input_tokens?: Count
    readonly ephemeral_1h_input_tokens?: Count
  } | null
  readonly output_tokens_details?: { readonly thinking_tokens?: Count } | null
  readonly service_tier?: string | null
  readonly iterations?: readonly (WireUsage & { readonly type?: string })[] | null
}

/** A block of an answer; all fields of all kinds, since new kinds appear without notice. */
export interface AnswerBlock {
  readonly type: string
  readonly text?: string
  readonly citations?: readonly WireCitation[] | null
  readonly thinking?: string
  readonly signature?: string
  readonly data?: string
  readonly id?: string
  readonly name?: string
  readonly input?: unknown
  readonly caller?: { readonly type?: string } | null
  readonly [field: string]: unknown
}

export interface WireCitation {
  readonly type: string
  readonly url?: string
  readonly title?: string | null
  readonly cited_text?: string
  readonly [field: string]: unknown
}

export interface WireAnswer {
  readonly type?: string
  readonly id?: string
  readonly model?: string
  readonly content?: readonly AnswerBlock[]
  readonly stop_reason?: string | null
  readonly stop_details?: StopDetails | null
  readonly usage?: WireUsage | null
}

/** On `stop_reason: 'refusal'`. */
export interface StopDetails {
  readonly type?: string
  readonly category?: string | null
  readonly explanation?: string | null
}

export interface BlockDelta {
  readonly type: string
  readonly text?: string
  readonly thinking?: string
  readonly signature?: string
  readonly partial_json?: string
  readonly citation?: WireCitation
}

/** One event of a stream; `type` says which fields it has. */
export interface WireEvent {
  readonly type: string
  readonly index?: number
  readonly message?: WireAnswer
  readonly content_block?: AnswerBlock
  readonly delta?: BlockDelta & {
    readonly stop_reason?: string | null
    readonly stop_details?: StopDetails | null
  }
  readonly usage?: WireUsage | null
}

export interface WireError {
  readonly type?: string
  readonly message?: string
  readonly details?: { readonly error_code?: string } | null
}
