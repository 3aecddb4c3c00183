import { createHash } from 'node:crypto'
import type { ChatRequest } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { encode, plainRules, reasoningRules } from '../../test/responses-support.js'
import type { ResponsesModelRules } from './model-rules.js'

type Row = readonly [
  what: string,
  request: Partial<ChatRequest>,
  body: Record<string, unknown>,
  warned?: readonly string[],
  rules?: ResponsesModelRules,
]

const tool = { type: 'function', function: { name: 'clock' } } as const
const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }
const closed = { ...schema, additionalProperties: false }
const open = { type: 'object' }
const long = 'k'.repeat(65)
const always: ResponsesModelRules = {
  ...reasoningRules,
  reasoning: { efforts: ['minimal', 'low', 'high'], default: 'low' },
}

const rows: readonly Row[] = [
  ['stores nothing', {}, { model: 'gpt-test', store: false, include: undefined, stream: undefined }],
  ['stores when asked', { store: true }, { store: true }],
  [
    'asks for encrypted reasoning',
    {},
    { include: ['reasoning.encrypted_content'], reasoning: undefined },
    [],
    reasoningRules,
  ],
  ['limits output', { max_tokens: 100 }, { max_output_tokens: 100 }],
  ['prefers the newer name', { max_tokens: 100, max_completion_tokens: 50 }, { max_output_tokens: 50 }],
  ['raises a limit that is too low', { max_tokens: 5 }, { max_output_tokens: 16 }, ['max_tokens']],
  [
    'takes null for absent',
    { max_tokens: null, temperature: null, reasoning_effort: null },
    { temperature: undefined },
  ],
  ['sends sampling settings', { temperature: 0, top_p: 0.5 }, { temperature: 0, top_p: 0.5 }],
  [
    'drops them while the model reasons',
    { temperature: 0, top_p: 0.5 },
    { temperature: undefined, top_p: undefined },
    ['temperature', 'top_p'],
    reasoningRules,
  ],
  [
    'leaves defaults out without a word',
    { temperature: 1, top_p: 1 },
    { temperature: undefined, top_p: undefined },
    [],
    reasoningRules,
  ],
  [
    'sends them when reasoning is off',
    { temperature: 0, reasoning_effort: 'none' },
    { temperature: 0, reasoning: { effort: 'none' } },
    [],
    reasoningRules,
  ],
  [
    'sends them where they are taken',
    { temperature: 0 },
    { temperature: 0 },
    [],
    { ...reasoningRules, samplingWhileReasoning: true },
  ],
  [
    'asks for log probabilities',
    { logprobs: true, top_logprobs: 3 },
    { include: ['message.output_text.logprobs'], top_logprobs: 3 },
  ],
  [
    'drops log probabilities while it reasons',
    { logprobs: true },
    { include: ['reasoning.encrypted_content'] },
    ['logprobs'],
    reasoningRules,
  ],
  [
    'sends effort and asks for a summary',
    { reasoning_effort: 'low' },
    { reasoning: { effort: 'low', summary: 'auto' } },
    [],
    reasoningRules,
  ],
  [
    'always asks for a summary',
    {},
    { reasoning: { summary: 'auto' } },
    [],
    { ...reasoningRules, summary: 'on' },
  ],
  [
    'never asks for one when nothing is reasoned',
    { reasoning_effort: 'none' },
    { reasoning: { effort: 'none' } },
    [],
    { ...reasoningRules, summary: 'on' },
  ],
  [
    'moves an effort to the nearest',
    { reasoning_effort: 'none' },
    { reasoning: { effort: 'minimal', summary: 'auto' } },
    ['reasoning_effort'],
    always,
  ],
  [
    'moves a tie down',
    { reasoning_effort: 'medium' },
    { reasoning: { effort: 'low', summary: 'auto' } },
    ['reasoning_effort'],
    always,
  ],
  [
    'passes on an effort it does not know',
    { reasoning_effort: 'turbo' },
    { reasoning: { effort: 'turbo', summary: 'auto' } },
    [],
    always,
  ],
  [
    'drops an effort that nothing reasons with',
    { reasoning_effort: 'high' },
    { reasoning: undefined },
    ['reasoning_effort'],
  ],
  ['has nothing to say to none there', { reasoning_effort: 'none' }, { reasoning: undefined }],
  [
    'drops an effort that the model has no field for',
    { reasoning_effort: 'none' },
    { reasoning: undefined },
    ['reasoning_effort'],
    { ...reasoningRules, reasoning: { efforts: [], default: 'high' } },
  ],
  ['sends verbosity', { verbosity: 'low' }, { text: { verbosity: 'low' } }, [], reasoningRules],
  ['drops verbosity', { verbosity: 'low' }, { text: undefined }, ['verbosity']],
  ['leaves the usual verbosity out', { verbosity: 'medium' }, { text: undefined }],
  [
    'wants any JSON',
    { response_format: { type: 'json_object' } },
    { text: { format: { type: 'json_object' } } },
  ],
  ['wants text', { response_format: { type: 'text' } }, { text: undefined }],
  [
    'wants a schema, flat',
    { response_format: { type: 'json_schema', json_schema: { name: 'a.b', schema, description: 'd' } } },
    { text: { format: { type: 'json_schema', name: 'a_b', description: 'd', schema, strict: false } } },
  ],
  [
    'wants a strict schema',
    {
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema, strict: true } },
      verbosity: 'high',
    },
    { text: { format: { type: 'json_schema', name: 'x', schema: closed, strict: true }, verbosity: 'high' } },
    [],
    reasoningRules,
  ],
  [
    'loosens a schema that has no strict form',
    { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: open, strict: true } } },
    { text: { format: { type: 'json_schema', name: 'x', schema: open, strict: false } } },
    ['response_format.json_schema.schema'],
  ],
  [
    'wants a schema that is not there',
    { response_format: { type: 'json_schema', json_schema: { name: 'x' } } },
    { text: { format: { type: 'json_object' } } },
    ['response_format'],
  ],
  ['names the user', { user: 'u1' }, { safety_identifier: 'u1', user: undefined }],
  ['names the user elsewhere', { user: 'u1' }, { user: 'u1' }, [], { ...plainRules, userField: 'user' }],
  [
    'shortens keys',
    { user: long, prompt_cache_key: long },
    { safety_identifier: createHash('sha256').update(long).digest('hex') },
    ['prompt_cache_key', 'user'],
  ],
  [
    'passes these on',
    { metadata: { a: 'b' }, service_tier: 'flex', prompt_cache_key: 'k' },
    { metadata: { a: 'b' }, service_tier: 'flex', prompt_cache_key: 'k' },
  ],
  [
    'drops what the API lacks',
    {
      stop: ['x'],
      seed: 1,
      n: 2,
      presence_penalty: 0.5,
      frequency_penalty: 1,
      logit_bias: { 5: 1 },
      top_k: 4,
    },
    { stop: undefined, seed: undefined, n: undefined, logit_bias: undefined },
    ['stop', 'seed', 'n', 'presence_penalty', 'frequency_penalty', 'logit_bias', 'top_k'],
  ],
  [
    'drops a stray setting',
    { prediction: { type: 'content' } } as Partial<ChatRequest>,
    { prediction: undefined },
    ['prediction'],
  ],
  [
    'says nothing of settings that change nothing',
    {
      stop: [],
      seed: null,
      n: 1,
      presence_penalty: 0,
      frequency_penalty: 0,
      logit_bias: {},
      logprobs: false,
      stream: true,
      stream_options: {},
    },
    {},
  ],
  [
    'sends flat tools, loose unless asked',
    { tools: [tool] },
    {
      tools: [
        {
          type: 'function',
          name: 'clock',
          parameters: { type: 'object', properties: {}, additionalProperties: false },
          strict: false,
        },
      ],
    },
  ],
  [
    'sends strict tools',
    {
      tools: [
        { type: 'function', function: { name: 'f', description: 'd', parameters: schema, strict: true } },
      ],
    },
    { tools: [{ type: 'function', name: 'f', description: 'd', parameters: closed, strict: true }] },
  ],
  [
    'loosens a tool that has no strict form',
    { tools: [tool, { type: 'function', function: { name: 'f', parameters: open, strict: true } }] },
    { tools: [expect.anything(), { type: 'function', name: 'f', parameters: open, strict: false }] },
    ['tools[1].function.parameters'],
  ],
  [
    'leaves a tool of the provider as it is',
    { tools: [{ type: 'web_search' }] as never },
    { tools: [{ type: 'web_search' }] },
  ],
  [
    'maps tool names',
    {
      tools: [{ type: 'function', function: { name: 'files.read', parameters: schema } }],
      tool_choice: { type: 'function', function: { name: 'files.read' } },
    },
    {
      tools: [{ type: 'function', name: 'files_read', parameters: schema, strict: false }],
      tool_choice: { type: 'function', name: 'files_read' },
    },
  ],
  [
    'sends how to choose',
    { tools: [tool], tool_choice: 'required', parallel_tool_calls: false },
    { tool_choice: 'required', parallel_tool_calls: false },
  ],
  [
    'drops a choice without tools',
    { tool_choice: 'required', parallel_tool_calls: true },
    { tool_choice: undefined, parallel_tool_calls: undefined },
    ['tool_choice'],
  ],
  [
    'drops parallel calls where there are none',
    { tools: [tool], parallel_tool_calls: true },
    { parallel_tool_calls: undefined },
    ['parallel_tool_calls'],
    { ...plainRules, parallelToolCalls: false },
  ],
  [
    'lets the caller have the last word',
    {
      temperature: 0.2,
      provider_options: { openai: { temperature: 0.9, truncation: 'auto' }, other: { x: 1 } },
    },
    {
      temperature: 0.9,
      truncation: 'auto',
      x: undefined,
    },
  ],
]

