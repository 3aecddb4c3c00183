import { expect, it } from 'vitest'
import type { AttemptContext } from '@turnout/core/adapter'
import { listModels } from './list-models.js'

const attempt = {} as AttemptContext

function pages(answers: readonly unknown[]) {
  const paths: string[] = []
  return {
    paths,
    callJson: ({ path }: { path: string }) => {
      paths.push(path)
      return Promise.resolve(answers[Math.min(paths.length, answers.length) - 1])
    },
  }
}

it('reads all pages', async () => {
  const { paths, callJson } = pages([
    {
      models: [
        {
          name: 'models/gemini-x',
          displayName: 'X',
          inputTokenLimit: 9,
          outputTokenLimit: 3,
          supportedGenerationMethods: ['generateContent'],
          thinking: true,
        },
        null,
        { name: 4 },
      ],
      nextPageToken: 'a/b',
    },
    { models: [{ name: 'models/embed-x', supportedGenerationMethods: ['embedContent'] }] },
  ])
  expect(await listModels(attempt, callJson)).toEqual([
    {
      id: 'gemini-x',
      displayName: 'X',
      capabilities: { contextTokens: 9, maxOutputTokens: 3, reasoning: true, embeddings: false },
    },
    { id: 'embed-x', capabilities: { embeddings: true } },
  ])
  expect(paths).toEqual(['/models?pageSize=1000', '/models?pageSize=1000&pageToken=a%2Fb'])
})

it('stops at an answer that leads nowhere', async () => {
  const same = pages([{ models: [], nextPageToken: 'a' }])
  expect(await listModels(attempt, same.callJson)).toEqual([])
  expect(same.paths).toHaveLength(2)
  const odd = pages(['<html>'])
  expect(await listModels(attempt, odd.callJson)).toEqual([])
})
