/**
 * For OpenAI a model that refuses has ended its answer in good order, `stop`; the gateway takes a refusal for filtered, as
 * other providers say it. The client's `parse()` would throw at that word instead of giving the refusal.
 */
import type { ChatChunk, Choice } from '@turnout/core'

export function withStopAtRefusals(choices: readonly Choice[]): readonly Choice[] {
  if (!choices.some(({ message }) => message.refusal)) return choices
  return choices.map((choice) =>
    choice.message.refusal && choice.finish_reason === 'content_filter'
      ? { ...choice, finish_reason: 'stop' }
      : choice,
  )
}

/** The same for a stream: one of these for each. */
export function createRefusalReader(): (chunk: ChatChunk) => ChatChunk {
  let refused: Set<number> | undefined
  return (chunk) => {
    let isChanged = false
    for (const { index, delta, finish_reason } of chunk.choices) {
      if (delta.refusal) (refused ??= new Set()).add(index)
      if (refused?.has(index) && finish_reason === 'content_filter') isChanged = true
    }
    if (!isChanged) return chunk
    const choices = chunk.choices.map((choice) =>
      refused?.has(choice.index) && choice.finish_reason === 'content_filter'
        ? { ...choice, finish_reason: 'stop' as const }
        : choice,
    )
    return { ...chunk, choices }
  }
}
