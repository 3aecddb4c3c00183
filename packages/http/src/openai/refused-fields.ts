/** Fields that OpenAI's API has and nobody here serves: to leave them out in silence would change what the answer is. */
import type { JsonRecord } from '../read-json.js'
import { refuse } from '../surface-fault.js'

const REFUSED: readonly (readonly [string, string])[] = [
  ['functions', 'are not served; use tools'],
  ['function_call', 'is not served; use tool_choice'],
  ['audio', 'is not served: answers are text'],
  ['web_search_options', "is not served; a provider's own fields go under provider_options"],
]

/** @throws SurfaceFault 400 that names the field */
export function refuseFields(body: JsonRecord): void {
  for (const [field, why] of REFUSED) {
    const value = body[field]
    if (value !== undefined && value !== null) throw refuse(field, why)
  }
  const { modalities } = body
  if (Array.isArray(modalities) && modalities.some((one) => one !== 'text'))
    throw refuse('modalities', 'may only be ["text"] here')
}
