/** Mistral begins the answer to a message that is to be continued with that message: what the caller has already. */
import { textOf, type ChatChunk, type ChatDelta, type ChatMessage } from '@turnout/core/adapter'

/** Takes the chunks in order and gives them back without the prefix; one for each answer. */
export type PrefixFilter = (chunks: readonly ChatChunk[]) => readonly ChatChunk[]

interface Beginning {
  /** What has come so far and may still be the prefix; `undefined` once it is clear. */
  held: string | undefined
  /** The role stood on a chunk that was held back. */
  owesRole: boolean
}

/** @param last the last message of the request; `undefined` when the answer continues nothing */
export function createPrefixFilter(last: ChatMessage | undefined): PrefixFilter | undefined {
  if (last?.role !== 'assistant' || last.tool_calls?.length) return undefined
  const prefix = textOf(last.content)
  if (prefix === '') return undefined
  const choices = new Map<number, Beginning>()
  return (chunks) => chunks.flatMap((chunk) => filterChunk(chunk, prefix, choices))
}

function filterChunk(
  chunk: ChatChunk,
  prefix: string,
  choices: Map<number, Beginning>,
): readonly ChatChunk[] {
  const [choice] = chunk.choices
  if (!choice) return [chunk]
  let beginning = choices.get(choice.index)
  if (!beginning) choices.set(choice.index, (beginning = { held: '', owesRole: false }))
  const { held } = beginning
  if (held === undefined && !beginning.owesRole) return [chunk]
  const { content, role, ...rest } = choice.delta
  const ends = choice.finish_reason !== null
  const text = (held ?? '') + (content ?? '')
  const shown = held === undefined ? text : shownOf(text, prefix, ends)
  beginning.held = shown === undefined ? text : undefined
  const hasRole = role !== undefined || beginning.owesRole
  if (!shown && Object.keys(rest).length === 0 && !ends) {
    beginning.owesRole = hasRole
    return []
  }
  beginning.owesRole = false
  const delta: ChatDelta = {
    ...(hasRole && { role: 'assistant' as const }),
    ...(shown && { content: shown }),
    ...rest,
  }
  return [{ ...chunk, choices: [{ ...choice, delta }] }]
}

/** What of a text may be shown; `undefined` while it may still become the prefix. */
function shownOf(text: string, prefix: string, ends: boolean): string | undefined {
  if (text.startsWith(prefix)) return text.slice(prefix.length)
  return ends || !prefix.startsWith(text) ? text : undefined
}
