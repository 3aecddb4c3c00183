/** A whole answer as the AI SDK's content. */
import type {
  LanguageModelV3Content,
  LanguageModelV3Source,
  SharedV3ProviderMetadata,
} from '@ai-sdk/provider'
import type { Annotation, ResponseMessage } from '@turnout/core'
import { KEY } from './call-settings.js'
import { exactArguments, metadataOf, type PartNotes } from './part-notes.js'

export function readAnswer(message: ResponseMessage): LanguageModelV3Content[] {
  const { content, refusal, reasoning_content: reasoning, reasoning_details: details } = message
  const parts: (LanguageModelV3Content & { providerMetadata?: SharedV3ProviderMetadata })[] = []
  const push = (part: LanguageModelV3Content, notes: PartNotes): void => {
    const providerMetadata = metadataOf(notes)
    parts.push(providerMetadata ? { ...part, providerMetadata } : part)
  }
  const calls = message.tool_calls ?? []
  // The state is the whole message's: it stands on the last part, as in a stream, where it comes last.
  let left = (content ? 1 : 0) + (refusal ? 1 : 0) + calls.length
  const last = (): PartNotes => (--left === 0 ? { providerState: message.provider_state } : {})

  if (reasoning || details || (message.provider_state && left === 0)) {
    push(
      { type: 'reasoning', text: reasoning ?? '' },
      { reasoningDetails: details, ...(left === 0 && { providerState: message.provider_state }) },
    )
  }
  if (content) push({ type: 'text', text: content }, last())
  if (refusal) push({ type: 'text', text: refusal }, { refusal: true, ...last() })
  for (const { id, function: called } of calls) {
    push(
      {
        type: 'tool-call',
        toolCallId: id,
        toolName: called.name,
        input: called.arguments === '' ? '{}' : called.arguments,
      },
      { arguments: exactArguments(called.arguments), ...last() },
    )
  }
  for (const [index, annotation] of (message.annotations ?? []).entries()) {
    const source = readSource(annotation, `source-${index}`)
    if (source) parts.push(source)
  }
  return parts
}

/** Citations of pages; others have no address, and stay with the gateway's own answer. */
export function readSource(annotation: Annotation, id: string): LanguageModelV3Source | undefined {
  const citation = (annotation.url_citation ?? annotation) as {
    readonly url?: unknown
    readonly title?: unknown
  }
  if (typeof citation.url !== 'string') return undefined
  return {
    type: 'source',
    sourceType: 'url',
    id,
    url: citation.url,
    ...(typeof citation.title === 'string' && { title: citation.title }),
    providerMetadata: { [KEY]: { annotation: annotation as never } },
  }
}
