import type { ChatMessage, ChatRequest, ReasoningEffort, ToolCall } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { chatRequest, encode } from '../../test/protocol-support.js'

const sent = (model: string, fields: Partial<ChatRequest>, messages?: readonly ChatMessage[]) =>
  encode(chatRequest(fields, messages), { model })
const ask = (model: string, reasoning_effort: ReasoningEffort, fields: Partial<ChatRequest> = {}) => {
  const { body, codes, paths } = sent(model, { reasoning_effort, ...fields })
  return {
    thinking: body['thinking'],
    output: body['output_config'],
    maxTokens: body['max_tokens'],
    codes,
    paths,
  }
}
const forced: Partial<ChatRequest> = {
  tools: [{ type: 'function', function: { name: 'f' } }],
  tool_choice: 'required',
}
const call: ToolCall = { id: 'toolu_1', type: 'function', function: { name: 'f', arguments: '{}' } }

describe('by budget', () => {
  it.each([
    ['minimal', 1_024],
    ['low', 2_048],
    ['medium', 8_192],
    ['high', 16_384],
    ['xhigh', 24_576],
    ['max', 32_768],
  ])('%s is a budget of %i tokens, with room for the answer', (effort, budget) => {
    const { thinking, maxTokens, codes } = ask('claude-sonnet-4-5', effort)
    expect(thinking).toEqual({ type: 'enabled', budget_tokens: budget })
    expect(maxTokens).toBeGreaterThanOrEqual(budget + 1_024)
    expect(codes).toEqual([])
  })

  it("keeps the caller's limit while it leaves room, and raises it by the budget otherwise", () => {
    expect(ask('claude-sonnet-4-5', 'low', { max_tokens: 4_000 })).toMatchObject({
      maxTokens: 4_000,
      codes: [],
    })
    expect(ask('claude-sonnet-4-5', 'medium', { max_completion_tokens: 500 })).toMatchObject({
      maxTokens: 8_692,
      thinking: { budget_tokens: 8_192 },
      codes: ['setting_changed'],
      paths: ['max_completion_tokens'],
    })
  })

  it("shrinks the budget where the model's own limit is near", () => {
    expect(ask('claude-opus-4-1', 'max', { max_tokens: 20_000 })).toMatchObject({
      maxTokens: 32_000,
      thinking: { budget_tokens: 12_000 },
      paths: ['max_tokens'],
    })
    const { maxTokens, thinking } = ask('claude-opus-4-1', 'max', { max_tokens: 32_000 })
    expect([maxTokens, thinking]).toEqual([32_000, { type: 'enabled', budget_tokens: 1_024 }])
  })

  it('is dropped when a tool call is forced', () => {
    expect(ask('claude-sonnet-4-5', 'high', forced)).toMatchObject({
      thinking: undefined,
      codes: ['setting_dropped'],
      paths: ['reasoning_effort'],
    })
  })

  it('is dropped while tool calls are open that were made without thinking', () => {
    const loop: ChatMessage[] = [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: 'Looking', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'toolu_1', content: 'y' },
    ]
    const open = sent('claude-sonnet-4-5', { reasoning_effort: 'high' }, loop)
    expect([open.body['thinking'], open.paths]).toEqual([undefined, ['reasoning_effort']])
    const done = sent('claude-sonnet-4-5', { reasoning_effort: 'high' }, [
      ...loop,
      { role: 'assistant', content: 'It is y' },
      { role: 'user', content: 'More' },
    ])
    expect([done.body['thinking'], done.paths]).toEqual([{ type: 'enabled', budget_tokens: 16_384 }, []])
    const adaptive = sent('claude-opus-4-6', { reasoning_effort: 'high' }, loop)
    expect(adaptive.body['thinking']).toEqual({ type: 'adaptive' })
  })
})

describe('adaptive', () => {
  it.each([
    ['claude-opus-4-6', 'high', { type: 'adaptive' }, 'high', 0],
    ['claude-opus-4-6', 'max', { type: 'adaptive' }, 'max', 0],
    ['claude-opus-4-6', 'xhigh', { type: 'adaptive' }, 'high', 1],
    ['claude-opus-4-6', 'minimal', { type: 'adaptive' }, 'low', 1],
    ['claude-opus-4-8', 'xhigh', { type: 'adaptive', display: 'summarized' }, 'xhigh', 0],
    ['claude-sonnet-5-5', 'medium', { type: 'adaptive', display: 'summarized' }, 'medium', 0],
  ])('%s at %s', (model, effort, thinking, word, warned) => {
    const asked = ask(model, effort)
    expect(asked).toMatchObject({ thinking, output: { effort: word } })
    expect(asked.codes).toHaveLength(warned)
  })

  it('gives the highest efforts more room when the caller sets no limit', () => {
    expect(ask('claude-opus-4-8', 'xhigh').maxTokens).toBe(64_000)
    expect(ask('claude-opus-4-8', 'xhigh', { max_tokens: 5_000 }).maxTokens).toBe(5_000)
  })

  it('gives way to a forced tool call', () => {
    expect(ask('claude-opus-4-7', 'high', forced)).toMatchObject({
      thinking: undefined,
      codes: ['setting_dropped'],
    })
    expect(ask('claude-opus-5', 'high', forced)).toMatchObject({
      thinking: { type: 'disabled' },
      codes: ['setting_dropped'],
    })
    const silent = sent('claude-opus-5', forced)
    expect([silent.body['thinking'], silent.codes]).toEqual([{ type: 'disabled' }, []])
  })
})

