import type { ChatDelta } from '@turnout/core/adapter'

/** Deltas of one choice as one, in their order. A tool call must not come in two of them. */
export function joinDeltas(deltas: readonly (ChatDelta | undefined)[]): ChatDelta | undefined {
  let joined: ChatDelta | undefined
  for (const delta of deltas) {
    if (!delta) continue
    joined =
      joined === undefined
        ? delta
        : {
            ...joined,
            ...delta,
            ...textOfBoth('content', joined, delta),
            ...textOfBoth('reasoning_content', joined, delta),
            ...listOfBoth('reasoning_details', joined, delta),
            ...listOfBoth('annotations', joined, delta),
            ...listOfBoth('tool_calls', joined, delta),
          }
  }
  return joined
}

const textOfBoth = (key: 'content' | 'reasoning_content', a: ChatDelta, b: ChatDelta): ChatDelta =>
  a[key] && b[key] ? { [key]: a[key] + b[key] } : {}

const listOfBoth = (
  key: 'reasoning_details' | 'annotations' | 'tool_calls',
  a: ChatDelta,
  b: ChatDelta,
): ChatDelta => (a[key] && b[key] ? { [key]: [...a[key], ...b[key]] } : {})
