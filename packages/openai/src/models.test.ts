import { describe, expect, it } from 'vitest'
import { modelRules, OPENAI_MODELS } from './models.js'

const reasoningOf = (model: string): unknown => {
  const { reasoning } = modelRules(model)
  return reasoning ? `${reasoning.efforts.join(' ')} (${reasoning.default})` : reasoning
}

describe('modelRules', () => {
  it.each([
    ['gpt-4o', false],
    ['gpt-4o-2024-11-20', false],
    ['gpt-4.1-nano', false],
    ['gpt-4.5-preview', false],
    ['gpt-3.5-turbo', false],
    ['gpt-5-chat-latest', false],
    ['gpt-5.3-chat-latest', false],
    ['gpt-7-chat', false],
    ['o1', 'low medium high (medium)'],
    ['o1-mini', ' (medium)'],
    ['o3', 'low medium high (medium)'],
    ['o4-mini-2025-04-16', 'low medium high (medium)'],
    ['o9', 'low medium high (medium)'],
    ['gpt-5', 'minimal low medium high (medium)'],
    ['gpt-5-nano-2025-08-07', 'minimal low medium high (medium)'],
    ['gpt-5-pro', 'high (high)'],
    ['gpt-5-codex', 'low medium high (medium)'],
    ['gpt-5.1', 'none low medium high (none)'],
    ['gpt-5.1-codex-max', 'low medium high xhigh (medium)'],
    ['gpt-5.2', 'none low medium high xhigh (none)'],
    ['gpt-5.2-pro-2025-12-11', 'medium high xhigh (medium)'],
    ['gpt-5.4-mini', 'none low medium high xhigh (none)'],
    ['gpt-5.5', 'none minimal low medium high xhigh (medium)'],
    ['gpt-5.6', 'none low medium high xhigh max (medium)'],
    ['gpt-5.6-luna', 'none low medium high xhigh max (medium)'],
    ['gpt-6-sol', 'none low medium high xhigh max (medium)'],
    ['gpt-6-astra', 'low medium high xhigh max (medium)'],
    ['gpt-6.1-sol', 'low medium high xhigh max (medium)'],
    ['gpt-6.1-terra', 'none low medium high xhigh max (medium)'],
    ['gpt-12', 'none minimal low medium high xhigh max (medium)'],
    ['my-deployment', undefined],
    ['constructor', undefined],
  ])('%s reasons: %s', (model, reasoning) => {
    expect(reasoningOf(model)).toBe(reasoning)
  })

  it.each([
    ['o1-pro', true],
    ['o3-pro-2025-06-10', true],
    ['o3-deep-research', true],
    ['gpt-5-pro', true],
    ['gpt-5.5-pro', true],
    ['gpt-5.1-codex', true],
    ['codex-mini-latest', true],
    ['computer-use-preview', true],
    ['gpt-5', undefined],
    ['o3', undefined],
  ])('%s is served by Responses only: %s', (model, only) => {
    expect(modelRules(model).responsesOnly).toBe(only)
  })

  it.each([
    ['gpt-5.3', undefined],
    ['gpt-5.4', true],
    ['gpt-5.6-sol', true],
    ['gpt-6-luna', true],
    ['gpt-9', true],
  ])('%s keeps tools apart from reasoning in chat: %s', (model, apart) => {
    expect(modelRules(model).noToolsWhileReasoningInChat).toBe(apart)
  })

  it.each([
    ['gpt-4o', { images: true, jsonSchema: true, maxOutputTokens: 16_384, audio: false }],
    ['gpt-4o-audio-preview', { images: false, audio: true }],
    ['gpt-4o-mini-audio-preview', { images: false, audio: true }],
    ['gpt-audio', { audio: true }],
    ['gpt-4o-mini-search-preview', { tools: false }],
    ['gpt-4', { images: false, jsonSchema: false, contextTokens: 8_192 }],
    ['gpt-4-turbo', { images: true, jsonSchema: false }],
    ['gpt-4-0125-preview', { images: false, contextTokens: 128_000 }],
    ['o3-mini', { images: false, reasoning: true }],
    ['text-embedding-3-small', { embeddings: true, tools: false }],
  ])('%s can %j', (model, capabilities) => {
    expect(modelRules(model).capabilities).toMatchObject(capabilities)
  })

  it('gives a fine-tune the rules of its base', () => {
    expect(modelRules('ft:gpt-4.1-mini-2025-04-14:org::abc')).toBe(modelRules('gpt-4.1'))
  })

  it("lets the caller's rules win, field by field", () => {
    const own = { 'gpt-5.1': { reasoning: false }, 'my-deployment': { systemRole: 'developer' } } as const
    expect(modelRules('gpt-5.1', own)).toEqual({ ...modelRules('gpt-5.1'), reasoning: false })
    expect(modelRules('my-deployment', own)).toEqual({ systemRole: 'developer' })
    expect(modelRules('toString', own)).toEqual({})
  })

  it('knows every listed model, each once', () => {
    expect(new Set(OPENAI_MODELS).size).toBe(OPENAI_MODELS.length)
    expect(OPENAI_MODELS.filter((model) => modelRules(model).capabilities === undefined)).toEqual([])
  })
})
