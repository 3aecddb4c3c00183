import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '@turnout/core/adapter'
import { chatRequest, protocolContext } from '../../test/protocol-context.js'
import { encodeRequest } from './encode-request.js'
import type { GenerateContentRequest } from './wire-types.js'

const FLASH = 'gemini-2.5-flash'
const ARGON = 'gemini-4-argon'

function encode(fields: Partial<ChatRequest>, model: string) {
  const context = protocolContext({ model })
  const body = encodeRequest(chatRequest(fields), context, {}).body as GenerateContentRequest
  return {
    config: body.generationConfig,
    body,
    warned: context.warnings.map(({ code, path }) => `${code} ${path}`),
  }
}

describe('generationConfig', () => {
  it('is left out when nothing was set', () => {
    expect(
      encode({ temperature: null, stop: [], n: 1, response_format: { type: 'text' } }, FLASH).config,
    ).toBeUndefined()
  })

  it.each<[string, Partial<ChatRequest>, string, object, string[]]>([
    [
      'sampling',
      { temperature: 0, top_p: 0.5, top_k: 3, seed: 7, presence_penalty: 0.1, frequency_penalty: -1 },
      FLASH,
      { temperature: 0, topP: 0.5, topK: 3, seed: 7, presencePenalty: 0.1, frequencyPenalty: -1 },
      [],
    ],
    [
      'sampling from 3.6 on',
      { temperature: 0, top_p: 0.5, top_k: 3, seed: 7, presence_penalty: 1 },
      'gemini-3.6-flash',
      { seed: 7, presencePenalty: 1 },
      ['setting_dropped temperature', 'setting_dropped top_p', 'setting_dropped top_k'],
    ],
    [
      'refusals of Gemini 4',
      { temperature: 1, presence_penalty: 1, frequency_penalty: 1, n: 2, max_tokens: 200_000 },
      ARGON,
      { maxOutputTokens: 200_000 },
      [
        'setting_dropped temperature',
        'setting_dropped presence_penalty',
        'setting_dropped frequency_penalty',
        'setting_changed n',
      ],
    ],
    [
      'a penalty of 0 is none',
      { presence_penalty: 0, frequency_penalty: 0, seed: 1 },
      ARGON,
      { seed: 1 },
      [],
    ],
    [
      'max_completion_tokens',
      { max_completion_tokens: 10, max_tokens: 20 },
      FLASH,
      { maxOutputTokens: 10 },
      [],
    ],
    ['max_tokens', { max_tokens: 20 }, FLASH, { maxOutputTokens: 20 }, []],
    [
      'too many tokens',
      { max_tokens: 100_000 },
      FLASH,
      { maxOutputTokens: 65_536 },
      ['setting_changed max_tokens'],
    ],
    ['n', { n: 3 }, FLASH, { candidateCount: 3 }, []],
    ['one stop', { stop: 'END' }, FLASH, { stopSequences: ['END'] }, []],
    [
      'six stops',
      { stop: ['a', 'b', '', 'c', 'd', 'e', 'f'] },
      FLASH,
      { stopSequences: ['a', 'b', 'c', 'd', 'e'] },
      ['setting_changed stop'],
    ],
    ['logprobs', { logprobs: true, top_logprobs: 4 }, FLASH, { responseLogprobs: true, logprobs: 4 }, []],
    ['logprobs alone', { logprobs: true, top_logprobs: 0 }, FLASH, { responseLogprobs: true }, []],
    [
      'json',
      { response_format: { type: 'json_object' } },
      FLASH,
      { responseMimeType: 'application/json' },
      [],
    ],
    [
      'json schema',
      {
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'a',
            description: 'd',
            schema: { type: 'object', properties: { a: { type: 'string', pattern: 'x' } } },
          },
        },
      },
      FLASH,
      {
        responseMimeType: 'application/json',
        responseJsonSchema: { description: 'd', type: 'object', properties: { a: { type: 'string' } } },
      },
      ['setting_changed response_format.json_schema.schema'],
    ],
    [
      'json schema without schema',
      { response_format: { type: 'json_schema', json_schema: { name: 'a' } } },
      FLASH,
      { responseMimeType: 'application/json' },
      [],
    ],
  ])('%s', (_name, fields, model, config, warned) => {
    const got = encode(fields, model)
    expect(got.config).toEqual(config)
    expect(got.warned).toEqual(warned)
  })

  it.each([
    [FLASH, undefined, ['setting_dropped response_format']],
    ['gemini-3-flash-preview', { responseMimeType: 'application/json' }, []],
  ])('json together with tools on %s', (model, config, warned) => {
    const tools = [{ type: 'function' as const, function: { name: 'f' } }]
    const got = encode({ tools, response_format: { type: 'json_object' } }, model)
    expect(got.config).toEqual(config)
    expect(got.warned).toEqual(warned)
  })
})

