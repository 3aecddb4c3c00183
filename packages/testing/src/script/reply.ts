/** The script language: what a mock adapter or an emulator answers, in words of no vendor. */
import type { ErrorCode, FinishReason, JsonObject } from '@turnout/core/adapter'

export interface ScriptedToolCall {
  readonly name: string
  /** An object, or the exact string that is to stand on the wire. Default: no arguments. */
  readonly arguments?: JsonObject | string
  /** Default: made up in the vendor's form. */
  readonly id?: string
}

/** Token counts as inclusive totals: input holds cache reads and writes, output holds reasoning. */
export interface ScriptedUsage {
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cachedTokens?: number
  readonly cacheWriteTokens?: number
  readonly reasoningTokens?: number
}

/** When things happen, in milliseconds. Everything is 0 (at once) when left out. */
export interface Pacing {
  /** Before the status line. */
  readonly headersDelayMs?: number
  /** Between the headers and the first content. */
  readonly firstTokenDelayMs?: number
  /** Between two chunks of content. */
  readonly chunkDelayMs?: number
  /** Characters in a chunk. Default: a chunk is a word. */
  readonly chunkSize?: number
  /** Sends the vendor's keep-alive this often during delays and stalls. Default: never. */
  readonly pingEveryMs?: number
}

/**
 * An answer. Without anything it is an empty `stop`. Chunks are counted over reasoning, text, refusal and tool
 * calls together, in this order; a streamed tool call is one chunk for its name and one for each argument fragment.
 */
export interface AnswerReply extends Pacing {
  /** The visible text; a list is sent chunk by chunk exactly as it stands. */
  readonly text?: string | readonly string[]
  /** Shown where the vendor shows it (and was asked to); counted in any case. */
  readonly reasoning?: string | readonly string[]
  readonly toolCalls?: readonly ScriptedToolCall[]
  readonly refusal?: string
  /** Counts that are left out are estimated from lengths; `null`: no usage is sent. */
  readonly usage?: ScriptedUsage | null
  /** Default: what follows from the content. */
  readonly finishReason?: FinishReason
  /** The model as the answer names it. Default: as the request does. */
  readonly model?: string
  /** Further response headers. */
  readonly headers?: Readonly<Record<string, string>>

  /** The connection ends after so many chunks. */
  readonly cut?: {
    readonly afterChunks: number
    /** `end`: HTTP says the body is complete (default); `fin`: the socket closes in the open body; `reset`: RST. */
    readonly how?: 'end' | 'fin' | 'reset'
    /** Half of the next event is sent before the end. */
    readonly insideEvent?: boolean
  }
  /** Nothing more comes after so many chunks (keep-alives do, with `pingEveryMs`). */
  readonly stall?: {
    readonly afterChunks: number
    /** The answer goes on after it. Default: never. */
    readonly forMs?: number
  }
  /** This chunk (counted from 1) is sent as broken JSON; what stood in it is lost. */
  readonly brokenChunk?: number
  /** An error instead of the rest, under status 200; after 0 chunks it is the first thing in the stream. */
  readonly errorEvent?: {
    readonly afterChunks: number
    readonly error: ScriptedErrorCode
    readonly message?: string
  }
  /** `false`: everything comes, but the vendor's last event (`[DONE]`, `message_stop` …) does not. */
  readonly endMark?: boolean
  /** The body trickles: so many bytes (default 1) at a time. Emulators only. */
  readonly drip?: { readonly bytes?: number; readonly everyMs: number }
}

/** What can go wrong at a provider. Emulators answer with the vendor's own status and body for it. */
export type ScriptedErrorCode = Extract<
  ErrorCode,
  | 'invalid_request'
  | 'authentication'
  | 'permission'
  | 'not_found'
  | 'rate_limited'
  | 'quota_exhausted'
  | 'context_length'
  | 'content_filtered'
  | 'timeout'
  | 'overloaded'
  | 'upstream_error'
>

/** An answer with an error status. */
export interface ErrorReply {
  readonly error: ScriptedErrorCode
  readonly message?: string
  /** Default: the vendor's status for this error. */
  readonly status?: number
  /** Told in the vendor's way: header or body. */
  readonly retryAfterMs?: number
  /** Further response headers, such as a `retry-after` with rubbish in it. */
  readonly headers?: Readonly<Record<string, string>>
  readonly headersDelayMs?: number
}

/**
 * Something that is no answer at all:
 * - `reset`: the connection breaks before a byte comes back,
 * - `silence`: accepted and never answered,
 * - `headers-only`: status 200, then nothing,
 * - `empty`: status 200 (or `status`) without a body,
 * - `html`: a proxy's page with 200 (or `status`),
 * - `truncated`: status 200 and JSON that stops half-way.
 */
export interface FaultReply {
  readonly fault: 'reset' | 'silence' | 'headers-only' | 'empty' | 'html' | 'truncated'
  readonly status?: number
  readonly headersDelayMs?: number
}

/** A text alone stands for an answer with this text. */
export type Reply = string | AnswerReply | ErrorReply | FaultReply

export type ReplyKind =
  | { readonly kind: 'answer'; readonly reply: AnswerReply }
  | { readonly kind: 'error'; readonly reply: ErrorReply }
  | { readonly kind: 'fault'; readonly reply: FaultReply }

export function kindOf(reply: Reply): ReplyKind {
  if (typeof reply === 'string') return { kind: 'answer', reply: { text: reply } }
  if ('error' in reply) return { kind: 'error', reply }
  if ('fault' in reply) return { kind: 'fault', reply }
  return { kind: 'answer', reply }
}
