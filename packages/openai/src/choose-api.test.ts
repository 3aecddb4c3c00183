import type { ChatMessage, ChatRequest } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { chooseApi } from './choose-api.js'
import { modelRules } from './models.js'

const tools = [{ type: 'function', function: { name: 'f' } }] as const
const said = (part: object): Partial<ChatRequest> => ({
  messages: [{ role: 'user', content: [part] } as ChatMessage],
})
const audio = { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } }
const fileUrl = { type: 'file', file: { file_url: 'https://a/b.pdf' } }
const fileId = { type: 'file', file: { file_id: 'f' } }

describe('chooseApi', () => {
  it.each<readonly [string, Partial<ChatRequest>, 'chat' | 'responses']>([
    // Models that do not reason
    ['gpt-4o', {}, 'chat'],
    ['gpt-4.1', { tools, stop: 'x' }, 'chat'],
    ['gpt-5-chat-latest', {}, 'chat'],
    ['my-deployment', { tools }, 'chat'],
    ['gpt-4o', said(fileId), 'chat'],
    ['gpt-4o', said(fileUrl), 'responses'],
    ['gpt-4o', { provider_options: { openai: { previous_response_id: 'r' } } }, 'responses'],
    // Models that reason
    ['o3', {}, 'responses'],
    ['o3', { tools, stop: 'x', seed: 1 }, 'responses'],
    ['gpt-5', { logprobs: true }, 'responses'],
    ['gpt-5', { n: 1 }, 'responses'],
    ['gpt-5', { n: 2 }, 'chat'],
    ['gpt-5', said(audio), 'chat'],
    ['gpt-5', { provider_options: { openai: { prediction: {} } } }, 'chat'],
    ['gpt-5', { provider_options: { other: { prediction: {} } } }, 'responses'],
    ['gpt-5', { provider_options: { openai: { prompt_cache_options: {} } } }, 'responses'],
    // Reasoning that is off
    ['gpt-5.1', {}, 'responses'],
    ['gpt-5.1', { stop: ['x'] }, 'chat'],
    ['gpt-5.1', { stop: ['x'], reasoning_effort: 'low' }, 'responses'],
    ['gpt-5.1', { seed: 0 }, 'chat'],
    ['gpt-5.1', { logprobs: false, presence_penalty: 0, frequency_penalty: 0 }, 'responses'],
    ['gpt-5.1', { logprobs: true }, 'chat'],
    ['gpt-5.1', { presence_penalty: 1 }, 'chat'],
    ['gpt-5.1', { logit_bias: {} }, 'chat'],
    ['gpt-5.6', { stop: ['x'] }, 'responses'],
    ['gpt-5.6', { stop: ['x'], reasoning_effort: 'none' }, 'chat'],
    ['gpt-6-astra', { stop: ['x'], reasoning_effort: 'none' }, 'responses'],
    // Tools beside reasoning
    ['gpt-5', { tools, n: 2 }, 'chat'],
    ['gpt-5.4', { tools, n: 2 }, 'chat'],
    ['gpt-5.4', { tools, n: 2, reasoning_effort: 'low' }, 'responses'],
    ['gpt-5.6', { tools, n: 2 }, 'responses'],
    ['gpt-5.6', { tools: [], n: 2 }, 'chat'],
    // Models of one API
    ['gpt-5-pro', { n: 2 }, 'responses'],
    ['gpt-5.1-codex', said(audio), 'responses'],
  ])('%s with %j: %s', (model, request, api) => {
    const whole = { model: 'route', messages: [{ role: 'user', content: 'Hi' }], ...request } as ChatRequest
    expect(chooseApi(whole, modelRules(model))).toBe(api)
  })
})
