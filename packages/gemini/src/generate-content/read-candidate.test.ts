import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '@turnout/core/adapter'
import { foldChunks } from '../../test/fold-chunks.js'
import { chatRequest, protocolContext } from '../../test/protocol-context.js'
import { generateContent } from './protocol.js'

const protocol = generateContent()
const HEAD = { responseId: 'resp-1', modelVersion: 'gemini-3-flash-preview' }
const event = (parts: readonly object[], more: object = {}): object => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
  ...HEAD,
})
const STOP = { finishReason: 'STOP' }

function streamed(events: readonly object[], request: Partial<ChatRequest> = {}) {
  const context = protocolContext({
    model: 'gemini-3-flash-preview',
    stream: true,
    request: chatRequest(request),
  })
  const state = protocol.start(context)
  const chunks = [
    ...events.flatMap((data) => protocol.step(state, { data: JSON.stringify(data) })),
    ...protocol.end(state),
  ]
  return { chunks, context }
}

describe('chunks', () => {
  it('are none for events that tell nothing', () => {
    const { chunks } = streamed([
      { ...HEAD, usageMetadata: { promptTokenCount: 3 } },
      event([]),
      event([{ text: '' }]),
      { ...HEAD, candidates: [null, { index: 0 }] },
      event([{ text: 'x' }], STOP),
    ])
    expect(chunks.map(({ choices }) => choices.map(({ delta }) => delta))).toEqual([
      [{ role: 'assistant', content: 'x' }],
      [{}],
      [],
    ])
  })

  it('open with the role even when nothing but an end comes', () => {
    const { chunks } = streamed([{ ...HEAD, candidates: [{ finishReason: 'SPII' }] }])
    expect(chunks[0]?.choices).toEqual([
      {
        index: 0,
        delta: { role: 'assistant' },
        finish_reason: 'content_filter',
        native_finish_reason: 'SPII',
      },
    ])
  })

  it('keep the candidates apart', () => {
    const both = (a: string, b: string, more: object = {}) => ({
      ...HEAD,
      candidates: [
        { index: 0, content: { parts: [{ text: a }] }, ...more },
        { index: 1, content: { parts: [{ functionCall: { name: b } }] }, ...more },
      ],
    })
    const { chunks } = streamed([both('a', 'f'), both('b', 'g', STOP)])
    expect(foldChunks(chunks, 0)).toMatchObject({ text: 'ab', finish: 'stop' })
    const second = foldChunks(chunks, 1)
    expect(second).toMatchObject({
      finish: 'tool_calls',
      toolCalls: [
        { name: 'f', arguments: '{}' },
        { name: 'g', arguments: '{}' },
      ],
    })
    expect(new Set(second.toolCalls.map(({ id }) => id)).size).toBe(2)
  })

  it('carry logprobs', () => {
    const scored = (token: string) => ({
      logprobsResult: {
        chosenCandidates: [{ token, logProbability: -0.5, tokenId: 1 }],
        topCandidates: [{ candidates: [{ token, logProbability: -0.5 }] }],
      },
    })
    const { chunks } = streamed([
      event([{ text: 'a' }], scored('a')),
      event([{ text: 'b' }], { ...scored('b'), ...STOP }),
    ])
    expect(chunks[0]?.choices[0]?.logprobs).toEqual({
      content: [{ token: 'a', logprob: -0.5, top_logprobs: [{ token: 'a', logprob: -0.5 }] }],
    })
    const whole = protocol.decode(event([{ text: 'a' }], { ...scored('a'), ...STOP }), protocolContext())
    expect([foldChunks(chunks).logprobs, foldChunks(whole).logprobs]).toEqual([2, 1])
  })

  it('are one per choice for a whole answer', () => {
    const whole = protocol.decode(
      {
        ...event([{ text: 't', thought: true }, { text: 'a' }, { functionCall: { name: 'f' } }], STOP),
        usageMetadata: { promptTokenCount: 1 },
      },
      protocolContext(),
    )
    expect(whole).toHaveLength(2)
    expect(whole[0]?.choices[0]?.delta).toMatchObject({
      role: 'assistant',
      reasoning_content: 't',
      content: 'a',
      tool_calls: [{ index: 0, function: { name: 'f', arguments: '{}' } }],
    })
  })

  it('tell a finish word that is not known yet', () => {
    const { chunks, context } = streamed([event([{ text: 'a' }], { finishReason: 'SOMETHING_NEW' })])
    expect(foldChunks(chunks)).toMatchObject({ finish: 'stop', native: 'SOMETHING_NEW' })
    expect(context.warnings).toMatchObject([{ code: 'event_skipped' }])
  })
})

