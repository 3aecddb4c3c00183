import { describe, expect, it } from 'vitest'
import { MISTRAL_MODELS, modelRules } from './models.js'

describe('modelRules', () => {
  it.each([
    ['mistral-large-latest', false],
    ['mistral-small-latest', 'none high (none)'],
    ['mistral-small-2603', 'none high (none)'],
    ['mistral-small-2506', false],
    ['mistral-medium-latest', 'none high (none)'],
    ['mistral-medium-3-5', 'none high (none)'],
    ['mistral-medium-3.5', 'none high (none)'],
    ['mistral-medium-2508', false],
    ['mistral-medium-3', false],
    ['magistral-medium-2509', ' (high)'],
    ['magistral-small-latest', ' (high)'],
    ['codestral-2508', false],
    ['labs-devstral-small-2512', false],
    ['ft:mistral-small-latest:org:x', 'none high (none)'],
    ['mistral-embed', false],
    ['glm-hosted', undefined],
    ['constructor', undefined],
  ])('%s reasons: %s', (model, reasoning) => {
    const rules = modelRules(model).reasoning
    expect(rules ? `${rules.efforts.join(' ')} (${rules.default})` : rules).toBe(reasoning)
  })

  it.each([
    ['mistral-large-2512', { images: true, audio: false, contextTokens: 262_144, prefill: true }],
    ['mistral-large-2411', { images: false, contextTokens: 131_072 }],
    ['ministral-8b-2410', { images: false }],
    ['ministral-8b-latest', { images: true, contextTokens: 262_144 }],
    ['voxtral-small-2507', { audio: true, images: false }],
    ['pixtral-large-latest', { images: true }],
    ['codestral-latest', { images: false, tools: true }],
    ['codestral-embed', { embeddings: true, tools: false }],
    ['mistral-embed', { embeddings: true, contextTokens: 8_192 }],
  ])('%s can %j', (model, capabilities) => {
    expect(modelRules(model).capabilities).toMatchObject(capabilities)
  })

  it("lets the caller's rules win, field by field", () => {
    const own = { 'mistral-small-latest': { reasoning: false }, mine: { systemRole: 'user' } } as const
    expect(modelRules('mistral-small-latest', own)).toEqual({
      ...modelRules('mistral-small-latest'),
      reasoning: false,
    })
    expect(modelRules('mine', own)).toEqual({ systemRole: 'user' })
    expect(modelRules('toString', own)).toEqual({})
  })

  it('knows every listed model, each once', () => {
    expect(new Set(MISTRAL_MODELS).size).toBe(MISTRAL_MODELS.length)
    expect(MISTRAL_MODELS.filter((model) => modelRules(model).capabilities === undefined)).toEqual([])
  })
})
