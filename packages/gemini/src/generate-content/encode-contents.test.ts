import { describe, expect, it } from 'vitest'
import {
  makeProviderState,
  type AssistantMessage,
  type ChatMessage,
  type Tool,
  type ToolCall,
} from '@turnout/core/adapter'
import { chatRequest, protocolContext } from '../../test/protocol-context.js'
import { FOREIGN_CALL_SIGNATURE } from './encode-contents.js'
import { encodeRequest } from './encode-request.js'
import type { GenerateContentRequest } from './wire-types.js'

const GEMINI_3 = 'gemini-3-flash-preview'
const ORIGIN = 'https://generativelanguage.googleapis.com'

const user = (content: string): ChatMessage => ({ role: 'user', content })
const call = (id: string, name: string, text = '{}'): ToolCall => ({
  id,
  type: 'function',
  function: { name, arguments: text },
})
const calling = (...tool_calls: ToolCall[]): AssistantMessage => ({
  role: 'assistant',
  content: null,
  tool_calls,
})
const result = (tool_call_id: string, content: string, more: object = {}): ChatMessage => ({
  role: 'tool',
  tool_call_id,
  content,
  ...more,
})
const tool = (name: string): Tool => ({ type: 'function', function: { name } })

function encode(messages: readonly ChatMessage[], model = 'gemini-2.5-flash', tools?: readonly Tool[]) {
  const context = protocolContext({ model })
  const body = encodeRequest(chatRequest({ tools }, messages), context, {}).body as GenerateContentRequest
  return {
    contents: body.contents,
    system: body.systemInstruction,
    warned: context.warnings.map(({ code, path }) => `${code} ${path ?? ''}`.trim()),
  }
}

describe('roles', () => {
  it("gathers system texts, and turns later ones into the user's", () => {
    const got = encode([
      { role: 'system', content: 'Be brief.' },
      {
        role: 'developer',
        content: [
          { type: 'text', text: 'Be ' },
          { type: 'text', text: 'kind.' },
        ],
      },
      { role: 'system', content: '' },
      user('Hello'),
      { role: 'system', content: 'Now shout.' },
    ])
    expect(got.system).toEqual({ parts: [{ text: 'Be brief.\n\nBe kind.' }] })
    expect(got.contents).toEqual([
      { role: 'user', parts: [{ text: 'Hello' }] },
      { role: 'user', parts: [{ text: 'Now shout.' }] },
    ])
    expect(got.warned).toEqual(['content_changed messages[4]'])
  })

  it('lets the user speak first', () => {
    const got = encode([{ role: 'assistant', content: 'Welcome!' }, user('Hi')])
    expect(got.contents.map(({ role }) => role)).toEqual(['user', 'model', 'user'])
    expect(got.warned).toEqual(['content_changed messages[0]'])
  })

  it('leaves empty texts and messages out', () => {
    const got = encode([
      user(''),
      {
        role: 'user',
        content: [
          { type: 'text', text: '' },
          { type: 'text', text: 'x' },
        ],
      },
      { role: 'assistant', content: '' },
      user('y'),
    ])
    expect(got.contents).toEqual([
      { role: 'user', parts: [{ text: 'x' }] },
      { role: 'user', parts: [{ text: 'y' }] },
    ])
    expect(got.warned).toEqual(['content_changed messages[0]', 'content_changed messages[2]'])
  })

  it('sends what an assistant refused, not what it thought', () => {
    const got = encode([
      user('a'),
      { role: 'assistant', content: null, refusal: 'No.', reasoning_content: 'Hmm' },
      user('b'),
    ])
    expect(got.contents[1]).toEqual({ role: 'model', parts: [{ text: 'No.' }] })
  })

  it('puts two messages of the model in a row into one content', () => {
    const { contents } = encode([
      user('a'),
      { role: 'assistant', content: 'One.' },
      calling(call('1', 'f')),
      result('1', 'x'),
    ])
    expect(contents[1]).toEqual({
      role: 'model',
      parts: [{ text: 'One.' }, { functionCall: { name: 'f', args: {} } }],
    })
    expect(contents[2]?.parts).toEqual([{ functionResponse: { name: 'f', response: { result: 'x' } } }])
  })

  it('notes that names are lost', () => {
    expect(encode([{ role: 'user', content: 'a', name: 'Ann' }]).warned).toEqual([
      'content_changed messages[0].name',
    ])
  })

  it.each<[string, readonly ChatMessage[], string, string]>([
    ['only system text', [{ role: 'system', content: 'x' }], 'gemini-2.5-flash', 'messages'],
    [
      'prefill on Gemini 4',
      [user('a'), { role: 'assistant', content: 'The answer' }],
      'gemini-4-argon',
      'messages[1]',
    ],
    [
      'an unanswered call at the end on Gemini 4',
      [user('a'), calling(call('1', 'f'))],
      'gemini-4-argon',
      'messages[1]',
    ],
    ['a lone tool result', [user('a'), result('1', 'x')], 'gemini-2.5-flash', 'messages[1]'],
    [
      'a call without a result',
      [user('a'), calling(call('1', 'f'), call('2', 'g')), result('1', 'x')],
      'gemini-2.5-flash',
      'messages[1].tool_calls[1]',
    ],
    [
      'a call followed by the user',
      [user('a'), calling(call('1', 'f')), user('b')],
      'gemini-2.5-flash',
      'messages[1].tool_calls[0]',
    ],
    [
      'a result too many',
      [user('a'), calling(call('1', 'f')), result('1', 'x'), result('9', 'y')],
      'gemini-2.5-flash',
      'messages[3].tool_call_id',
    ],
    [
      'an unknown role',
      [{ role: 'critic', content: 'x' } as unknown as ChatMessage],
      'gemini-2.5-flash',
      'messages[0].role',
    ],
  ])('refuses %s', (_name, messages, model, path) => {
    expect(() => encode(messages, model)).toThrow(expect.objectContaining({ code: 'invalid_request', path }))
  })

  it('continues an assistant message before Gemini 4', () => {
    expect(
      encode([user('a'), { role: 'assistant', content: 'The answer' }], GEMINI_3).contents.at(-1)?.role,
    ).toBe('model')
  })
})