describe('tool calls', () => {
  it("keep the API's ids, once each, and get the same made-up ones every time", () => {
    const events = [
      event([{ functionCall: { id: 'a', name: 'f' } }, { functionCall: { id: 'a', name: 'f' } }]),
      event([{ functionCall: { name: 'f' } }, { functionCall: { id: '', name: 'f' } }], STOP),
    ]
    const ids = foldChunks(streamed(events).chunks).toolCalls.map(({ id }) => id)
    expect(ids[0]).toBe('a')
    expect(new Set(ids).size).toBe(4)
    expect(foldChunks(streamed(events).chunks).toolCalls.map(({ id }) => id)).toEqual(ids)
    for (const id of ids) expect(id).toMatch(/^[\w-]{1,40}$/)
  })

  it("get the caller's names back", () => {
    const name = `${'long'.repeat(30)}.name`
    const tools = [{ type: 'function' as const, function: { name } }]
    const request = chatRequest({ tools })
    const { body } = protocol.encode(request, protocolContext({ request }))
    const wire = (body as { tools: [{ functionDeclarations: [{ name: string }] }] }).tools[0]
      .functionDeclarations[0].name
    expect(wire).not.toBe(name)
    expect(
      foldChunks(streamed([event([{ functionCall: { name: wire } }], STOP)], { tools }).chunks).toolCalls[0]
        ?.name,
    ).toBe(name)
  })

  it('without a name are no answer', () => {
    expect(() => streamed([event([{ functionCall: { args: { a: 1 } } }], STOP)])).toThrow(
      expect.objectContaining({ code: 'bad_response' }),
    )
  })

  it('cut off by the limit are not handed out', () => {
    const { chunks } = streamed([
      event([{ functionCall: { name: 'f', willContinue: true } }]),
      event(
        [
          {
            functionCall: {
              partialArgs: [{ jsonPath: '$.a', stringValue: 'x', willContinue: true }],
              willContinue: true,
            },
          },
        ],
        { finishReason: 'MAX_TOKENS' },
      ),
    ])
    expect(foldChunks(chunks)).toMatchObject({ toolCalls: [], finish: 'length' })
  })

  it('that come in pieces are put together', () => {
    const piece = (functionCall: object, more: object = {}) => event([{ functionCall, ...more }])
    const { chunks } = streamed([
      piece({ name: 'book', willContinue: true }, { thoughtSignature: 'c2ln' }),
      piece({
        partialArgs: [{ jsonPath: '$.city', stringValue: 'New ', willContinue: true }],
        willContinue: true,
      }),
      piece({ partialArgs: [{ jsonPath: '$.city', stringValue: 'Delhi' }], willContinue: true }),
      piece({
        partialArgs: [
          { jsonPath: '$.guests[0].age', numberValue: 0 },
          { jsonPath: '$.guests[1].age', numberValue: 7 },
          { jsonPath: '$.late', boolValue: false },
        ],
        willContinue: true,
      }),
      piece({}),
      piece({}),
      event([{ functionCall: { name: 'now', args: {} } }], STOP),
    ])
    const { toolCalls, state } = foldChunks(chunks)
    expect(toolCalls.map(({ name, arguments: text }) => [name, JSON.parse(text)])).toEqual([
      ['book', { city: 'New Delhi', guests: [{ age: 0 }, { age: 7 }], late: false }],
      ['now', {}],
    ])
    expect(state?.blocks).toMatchObject([
      { functionCall: { name: 'book' }, thoughtSignature: 'c2ln' },
      { functionCall: { name: 'now' } },
    ])
  })
})

