import { expect } from 'vitest'
import type { Annotation, ChatChunk, ProviderState, Usage } from '@turnout/core/adapter'

export interface Folded {
  readonly id: string
  readonly model: string
  text: string
  reasoning: string
  finish: string | null
  native: string | undefined
  toolCalls: { id: string; name: string; arguments: string }[]
  annotations: Annotation[]
  state: ProviderState | undefined
  logprobs: number
  usage: Usage | undefined
}

/** One choice's chunks as one answer; holds the rules that every sequence of chunks must keep. */
export function foldChunks(chunks: readonly ChatChunk[], index = 0): Folded {
  const [first] = chunks
  const folded: Folded = {
    id: first?.id ?? '',
    model: first?.model ?? '',
    text: '',
    reasoning: '',
    finish: null,
    native: undefined,
    toolCalls: [],
    annotations: [],
    state: undefined,
    logprobs: 0,
    usage: undefined,
  }
  let opened = false
  chunks.forEach((chunk, at) => {
    expect([chunk.id, chunk.created, chunk.model]).toEqual([first?.id, first?.created, first?.model])
    if (chunk.usage) {
      expect(chunk.choices).toEqual([])
      expect(at).toBe(chunks.length - 1)
      folded.usage = chunk.usage
    }
    for (const choice of chunk.choices) {
      if (choice.index !== index) continue
      expect(folded.finish, 'nothing after the finish reason').toBeNull()
      const { delta } = choice
      expect(delta.role).toBe(opened ? undefined : 'assistant')
      opened = true
      folded.text += delta.content ?? ''
      folded.reasoning += delta.reasoning_content ?? ''
      folded.annotations.push(...(delta.annotations ?? []))
      folded.state = delta.provider_state ?? folded.state
      folded.logprobs += choice.logprobs?.content?.length ?? 0
      for (const piece of delta.tool_calls ?? []) {
        const known = folded.toolCalls[piece.index]
        if (known) known.arguments += piece.function?.arguments ?? ''
        else {
          expect(piece.index).toBe(folded.toolCalls.length)
          expect(piece.id).toBeTruthy()
          expect(piece.function?.name).toBeTruthy()
          folded.toolCalls.push({
            id: String(piece.id),
            name: String(piece.function?.name),
            arguments: piece.function?.arguments ?? '',
          })
        }
      }
      folded.finish = choice.finish_reason
      folded.native = choice.native_finish_reason
    }
  })
  return folded
}
