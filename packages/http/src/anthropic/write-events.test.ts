import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  GatewayError,
  responseToChunks,
  type ChatChunk,
  type ChatDelta,
  type ChatResponse,
  type GatewayMeta,
  type ReasoningDetail,
  type ToolCall,
} from '@turnout/core'
import { makeProviderState } from '@turnout/core/adapter'
import { readCarried } from './carried.js'
import { toMessage } from './to-message.js'
import { eventWriter } from './write-events.js'

interface Event {
  readonly type: string
  readonly index?: number
  readonly content_block?: Record<string, unknown>
  readonly delta?: Record<string, unknown>
  readonly [field: string]: unknown
}
type Block = Record<string, unknown>

const read = { showsThinking: true, stopSequences: [] }
const meta = { requestId: 'req_1', provider: 'p', trace: {} } as unknown as GatewayMeta
const usage = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 }
const head = { id: 'a1', object: 'chat.completion.chunk' as const, created: 1, model: 'm' }
const chunk = (delta: ChatDelta, finish: 'stop' | null = null): ChatChunk => ({
  ...head,
  choices: [{ index: 0, delta, finish_reason: finish }],
})
const last: ChatChunk = { ...head, choices: [], usage, gateway: meta }

function events(text: string): Event[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [name = '', data = ''] = frame.split('\n')
      const event = JSON.parse(data.replace(/^data: /, '')) as Event
      expect(name).toBe(`event: ${event.type}`)
      return event
    })
}

function written(chunks: readonly ChatChunk[], reading = read): Event[] {
  const writer = eventWriter(reading, {})
  return events(chunks.map((one) => writer.chunk(one)).join('') + writer.end())
}

/** What a client makes of it; it must be sound at every step. */
function blocksOf(given: readonly Event[]): Block[] {
  const blocks: Block[] = []
  const json: string[] = []
  let open: number | undefined
  const faults: string[] = []
  const check = (isSound: boolean, type: string): void => void (isSound || faults.push(type))
  for (const { type, index, content_block, delta = {} } of given) {
    if (type === 'content_block_start') {
      check(open === undefined && index === blocks.length, type)
      open = index
      blocks.push({ ...content_block })
      json.push('')
    } else if (type === 'content_block_delta') {
      check(index === open, type)
      const block = blocks[index as number] as Block
      if (delta['type'] === 'text_delta') block['text'] = `${String(block['text'])}${String(delta['text'])}`
      if (delta['type'] === 'thinking_delta')
        block['thinking'] = `${String(block['thinking'])}${String(delta['thinking'])}`
      if (delta['type'] === 'signature_delta') block['signature'] = delta['signature']
      if (delta['type'] === 'input_json_delta') json[index as number] += String(delta['partial_json'])
      if (delta['type'] === 'citations_delta')
        block['citations'] = [...((block['citations'] as unknown[] | null) ?? []), delta['citation']]
    } else if (type === 'content_block_stop') {
      check(index === open, type)
      open = undefined
      const text = json[index as number]
      if (text) (blocks[index as number] as Block)['input'] = JSON.parse(text)
    }
  }
  expect([open, faults]).toEqual([undefined, []])
  return blocks
}

/** What is carried is JSON in base64, whose order of fields says nothing. */
const opened = (blocks: readonly Block[]): unknown[] => blocks.map((block) => readCarried(block) ?? block)

const words = fc.string({ minLength: 1, unit: 'grapheme' })
const call: fc.Arbitrary<ToolCall> = fc.record({
  id: words,
  type: fc.constant('function' as const),
  function: fc.record({
    name: words,
    arguments: fc
      .dictionary(words, fc.jsonValue())
      .map((input) => JSON.stringify(input))
      // Left out where a call is read whole: what it gives then is not what was written.
      .filter((json) => !json.includes('"__proto__"')),
  }),
})
const signed = { format: 'anthropic-claude-v1' }
const detail: fc.Arbitrary<ReasoningDetail> = fc.oneof(
  fc.record({
    type: fc.constant('reasoning.text'),
    text: words,
    signature: words,
    format: fc.constant(signed.format),
  }),
  fc.record({ type: fc.constant('reasoning.text'), text: words }),
  fc.record({ type: fc.constant('reasoning.summary'), summary: words }),
  fc.record({
    type: fc.constant('reasoning.encrypted'),
    data: words,
    format: fc.option(fc.constant(signed.format), { nil: undefined }),
  }),
)
const message = fc.record({
  content: fc.option(words),
  tool_calls: fc.array(call, { maxLength: 3 }),
  reasoning_details: fc
    .array(detail, { maxLength: 3 })
    .map((details) => details.map((one, index) => ({ ...one, index }))),
})