describe('provider_state', () => {
  it('is left out while the standard fields say it all', () => {
    expect(
      foldChunks(
        streamed([
          event([{ text: 't', thought: true }, { text: 'a' }, { functionCall: { name: 'f' } }], STOP),
        ]).chunks,
      ).state,
    ).toBeUndefined()
  })

  it('joins plain texts and touches no part with a signature', () => {
    const { chunks } = streamed([
      event([{ text: 't1', thought: true }]),
      event([{ text: 't2', thought: true }]),
      event([{ text: 'a' }]),
      event([{ text: 'b' }]),
      event([{ text: 'c', thoughtSignature: 'x' }]),
      event([{ text: 'd' }, { text: '', thoughtSignature: 'y' }]),
      event([{ thoughtSignature: 'z' }], STOP),
    ])
    expect(foldChunks(chunks).state?.blocks).toEqual([
      { text: 't1t2', thought: true },
      { text: 'ab' },
      { text: 'c', thoughtSignature: 'x' },
      { text: 'd' },
      { text: '', thoughtSignature: 'y' },
      { text: '', thoughtSignature: 'z' },
    ])
  })

  it('goes back as it came, while the message is the same', () => {
    const parts = [
      { text: 'Hm.', thought: true },
      { text: 'I look.' },
      { functionCall: { id: 'n1', name: 'f', args: { b: 1, a: 2 } }, thoughtSignature: 's' },
    ]
    const { text, reasoning, toolCalls, state } = foldChunks(streamed([event(parts, STOP)]).chunks)
    const message = {
      role: 'assistant' as const,
      content: text,
      reasoning_content: reasoning,
      provider_state: state,
      tool_calls: toolCalls.map(({ id, name, arguments: args }) => ({
        id,
        type: 'function' as const,
        function: { name, arguments: args },
      })),
    }
    const stored = JSON.parse(JSON.stringify(message)) as typeof message
    const request = chatRequest({}, [
      { role: 'user', content: 'q' },
      stored,
      { role: 'tool', tool_call_id: 'n1', content: 'r' },
    ])
    const { body } = protocol.encode(request, protocolContext({ model: 'gemini-3.1-pro-preview', request }))
    expect((body as { contents: { parts: object[] }[] }).contents[1]?.parts).toEqual(parts)
  })

  it('holds what has no other place, told as annotations too', () => {
    const inlineData = { mimeType: 'image/png', data: 'QUJD' }
    const executableCode = { language: 'PYTHON', code: 'print(1)' }
    const { annotations, state } = foldChunks(
      streamed([event([{ executableCode }, { inlineData, thoughtSignature: 's' }], STOP)]).chunks,
    )
    expect(annotations).toEqual([
      { type: 'executable_code', executable_code: executableCode },
      { type: 'inline_data', inline_data: inlineData },
    ])
    expect(state?.blocks).toEqual([{ executableCode }, { inlineData, thoughtSignature: 's' }])
  })
})

