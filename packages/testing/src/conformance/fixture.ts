/** What a provider package writes down about its wire, for `adapterConformance` and for its own tests. */
import type { ChatRequest, ErrorCode, FinishReason } from '@turnout/core/adapter'

interface FixtureBase {
  /** Unique within the list: it names the test case. */
  readonly name: string
  /** HTTP status of the answer. Default 200, for errors 400. */
  readonly status?: number
  /** Response headers, names in lower case. Default: the content type that fits `kind`. */
  readonly headers?: Readonly<Record<string, string>>
  /** The body as it stands on the wire, line ends included. */
  readonly body: string
  /** The provider's model id to ask. Default: the adapter's first known model. */
  readonly model?: string
  /** Fields of the request that led to this answer (tools, response format …), on top of one user message. */
  readonly request?: Omit<Partial<ChatRequest>, 'model'>
}

/** A fixture's reading; a field left out is not compared. */
export interface ExpectedAnswer {
  /** All visible text of the first choice. */
  readonly text?: string
  /** `reasoning_content` of the first choice. */
  readonly reasoning?: string
  readonly refusal?: string
  /** In order; `arguments` parsed, or the exact string. */
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: unknown }[]
  readonly finishReason?: FinishReason
  readonly nativeFinishReason?: string
  /** Model as the answer names it. */
  readonly model?: string
  /** Inclusive totals; `null`: the provider sent no usage. */
  readonly usage?: ExpectedUsage | null
  /** The answer ends in this error, after the content above. */
  readonly error?: ExpectedError
}

export interface ExpectedUsage {
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cachedTokens?: number
  readonly cacheWriteTokens?: number
  readonly reasoningTokens?: number
}

export interface ExpectedError {
  readonly code: ErrorCode
  readonly retryable?: boolean
  readonly retryAfterMs?: number
  readonly status?: number
}

/** A whole answer. */
export interface ResponseFixture extends FixtureBase {
  readonly kind: 'response'
  /** A response and a stream with the same `pair` are one answer: they must read the same. */
  readonly pair?: string
  readonly expect: ExpectedAnswer
}

/** A streamed answer. */
export interface StreamFixture extends FixtureBase {
  readonly kind: 'stream'
  readonly pair?: string
  readonly expect: ExpectedAnswer
}

/** An answer with an error status. */
export interface ErrorFixture extends FixtureBase {
  readonly kind: 'error'
  readonly expect: ExpectedError
}

export type Fixture = ResponseFixture | StreamFixture | ErrorFixture
