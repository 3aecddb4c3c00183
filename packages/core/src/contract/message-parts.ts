/** Parts that answers carry beyond text and tool calls, and that go back to the provider with the next turn. */

/** One piece of reasoning; the shape that OpenRouter established. */
export interface ReasoningDetail {
  readonly type: 'reasoning.text' | 'reasoning.summary' | 'reasoning.encrypted' | (string & {})
  readonly text?: string
  readonly summary?: string
  /** Opaque bytes of `reasoning.encrypted`. */
  readonly data?: string
  readonly signature?: string
  readonly id?: string
  readonly index?: number
  readonly format?: string
}

/** A citation or other note on the text. `url_citation` is OpenAI's; other types keep the provider's fields. */
export interface Annotation {
  readonly type: string
  readonly [field: string]: unknown
}

/**
 * The provider's own blocks of one assistant message, kept only where the standard fields would lose something
 * (signed thinking, thought signatures, encrypted reasoning). Opaque: store it with the message and hand it back.
 * It is replayed verbatim to the same adapter and origin while `digest` still matches the message, else dropped.
 */
export interface ProviderState {
  readonly v: 1
  /** Adapter name, such as `anthropic`. */
  readonly adapter: string
  /** `*` when it is not known, as of blocks that came back through the provider's own format. */
  readonly model: string
  /** Origin of the base URL that answered, such as `https://api.anthropic.com`; `*` when it is not known. */
  readonly origin: string
  readonly blocks: readonly unknown[]
  /** Over the standard fields of the message that the blocks stand for. */
  readonly digest: string
}
