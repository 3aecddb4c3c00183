import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isGatewayError } from '../errors/gateway-error.js'
import type {
  ChatChunk,
  ChatDelta,
  ChatResponse,
  ChunkChoice,
  ResponseMessage,
  TokenLogprob,
} from './chat-response.js'
import { checkChunkInvariants } from './chunk-invariants.js'
import { createChunkCollector } from './collect-chunks.js'
import type { GatewayMeta } from './gateway-meta.js'
import { responseToChunks } from './response-to-chunks.js'

const gateway = { requestId: 'req_1', model: 'asked' } as GatewayMeta
const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 }
const chunk = (choices: readonly ChunkChoice[], over: Partial<ChatChunk> = {}): ChatChunk => ({
  id: 'answer',
  object: 'chat.completion.chunk',
  created: 5,
  model: 'm-1',
  choices,
  ...over,
})
const delta = (piece: ChatDelta, index = 0): ChatChunk =>
  chunk([{ index, delta: piece, finish_reason: null }])
const stop = (over: Partial<ChunkChoice> = {}): ChatChunk =>
  chunk([{ index: 0, delta: {}, finish_reason: 'stop', ...over }])
const collect = (...chunks: readonly ChatChunk[]) => {
  const collector = createChunkCollector()
  for (const one of chunks) collector.push(one)
  return collector
}
const messageOf = (...chunks: readonly ChatChunk[]): ResponseMessage | undefined =>
  collect(...chunks, stop()).response(usage, gateway).choices[0]?.message

