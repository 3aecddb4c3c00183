import type { ChatMessage, ToolCall } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { chatRequest, encode } from '../../test/protocol-support.js'

const user = (content: string): ChatMessage => ({ role: 'user', content })
const assistant = (content: string, calls?: readonly ToolCall[]): ChatMessage => ({
  role: 'assistant',
  content,
  ...(calls && { tool_calls: calls }),
})
const system = (content: string): ChatMessage => ({ role: 'system', content })
const call = (id: string, json = '{"city":"Oslo"}', name = 'get_weather'): ToolCall => ({
  id,
  type: 'function',
  function: { name, arguments: json },
})
const result = (id: string, content = '4 degrees', more: object = {}): ChatMessage => ({
  role: 'tool',
  tool_call_id: id,
  content,
  ...more,
})
const sent = (messages: readonly ChatMessage[], model = 'claude-sonnet-4-5') =>
  encode(chatRequest({}, messages), { model })

describe('system messages', () => {
  it('takes the first ones out of the conversation', () => {
    const { body, warnings } = sent([system('Be brief.'), user('Hi')])
    expect(body).toMatchObject({ system: 'Be brief.', messages: [{ role: 'user', content: 'Hi' }] })
    expect(warnings).toEqual([])
  })

  it('keeps several apart, developer messages among them, and drops blank ones', () => {
    const { body } = sent([
      system('One.'),
      { role: 'developer', content: [{ type: 'text', text: 'Two.' }] },
      system('  '),
      user('Hi'),
    ])
    expect(body['system']).toEqual([
      { type: 'text', text: 'One.' },
      { type: 'text', text: 'Two.' },
    ])
  })

  it('turns later ones into user text for models that know no such role', () => {
    const { body, codes, paths } = sent([
      user('Hi'),
      assistant('Hello'),
      system('Speak French.'),
      user('Go on'),
    ])
    expect(body.messages).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
      {
        role: 'user',
        content: [
          { type: 'text', text: '<system>\nSpeak French.\n</system>' },
          { type: 'text', text: 'Go on' },
        ],
      },
    ])
    expect([codes, paths]).toEqual([['content_changed'], ['messages[2]']])
  })

  it.each([
    ['after a user turn, at the end', [user('Hi'), system('A'), system('B')], ['user', 'system'], 0],
    [
      'after a user turn, before the assistant',
      [user('Hi'), system('A'), assistant('Yes'), user('So?')],
      ['user', 'system', 'assistant', 'user'],
      0,
    ],
    [
      'after the assistant',
      [user('Hi'), assistant('Yes'), system('A'), user('So?')],
      ['user', 'assistant', 'user'],
      1,
    ],
    ['between two user messages', [user('Hi'), system('A'), user('So?')], ['user'], 1],
  ] as const)('keeps the role on Opus 4.8 where it may stand: %s', (_place, messages, roles, warned) => {
    const { body, codes } = sent(messages, 'claude-opus-4-8')
    expect(body.messages.map(({ role }) => role)).toEqual(roles)
    expect(codes).toHaveLength(warned)
  })
})

