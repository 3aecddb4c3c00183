import { describe, expect, it } from 'vitest'
import type { Adapter, ModelCapabilities } from '../contract/adapter.js'
import { ineligible } from './eligibility.js'
import { embeddingFacts, type RequestFacts } from './request-facts.js'

const NOTHING: RequestFacts = { ...embeddingFacts('m'), needsEmbeddings: false }
const base: Adapter = {
  name: 'fake',
  models: [],
  chat: () => ({ next: () => Promise.resolve(undefined), cancel: () => {} }),
}
const adapter = (can: ModelCapabilities): Adapter => ({ ...base, capabilities: () => can })

describe('ineligible', () => {
  it.each<[keyof RequestFacts, keyof ModelCapabilities, string]>([
    ['needsTools', 'tools', 'the model takes no tools'],
    ['needsImages', 'images', 'the model takes no images'],
    ['needsAudio', 'audio', 'the model takes no audio'],
    ['needsFiles', 'files', 'the model takes no files'],
    ['needsJsonSchema', 'jsonSchema', 'the model has no JSON schema output'],
  ])('%s asks for %s; unknown counts as yes', (need, capability, reason) => {
    const facts = { ...NOTHING, [need]: true }
    expect(ineligible(facts, adapter({ [capability]: false }), 'm')).toBe(reason)
    expect(ineligible(facts, adapter({ [capability]: true }), 'm')).toBeUndefined()
    expect(ineligible(facts, adapter({}), 'm')).toBeUndefined()
    expect(ineligible(facts, base, 'm')).toBeUndefined()
    expect(ineligible(NOTHING, adapter({ [capability]: false }), 'm')).toBeUndefined()
  })

  it('asks for embeddings of the adapter', () => {
    const facts = embeddingFacts('m')
    expect(ineligible(facts, base, 'm')).toBe('the adapter has no embeddings')
    const embed = () => Promise.resolve({ model: 'm', vectors: [] })
    expect(ineligible(facts, { ...base, embed }, 'm')).toBeUndefined()
  })

  it('asks about the model at hand', () => {
    const one: Adapter = { ...base, capabilities: (model) => ({ images: model === 'sees' }) }
    const facts = { ...NOTHING, needsImages: true }
    expect(ineligible(facts, one, 'sees')).toBeUndefined()
    expect(ineligible(facts, one, 'blind')).toBe('the model takes no images')
  })
})
