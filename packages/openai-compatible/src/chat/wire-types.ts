/** Chat Completions on the wire: what is sent strictly, what is received loosely. */

export type WireContent = string | readonly object[] | null

export interface WireToolCall {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}

export interface WireMessage {
  readonly role: string
  readonly content?: WireContent
  readonly name?: string
  readonly tool_calls?: readonly WireToolCall[]
  readonly tool_call_id?: string
  readonly reasoning_content?: string
  readonly reasoning?: string
  readonly reasoning_details?: readonly object[]
}

/** The request body. Built once per attempt; hooks may change its fields. */
export interface ChatBody {
  model: string
  messages: WireMessage[]
  stream?: true
  stream_options?: object
  tools?: readonly object[]
  tool_choice?: unknown
  response_format?: object
  reasoning_effort?: string
  [field: string]: unknown
}

/** Answers, whole and chunks alike. Any field may be missing or of another type: read with care. */
export interface WireAnswer {
  readonly id?: unknown
  readonly created?: unknown
  readonly model?: unknown
  readonly choices?: unknown
  readonly usage?: unknown
  readonly error?: unknown
  readonly service_tier?: unknown
  readonly system_fingerprint?: unknown
}

export interface WireChoice {
  readonly index?: unknown
  /** In chunks; whole answers have `message`. */
  readonly delta?: unknown
  readonly message?: unknown
  readonly finish_reason?: unknown
  /** The upstream's own word, from aggregators. */
  readonly native_finish_reason?: unknown
  readonly logprobs?: unknown
  readonly error?: unknown
  readonly usage?: unknown
}

/** `delta` of a chunk or `message` of a whole answer. */
export interface WireDelta {
  readonly content?: unknown
  readonly refusal?: unknown
  readonly reasoning_content?: unknown
  readonly reasoning?: unknown
  readonly reasoning_details?: unknown
  readonly tool_calls?: unknown
  /** What calls were before `tool_calls`. */
  readonly function_call?: unknown
  readonly annotations?: unknown
}
