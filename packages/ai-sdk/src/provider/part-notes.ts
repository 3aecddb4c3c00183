/**
 * What a part of an answer carries for the next turn, under `providerMetadata.turnout`. The AI SDK hands it back as the
 * part's `providerOptions`, so that a conversation keeps signatures and the exact text of arguments.
 */
import type { JSONObject, SharedV3ProviderMetadata, SharedV3ProviderOptions } from '@ai-sdk/provider'
import type { ProviderState, ReasoningDetail } from '@turnout/core'
import { KEY } from './call-settings.js'

export interface PartNotes {
  /** Signed or encrypted reasoning, as it came. */
  readonly reasoningDetails?: readonly ReasoningDetail[]
  /** Of the whole message; on its last part. */
  readonly providerState?: ProviderState
  /** A tool call's arguments where JSON would write them differently. */
  readonly arguments?: string
  /** The text is a refusal. */
  readonly refusal?: true
}

/** `undefined` where there is nothing to tell. Notes are JSON: they survive a database between two turns. */
export function metadataOf(notes: PartNotes): SharedV3ProviderMetadata | undefined {
  for (const name in notes) {
    if (notes[name as keyof PartNotes] !== undefined) return { [KEY]: notes as JSONObject }
  }
  return undefined
}

export const notesOn = (part: { readonly providerOptions?: SharedV3ProviderOptions }): PartNotes =>
  part.providerOptions?.[KEY] ?? {}

/** The arguments, if `JSON.stringify(JSON.parse(text))` is another text: the digest of a state is over the first one. */
export function exactArguments(text: string): string | undefined {
  if (text === '') return undefined // none, which is `{}`
  try {
    return JSON.stringify(JSON.parse(text)) === text ? undefined : text
  } catch {
    return text
  }
}
