import type { ChatRequest } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { chatRequest, encode, NOW_SECONDS } from '../../test/protocol-support.js'
import { rulesFor } from '../models.js'
import { messagesProtocol } from './protocol.js'

const sampled = (model: string, fields: Partial<ChatRequest>, using?: Parameters<typeof encode>[2]) => {
  const { body, paths } = encode(chatRequest(fields), { model }, using)
  const { temperature, top_p, top_k } = body
  return [JSON.parse(JSON.stringify({ temperature, top_p, top_k })), paths]
}

describe('sampling', () => {
  it.each([
    [
      'claude-sonnet-4-20250514',
      { temperature: 0.3, top_p: 0.9, top_k: 5 },
      { temperature: 0.3, top_p: 0.9, top_k: 5 },
      [],
    ],
    ['claude-sonnet-4-20250514', { temperature: 1.7 }, { temperature: 1 }, ['temperature']],
    ['claude-sonnet-4-20250514', { temperature: 0 }, { temperature: 0 }, []],
    ['claude-sonnet-4-5', { temperature: 0.3, top_p: 0.9 }, { temperature: 0.3 }, ['top_p']],
    ['claude-sonnet-4-5', { top_p: 0.9 }, { top_p: 0.9 }, []],
    ['claude-opus-4-6', { temperature: 0.3, top_k: 3 }, { temperature: 0.3, top_k: 3 }, []],
    ['claude-opus-4-7', { temperature: 0.3, top_p: 0.5, top_k: 3 }, {}, ['temperature', 'top_p', 'top_k']],
    ['claude-opus-4-7', { temperature: 1, top_p: 0.99 }, {}, []],
    ['claude-opus-5-5', { temperature: 0 }, {}, ['temperature']],
    [
      'claude-sonnet-4-5',
      { temperature: 0.3, top_k: 3, top_p: 0.5, reasoning_effort: 'low' },
      {},
      ['temperature', 'top_p', 'top_k'],
    ],
    ['claude-sonnet-4-5', { temperature: 1, top_p: 0.96, reasoning_effort: 'low' }, { top_p: 0.96 }, []],
    ['claude-sonnet-4-5', { temperature: null, top_p: null, top_k: null }, {}, []],
  ])('%s: %j', (model, fields, expected, paths) => {
    expect(sampled(model, fields)).toEqual([expected, paths])
  })

  it('is sent to no model with a version that refuses it', () => {
    const newer = messagesProtocol({ version: '2026-10-21', betas: [], rulesFor }, () => NOW_SECONDS)
    expect(sampled('claude-sonnet-4-5', { temperature: 0.5 }, newer)).toEqual([{}, ['temperature']])
    expect(sampled('claude-sonnet-4-5', { temperature: 1 }, newer)).toEqual([{}, []])
  })

  it('is refused by policy', () => {
    expect(() =>
      encode(chatRequest({ temperature: 0.2 }), { model: 'claude-opus-5', unsupported: 'error' }),
    ).toThrow(expect.objectContaining({ code: 'invalid_request', path: 'temperature' }))
  })
})

describe('stop', () => {
  it.each([
    ['END', ['END'], []],
    [['a', 'b'], ['a', 'b'], []],
    [['a', '\n'], ['a'], ['stop']],
    ['', undefined, ['stop']],
    [[], undefined, []],
    [null, undefined, []],
  ])('%j', (stop, expected, paths) => {
    const { body, paths: warned } = encode(chatRequest({ stop }))
    expect([body['stop_sequences'], warned]).toEqual([expected, paths])
  })
})

describe('settings that Anthropic has not', () => {
  it('are dropped with a warning each', () => {
    const { body, paths, codes } = encode(
      chatRequest({
        seed: 1,
        n: 2,
        presence_penalty: 0.1,
        frequency_penalty: 0.1,
        logit_bias: { 1: 2 },
        logprobs: true,
        top_logprobs: 3,
        verbosity: 'low',
        store: true,
        prompt_cache_key: 'k',
        metadata: { team: 'a' },
        service_tier: 'flex',
      }),
    )
    expect(Object.keys(body).toSorted()).toEqual(['max_tokens', 'messages', 'model'])
    expect(paths).toEqual([
      'seed',
      'n',
      'presence_penalty',
      'frequency_penalty',
      'logit_bias',
      'logprobs',
      'top_logprobs',
      'verbosity',
      'store',
      'prompt_cache_key',
      'metadata',
      'service_tier',
    ])
    expect(new Set(codes)).toEqual(new Set(['setting_dropped']))
  })

  it('are no matter where they ask for nothing', () => {
    const { warnings } = encode(
      chatRequest({
        n: 1,
        presence_penalty: 0,
        frequency_penalty: 0,
        logit_bias: {},
        logprobs: false,
        top_logprobs: 0,
        verbosity: 'medium',
        store: false,
        metadata: {},
        service_tier: null,
        seed: null,
        stream: null,
        user: '',
      }),
    )
    expect(warnings).toEqual([])
  })
})

describe('user and service tier', () => {
  it.each([
    [{ user: 'u-1' }, { user_id: 'u-1' }, []],
    [{ metadata: { user_id: 'u-2' } }, { user_id: 'u-2' }, []],
    [{ user: 'u-1', metadata: { user_id: 'u-2', team: 'x' } }, { user_id: 'u-1' }, ['metadata']],
    [{ user: 'x'.repeat(300) }, undefined, ['user']],
  ])('%j', (fields, expected, paths) => {
    const { body, paths: warned } = encode(chatRequest(fields))
    expect([body['metadata'], warned]).toEqual([expected, paths])
  })

  it.each([
    ['auto', 'auto', []],
    ['default', 'standard_only', []],
    ['standard_only', 'standard_only', []],
    ['priority', 'auto', ['service_tier']],
    ['flex', undefined, ['service_tier']],
  ])('%s', (service_tier, expected, paths) => {
    const { body, paths: warned } = encode(chatRequest({ service_tier }))
    expect([body['service_tier'], warned]).toEqual([expected, paths])
  })
})