describe('the body', () => {
  it.each(rows.map((row) => [row[0], row] as const))('%s', (_what, row) => {
    const [, request, expected, warned = [], rules = plainRules] = row
    const { body, warnings } = encode(request, rules)
    const picked = Object.fromEntries(Object.keys(expected).map((name) => [name, body[name]]))
    expect(picked).toEqual(expected)
    expect(warnings.map(({ path }) => path)).toEqual(warned)
  })

  it('goes to /responses and asks for a stream only then', () => {
    expect(encode({}, plainRules, { stream: true }).body).toMatchObject({ stream: true })
  })

  it('refuses what would be dropped, when told so', () => {
    expect(() => encode({ seed: 7 }, plainRules, { unsupported: 'error' })).toThrowError(
      expect.objectContaining({ code: 'invalid_request', path: 'seed' }),
    )
  })

  it('takes options under odd names as plain data', () => {
    const provider_options = JSON.parse('{"openai":{"__proto__":{"polluted":true},"constructor":"x"}}')
    const { body } = encode({ provider_options })
    expect(Object.getPrototypeOf(body)).toBe(Object.prototype)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(body.constructor).toBe('x')
  })

  it('leaves the request as it was', () => {
    const request = {
      tools: [tool],
      temperature: 1,
      provider_options: { openai: { a: 1 } },
      metadata: { a: 'b' },
    }
    const before = structuredClone(request)
    encode(request)
    expect(request).toEqual(before)
  })
})