describe('the collector', () => {
  it('folds a text', () => {
    const collector = collect(
      delta({ role: 'assistant', content: '' }),
      delta({ content: 'Hel' }),
      delta({ content: 'lo' }),
    )
    expect(collector.text()).toBe('Hello')
    expect(collector.isComplete()).toBe(false)
    collector.push(stop({ native_finish_reason: 'end_turn' }))
    expect(collector.isComplete()).toBe(true)
    expect(collector.response(usage, gateway)).toEqual({
      id: 'answer',
      object: 'chat.completion',
      created: 5,
      model: 'm-1',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello', refusal: null },
          finish_reason: 'stop',
          native_finish_reason: 'end_turn',
          logprobs: null,
        },
      ],
      usage,
      gateway,
    })
  })

  it('keeps what stands beside the choices', () => {
    const answer = collect(
      delta({ content: 'x' }),
      chunk([], { service_tier: 'flex', system_fingerprint: 'fp' }),
      stop(),
    ).response(usage, gateway)
    expect(answer).toMatchObject({ service_tier: 'flex', system_fingerprint: 'fp' })
  })

  it('keeps several choices apart, in whatever order they come', () => {
    const collector = collect(
      delta({ content: 'b' }, 1),
      delta({ content: 'a' }, 0),
      delta({ content: 'B' }, 1),
    )
    collector.push(stop({ index: 1 }))
    expect(collector.isComplete()).toBe(false)
    collector.push(stop({ index: 0, finish_reason: 'length' }))
    expect(collector.isComplete()).toBe(true)
    expect(collector.response(usage, gateway).choices).toMatchObject([
      { index: 0, message: { content: 'a' }, finish_reason: 'length' },
      { index: 1, message: { content: 'bB' }, finish_reason: 'stop' },
    ])
  })

  it('joins the pieces of tool calls', () => {
    const call = (index: number, over: object) => delta({ tool_calls: [{ index, ...over }] })
    expect(
      messageOf(
        call(0, { id: 'a', type: 'function', function: { name: 'read', arguments: '' } }),
        call(0, { function: { arguments: '{"p' } }),
        call(1, { id: 'b', type: 'function', function: { name: 'list', arguments: '{}' } }),
        call(0, { function: { arguments: '":1}' } }),
      ),
    ).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'read', arguments: '{"p":1}' } },
        { id: 'b', type: 'function', function: { name: 'list', arguments: '{}' } },
      ],
    })
  })

  it('leaves out a tool call that never came', () => {
    const message = messageOf(
      delta({ tool_calls: [{ index: 1, id: 'b', function: { name: 'list', arguments: '{}' } }] }),
    )
    expect(message?.tool_calls).toEqual([
      { id: 'b', type: 'function', function: { name: 'list', arguments: '{}' } },
    ])
  })

  it.each<[string, ChatDelta[], Partial<ResponseMessage>]>([
    ['no content at all', [{}], { content: '', refusal: null }],
    [
      'a refusal in pieces',
      [{ refusal: 'I ' }, { refusal: 'will not' }],
      { content: null, refusal: 'I will not' },
    ],
    ['a refusal after a text', [{ content: 'Well' }, { refusal: 'no' }], { content: 'Well', refusal: 'no' }],
    [
      'reasoning',
      [{ reasoning_content: 'H' }, { reasoning_content: 'm' }, { content: 'x' }],
      { reasoning_content: 'Hm', content: 'x' },
    ],
    [
      'annotations',
      [{ annotations: [{ type: 'a' }] }, { annotations: [{ type: 'b' }] }],
      { annotations: [{ type: 'a' }, { type: 'b' }] },
    ],
    ['nulls', [{ content: null, refusal: null, reasoning_content: null }], { content: '', refusal: null }],
  ])('folds %s', (_name, deltas, expected) => {
    expect(messageOf(...deltas.map((piece) => delta(piece)))).toMatchObject(expected)
  })

  it('keeps details apart that have ids of their own', () => {
    const piece = (data: string, id?: string) => ({ type: 'reasoning.encrypted', data, index: 0, id })
    const message = messageOf(
      delta({ reasoning_details: [piece('a', 'call_1'), piece('b', 'call_2')] }),
      delta({ reasoning_details: [piece('c', 'call_1')] }),
      delta({ reasoning_details: [piece('d')] }),
    )
    expect(message?.reasoning_details).toEqual([piece('ac', 'call_1'), piece('bd', 'call_2')])
  })

  it('joins the details of reasoning by index and kind, and nothing else', () => {
    const message = messageOf(
      delta({ reasoning_details: [{ type: 'reasoning.text', text: 'I ', index: 0 }] }),
      delta({
        reasoning_details: [
          { type: 'reasoning.text', text: 'think', index: 0, id: 'r1' },
          { type: 'reasoning.summary', summary: 'S', index: 0 },
        ],
      }),
      delta({
        reasoning_details: [
          { type: 'reasoning.text', signature: 'si', index: 0 },
          { type: 'reasoning.text', text: 'other', index: 1 },
        ],
      }),
      delta({
        reasoning_details: [
          { type: 'reasoning.text', signature: 'g', index: 0, format: 'f' },
          { type: 'reasoning.encrypted', data: 'x' },
        ],
      }),
      delta({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'y' }] }),
    )
    expect(message?.reasoning_details).toEqual([
      { type: 'reasoning.text', text: 'I think', index: 0, id: 'r1', signature: 'sig', format: 'f' },
      { type: 'reasoning.summary', summary: 'S', index: 0 },
      { type: 'reasoning.text', text: 'other', index: 1 },
      { type: 'reasoning.encrypted', data: 'x' },
      { type: 'reasoning.encrypted', data: 'y' },
    ])
  })

  it("never changes the adapter's chunks", () => {
    const piece = Object.freeze({ type: 'reasoning.text', text: 'a', index: 0 })
    const message = messageOf(
      delta({ reasoning_details: [piece] }),
      delta({ reasoning_details: [Object.freeze({ ...piece })] }),
    )
    expect(message?.reasoning_details).toEqual([{ type: 'reasoning.text', text: 'aa', index: 0 }])
    expect(piece.text).toBe('a')
  })

  it('joins logprobs, also when a whole answer brings them at once', () => {
    const tokens = (count: number): TokenLogprob[] =>
      Array.from({ length: count }, () => ({ token: 'x', logprob: -1 }))
    const withLogprobs = (logprobs: ChunkChoice['logprobs']) =>
      chunk([{ index: 0, delta: {}, finish_reason: null, logprobs }])
    const answer = collect(
      withLogprobs({ content: tokens(200_000) }),
      withLogprobs({ content: tokens(1), refusal: tokens(2) }),
      withLogprobs(null),
      stop(),
    ).response(usage, gateway)
    expect(answer.choices[0]?.logprobs?.content).toHaveLength(200_001)
    expect(answer.choices[0]?.logprobs?.refusal).toHaveLength(2)
    expect(
      collect(withLogprobs({ content: tokens(1) }), stop()).response(usage, gateway).choices[0]?.logprobs
        ?.refusal,
    ).toBeNull()
  })

  it('begins anew at a restart', () => {
    const collector = collect(
      delta({ content: 'void' }),
      chunk([{ index: 0, delta: { role: 'assistant', content: 'new' }, finish_reason: null }], {
        id: 'second',
        model: 'm-2',
        gateway: { event: 'restart' },
      }),
    )
    expect(collector.text()).toBe('new')
    collector.push(stop())
    expect(collector.response(usage, gateway)).toMatchObject({
      id: 'second',
      model: 'm-2',
      choices: [{ message: { content: 'new' } }],
    })
  })

  it('gives what there is of an answer that broke off', () => {
    const collector = collect(
      delta({
        content: 'so far',
        tool_calls: [{ index: 0, id: 'a', function: { name: 'read', arguments: '{"p' } }],
      }),
      stop({ index: 1, finish_reason: 'length' }),
    )
    expect(collector.isComplete()).toBe(false)
    const partial = collector.partial(usage, gateway)
    expect(partial).toMatchObject({ id: 'answer', usage, gateway })
    expect(partial.choices.map(({ finish_reason }) => finish_reason)).toEqual([null, 'length'])
    expect(partial.choices[0]?.message).toMatchObject({
      content: 'so far',
      tool_calls: [{ function: { arguments: '{"p' } }],
    })
    expect(() => collector.response(usage, gateway)).toThrow(TypeError)
  })

  it('is empty, not complete, before anything came', () => {
    const collector = createChunkCollector()
    expect(collector.text()).toBe('')
    expect(collector.isComplete()).toBe(false)
    expect(collector.partial(usage, gateway)).toEqual({
      id: '',
      object: 'chat.completion',
      created: 0,
      model: 'asked',
      choices: [],
      usage,
      gateway,
    })
  })

  it('does not change what it has handed out', () => {
    const collector = collect(
      delta({
        content: 'a',
        reasoning_details: [{ type: 't', text: 'x', index: 0 }],
        annotations: [{ type: 'n' }],
      }),
    )
    const partial = collector.partial(usage, gateway)
    const before = structuredClone(partial)
    collector.push(
      delta({
        content: 'b',
        reasoning_details: [{ type: 't', text: 'y', index: 0 }],
        annotations: [{ type: 'o' }],
      }),
    )
    expect(partial).toEqual(before)
  })

  it.each([
    ['a choice', (index: number) => delta({ content: 'x' }, index)],
    ['a tool call', (index: number) => delta({ tool_calls: [{ index, id: 'a' }] })],
  ])('refuses to grow without end for the index of %s', (_name, make) => {
    for (const index of [-1, 0.5, NaN, 1e9]) {
      let error: unknown
      try {
        collect(make(index))
      } catch (thrown) {
        error = thrown
      }
      expect(isGatewayError(error, 'bad_response')).toBe(true)
    }
  })
})