describe('tool calls and results', () => {
  it('puts all results of a step into one content, in the order of the calls', () => {
    const { contents } = encode([
      user('a'),
      {
        role: 'assistant',
        content: 'Looking.',
        tool_calls: [call('1', 'f', '{"x":[1]}'), call('2', 'g', '')],
      },
      result('2', 'two', { is_error: true }),
      result('1', '{"one":1}'),
      user('b'),
    ])
    expect(contents.slice(1)).toEqual([
      {
        role: 'model',
        parts: [
          { text: 'Looking.' },
          { functionCall: { name: 'f', args: { x: [1] } } },
          { functionCall: { name: 'g', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'f', response: { result: '{"one":1}' } } },
          { functionResponse: { name: 'g', response: { error: 'two' } } },
        ],
      },
      { role: 'user', parts: [{ text: 'b' }] },
    ])
  })

  it('keeps ids apart that are repeated, within a step and over turns', () => {
    const { contents } = encode([
      user('a'),
      calling(call('', 'f'), call('', 'g')),
      result('', 'F'),
      result('', 'G'),
      calling(call('', 'h')),
      result('', 'H'),
    ])
    const responses = contents
      .flatMap(({ parts }) => parts ?? [])
      .flatMap((part) => (part as { functionResponse?: object }).functionResponse ?? [])
    expect(responses).toEqual([
      { name: 'f', response: { result: 'F' } },
      { name: 'g', response: { result: 'G' } },
      { name: 'h', response: { result: 'H' } },
    ])
  })

  it.each([
    ['{"cut', { value: '{"cut' }],
    ['[1]', { value: [1] }],
    ['"text"', { value: 'text' }],
    ['null', { value: null }],
  ])('makes an object of the arguments %s', (text, args) => {
    const got = encode([user('a'), calling(call('1', 'f', text)), result('1', 'x')])
    expect(got.contents[1]?.parts).toEqual([{ functionCall: { name: 'f', args } }])
    expect(got.warned).toEqual(['content_changed messages[1].tool_calls[0].function.arguments'])
  })

  it('maps long and foreign names alike in tools, calls and results', () => {
    const long = `mcp__${'x'.repeat(80)}__do`
    const context = protocolContext({})
    const body = encodeRequest(
      chatRequest(
        { tools: [tool(long), tool('übung')], tool_choice: { type: 'function', function: { name: long } } },
        [user('a'), calling(call('1', long), call('2', '9lives')), result('1', 'x'), result('2', 'y')],
      ),
      context,
      {},
    ).body as GenerateContentRequest
    const [declared] = body.tools as [{ functionDeclarations: { name: string }[] }]
    const [first, second] = declared.functionDeclarations.map(({ name }) => name)
    expect(first).toMatch(/^[A-Za-z_][\w.:-]{0,63}$/)
    expect(second).toBe('_bung')
    expect(body.toolConfig).toEqual({ functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [first] } })
    const names = JSON.stringify(body.contents).match(/"name":"[^"]*"/g)
    expect(names).toEqual([`"name":"${first}"`, '"name":"_9lives"', `"name":"${first}"`, '"name":"_9lives"'])
  })

  it('carries media in tool results where the model takes them, beside the results elsewhere', () => {
    const messages: ChatMessage[] = [
      user('a'),
      calling(call('1', 'shot')),
      {
        role: 'tool',
        tool_call_id: '1',
        content: [
          { type: 'text', text: 'see' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        ],
      },
    ]
    const inlineData = { mimeType: 'image/png', data: 'AAAA' }
    const functionResponse = { name: 'shot', response: { result: 'see' } }
    expect(encode(messages, GEMINI_3).contents[2]?.parts).toEqual([
      { functionResponse: { ...functionResponse, parts: [{ inlineData }] } },
    ])
    expect(encode(messages).contents[2]?.parts).toEqual([{ functionResponse }, { inlineData }])
  })
})

