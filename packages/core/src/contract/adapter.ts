/** What a provider adapter is to the rest of the gateway. Adapters encode, decode and classify; nothing else. */
import type { ChatRequest } from './chat-request.js'
import type { ChatChunk } from './chat-response.js'
import type { EmbeddingRequest, EmbeddingResult } from './embedding.js'
import type { Warning } from './gateway-meta.js'

/** A network event that the phase clocks need. `alive`: bytes came, content or not. */
export type AttemptMark = 'connected' | 'headers' | 'alive'

/** Facts about the HTTP answer, kept on the attempt's record. Header names in lower case. */
export interface ResponseFacts {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly providerRequestId?: string
}

/** What the engine hands an adapter for one attempt. */
export interface AttemptContext {
  readonly requestId: string
  readonly idempotencyKey?: string
  /** Name of the provider in the gateway's config, for messages. */
  readonly provider: string
  /** The provider's own model id: `request.model` may be a route's name. */
  readonly model: string
  /** Ask the provider for a stream. */
  readonly stream: boolean
  /** Aborted by the engine: the caller's abort, a clock, a lost race. The adapter then closes its socket. */
  readonly signal: AbortSignal
  /** Whoever aborts also calls `cancel()` on the source: it need not listen to the signal, which costs 10 us a call. */
  readonly cancelsSource?: true
  /** Which of the adapter's `keys` to use; absent where it has none to choose from. */
  readonly key?: string | undefined
  /** Extra request headers from the provider's `defaults`. */
  readonly headers?: Readonly<Record<string, string>>
  /** A setting that the model does not take: `warn` drops it, `error` refuses the request. */
  readonly unsupported: 'warn' | 'error'
  mark(mark: AttemptMark): void
  warn(warning: Warning): void
  response(facts: ResponseFacts): void
}

/**
 * The answer of one attempt, pulled in batches: all chunks of one network read. Rules (see `chunk-invariants.ts`):
 * errors reject `next()` after the good chunks were handed out; usage comes on a last chunk with `choices: []`.
 */
export interface ChunkSource {
  /** The next batch, never empty; `undefined` after a proven end. Rejects with a `GatewayError`. */
  next(): Promise<readonly ChatChunk[] | undefined>
  /** Closes the socket. Safe to call at any time and more than once; a pending `next()` settles. */
  cancel(reason?: unknown): void
}

/** What a model can do. Absent means unknown, which eligibility treats as yes. */
export interface ModelCapabilities {
  readonly tools?: boolean
  readonly parallelTools?: boolean
  readonly images?: boolean
  readonly audio?: boolean
  readonly files?: boolean
  readonly jsonSchema?: boolean
  /** Can think before it answers. */
  readonly reasoning?: boolean
  /** `false`: thinks only when a request asks for it. Absent: as `reasoning` says. */
  readonly reasonsUnasked?: boolean
  /** A final assistant message is continued. */
  readonly prefill?: boolean
  readonly embeddings?: boolean
  /** Refuses to answer whole: it is asked for a stream also by `chat()`, which folds it. */
  readonly streamOnly?: boolean
  readonly contextTokens?: number
  readonly maxOutputTokens?: number
  /**
   * Tokens of thinking by `reasoning_effort`, where a limit of the caller's that leaves less than `room` tokens beside
   * them is raised by them.
   */
  readonly thinkingBudgets?: {
    readonly budgets: Readonly<Record<string, number>>
    readonly room: number
  }
}

export interface ListedModel {
  readonly id: string
  readonly createdAt?: Date
  readonly displayName?: string
  readonly capabilities?: ModelCapabilities
}

export interface Adapter<Model extends string = string> {
  /** The adapter's own name (`openai`, `anthropic` …): key of `provider_options`, tag of `provider_state`. */
  readonly name: string
  /** Model ids known when this version was written; others work just as well behind the provider prefix. */
  readonly models: readonly Model[]
  /**
   * Names for its API keys, where it has several, never the keys themselves: the gateway chooses one for each attempt.
   * The same list as long as the keys are the same.
   */
  readonly keys?: readonly string[]
  /** Begins one attempt. Never throws; nothing is sent before the first `next()`. */
  chat(request: ChatRequest, attempt: AttemptContext): ChunkSource
  embed?(request: EmbeddingRequest, attempt: AttemptContext): Promise<EmbeddingResult>
  /** Asks the provider which models the key may use. */
  listModels?(attempt: AttemptContext): Promise<readonly ListedModel[]>
  capabilities?(model: string): ModelCapabilities
  /** Stands before many providers: one of them refusing a key says little about the others. */
  readonly isAggregator?: boolean
  /** Opens a connection that the next request will find ready. Must not throw. */
  warm?(): void
  /** Closes the adapter's own sockets. */
  close?(): Promise<void>
}