describe('a stream', () => {
  it('says what the whole answer says, cut as it may be', () => {
    fc.assert(
      fc.property(message, fc.boolean(), fc.boolean(), (said, showsThinking, inPieces) => {
        const answer: ChatResponse = {
          ...head,
          object: 'chat.completion',
          choices: [
            {
              index: 0,
              message: { role: 'assistant', refusal: null, ...said },
              finish_reason: said.tool_calls.length > 0 ? 'tool_calls' : 'stop',
              logprobs: null,
            },
          ],
          usage,
          gateway: meta,
        }
        const reading = { showsThinking, stopSequences: [] }
        const whole = toMessage(answer, reading, {}) as Record<string, unknown>
        const chunks = responseToChunks(answer).flatMap((one) => (inPieces ? cut(one) : [one]))
        const streamed = written(chunks, reading)
        expect(opened(blocksOf(streamed))).toEqual(opened(whole['content'] as Block[]))
        const end = streamed.at(-2)
        expect(end?.delta?.['stop_reason']).toEqual(whole['stop_reason'])
        expect(end).toMatchObject({ type: 'message_delta', usage: whole['usage'], gateway: meta })
        expect(streamed[0]?.type).toBe('message_start')
        expect(streamed.at(-1)).toEqual({ type: 'message_stop' })
      }),
    )
  })

  it('names no more than it knows at its beginning', () => {
    const [start] = written([chunk({ role: 'assistant' }), chunk({}, 'stop'), last])
    expect(start).toMatchObject({
      message: { id: 'a1', type: 'message', model: 'm', content: [], usage: { input_tokens: 0 } },
    })
  })

  it('comes to its end without usage too', () => {
    expect(written([chunk({ content: 'Hi' }, 'stop')]).map(({ type }) => type)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
  })

  it('refuses to begin anew', () => {
    const writer = eventWriter(read, {})
    const restart = { ...head, choices: [], gateway: { event: 'restart' as const } }
    expect(() => writer.chunk(restart)).toThrow(expect.objectContaining({ status: 400 }))
  })
})

describe("Anthropic's own blocks", () => {
  const owner = { adapter: 'anthropic', model: 'm', origin: 'https://api.anthropic.com' }
  const search = { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'x' } }
  const citation = { type: 'web_search_result_location', url: 'https://example.com' }
  const blocks = [
    { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
    search,
    { type: 'text', text: 'Yes.', citations: [citation] },
    { type: 'tool_use', id: 't1', name: 'f', input: { a: 1 } },
  ]
  const said = {
    content: 'Yes.',
    reasoning_content: 'Hm.',
    tool_calls: [{ id: 't1', type: 'function' as const, function: { name: 'f', arguments: '{"a":1}' } }],
  }
  const state = makeProviderState(owner, blocks, said)

  it('keep their order in an answer of one chunk', () => {
    const delta = {
      ...said,
      tool_calls: said.tool_calls.map((one) => ({ ...one, index: 0 })),
      provider_state: state,
    }
    expect(blocksOf(written([chunk(delta, 'stop'), last]))).toEqual(blocks)
  })

  it('are not told when the answer was changed on its way', () => {
    const delta = { content: 'No.', provider_state: state }
    expect(blocksOf(written([chunk(delta, 'stop'), last]))).toMatchObject([
      { type: 'text', text: 'No.' },
      search,
    ])
  })

  it('stand at the end of a stream that told the others before', () => {
    const pieces = [
      chunk({ reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', index: 0, ...signed }] }),
      chunk({ reasoning_details: [{ type: 'reasoning.text', signature: 'sig', index: 0, ...signed }] }),
      chunk({ content: 'Ye' }),
      chunk({ content: 's.' }),
      chunk({ provider_state: state }, 'stop'),
    ]
    expect(blocksOf(written([...pieces, last]))).toEqual([blocks[0], blocks[2], search])
  })
})

describe('an error', () => {
  const broken = new GatewayError({
    code: 'stream_interrupted',
    message: 'it broke off',
    requestId: 'req_1',
    cause: new GatewayError({ code: 'rate_limited', message: 'too many' }),
  })

  it('is an event by its name, of the kind that the provider gave', () => {
    const [event] = events(eventWriter(read, {}).error(broken))
    expect(event).toMatchObject({
      type: 'error',
      error: {
        type: 'rate_limit_error',
        message: 'it broke off',
        details: { error_code: 'stream_interrupted' },
      },
      request_id: 'req_1',
    })
  })

  it('says nothing of an error that is not ours', () => {
    const text = eventWriter(read, {}).error(new Error('secret'))
    expect(text).not.toContain('secret')
    expect(events(text)[0]).toMatchObject({ error: { type: 'api_error' } })
  })
})

/** Texts letter by letter, and every other thing in a chunk of its own. */
function cut(given: ChatChunk): ChatChunk[] {
  const choice = given.choices[0]
  if (!choice) return [given]
  const { delta, finish_reason } = choice
  const pieces: ChatDelta[] = []
  for (const one of delta.reasoning_details ?? []) {
    const { text, signature, ...rest } = one
    if (text === undefined) pieces.push({ reasoning_details: [one] })
    else {
      for (const letter of text) pieces.push({ reasoning_details: [{ ...rest, text: letter }] })
      if (signature) pieces.push({ reasoning_details: [{ ...rest, signature }] })
    }
  }
  for (const letter of delta.content ?? '') pieces.push({ content: letter })
  for (const one of delta.tool_calls ?? []) {
    const json = one.function?.arguments ?? ''
    pieces.push({ tool_calls: [{ ...one, function: { ...one.function, arguments: '' } }] })
    for (const letter of json)
      pieces.push({ tool_calls: [{ index: one.index, function: { arguments: letter } }] })
  }
  return [
    ...pieces.map((piece) => chunk(piece)),
    { ...given, choices: [{ index: 0, delta: {}, finish_reason }] },
  ]
}
