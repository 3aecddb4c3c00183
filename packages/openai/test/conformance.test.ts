import { adapterConformance } from '@turnout/testing'
import { describe, it } from 'vitest'
import { openai } from '../src/index.js'
import { fixtures as chatFixtures } from './fixtures.js'
import { fixtures as responsesFixtures } from '../../openai-compatible/test/responses-fixtures.js'

describe.each([
  ['chat', chatFixtures],
  ['responses', responsesFixtures],
] as const)('conformance over %s', (api, fixtures) => {
  const cases = adapterConformance((options) => openai({ api, ...options }), fixtures)
  // oxlint-disable-next-line vitest/expect-expect -- the cases assert
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => run())
})
