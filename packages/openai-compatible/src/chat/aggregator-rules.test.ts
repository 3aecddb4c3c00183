/** What aggregators need of the dialect: rules by model, details of reasoning, options that add to the adapter's own. */
import type { AssistantMessage, ChatRequest } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { contextFor, encodeWith, readStream, sse, type Encoded } from '../../test/chat-support.js'
import { GENERIC_DIALECT, type ChatDialect, type ModelRules } from '../chat-dialect.js'
import { chatProtocol } from './protocol.js'

function encode(request: Partial<ChatRequest>, dialect: Partial<ChatDialect> = {}): Encoded {
  return encodeWith(chatProtocol({ ...GENERIC_DIALECT, ...dialect }), request)
}

const forModel = (model: string, rules: ModelRules): Partial<ChatDialect> => ({
  rulesFor: (asked) => (asked === model ? rules : {}),
})

describe('rules of one model', () => {
  it.each([
    ['acme-1', { max_completion_tokens: 9 }],
    ['other', { max_tokens: 9 }],
  ])('name the limit: rules of %s', (model, expected) => {
    const { body } = encode({ max_tokens: 9 }, forModel(model, { maxTokensField: 'max_completion_tokens' }))
    expect(body).toMatchObject(expected)
    expect(Object.keys(body).filter((field) => field.startsWith('max_'))).toHaveLength(1)
  })

  it('shape the ids of calls and results alike', () => {
    const messages = [
      {
        role: 'assistant',
        tool_calls: [{ id: 'functions.now:0', type: 'function', function: { name: 'now', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'functions.now:0', content: 'noon' },
    ] as const
    const idsIn = (dialect: Partial<ChatDialect>) => {
      const [calling, result] = encode({ messages }, dialect).body.messages
      return [calling.tool_calls[0].id, result.tool_call_id]
    }
    expect(idsIn(forModel('other', { toolCallIds: { maxLength: 40, pattern: 'word' } }))).toEqual([
      'functions.now:0',
      'functions.now:0',
    ])
    const [id, answered] = idsIn(forModel('acme-1', { toolCallIds: { maxLength: 40, pattern: 'word' } }))
    expect(id).toMatch(/^\w+$/)
    expect(answered).toBe(id)
  })
})

describe('details of reasoning', () => {
  const details = [{ type: 'reasoning.text', text: 'why', signature: 'c2ln', index: 0, format: 'f-v1' }]
  const state = { v: 1, model: 'm', origin: 'https://x.example', blocks: [], digest: '' } as const
  const said = { role: 'assistant', content: 'B', reasoning_content: 'why' } as const
  const sent = (message: AssistantMessage, textField?: 'reasoning') => {
    const { body, warnings } = encode(
      { messages: [{ role: 'user', content: 'A' }, message, { role: 'user', content: 'C' }] },
      { replayReasoning: { field: 'reasoning_details', textField } },
    )
    const { role, content, ...reasoning } = body.messages[1]
    expect([role, content]).toEqual(['assistant', 'B'])
    return { reasoning, warnings: warnings.map(({ code }) => code) }
  }

  it.each<[string, AssistantMessage, 'reasoning' | undefined, object, readonly string[]]>([
    [
      'go back as they came',
      { ...said, reasoning_details: details },
      'reasoning',
      { reasoning_details: details },
      [],
    ],
    [
      'go back when they are of this adapter',
      { ...said, reasoning_details: details, provider_state: { ...state, adapter: 'acme' } },
      undefined,
      { reasoning_details: details },
      [],
    ],
    [
      'of another adapter do not go back',
      { ...said, reasoning_details: details, provider_state: { ...state, adapter: 'anthropic' } },
      undefined,
      {},
      ['state_dropped'],
    ],
    [
      'of another adapter leave the text, where there is a field for it',
      { ...said, reasoning_details: details, provider_state: { ...state, adapter: 'anthropic' } },
      'reasoning',
      { reasoning: 'why' },
      ['state_dropped'],
    ],
    ['are missing: the text goes', said, 'reasoning', { reasoning: 'why' }, []],
    ['are empty: the text goes', { ...said, reasoning_details: [] }, 'reasoning', { reasoning: 'why' }, []],
    ['are missing and there is no field for the text', said, undefined, {}, []],
  ])('%s', (_name, message, textField, expected, codes) => {
    const { reasoning, warnings } = sent(message, textField)
    expect(reasoning).toEqual(expected)
    expect(warnings).toEqual(codes)
  })

  const chunk = (delta: object, rest: object = {}) => ({
    id: 'a',
    model: 'm',
    choices: [{ index: 0, delta, ...rest }],
  })
  const read = (...deltas: readonly object[]) =>
    readStream(
      chatProtocol(GENERIC_DIALECT),
      [
        Buffer.from(
          sse(...deltas.map((delta) => chunk(delta)), chunk({}, { finish_reason: 'stop' }), '[DONE]'),
        ),
      ],
      contextFor(),
    ).chunks

  it('have no nulls, which would end up in the text that is joined', () => {
    const [first] = read({
      reasoning_details: [{ type: 'reasoning.text', text: 'a', signature: null, id: null, index: 0 }],
    })
    expect(first?.choices[0]?.delta.reasoning_details).toEqual([
      { type: 'reasoning.text', text: 'a', index: 0 },
    ])
  })

  it('make no chunk when there are none', () => {
    expect(read({ reasoning_details: [] }, { reasoning_details: [7, {}] }, { content: 'Hi' })).toHaveLength(2)
  })
})

describe('options of the call', () => {
  const dialect: Partial<ChatDialect> = {
    mergedOptions: ['routing', 'plain'],
    amendBody(body) {
      body.routing = { zdr: true, sort: 'price' }
      body.plain = 'text'
      body.replaced = { a: 1 }
    },
  }
  const sent = (acme: ChatRequest['provider_options']) => encode({ provider_options: acme }, dialect).body

  it('add to the objects that the dialect names and replace the others', () => {
    expect(
      sent({ acme: { routing: { sort: 'latency', only: ['x'] }, plain: { b: 2 }, replaced: { b: 2 } } }),
    ).toMatchObject({
      routing: { zdr: true, sort: 'latency', only: ['x'] },
      plain: { b: 2 },
      replaced: { b: 2 },
    })
    expect(sent({ acme: { replaced: { b: 2 } } }).replaced).not.toHaveProperty('a')
  })

  it('take such an object away with null', () => {
    expect(sent({ acme: { routing: null } }).routing).toBeNull()
  })
})

describe('a cache mark on a tool', () => {
  const tools = [
    { type: 'function', function: { name: 'now' }, cache_control: { type: 'ephemeral' } },
  ] as const
  it.each([
    [{ cacheMark: 'cache_control', cacheMarksOnTools: true }, { type: 'ephemeral' }],
    [{ cacheMark: 'cache_control' }, undefined],
    [{ cacheMarksOnTools: true }, undefined],
  ] as const)('by %j', (dialect, expected) => {
    expect(encode({ tools }, dialect).body.tools[0].cache_control).toEqual(expected)
  })
})
