/** The parts of OpenAI's Responses API that this surface reads and writes. Fields that are not named here are skipped. */

export interface WirePart {
  readonly type?: unknown
  readonly text?: unknown
  readonly refusal?: unknown
  readonly image_url?: unknown
  readonly detail?: unknown
  readonly file_id?: unknown
  readonly file_data?: unknown
  readonly file_url?: unknown
  readonly filename?: unknown
  readonly input_audio?: unknown
}

/** One item of `input`, not checked yet. */
export interface WireItem {
  readonly type?: unknown
  readonly id?: unknown
  readonly role?: unknown
  readonly content?: unknown
  readonly call_id?: unknown
  readonly name?: unknown
  readonly arguments?: unknown
  readonly output?: unknown
  readonly summary?: unknown
  readonly encrypted_content?: unknown
}

export interface OutputText {
  readonly type: 'output_text'
  readonly text: string
  readonly annotations: readonly object[]
  readonly logprobs: readonly object[]
}

export interface OutputRefusal {
  readonly type: 'refusal'
  readonly refusal: string
}

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete'

export interface MessageItem {
  readonly type: 'message'
  readonly id: string
  readonly status: ItemStatus
  readonly role: 'assistant'
  readonly content: readonly (OutputText | OutputRefusal)[]
}

export interface ReasoningItem {
  readonly type: 'reasoning'
  readonly id: string
  readonly summary: readonly { readonly type: 'summary_text'; readonly text: string }[]
  /** What the provider needs back on the next turn, in a form of ours: see `sealed-reasoning.ts`. */
  readonly encrypted_content?: string | null
}

export interface FunctionCallItem {
  readonly type: 'function_call'
  readonly id: string
  readonly status: ItemStatus
  readonly call_id: string
  readonly name: string
  readonly arguments: string
}

export type OutputItem = MessageItem | ReasoningItem | FunctionCallItem

export interface ResponsesUsage {
  readonly input_tokens: number
  readonly input_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens?: number }
  readonly output_tokens: number
  readonly output_tokens_details: { readonly reasoning_tokens: number }
  readonly total_tokens: number
}

/** A `response` object, whole or as the first and last events of a stream carry it. */
export interface ResponseObject {
  readonly id: string
  readonly object: 'response'
  /** Seconds since 1970. */
  readonly created_at: number
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed'
  readonly error: { readonly code: string; readonly message: string } | null
  readonly incomplete_details: { readonly reason: 'max_output_tokens' | 'content_filter' } | null
  readonly model: string
  readonly output: readonly OutputItem[]
  readonly usage: ResponsesUsage | null
  readonly [echoed: string]: unknown
}
