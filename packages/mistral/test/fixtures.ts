/** Answers of Mistral in its documented shapes, made by hand. */
import type { Fixture } from '@turnout/testing'
import { answerFixtures } from './fixtures/answer-fixtures.js'
import { errorFixtures } from './fixtures/error-fixtures.js'

export const fixtures: readonly Fixture[] = [...answerFixtures, ...errorFixtures]
