import { adapterConformance } from '@turnout/testing'
import { describe, it } from 'vitest'
import { fixtures as responsesFixtures } from '../../openai-compatible/test/responses-fixtures.js'
import { xai } from '../src/index.js'
import { fixtures } from './fixtures.js'

describe('conformance, chat', () => {
  const cases = adapterConformance((options) => xai(options), fixtures)
  // oxlint-disable-next-line vitest/expect-expect -- the cases assert
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => run())
})

describe('conformance, responses', () => {
  const cases = adapterConformance((options) => xai({ ...options, api: 'responses' }), responsesFixtures)
  // oxlint-disable-next-line vitest/expect-expect -- the cases assert
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => run())
})
