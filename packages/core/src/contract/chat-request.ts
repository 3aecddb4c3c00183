/**
 * The request: OpenAI's chat completion shape as a strict superset. Snake case is the wire's; what is ours sits
 * under `gateway` (camel case) and `provider_options`.
 */
import type { JsonObject, JsonSchema } from './json.js'
import type { RequestOptions } from './request-options.js'
import type { ProviderState, ReasoningDetail, Annotation } from './message-parts.js'

/** Marks the end of a cacheable prefix; applied where the provider has explicit prompt caching. */
export interface CacheControl {
  readonly type: 'ephemeral'
  readonly ttl?: '5m' | '1h'
}

/**
 * Extra fields for one adapter, by adapter name; applied only when that adapter is chosen. On a part or a tool they stand
 * beside what the adapter makes of it; those of a part with a `type` stand in its place. Who rewrites one drops them.
 */
export type ProviderOptions = Readonly<Record<string, JsonObject>>

export interface TextPart {
  readonly type: 'text'
  readonly text: string
  readonly cache_control?: CacheControl
  readonly provider_options?: ProviderOptions
}

export interface ImagePart {
  readonly type: 'image_url'
  /** `url` is an https URL or a data URI (`data:image/png;base64,…`). */
  readonly image_url: { readonly url: string; readonly detail?: 'auto' | 'low' | 'high' }
  readonly cache_control?: CacheControl
  readonly provider_options?: ProviderOptions
}

export interface AudioPart {
  readonly type: 'input_audio'
  /** `data` is bare base64. */
  readonly input_audio: { readonly data: string; readonly format: 'wav' | 'mp3' | (string & {}) }
  readonly cache_control?: CacheControl
}

export interface FilePart {
  readonly type: 'file'
  /** One of: `file_data` (a data URI, with `filename`), `file_id` (uploaded before), `file_url` (https). */
  readonly file: {
    readonly file_data?: string
    readonly filename?: string
    readonly file_id?: string
    readonly file_url?: string
  }
  readonly cache_control?: CacheControl
  readonly provider_options?: ProviderOptions
}

export interface RefusalPart {
  readonly type: 'refusal'
  readonly refusal: string
}

export type UserPart = TextPart | ImagePart | AudioPart | FilePart

export interface SystemMessage {
  /** The two are interchangeable: each adapter sends the one its model wants. */
  readonly role: 'system' | 'developer'
  readonly content: string | readonly TextPart[]
  readonly name?: string
  readonly cache_control?: CacheControl
}

export interface UserMessage {
  readonly role: 'user'
  readonly content: string | readonly UserPart[]
  readonly name?: string
  readonly cache_control?: CacheControl
}

export interface AssistantMessage {
  readonly role: 'assistant'
  readonly content?: string | readonly (TextPart | RefusalPart)[] | null
  readonly refusal?: string | null
  readonly name?: string
  readonly tool_calls?: readonly ToolCall[]
  /** Reasoning as display text. */
  readonly reasoning_content?: string | null
  readonly reasoning_details?: readonly ReasoningDetail[]
  readonly annotations?: readonly Annotation[]
  /** The provider's own blocks: hand them back untouched, see {@link ProviderState}. */
  readonly provider_state?: ProviderState
  readonly cache_control?: CacheControl
}

export interface ToolMessage {
  readonly role: 'tool'
  readonly tool_call_id: string
  readonly content: string | readonly UserPart[]
  /** The tool failed: `content` tells how. Passed on where the provider has a flag for it. */
  readonly is_error?: boolean
  readonly cache_control?: CacheControl
}

export type ChatMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage

export interface ToolCall {
  readonly id: string
  readonly type: 'function'
  /** `arguments` is the provider's exact string: JSON as a rule, cut off when the answer hit its length limit. */
  readonly function: { readonly name: string; readonly arguments: string }
}

export interface Tool {
  readonly type: 'function'
  readonly function: {
    readonly name: string
    readonly description?: string
    /** JSON Schema of the arguments; absent means no arguments. */
    readonly parameters?: JsonSchema
    readonly strict?: boolean | null
  }
  readonly cache_control?: CacheControl
  readonly provider_options?: ProviderOptions
}

export type ToolChoice =
  'auto' | 'none' | 'required' | { readonly type: 'function'; readonly function: { readonly name: string } }

export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema'
      readonly json_schema: {
        readonly name: string
        readonly description?: string
        readonly schema?: JsonSchema
        readonly strict?: boolean | null
      }
    }

/** Known words; a provider's other words pass through where it has them. */
export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | (string & {})

/**
 * One chat request. `model` is a route, `provider/model` or a known model id.
 *
 * The objects in it must not be changed until the call has settled: the pipeline keeps them, it does not copy.
 */
export interface ChatRequest<Model extends string = string> {
  readonly model: Model
  readonly messages: readonly ChatMessage[]
  readonly temperature?: number | null
  readonly top_p?: number | null
  readonly top_k?: number | null
  /** The most tokens to generate, reasoning included. `max_tokens` is the older name for the same. */
  readonly max_completion_tokens?: number | null
  readonly max_tokens?: number | null
  readonly stop?: string | readonly string[] | null
  readonly seed?: number | null
  readonly n?: number | null
  readonly presence_penalty?: number | null
  readonly frequency_penalty?: number | null
  readonly logit_bias?: Readonly<Record<string, number>> | null
  readonly logprobs?: boolean | null
  readonly top_logprobs?: number | null
  readonly tools?: readonly Tool[]
  readonly tool_choice?: ToolChoice
  readonly parallel_tool_calls?: boolean
  readonly response_format?: ResponseFormat
  readonly reasoning_effort?: ReasoningEffort | null
  readonly verbosity?: 'low' | 'medium' | 'high' | null
  readonly service_tier?: string | null
  readonly prompt_cache_key?: string
  readonly store?: boolean | null
  readonly metadata?: Readonly<Record<string, string>> | null
  readonly user?: string
  /** Only `stream()` streams; here for OpenAI's shape, `true` is refused by `chat()`. */
  readonly stream?: boolean | null
  readonly stream_options?: { readonly include_usage?: boolean } | null
  /** Extra body fields for one adapter, by adapter name; applied only when that adapter is chosen. */
  readonly provider_options?: ProviderOptions
  /** Call options that travel with the request; the second argument of `chat` and `stream` wins over them. */
  readonly gateway?: RequestOptions
}
