import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSurfaceFault } from '../surface-fault.js'
import { toChatRequest } from './to-chat-request.js'

const ask = { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] }
const read = (fields: object) => toChatRequest({ ...ask, ...fields })
const request = (fields: object) => read(fields).request
const own = (fields: object) => request(fields).provider_options?.['anthropic']
const faultOf = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return isSurfaceFault(error) ? [error.status, error.path] : error
  }
}

describe('settings', () => {
  it.each<[string, object, object]>([
    ['top_k', { top_k: 5 }, { top_k: 5 }],
    ['stop_sequences', { stop_sequences: ['a', 'b'] }, { stop: ['a', 'b'] }],
    ['metadata.user_id', { metadata: { user_id: 'u' } }, { user: 'u' }],
    ['service_tier', { service_tier: 'standard_only' }, { service_tier: 'default' }],
    ['service_tier auto', { service_tier: 'auto' }, { service_tier: 'auto' }],
    ['options of the gateway', { gateway: { tenant: 't' } }, { gateway: { tenant: 't' } }],
  ])('%s', (_name, fields, expected) => expect(request(fields)).toMatchObject(expected))

  it.each([
    { stop_sequences: [] },
    { metadata: { user_id: null } },
    { temperature: null, tools: null, system: null, thinking: null, gateway: null },
    { system: '', stream: false },
  ])('%j says nothing', (fields) => expect(request(fields)).toEqual(request({})))

  it('sends what it does not know to Anthropic alone', () => {
    expect(own({ container: 'c', mcp_servers: [], context_management: null })).toEqual({
      thinking: null,
      output_config: { effort: null },
      container: 'c',
      mcp_servers: [],
    })
  })

  it('lets a client speak to adapters by name', () => {
    const given = { openai: { seed: 1 }, anthropic: { container: 'mine', inference_geo: 'eu' } }
    expect(request({ container: 'c', provider_options: given }).provider_options).toEqual({
      openai: { seed: 1 },
      anthropic: { thinking: null, output_config: { effort: null }, container: 'mine', inference_geo: 'eu' },
    })
  })

  it('tells whether a stream is wanted, and which words stop it', () => {
    expect(read({ stream: true, stop_sequences: ['x'] })).toMatchObject({
      stream: true,
      stopSequences: ['x'],
    })
    expect(read({ stream: 'true' }).stream).toBe(false)
  })
})

describe('thinking', () => {
  it.each<[string, object, string | undefined, boolean]>([
    ['nothing', {}, undefined, false],
    ['a small budget', { thinking: { type: 'enabled', budget_tokens: 1_024 } }, 'low', true],
    ['a budget', { thinking: { type: 'enabled', budget_tokens: 8_000 } }, 'medium', true],
    ['a large budget', { thinking: { type: 'enabled', budget_tokens: 32_000 } }, 'high', true],
    ['adaptive', { thinking: { type: 'adaptive' } }, 'medium', true],
    [
      'adaptive with an effort, unseen',
      { thinking: { type: 'adaptive', display: 'omitted' }, output_config: { effort: 'xhigh' } },
      'xhigh',
      false,
    ],
    ['off', { thinking: { type: 'disabled' }, output_config: { effort: 'high' } }, 'none', false],
    ['an effort alone', { output_config: { effort: 'low' } }, 'low', false],
    ['a form to come', { thinking: { type: 'between_tools' } }, undefined, false],
  ])('%s', (_name, fields, effort, shown) => {
    const { request: asked, showsThinking } = read(fields)
    expect([asked.reasoning_effort, showsThinking]).toEqual([effort, shown])
    expect(asked.provider_options?.['anthropic']).toMatchObject({
      thinking: (fields as { thinking?: object }).thinking ?? null,
    })
  })
})

describe('tools', () => {
  const tool = { name: 'f', input_schema: { type: 'object' } }
  it.each<[object, object]>([
    [{ type: 'auto' }, { tool_choice: 'auto' }],
    [
      { type: 'any', disable_parallel_tool_use: true },
      { tool_choice: 'required', parallel_tool_calls: false },
    ],
    [{ type: 'tool', name: 'f' }, { tool_choice: { type: 'function', function: { name: 'f' } } }],
    [{ type: 'none' }, { tool_choice: 'none' }],
  ])('reads the choice %j', (tool_choice, expected) => {
    expect(request({ tools: [tool], tool_choice })).toMatchObject(expected)
  })

  it("keeps Anthropic's own for Anthropic", () => {
    const bash = { type: 'bash_20250124', name: 'bash' }
    const fields = { tools: [bash, tool], tool_choice: { type: 'tool', name: 'bash' } }
    expect(request(fields).tools).toMatchObject([{ function: { name: 'f' } }])
    expect(request(fields)).not.toHaveProperty('tool_choice')
    expect(own(fields)).toMatchObject({ tools: [bash], tool_choice: fields.tool_choice })
  })
})