describe('annotations', () => {
  const text = 'Žižkov has 1 tower. It is tall.'
  const first = 'Žižkov has 1 tower.'

  it('place sources in the text, whatever the bytes', () => {
    const groundingMetadata = {
      webSearchQueries: ['tower'],
      groundingChunks: [
        { web: { uri: 'https://a.example', title: 'A' } },
        { retrievedContext: { uri: 'https://b.example' } },
        {},
      ],
      groundingSupports: [
        { segment: { endIndex: Buffer.byteLength(first), text: first }, groundingChunkIndices: [0, 1, 2, 9] },
        {
          segment: { startIndex: Buffer.byteLength(`${first} `), endIndex: Buffer.byteLength(text) },
          groundingChunkIndices: [0],
        },
        { segment: { startIndex: 0, endIndex: 4, text: 'not there' }, groundingChunkIndices: [0] },
      ],
    }
    const { annotations } = foldChunks(
      streamed([event([{ text }]), event([], { groundingMetadata, ...STOP })]).chunks,
    )
    const cited = (url: string, more: object) => ({ type: 'url_citation', url_citation: { url, ...more } })
    expect(annotations).toEqual([
      cited('https://a.example', { title: 'A', start_index: 0, end_index: first.length }),
      cited('https://b.example', { start_index: 0, end_index: first.length }),
      cited('https://a.example', { title: 'A', start_index: first.length + 1, end_index: text.length }),
      cited('https://a.example', { title: 'A' }),
      { type: 'grounding_metadata', grounding_metadata: groundingMetadata },
    ])
  })

  it('name each citation once', () => {
    const citationMetadata = {
      citations: [
        { startIndex: 1, endIndex: 3, uri: 'https://c.example', license: 'mit' },
        { startIndex: 1, endIndex: 2 },
      ],
    }
    const { annotations } = foldChunks(
      streamed([event([{ text }], { citationMetadata }), event([], { citationMetadata, ...STOP })]).chunks,
    )
    expect(annotations).toEqual([
      {
        type: 'url_citation',
        url_citation: { url: 'https://c.example', start_index: 1, end_index: 2, license: 'mit' },
      },
    ])
  })
})

describe('odd answers', () => {
  it('an array of events in place of a whole answer is read as one', () => {
    const scored = { logprobsResult: { chosenCandidates: [{ token: 'a', logProbability: -1 }] } }
    const note = { executableCode: { code: '1' } }
    const whole = protocol.decode(
      [
        event([{ text: 'a' }, note], scored),
        event([{ text: 't', thought: true }, { functionCall: { name: 'f' } }]),
        event([{ text: 'b' }, { functionCall: { name: 'g' } }], { ...scored, ...STOP }),
        { ...HEAD, usageMetadata: { promptTokenCount: 1 } },
      ],
      protocolContext(),
    )
    expect(whole).toHaveLength(2)
    const { text, reasoning, toolCalls, annotations, logprobs, finish } = foldChunks(whole)
    expect({ text, reasoning, logprobs, finish }).toEqual({
      text: 'ab',
      reasoning: 't',
      logprobs: 2,
      finish: 'tool_calls',
    })
    expect(toolCalls.map(({ name }) => name)).toEqual(['f', 'g'])
    expect(annotations).toHaveLength(1)
    expect(() => protocol.decode([{ error: { status: 'UNAVAILABLE' } }], protocolContext())).toThrow(
      expect.objectContaining({ code: 'overloaded' }),
    )
  })

  it.each([[null], ['<html>'], [17], [undefined]])('%j is no answer', (body) => {
    expect(() => protocol.decode(body, protocolContext())).toThrow(
      expect.objectContaining({ code: 'bad_response' }),
    )
  })

  it.each([
    [{}],
    [[]],
    [{ candidates: [] }],
    [{ candidates: 'x' }],
    [{ usageMetadata: { promptTokenCount: 1 } }],
  ])('%j has no end', (body) => {
    expect(() => protocol.decode(body, protocolContext())).toThrow(
      expect.objectContaining({ code: 'bad_response', retryable: true }),
    )
  })

  it('a block after the first words ends the answer', () => {
    const { chunks } = streamed([event([{ text: 'a' }]), { promptFeedback: { blockReason: 'OTHER' } }])
    expect(foldChunks(chunks)).toMatchObject({ text: 'a', finish: 'content_filter', native: 'OTHER' })
  })

  it('an error inside a 200 is one', () => {
    expect(() =>
      protocol.decode(
        { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'x' } },
        protocolContext(),
      ),
    ).toThrow(expect.objectContaining({ code: 'rate_limited', status: 429 }))
    expect(() => protocol.decode({ error: 'words' }, protocolContext())).toThrow(
      expect.objectContaining({ code: 'upstream_error' }),
    )
  })

  it('a time is taken from the answer when it has one', () => {
    const whole = protocol.decode(
      { ...event([{ text: 'a' }], STOP), createTime: '2026-11-20T10:00:00.5Z' },
      protocolContext(),
    )
    expect(whole[0]?.created).toBe(Date.parse('2026-11-20T10:00:00Z') / 1_000)
  })
})
