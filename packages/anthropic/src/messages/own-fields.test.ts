/** What `provider_options` say in Anthropic's own words: for the request, for a part, for a tool, for a message. */
import { makeProviderState, type ChatMessage, type ChatRequest, type UserPart } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { chatRequest, encode } from '../../test/protocol-support.js'

const asked = (model: string, own: object, fields: Partial<ChatRequest> = {}) => {
  const request = chatRequest({ max_tokens: 3_000, ...fields, provider_options: { anthropic: own as never } })
  const { body, paths } = encode(request, { model })
  return {
    thinking: body['thinking'],
    output: body['output_config'],
    maxTokens: body['max_tokens'],
    temperature: body['temperature'],
    paths,
  }
}
const budget = { type: 'enabled', budget_tokens: 2_500 }

describe('thinking of its own', () => {
  it('is sent as it is, with the limit that was named beside it', () => {
    expect(asked('claude-sonnet-4-5', { thinking: budget }, { reasoning_effort: 'low' })).toMatchObject({
      thinking: budget,
      maxTokens: 3_000,
      paths: [],
    })
    expect(asked('claude-sonnet-4-5', { thinking: budget }, { max_tokens: 2_000 }).maxTokens).toBe(4_500)
  })

  it.each(['claude-sonnet-4-5', 'claude-opus-4-8', 'claude-opus-5', 'claude-opus-5-5'])(
    'null says nothing to %s, whatever else does',
    (model) => {
      const own = { thinking: null, output_config: { effort: null } }
      expect(asked(model, own, { reasoning_effort: 'high', max_tokens: 500 })).toEqual({
        thinking: undefined,
        output: undefined,
        maxTokens: 500,
        temperature: undefined,
        paths: [],
      })
    },
  )

  it('leaves sampling as it is where nothing is thought', () => {
    const own = { thinking: null }
    expect(asked('claude-sonnet-4-5', own, { temperature: 0.3, reasoning_effort: 'low' }).temperature).toBe(
      0.3,
    )
  })

  it.each([
    ['claude-opus-4-8', budget, { type: 'adaptive', display: 'summarized' }, { effort: 'low' }],
    ['claude-sonnet-4-5', { type: 'adaptive' }, { type: 'enabled', budget_tokens: 2_048 }, undefined],
    ['claude-3-5-haiku-20241022', budget, undefined, undefined],
    ['claude-opus-5-5', { type: 'disabled' }, { type: 'adaptive', display: 'summarized' }, { effort: 'low' }],
  ])('gives way to reasoning_effort where %s has no such form', (model, thinking, expected, output) => {
    const own = { thinking, output_config: { effort: null } }
    const sent = asked(model, own, { reasoning_effort: 'low', max_tokens: 8_000 })
    expect([sent.thinking, sent.output]).toEqual([expected, output])
    expect(sent.paths).toContain('provider_options.anthropic.thinking')
  })

  it("gives way in a tool loop that another vendor's model began", () => {
    const history: ChatMessage[] = [
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'rain' },
    ]
    const fields: Partial<ChatRequest> = {
      reasoning_effort: 'low',
      max_tokens: 4_000,
      tools: [{ type: 'function', function: { name: 'f' } }],
      provider_options: { anthropic: { thinking: budget } },
    }
    const { body, paths } = encode(chatRequest(fields, history), { model: 'claude-sonnet-4-5' })
    expect(body).not.toHaveProperty('thinking')
    expect(paths).toEqual(['provider_options.anthropic.thinking', 'reasoning_effort'])
    const newer = encode(chatRequest(fields, history), { model: 'claude-opus-4-6' })
    expect(newer.body['thinking']).toEqual({ type: 'adaptive' })
  })

  it('is sent all the same when nothing else says what is wanted', () => {
    expect(asked('claude-opus-4-8', { thinking: budget }).thinking).toEqual(budget)
  })
})

describe('fields of a part', () => {
  const sent = (part: object): unknown => {
    const content = [{ type: 'text', text: 'See:' }, part as UserPart] as const
    return (encode(chatRequest({}, [{ role: 'user', content }])).body.messages[0]!.content as unknown[])[1]
  }

  it('stand beside those that the part gives', () => {
    const own = { citations: { enabled: true }, context: 'A report.' }
    const file = { file_url: 'https://example.com/a.pdf', filename: 'A' }
    expect(
      sent({
        type: 'file',
        file,
        cache_control: { type: 'ephemeral' },
        provider_options: { anthropic: own, openai: { x: 1 } },
      }),
    ).toEqual({
      type: 'document',
      source: { type: 'url', url: 'https://example.com/a.pdf' },
      title: 'A',
      ...own,
      cache_control: { type: 'ephemeral' },
    })
  })

  it('are the whole block where they name a type', () => {
    const own = { type: 'search_result', source: 'a', title: 'A', content: [{ type: 'text', text: 'x' }] }
    expect(sent({ type: 'text', text: 'x', provider_options: { anthropic: own } })).toEqual(own)
    const upload = { type: 'container_upload', file_id: 'f1' }
    expect(sent({ type: 'container_upload', provider_options: { anthropic: upload } })).toEqual(upload)
  })
})

describe('tools', () => {
  it('may have fields of their own', () => {
    const { body } = encode(
      chatRequest({
        tools: [
          {
            type: 'function',
            function: { name: 'f' },
            provider_options: { anthropic: { defer_loading: true } },
          },
        ],
      }),
    )
    expect(body['tools']).toEqual([
      { name: 'f', input_schema: { type: 'object', properties: {} }, defer_loading: true },
    ])
  })

  it("are not made up for a history of Anthropic's own tools", () => {
    const bash = { type: 'bash_20250124', name: 'bash' }
    const history: ChatMessage[] = [
      { role: 'user', content: 'Look.' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'bash', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'toolu_1', content: 'a.txt' },
    ]
    const { body } = encode(chatRequest({ provider_options: { anthropic: { tools: [bash] } } }, history))
    expect(body['tools']).toEqual([bash])
    expect(body).not.toHaveProperty('tool_choice')
  })
})

it('replays blocks of which nobody knows who wrote them', () => {
  const blocks = [
    { type: 'thinking', thinking: 'Hm.', signature: 's' },
    { type: 'text', text: 'Yes.' },
  ]
  const said = { role: 'assistant', content: 'Yes.', reasoning_content: 'Hm.' } as const
  const provider_state = makeProviderState({ adapter: 'anthropic', model: '*', origin: '*' }, blocks, said)
  const turns: ChatMessage[] = [
    { role: 'user', content: 'Well?' },
    { ...said, provider_state },
    { role: 'user', content: 'Sure?' },
  ]
  const { body, codes } = encode(chatRequest({}, turns))
  expect(body.messages[1]).toEqual({ role: 'assistant', content: blocks })
  expect(codes).toEqual([])
})
