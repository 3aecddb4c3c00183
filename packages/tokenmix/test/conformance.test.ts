import { adapterConformance } from '@turnout/testing'
import { describe, it } from 'vitest'
import { tokenmix } from '../src/index.js'
import { fixtures } from './fixtures.js'

describe('conformance', () => {
  const cases = adapterConformance((options) => tokenmix(options), fixtures)
  // oxlint-disable-next-line vitest/expect-expect -- the cases assert
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => run())
})
