import { isRecord, type CallJson, type ListedModel } from '@turnout/core/adapter'
import { capabilitiesFor, type ModelRules } from './models.js'

/** The API's largest page; the list has some dozens of models. */
const PAGE_SIZE = 1_000
const MAX_PAGES = 20

/** Asks `/v1/models`, page by page. */
export async function listModels(
  callJson: CallJson,
  rulesFor: (model: string) => ModelRules,
): Promise<readonly ListedModel[]> {
  const models: ListedModel[] = []
  let after = ''
  for (let page = 0; page < MAX_PAGES; page++) {
    // oxlint-disable-next-line no-await-in-loop -- each page names the next
    const answer = await callJson({ method: 'GET', path: `/v1/models?limit=${PAGE_SIZE}${after}` })
    if (!isRecord(answer) || !Array.isArray(answer['data'])) break
    for (const entry of answer['data'])
      if (isRecord(entry) && typeof entry['id'] === 'string')
        models.push(listed(entry['id'], entry, rulesFor))
    const last = answer['last_id']
    if (answer['has_more'] !== true || typeof last !== 'string') break
    after = `&after_id=${encodeURIComponent(last)}`
  }
  return models
}

function listed(
  id: string,
  entry: Record<string, unknown>,
  rulesFor: (model: string) => ModelRules,
): ListedModel {
  const {
    display_name: displayName,
    created_at: createdAt,
    max_input_tokens: contextTokens,
    max_tokens: maxOutputTokens,
  } = entry
  const released = typeof createdAt === 'string' ? new Date(createdAt) : undefined
  return {
    id,
    ...(released && !Number.isNaN(released.getTime()) && { createdAt: released }),
    ...(typeof displayName === 'string' && { displayName }),
    // What the server says of its own limits is newer than our table.
    capabilities: {
      ...capabilitiesFor(rulesFor(id)),
      ...(typeof contextTokens === 'number' && { contextTokens }),
      ...(typeof maxOutputTokens === 'number' && { maxOutputTokens }),
    },
  }
}
