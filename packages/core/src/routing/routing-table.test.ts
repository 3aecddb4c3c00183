import { describe, expect, it } from 'vitest'
import { modelIdFault, parseTarget } from './routing-table.js'

describe('parseTarget', () => {
  it.each([
    ['openai/gpt-4.1', 'openai', 'gpt-4.1'],
    ['openrouter/openai/gpt-4o:free', 'openrouter', 'openai/gpt-4o:free'],
    ['local//models/x', 'local', '/models/x'],
  ])('cuts %s at the first slash', (name, provider, model) => {
    expect(parseTarget(name)).toEqual({ provider, model })
  })

  it.each(['', 'gpt-4.1', '/gpt-4.1', 'openai/'])('makes nothing of %j', (name) => {
    expect(parseTarget(name)).toBeUndefined()
  })
})

describe('modelIdFault', () => {
  it.each([
    'gpt-4.1',
    'ft:gpt-4.1-mini:org::id',
    'openai/gpt-4o:free',
    'accounts/fireworks/models/llama-v3.1',
    'publishers/google/models/gemini-2.5-pro@001',
    'arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude',
    'modèle-日本',
    '/models/llama.gguf',
    'a..b',
    '.hidden',
    'x'.repeat(500),
  ])('takes %s', (id) => {
    expect(modelIdFault(id)).toBeUndefined()
  })

  it.each([
    '../files',
    'a/../b',
    'a/..',
    '..',
    'a/./b',
    'a?key=1',
    'a#b',
    'a\\b',
    'a b',
    'a\nb',
    'a\tb',
    'a\u0085b',
    'a\ud800',
  ])('refuses %j', (id) => {
    expect(modelIdFault(id)).toMatch(/^the model id must not hold spaces, control characters, "\?", "#"/)
  })

  it('refuses a novel', () => {
    expect(modelIdFault('x'.repeat(501))).toMatch(/longer than 500 characters; use the id/)
  })
})