describe('thinkingConfig', () => {
  const thoughts = { includeThoughts: true }
  it.each<[string, string, object | undefined, 'changed' | 'dropped' | undefined]>([
    [FLASH, 'none', { thinkingBudget: 0 }, undefined],
    [FLASH, 'minimal', { thinkingBudget: 512, ...thoughts }, undefined],
    [FLASH, 'low', { thinkingBudget: 1_024, ...thoughts }, undefined],
    [FLASH, 'medium', { thinkingBudget: 8_192, ...thoughts }, undefined],
    [FLASH, 'high', { thinkingBudget: 24_576, ...thoughts }, undefined],
    [FLASH, 'max', { thinkingBudget: 24_576, ...thoughts }, undefined],
    [FLASH, 'turbo', undefined, 'dropped'],
    ['gemini-2.5-flash-lite', 'none', { thinkingBudget: 0 }, undefined],
    ['gemini-2.5-pro', 'none', { thinkingBudget: 128 }, 'changed'],
    ['gemini-2.5-pro', 'xhigh', { thinkingBudget: 32_768, ...thoughts }, undefined],
    ['gemini-2.0-flash', 'high', undefined, 'dropped'],
    ['gemini-2.0-flash', 'none', undefined, undefined],
    ['gemini-3-flash-preview', 'none', { thinkingLevel: 'MINIMAL' }, 'changed'],
    ['gemini-3-flash-preview', 'minimal', { thinkingLevel: 'MINIMAL', ...thoughts }, undefined],
    ['gemini-3-flash-preview', 'high', { thinkingLevel: 'HIGH', ...thoughts }, undefined],
    ['gemini-3-pro-preview', 'medium', { thinkingLevel: 'HIGH', ...thoughts }, 'changed'],
    ['gemini-3.8-flash', 'minimal', { thinkingLevel: 'LOW', ...thoughts }, 'changed'],
    [ARGON, 'none', { thinkingLevel: 'LOW' }, 'changed'],
    [ARGON, 'medium', { thinkingLevel: 'MEDIUM', ...thoughts }, undefined],
    [ARGON, 'max', { thinkingLevel: 'HIGH', ...thoughts }, 'changed'],
    [ARGON, 'constructor', undefined, 'dropped'],
  ])('%s with effort %s', (model, effort, thinking, warning) => {
    const got = encode({ reasoning_effort: effort }, model)
    expect(got.config?.thinkingConfig).toEqual(thinking)
    expect(got.warned).toEqual(warning ? [`setting_${warning} reasoning_effort`] : [])
  })

  it('is not sent unless asked for', () => {
    expect(encode({ reasoning_effort: null, seed: 1 }, ARGON).config).toEqual({ seed: 1 })
  })
})

it('refuses instead of dropping when the caller says so', () => {
  const context = protocolContext({ model: ARGON, unsupported: 'error' })
  expect(() => encodeRequest(chatRequest({ temperature: 1 }), context, {})).toThrow(
    expect.objectContaining({ code: 'invalid_request', path: 'temperature' }),
  )
})
