import {
  isRecord,
  type AttemptContext,
  type CallJson,
  type ListedModel,
  type ModelCapabilities,
} from '@turnout/core/adapter'
import { bareModelId } from './models.js'

const PAGE_SIZE = 1_000
/** Far more than there are; a server that repeats its page token must not hold us. */
const MAX_PAGES = 50

/** The models that the key may use, page by page. */
export async function listModels(
  _attempt: AttemptContext,
  callJson: CallJson,
): Promise<readonly ListedModel[]> {
  const models: ListedModel[] = []
  let pageToken: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = `pageSize=${PAGE_SIZE}${pageToken === undefined ? '' : `&pageToken=${encodeURIComponent(pageToken)}`}`
    const answer = await callJson({ method: 'GET', path: `/models?${query}` })
    if (!isRecord(answer)) break
    if (Array.isArray(answer.models)) models.push(...answer.models.flatMap(readModel))
    const next = answer.nextPageToken
    if (typeof next !== 'string' || next === '' || next === pageToken) break
    pageToken = next
  }
  return models
}

function readModel(entry: unknown): ListedModel[] {
  if (!isRecord(entry) || typeof entry.name !== 'string') return []
  const { displayName } = entry
  const capabilities = readCapabilities(entry)
  return [
    { id: bareModelId(entry.name), ...(typeof displayName === 'string' && { displayName }), capabilities },
  ]
}

function readCapabilities(entry: Record<string, unknown>): ModelCapabilities {
  const { inputTokenLimit, outputTokenLimit, supportedGenerationMethods: methods, thinking } = entry
  return {
    ...(typeof inputTokenLimit === 'number' && { contextTokens: inputTokenLimit }),
    ...(typeof outputTokenLimit === 'number' && { maxOutputTokens: outputTokenLimit }),
    ...(typeof thinking === 'boolean' && { reasoning: thinking }),
    ...(Array.isArray(methods) && { embeddings: methods.includes('embedContent') }),
  }
}
