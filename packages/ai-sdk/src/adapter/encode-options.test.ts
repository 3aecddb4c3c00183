import { describe, expect, it } from 'vitest'
import { optionsOf } from './encode-options.js'

const model = { provider: 'cohere.chat' }
const attempt = { provider: 'acme' }
const own = { thinking: true }

describe('optionsOf', () => {
  it.each<[string, Readonly<Record<string, Readonly<Record<string, boolean>>>>, object | undefined]>([
    ['the name of the adapter', { 'ai-sdk': own }, { cohere: own }],
    ["the provider's name in the gateway", { acme: own }, { cohere: own }],
    ['both: those of the adapter', { acme: { thinking: false }, 'ai-sdk': own }, { cohere: own }],
    ['another name', { openai: own }, undefined],
  ])('reads options under %s', (_name, options, expected) => {
    expect(optionsOf({ model, adapter: 'ai-sdk', attempt, request: { provider_options: options } })).toEqual(
      expected,
    )
  })
})
