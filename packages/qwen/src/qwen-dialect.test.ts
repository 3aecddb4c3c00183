import type { ChatRequest } from '@turnout/core/adapter'
import { chatProtocol } from '@turnout/openai-compatible'
import { describe, expect, it } from 'vitest'
import { encodeWith, type Encoded } from '../../openai-compatible/test/chat-support.js'
import { modelRules } from './models.js'
import { qwenDialect } from './qwen-dialect.js'

const protocol = chatProtocol(qwenDialect(modelRules))
const encode = (request: Partial<ChatRequest>, model = 'qwen-plus'): Encoded =>
  encodeWith(protocol, request, { adapter: 'qwen', provider: 'qwen', model })
const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }] as const
const schema = { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } } as const
const paths = ({ warnings }: Encoded) => warnings.map(({ code, path }) => `${code} ${path}`)
const switchOf = ({ body }: Encoded) => [body.enable_thinking, body.thinking_budget, body.reasoning_effort]

describe('thinking', () => {
  it.each([
    ['qwen-plus', undefined, undefined, undefined],
    ['qwen-plus', 'none', false, undefined],
    ['qwen-plus', 'low', true, 2_048],
    ['qwen-plus', 'max', true, undefined],
    ['qwen3-32b', undefined, undefined, undefined],
    ['qwen3-32b', 'none', false, undefined],
    ['qwen3.6-plus', 'medium', true, 8_192],
    ['qwq-plus', 'low', undefined, 2_048],
    ['qwen3-235b-a22b-thinking-2507', undefined, undefined, undefined],
    ['qwen-max', 'high', undefined, undefined],
  ] as const)('%s, effort %s', (model, effort, on, budget) => {
    expect(switchOf(encode({ ...(effort && { reasoning_effort: effort }) }, model))).toEqual([
      on,
      budget,
      undefined,
    ])
  })

  it('passes an effort on to a model that nothing is known of', () => {
    expect(encode({ reasoning_effort: 'high' }, 'glm-5').body).toMatchObject({ reasoning_effort: 'high' })
  })

  it("leaves the last word to the caller's own field", () => {
    const { body, warnings } = encode(
      { provider_options: { qwen: { enable_thinking: false } }, response_format: schema },
      'qwen3.6-plus',
    )
    expect(body).toMatchObject({ enable_thinking: false, response_format: { type: 'json_schema' } })
    expect(warnings).toEqual([])
  })

  it('is turned off where a form or a tool is demanded and no effort was asked for', () => {
    const formed = encode({ response_format: schema }, 'qwen3.6-plus')
    expect(formed.body).toMatchObject({ enable_thinking: false, response_format: { type: 'json_schema' } })
    expect(paths(formed)).toEqual(['setting_changed reasoning_effort'])
    const forced = encode({ tools, tool_choice: 'required' }, 'qwen3.6-plus')
    expect(forced.body).toMatchObject({ enable_thinking: false, tool_choice: 'required' })
    expect(encode({ response_format: schema }).body).not.toHaveProperty('enable_thinking')
  })

  it('goes on where it was asked for; what it excludes is left out', () => {
    const encoded = encode({
      reasoning_effort: 'low',
      tools,
      tool_choice: 'required',
      response_format: schema,
    })
    expect(encoded.body).toMatchObject({ enable_thinking: true, tool_choice: 'auto' })
    expect(encoded.body).not.toHaveProperty('response_format')
    expect(paths(encoded)).toEqual(['setting_changed tool_choice', 'setting_dropped response_format'])
  })

  it('puts a schema into the instructions of a model that cannot stop thinking', () => {
    const { body } = encode({ response_format: schema }, 'qwq-plus')
    expect(body).not.toHaveProperty('response_format')
    expect(body.messages[0]).toMatchObject({
      role: 'system',
      content: expect.stringContaining('JSON Schema'),
    })
  })

  it('is asked for in streams only, where whole answers may not think', () => {
    const streamOnly = (model: string) => modelRules(model).capabilities?.streamOnly === true
    expect(
      ['qwen3-32b', 'qwq-plus', 'qwen3-omni-flash', 'qwen3-next-80b-a3b-thinking'].map(streamOnly),
    ).not.toContain(false)
    expect(
      ['qwen-plus', 'qwen3-max', 'qwen3.6-plus', 'qwen3-235b-a22b-instruct-2507', 'glm-5'].map(streamOnly),
    ).not.toContain(true)
  })
})

describe('settings', () => {
  it('are fitted, left out with a warning, or sent as they are', () => {
    const dropped = { frequency_penalty: 1, logit_bias: { 1: 1 }, user: 'u', metadata: { a: 'b' } }
    const encoded = encode({
      temperature: 2,
      presence_penalty: 1,
      seed: 1,
      top_k: 3,
      max_completion_tokens: 9,
      ...dropped,
    })
    expect(encoded.body).toEqual({
      model: 'qwen-plus',
      messages: [{ role: 'user', content: 'Hi' }],
      temperature: 1.99,
      presence_penalty: 1,
      seed: 1,
      top_k: 3,
      max_tokens: 9,
    })
    expect(encoded.warnings.map(({ path }) => path).toSorted()).toEqual(
      ['temperature', ...Object.keys(dropped)].toSorted(),
    )
  })

  it('ask for parallel calls, which are off here by default', () => {
    expect(encode({ tools }).body.parallel_tool_calls).toBe(true)
    expect(encode({ tools, parallel_tool_calls: false }).body.parallel_tool_calls).toBe(false)
    expect(encode({}).body).not.toHaveProperty('parallel_tool_calls')
  })
})

describe('messages', () => {
  it('carry audio as a data URI, cache marks, and instructions as system', () => {
    const { body } = encode(
      {
        messages: [
          { role: 'developer', content: 'Be brief.', cache_control: { type: 'ephemeral' } },
          { role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }] },
          {
            role: 'user',
            content: [
              { type: 'input_audio', input_audio: { data: 'data:audio/wav;base64,AA', format: 'wav' } },
            ],
          },
        ],
      },
      'qwen3-omni-flash',
    )
    expect(body.messages).toEqual([
      {
        role: 'system',
        content: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      },
      {
        role: 'user',
        content: [{ type: 'input_audio', input_audio: { data: 'data:;base64,AAAA', format: 'wav' } }],
      },
      {
        role: 'user',
        content: [{ type: 'input_audio', input_audio: { data: 'data:audio/wav;base64,AA', format: 'wav' } }],
      },
    ])
  })
})
