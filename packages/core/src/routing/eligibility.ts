import type { Adapter } from '../contract/adapter.js'
import type { RequestFacts } from './request-facts.js'

/** Why a target cannot take this request; `undefined` when it can. Unknown capabilities count as present. */
export function ineligible(facts: RequestFacts, adapter: Adapter, model: string): string | undefined {
  if (facts.needsEmbeddings) return adapter.embed ? undefined : 'the adapter has no embeddings'
  const can = adapter.capabilities?.(model)
  if (!can) return undefined
  if (facts.needsTools && can.tools === false) return 'the model takes no tools'
  if (facts.needsImages && can.images === false) return 'the model takes no images'
  if (facts.needsAudio && can.audio === false) return 'the model takes no audio'
  if (facts.needsFiles && can.files === false) return 'the model takes no files'
  if (facts.needsJsonSchema && can.jsonSchema === false) return 'the model has no JSON schema output'
  return undefined
}
