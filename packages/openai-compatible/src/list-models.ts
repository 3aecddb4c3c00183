import { isRecord, type CallJson, type ListedModel, type ModelCapabilities } from '@turnout/core/adapter'

/**
 * `GET /models`: `{ data: [{ id, created }] }`, or the bare list that some servers send.
 *
 * @param capabilities what is known of a model, from its id or from what the list says of it
 */
export async function listModels(
  callJson: CallJson,
  capabilities: (model: string, entry: Readonly<Record<string, unknown>>) => ModelCapabilities | undefined,
  path = '/models',
): Promise<readonly ListedModel[]> {
  const answer = await callJson({ method: 'GET', path })
  const list = isRecord(answer) ? answer.data : answer
  if (!Array.isArray(list)) return []
  return list.filter(isRecord).flatMap((entry) => {
    const { id, created, name } = entry
    if (typeof id !== 'string' || id === '') return []
    const known = capabilities(id, entry)
    return [
      {
        id,
        ...(typeof created === 'number' && created > 0 && { createdAt: new Date(created * 1_000) }),
        ...(typeof name === 'string' && name !== '' && { displayName: name }),
        ...(known && { capabilities: known }),
      },
    ]
  })
}
