/** Answers of Chat Completions; those of Responses stand in `responses-fixtures.ts`. */
import type { Fixture } from '@turnout/testing'
import { answerFixtures } from './fixtures/chat-fixtures.js'
import { errorFixtures } from './fixtures/chat-error-fixtures.js'

/** All asked of a model that both APIs take in the same way. */
export const fixtures: readonly Fixture[] = [...answerFixtures, ...errorFixtures].map((fixture) => ({
  model: 'gpt-4.1',
  ...fixture,
}))
