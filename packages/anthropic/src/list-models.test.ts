import { describe, expect, it } from 'vitest'
import { listModels } from './list-models.js'
import { rulesFor } from './models.js'

const entry = (id: string, more: object = {}) => ({
  type: 'model',
  id,
  display_name: id.toUpperCase(),
  created_at: '2026-09-22T00:00:00Z',
  ...more,
})

describe('listModels', () => {
  it('reads every page', async () => {
    const asked: string[] = []
    const pages = [
      {
        data: [entry('claude-opus-5-5', { max_input_tokens: 2_000_000, max_tokens: 99_000 })],
        has_more: true,
        last_id: 'claude-opus 5/5',
      },
      {
        data: [entry('claude-next', { created_at: 'long ago' }), { id: 7 }, null],
        has_more: false,
        last_id: 'x',
      },
    ]
    const models = await listModels(async ({ path }) => {
      asked.push(path)
      return pages[asked.length - 1]
    }, rulesFor)
    expect(asked).toEqual(['/v1/models?limit=1000', '/v1/models?limit=1000&after_id=claude-opus%205%2F5'])
    expect(
      models.map(({ id, displayName, createdAt }) => [id, displayName, createdAt?.getUTCFullYear()]),
    ).toEqual([
      ['claude-opus-5-5', 'CLAUDE-OPUS-5-5', 2026],
      ['claude-next', 'CLAUDE-NEXT', undefined],
    ])
    expect(models[0]?.capabilities).toMatchObject({
      contextTokens: 2_000_000,
      maxOutputTokens: 99_000,
      reasoning: true,
    })
  })

  it.each([[null], [{}], [{ data: 'x' }]])('takes %j for an empty list', async (answer) => {
    expect(await listModels(async () => answer, rulesFor)).toEqual([])
  })

  it('ends when a server never does', async () => {
    let calls = 0
    await listModels(async () => {
      calls++
      return { data: [], has_more: true, last_id: 'same' }
    }, rulesFor)
    expect(calls).toBe(20)
  })
})