describe('thought signatures', () => {
  const foreignTurn = [user('a'), calling(call('1', 'f'), call('2', 'g')), result('1', 'x'), result('2', 'y')]
  const signatures = (messages: readonly ChatMessage[], model: string) =>
    encode(messages, model).contents.flatMap(({ parts }) =>
      (parts ?? []).map((part) => (part as { thoughtSignature?: string }).thoughtSignature),
    )

  it('puts the placeholder on the first foreign call of each step of the current turn', () => {
    const messages = [...foreignTurn, calling(call('3', 'h')), result('3', 'z')]
    expect(signatures(messages, GEMINI_3)).toEqual([
      undefined,
      FOREIGN_CALL_SIGNATURE,
      undefined,
      undefined,
      undefined,
      FOREIGN_CALL_SIGNATURE,
      undefined,
    ])
    expect(signatures(messages, 'gemini-4-argon')).toContain(FOREIGN_CALL_SIGNATURE)
    expect(signatures(messages, 'gemini-2.5-pro')).not.toContain(FOREIGN_CALL_SIGNATURE)
  })

  it('leaves earlier turns alone', () => {
    expect(
      signatures([...foreignTurn, { role: 'assistant', content: 'Done.' }, user('b')], GEMINI_3),
    ).not.toContain(FOREIGN_CALL_SIGNATURE)
    expect(signatures([...foreignTurn, { role: 'system', content: 'Now.' }], GEMINI_3)).not.toContain(
      FOREIGN_CALL_SIGNATURE,
    )
  })

  const parts = [
    { text: 'thinking', thought: true },
    { text: 'Let me see.' },
    { functionCall: { id: 'native-1', name: 'f', args: { q: 1 } }, thoughtSignature: 'c2ln' },
    { functionCall: { name: 'g', args: {} } },
    { text: '', thoughtSignature: 'ZW1wdHk=' },
  ]
  const subject = {
    content: 'Let me see.',
    reasoning_content: 'thinking',
    tool_calls: [call('native-1', 'f', '{"q":1}'), call('call_x', 'g')],
  }
  const stated = (model: string, origin = ORIGIN): AssistantMessage => ({
    role: 'assistant',
    ...subject,
    provider_state: makeProviderState({ adapter: 'gemini', model, origin }, parts, subject),
  })
  const turn = (message: AssistantMessage): ChatMessage[] => [
    user('a'),
    message,
    result('call_x', 'G'),
    result('native-1', 'F'),
  ]

  it("gives the model's own parts back as they were, with the API's id where it gave one", () => {
    const got = encode(turn(stated('gemini-3.1-pro-preview')), GEMINI_3)
    expect(got.contents[1]).toEqual({ role: 'model', parts })
    expect(got.contents[2]?.parts).toEqual([
      { functionResponse: { id: 'native-1', name: 'f', response: { result: 'F' } } },
      { functionResponse: { name: 'g', response: { result: 'G' } } },
    ])
    expect(got.warned).toEqual([])
  })

  it.each<[string, AssistantMessage, string]>([
    ['another generation', stated('gemini-2.5-flash'), GEMINI_3],
    ['another server', stated(GEMINI_3, 'https://proxy.example'), GEMINI_3],
    ['a message that was edited', { ...stated(GEMINI_3), content: 'Let me not.' }, GEMINI_3],
    ['an unknown model', stated('tuned-a'), 'tuned-b'],
  ])('rebuilds the parts of %s', (_name, message, model) => {
    const got = encode(turn(message), model)
    expect(JSON.stringify(got.contents)).not.toMatch(/c2ln|ZW1wdHk|native-1|thinking/)
    expect(got.warned).toEqual(['state_dropped'])
  })

  it('trusts the state of the same model, whatever its name', () => {
    expect(encode(turn(stated('tuned-a')), 'tuned-a').contents[1]).toEqual({ role: 'model', parts })
  })
})