describe('turns', () => {
  it('merges neighbours of one role', () => {
    const { body } = sent([user('a'), user('b'), assistant('c'), assistant('d'), user('e')])
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'c' },
          { type: 'text', text: 'd' },
        ],
      },
      { role: 'user', content: 'e' },
    ])
  })

  it.each([
    [
      'the assistant',
      [assistant('Hello'), user('Hi')],
      [
        { role: 'user', content: 'Begin.' },
        { role: 'assistant', content: 'Hello' },
        { role: 'user', content: 'Hi' },
      ],
    ],
    ['nothing but a system message', [system('Tell a joke.')], [{ role: 'user', content: 'Begin.' }]],
  ] as const)(
    'begins with a user message when the conversation begins with %s',
    (_what, messages, expected) => {
      const { body, codes } = sent(messages)
      expect(body.messages).toEqual(expected)
      expect(codes).toEqual(['content_changed'])
    },
  )

  it('lets no system turn stand before a user turn when the assistant said nothing between', () => {
    const { body } = sent([user('a'), system('b'), assistant(' '), user('c')], 'claude-opus-4-8')
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
          { type: 'text', text: 'c' },
        ],
      },
    ])
  })

  it('drops empty and blank text', () => {
    const { body } = sent([
      user('Hi'),
      assistant(''),
      {
        role: 'user',
        content: [
          { type: 'text', text: ' \n' },
          { type: 'text', text: 'still there?' },
          { type: 'text', text: '' },
        ],
      },
    ])
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hi' },
          { type: 'text', text: 'still there?' },
        ],
      },
    ])
  })

  it('refuses a conversation without any content', () => {
    expect(() => sent([user(' ')])).toThrow(
      expect.objectContaining({ code: 'invalid_request', path: 'messages' }),
    )
  })

  it('refuses an unknown role', () => {
    const messages = [user('Hi'), { role: 'oracle', content: 'x' }] as unknown as ChatMessage[]
    expect(() => sent(messages)).toThrow(
      expect.objectContaining({ code: 'invalid_request', path: 'messages[1].role' }),
    )
  })

  it('sends refusals and refusal parts as text', () => {
    const { body } = sent([
      user('a'),
      { role: 'assistant', content: null, refusal: 'I cannot.' },
      user('b'),
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Well. ' },
          { type: 'refusal', refusal: 'No.' },
        ],
      },
      user('c'),
    ])
    expect([body.messages[1]?.content, body.messages[3]?.content]).toEqual([
      'I cannot.',
      [
        { type: 'text', text: 'Well. ' },
        { type: 'text', text: 'No.' },
      ],
    ])
  })
})

describe('an assistant message at the end', () => {
  it('is continued where the model can, without white space at its end', () => {
    const { body, warnings } = sent([user('Name a bird'), assistant('The bird is ')])
    expect(body.messages.at(-1)).toEqual({ role: 'assistant', content: 'The bird is' })
    expect(warnings).toEqual([])
  })

  it('is answered by a user message where the model cannot', () => {
    const { body, codes, paths } = sent([user('Name a bird'), assistant('The bird is ')], 'claude-sonnet-4-6')
    expect(body.messages.slice(1)).toEqual([
      { role: 'assistant', content: 'The bird is ' },
      { role: 'user', content: 'Continue.' },
    ])
    expect([codes, paths]).toEqual([['setting_changed'], ['messages[1]']])
  })

  it('is answered by a user message when a schema is to be kept', () => {
    const { body } = encode(
      chatRequest(
        {
          response_format: { type: 'json_schema', json_schema: { name: 'bird', schema: { type: 'object' } } },
        },
        [user('Name a bird'), assistant('The')],
      ),
    )
    expect(body.messages.at(-1)).toEqual({ role: 'user', content: 'Continue.' })
  })

  it('is refused there by policy', () => {
    const request = chatRequest({}, [user('Name a bird'), assistant('The bird is')])
    expect(() => encode(request, { model: 'claude-opus-5', unsupported: 'error' })).toThrow(
      expect.objectContaining({ code: 'invalid_request', path: 'messages[1]' }),
    )
  })

  it('wins over thinking with a budget', () => {
    const { body, paths } = encode(
      chatRequest({ reasoning_effort: 'low' }, [user('Name a bird'), assistant('The')]),
    )
    expect(body.messages.at(-1)).toEqual({ role: 'assistant', content: 'The' })
    expect(body).not.toHaveProperty('thinking')
    expect(paths).toEqual(['reasoning_effort'])
  })
})