describe('an assistant turn', () => {
  const said = (...content: object[]) =>
    request({ messages: [...ask.messages, { role: 'assistant', content }] }).messages[1]
  const text = { type: 'text', text: 'Yes.' }
  const call = { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } }
  const thinking = { type: 'thinking', thinking: 'Hm.', signature: 's' }

  it('needs no blocks where the fields say all', () => {
    const answered = { ...call, caller: { type: 'direct' } }
    expect(said({ ...text, citations: null }, answered)).toEqual({
      role: 'assistant',
      content: 'Yes.',
      tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
    })
    expect(said({ ...text, cache_control: { type: 'ephemeral' } })).toEqual({
      role: 'assistant',
      content: 'Yes.',
      cache_control: { type: 'ephemeral' },
    })
  })

  it.each<[string, object[]]>([
    ['signed thinking', [thinking, text]],
    ['redacted thinking', [{ type: 'redacted_thinking', data: 'x' }, text]],
    ['text after a call', [call, text]],
    ['citations', [{ ...text, citations: [{ type: 'char_location' }] }]],
    ['a cache mark inside', [{ ...text, cache_control: { type: 'ephemeral' } }, call]],
    ['blocks of other kinds', [text, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }]],
    ['a call by code', [{ ...call, caller: { type: 'code_execution_20250825', tool_id: 't' } }]],
  ])('keeps the blocks with %s', (_name, content) => {
    expect(said(...content)).toMatchObject({
      provider_state: { adapter: 'anthropic', model: '*', origin: '*', blocks: content },
    })
  })

  it('leaves out thinking that nobody signed, and blank text', () => {
    expect(said({ ...thinking, signature: '' }, { type: 'text', text: ' ' }, text)).toEqual({
      role: 'assistant',
      content: 'Yes.',
      reasoning_content: 'Hm.',
    })
    expect(said(thinking, { ...thinking, signature: '' }, text)).toMatchObject({
      reasoning_content: 'Hm.Hm.',
      provider_state: { blocks: [thinking, text] },
    })
  })

  it('is built anew where an id would be refused', () => {
    expect(said(thinking, { ...call, id: 'call:1' })).not.toHaveProperty('provider_state')
  })
})

describe('what is refused, with its place', () => {
  it.each<[object, string]>([
    [{ model: 5 }, 'model'],
    [{ messages: 'Hi' }, 'messages'],
    [{ messages: [null] }, 'messages[0]'],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: 5 }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [{}] }] }, 'messages[0].content[0].type'],
    [{ messages: [{ role: 'user', content: [{ type: 'image' }] }] }, 'messages[0].content[0].source'],
    [
      { messages: [{ role: 'user', content: [{ type: 'tool_result', content: 'x' }] }] },
      'messages[0].content[0].tool_use_id',
    ],
    [
      { messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 5 }] }] },
      'messages[0].content[0].id',
    ],
    [{ system: [{ type: 'text' }] }, 'system[0].text'],
    [{ max_tokens: '5' }, 'max_tokens'],
    [{ stop_sequences: 'x' }, 'stop_sequences'],
    [{ tools: [{ name: 'f' }] }, 'tools[0].input_schema'],
    [{ tool_choice: { type: 'all' } }, 'tool_choice.type'],
    [{ thinking: 'on' }, 'thinking'],
    [{ output_config: { format: { type: 'yaml' } } }, 'output_config.format'],
    [{ metadata: { user_id: 5 } }, 'metadata.user_id'],
    [{ gateway: 'x' }, 'gateway'],
    [{ provider_options: [] }, 'provider_options'],
  ])('%j', (fields, path) => expect(faultOf(() => request(fields))).toEqual([400, path]))

  it('never anything but a fault, whatever comes', () => {
    const block = fc.record(
      {
        type: fc.constantFrom(
          'text',
          'image',
          'document',
          'tool_use',
          'tool_result',
          'thinking',
          'search_result',
          'x',
        ),
        text: fc.oneof(fc.string(), fc.jsonValue()),
        source: fc.oneof(
          fc.jsonValue(),
          fc.record({ type: fc.constantFrom('base64', 'url', 'text', 'file', 'content') }),
        ),
        content: fc.jsonValue(),
        id: fc.jsonValue(),
        input: fc.jsonValue(),
        signature: fc.jsonValue(),
        cache_control: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    const content = fc.oneof(fc.jsonValue(), fc.array(block))
    const message = fc.record({ role: fc.constantFrom('user', 'assistant', 'system', 'tool'), content })
    const body = fc.record(
      {
        model: fc.constant('m'),
        messages: fc.array(message),
        system: content,
        tools: fc.oneof(
          fc.jsonValue(),
          fc.array(fc.record({ name: fc.string(), input_schema: fc.jsonValue() })),
        ),
        thinking: fc.jsonValue(),
        output_config: fc.jsonValue(),
        tool_choice: fc.jsonValue(),
      },
      { requiredKeys: ['model', 'messages'] },
    )
    fc.assert(
      fc.property(body, (given) => {
        const outcome = faultOf(() => toChatRequest(given))
        expect(Array.isArray(outcome) ? outcome[0] : outcome).not.toBeInstanceOf(Error)
      }),
    )
  })
})