describe('responseToChunks', () => {
  const word = fc.string({ maxLength: 8 })
  const logprobs = fc.record({
    content: fc.option(
      fc.array(fc.record({ token: word, logprob: fc.constant(-1) }), { minLength: 1, maxLength: 3 }),
    ),
    refusal: fc.constant(null),
  })
  /** Content is null exactly where the collector makes it so: nothing said, but a call or a refusal. */
  const message = fc
    .record({
      text: fc.string(),
      refusal: fc.option(fc.string({ minLength: 1 })),
      calls: fc.array(
        fc.record({
          id: fc.string({ minLength: 1 }),
          type: fc.constant('function' as const),
          function: fc.record({ name: fc.string({ minLength: 1 }), arguments: word }),
        }),
        { maxLength: 3 },
      ),
      reasoning: word,
      details: fc.array(fc.record({ type: fc.constant('reasoning.text'), text: word }), { maxLength: 2 }),
      annotations: fc.array(fc.record({ type: word }), { maxLength: 2 }),
    })
    .map(({ text, refusal, calls, reasoning, details, annotations }): ResponseMessage => ({
      role: 'assistant',
      content: text === '' && (calls.length > 0 || refusal !== null) ? null : text,
      refusal,
      ...(calls.length > 0 && { tool_calls: calls }),
      ...(reasoning !== '' && { reasoning_content: reasoning }),
      ...(details.length > 0 && { reasoning_details: details }),
      ...(annotations.length > 0 && { annotations }),
    }))
  const response = fc
    .record({
      messages: fc.array(message, { minLength: 1, maxLength: 3 }),
      finish: fc.constantFrom('stop', 'length', 'tool_calls', 'content_filter'),
      native: fc.option(word, { nil: undefined }),
      logprobs: fc.option(logprobs),
      tier: fc.option(word, { nil: undefined }),
    })
    .map(({ messages, finish, native, logprobs: probs, tier }): ChatResponse => ({
      id: 'answer',
      object: 'chat.completion',
      created: 5,
      model: 'm-1',
      choices: messages.map((one, index) => ({
        index,
        message: one,
        finish_reason: finish,
        ...(native !== undefined && { native_finish_reason: native }),
        logprobs: probs,
      })),
      usage,
      ...(tier !== undefined && { service_tier: tier, system_fingerprint: 'fp' }),
      gateway,
    }))

  it('makes chunks that keep the rules and fold to the same answer', () => {
    fc.assert(
      fc.property(response, (whole) => {
        const chunks = responseToChunks(whole)
        expect(checkChunkInvariants(chunks)).toEqual([])
        expect(collect(...chunks).response(whole.usage, whole.gateway)).toEqual(whole)
        expect(chunks).toHaveLength(whole.choices.length + 1)
      }),
    )
  })

  it('gives the same answer however its texts are cut', () => {
    fc.assert(
      fc.property(response, fc.integer({ min: 1, max: 5 }), (whole, size) => {
        const chunks = responseToChunks(whole).flatMap((one) => cut(one, size))
        expect(collect(...chunks).response(whole.usage, whole.gateway)).toEqual(whole)
      }),
    )
  })
})