describe('none', () => {
  it.each([
    ['claude-3-haiku-20240307', undefined, undefined, 0],
    ['claude-sonnet-4-5', undefined, undefined, 0],
    ['claude-opus-4-8', undefined, undefined, 0],
    ['claude-opus-5', { type: 'disabled' }, undefined, 0],
    ['claude-haiku-5-5', { type: 'disabled' }, undefined, 0],
    ['claude-sonnet-5-5', { type: 'between_tools' }, undefined, 0],
    ['claude-opus-5-5', undefined, { effort: 'low' }, 1],
    ['claude-fable-5', undefined, { effort: 'low' }, 1],
  ])('%s', (model, thinking, output, warned) => {
    const asked = ask(model, 'none')
    expect([asked.thinking, asked.output]).toEqual([thinking, output])
    expect(asked.codes).toHaveLength(warned)
  })
})

describe('not asked for', () => {
  it('is left to the model', () => {
    expect(sent('claude-opus-5-5', {}).body).not.toHaveProperty('thinking')
    expect(sent('claude-opus-5-5', { max_tokens: 2_048 }).body).not.toHaveProperty('output_config')
  })

  it.each([
    ['claude-haiku-5-5', { thinking: { type: 'disabled' } }],
    ['claude-sonnet-5-5', { thinking: { type: 'between_tools' } }],
    ['claude-opus-5-5', { output_config: { effort: 'low' } }],
  ])('is held back when max_tokens leaves no room for it: %s', (model, expected) => {
    const { body, codes } = sent(model, { max_tokens: 200 })
    expect(body).toMatchObject({ ...expected, max_tokens: 200 })
    expect(codes).toEqual(['setting_changed'])
  })

  it('is no matter for models that think only when asked', () => {
    expect(sent('claude-opus-4-8', { max_tokens: 200 }).codes).toEqual([])
  })
})

describe('words and models', () => {
  it('drops effort for models that do not think, and unknown words', () => {
    expect(ask('claude-3-5-haiku-20241022', 'high')).toMatchObject({
      thinking: undefined,
      codes: ['setting_dropped'],
    })
    expect(ask('claude-sonnet-4-5', 'ludicrous')).toMatchObject({
      thinking: undefined,
      codes: ['setting_dropped'],
    })
    expect(() =>
      encode(chatRequest({ reasoning_effort: 'high' }), {
        model: 'claude-3-haiku-20240307',
        unsupported: 'error',
      }),
    ).toThrow(expect.objectContaining({ code: 'invalid_request', path: 'reasoning_effort' }))
  })

  it("leaves the word to the caller's own thinking, and fits max_tokens to its budget", () => {
    const { body } = sent('claude-sonnet-4-5', {
      max_tokens: 1_000,
      reasoning_effort: 'low',
      temperature: 0.2,
      provider_options: { anthropic: { thinking: { type: 'enabled', budget_tokens: 5_000 } } },
    })
    expect(body).toMatchObject({ thinking: { type: 'enabled', budget_tokens: 5_000 }, max_tokens: 6_000 })
    expect(body).not.toHaveProperty('temperature')
  })
})

describe('max_tokens', () => {
  it.each([
    ['claude-3-haiku-20240307', {}, 4_096, 0],
    ['claude-sonnet-4-5', {}, 16_384, 0],
    ['claude-sonnet-4-5', { max_tokens: 100 }, 100, 0],
    ['claude-sonnet-4-5', { max_tokens: 100, max_completion_tokens: 200 }, 200, 0],
    ['claude-3-haiku-20240307', { max_tokens: 10_000 }, 4_096, 1],
    ['claude-opus-4-1', { max_completion_tokens: 64_000 }, 32_000, 1],
    ['kimi-k3', { max_tokens: 900_000 }, 900_000, 0],
  ])('%s with %j', (model, fields, expected, warned) => {
    const { body, codes } = sent(model, fields)
    expect(body['max_tokens']).toBe(expected)
    expect(codes).toHaveLength(warned)
  })
})