describe('tool calls and results', () => {
  it('puts all results first into the one user turn that follows', () => {
    const { body } = sent([
      user('Weather?'),
      assistant('Looking.', [call('a'), call('b', '{}')]),
      result('a'),
      user('Hurry up.'),
      result('b', 'It broke', { is_error: true }),
      assistant('Sorry.'),
      user('Why?'),
    ])
    expect(body.messages.slice(1, 3)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Looking.' },
          { type: 'tool_use', id: 'a', name: 'get_weather', input: { city: 'Oslo' } },
          { type: 'tool_use', id: 'b', name: 'get_weather', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: '4 degrees' },
          { type: 'tool_result', tool_use_id: 'b', content: 'It broke', is_error: true },
          { type: 'text', text: 'Hurry up.' },
        ],
      },
    ])
  })

  it('leaves the content of an empty result out', () => {
    const { body } = sent([user('x'), assistant('', [call('a')]), result('a', '')])
    expect(body.messages[2]?.content).toEqual([{ type: 'tool_result', tool_use_id: 'a' }])
  })

  it('carries images in results', () => {
    const image: ChatMessage = {
      role: 'tool',
      tool_call_id: 'a',
      content: [
        { type: 'text', text: 'Seen:' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      ],
    }
    expect(sent([user('x'), assistant('', [call('a')]), image]).body.messages[2]?.content).toEqual([
      {
        type: 'tool_result',
        tool_use_id: 'a',
        content: [
          { type: 'text', text: 'Seen:' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
        ],
      },
    ])
  })

  it.each([
    ['', {}],
    ['  ', {}],
    ['{"city":"Os', { invalid_arguments: '{"city":"Os' }],
    ['["Oslo"]', { invalid_arguments: '["Oslo"]' }],
    ['null', { invalid_arguments: 'null' }],
  ])('sends the arguments %j as an object', (json, input) => {
    const { body } = sent([user('x'), assistant('', [call('a', json)]), result('a')])
    expect(body.messages[1]?.content).toEqual([{ type: 'tool_use', id: 'a', name: 'get_weather', input }])
  })

  it('maps foreign ids alike for calls and results, each once in the conversation', () => {
    const ids = ['functions.get_weather:0', 'call_1|fc_2', '']
    const turn = (question: string): ChatMessage[] => [
      user(question),
      assistant(
        '',
        ids.map((id) => call(id)),
      ),
      ...ids.map((id) => result(id, `for ${id}`)),
    ]
    const { body } = sent([...turn('one'), ...turn('two')])
    const blocks = body.messages.flatMap(
      ({ content }) => content as { type: string; id?: string; tool_use_id?: string }[],
    )
    const called = blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id)
    const answered = blocks.filter(({ type }) => type === 'tool_result').map((block) => block.tool_use_id)
    expect(answered).toEqual(called)
    expect(new Set(called).size).toBe(6)
    expect(called.filter((id) => !/^[a-zA-Z0-9_-]{1,64}$/.test(id ?? ''))).toEqual([])
    expect(sent([...turn('one'), ...turn('two')]).body).toEqual(body)
  })

  it('pairs results with calls of the same id in their order', () => {
    const { body } = sent([
      user('x'),
      assistant('', [call('same'), call('same')]),
      result('same', 'first'),
      result('same', 'second'),
    ])
    const [first, second] = body.messages[1]!.content as { id: string }[]
    expect(body.messages[2]?.content).toEqual([
      { type: 'tool_result', tool_use_id: first?.id, content: 'first' },
      { type: 'tool_result', tool_use_id: second?.id, content: 'second' },
    ])
    expect(first?.id).not.toBe(second?.id)
  })

  it.each([
    ['a result without a call', [user('x'), result('a')], 'messages[1].tool_call_id'],
    [
      'a second result for one call',
      [user('x'), assistant('', [call('a')]), result('a'), result('a')],
      'messages[3].tool_call_id',
    ],
    [
      'a result for a call of an earlier turn',
      [user('x'), assistant('', [call('a')]), result('a'), assistant('y'), result('a')],
      'messages[4].tool_call_id',
    ],
    [
      'a call without a result',
      [user('x'), assistant('', [call('a'), call('b')]), result('a'), assistant('y')],
      'messages[3]',
    ],
    ['a call without a result at the end', [user('x'), assistant('', [call('a')])], 'messages'],
  ] as const)('refuses %s', (_what, messages, path) => {
    expect(() => sent(messages)).toThrow(expect.objectContaining({ code: 'invalid_request', path }))
  })

  it('sends foreign reasoning nowhere', () => {
    const { body } = sent([
      user('x'),
      {
        role: 'assistant',
        content: 'y',
        reasoning_content: 'hidden thoughts',
        reasoning_details: [{ type: 'reasoning.text', text: 'hidden thoughts', signature: 'foreign' }],
      },
      user('z'),
    ])
    expect(JSON.stringify(body)).not.toMatch(/hidden|foreign/)
  })
})
