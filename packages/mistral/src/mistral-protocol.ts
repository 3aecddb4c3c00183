import type { ChatChunk, Protocol, ProtocolContext } from '@turnout/core/adapter'
import { chatProtocol, type AnswerState } from '@turnout/openai-compatible'
import { createPrefixFilter, type PrefixFilter } from './prefix-filter.js'
import { mistralDialect } from './mistral-dialect.js'
import type { MistralModelRules } from './models.js'

interface MistralState extends AnswerState {
  filter?: PrefixFilter
}

/** The dialect, and what no rule says: an answer that continues a message does not begin with it again. */
export function mistralProtocol(rulesFor: (model: string) => MistralModelRules): Protocol<MistralState> {
  const chat = chatProtocol(mistralDialect(rulesFor))
  const filterFor = ({ request }: ProtocolContext): PrefixFilter | undefined =>
    createPrefixFilter(request.messages.at(-1))
  const filtered = (filter: PrefixFilter | undefined, chunks: readonly ChatChunk[]): readonly ChatChunk[] =>
    filter ? filter(chunks) : chunks
  return {
    ...chat,
    start(context) {
      const state: MistralState = chat.start(context)
      state.filter = filterFor(context)
      return state
    },
    step: (state, frame) => filtered(state.filter, chat.step(state, frame)),
    end: (state) => filtered(state.filter, chat.end(state)),
    decode: (body, context) => filtered(filterFor(context), chat.decode(body, context)),
  }
}
