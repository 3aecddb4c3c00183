/** Answers of servers that speak Chat Completions in their own way, made by hand. */
import type { Fixture } from '@turnout/testing'
import { errorFixtures } from './fixtures/error-fixtures.js'
import { failureFixtures } from './fixtures/failure-fixtures.js'
import { textFixtures } from './fixtures/text-fixtures.js'
import { toolFixtures } from './fixtures/tool-fixtures.js'

export const fixtures: readonly Fixture[] = [
  ...textFixtures,
  ...toolFixtures,
  ...failureFixtures,
  ...errorFixtures(),
]
