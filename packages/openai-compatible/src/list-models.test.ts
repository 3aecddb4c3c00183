import type { CallJson } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { listModels } from './list-models.js'

const answering =
  (answer: unknown, paths: string[] = []): CallJson =>
  async ({ path }) => {
    paths.push(path)
    return answer
  }

describe('listModels', () => {
  it('reads what a model can do out of its entry', async () => {
    const answer = { data: [{ id: 'a', tools: true }, { id: 'b' }] }
    const models = await listModels(answering(answer), (_model, { tools }) =>
      tools === undefined ? undefined : { tools: tools === true },
    )
    expect(models).toEqual([{ id: 'a', capabilities: { tools: true } }, { id: 'b' }])
  })

  it('asks where it is told to', async () => {
    const paths: string[] = []
    await listModels(answering([], paths), () => undefined)
    await listModels(answering([], paths), () => undefined, '/models?all=yes')
    expect(paths).toEqual(['/models', '/models?all=yes'])
  })

  it.each([null, 'x', 7, {}, { data: {} }, { data: [null, 7, {}, { id: '' }, { id: 3 }] }])(
    'finds none in %j',
    async (answer) => {
      expect(await listModels(answering(answer), () => undefined)).toEqual([])
    },
  )

  it('leaves out times and names that are none', async () => {
    const answer = [
      { id: 'a', created: 0, name: '' },
      { id: 'b', created: '7', name: 7 },
      { id: 'c', created: 60, name: 'C' },
    ]
    expect(await listModels(answering(answer), () => undefined)).toEqual([
      { id: 'a' },
      { id: 'b' },
      { id: 'c', createdAt: new Date(60_000), displayName: 'C' },
    ])
  })
})