/** The same chunk as several, with a few characters of text or arguments each. */
function cut(whole: ChatChunk, size: number): readonly ChatChunk[] {
  return whole.choices.length === 0
    ? [whole]
    : whole.choices.flatMap(({ index, delta: all, ...end }) => {
        const { content, tool_calls, reasoning_content, ...rest } = all
        const pieces: ChatDelta[] = [
          { role: 'assistant' },
          ...slices(content, size).map((text) => ({ content: text })),
          ...slices(reasoning_content, size).map((text) => ({ reasoning_content: text })),
          ...(tool_calls ?? []).flatMap((call) => [
            { tool_calls: [{ ...call, function: { name: call.function?.name, arguments: '' } }] },
            ...slices(call.function?.arguments, size).map((text) => ({
              tool_calls: [{ index: call.index, function: { arguments: text } }],
            })),
          ]),
        ]
        const deltas = pieces.map((piece) =>
          chunk([{ index, delta: piece, finish_reason: null }], head(whole)),
        )
        return [...deltas, chunk([{ index, delta: rest, ...end }], head(whole))]
      })
}

const head = ({ service_tier, system_fingerprint }: ChatChunk): Partial<ChatChunk> => ({
  ...(service_tier !== undefined && { service_tier }),
  ...(system_fingerprint !== undefined && { system_fingerprint }),
})

const slices = (text: string | null | undefined, size: number): readonly string[] =>
  Array.from({ length: Math.ceil((text ?? '').length / size) }, (_, i) =>
    (text ?? '').slice(i * size, (i + 1) * size),
  )
