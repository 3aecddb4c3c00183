import type { LanguageModelV3 } from '@ai-sdk/provider'
import type { AttemptContext, ChatRequest } from '@turnout/core/adapter'

/** One attempt at one model. */
export interface ModelCall {
  readonly model: LanguageModelV3
  readonly adapter: string
  readonly request: ChatRequest
  readonly attempt: AttemptContext
}
