import { isGatewayError, type ChatChunk, type ChatRequest } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { message } from '../../test/responses-answers.js'
import { eventsOf, responseOf, type Json } from '../../test/responses-events.js'
import { contextFor, fold, plainRules, type TestContext } from '../../test/responses-support.js'
import { responsesProtocol } from './protocol.js'

const protocol = responsesProtocol(() => plainRules)
const created = {
  type: 'response.created',
  response: { id: 'resp_1', created_at: 5.9, model: 'm-1', status: 'in_progress' },
}
const completed = {
  type: 'response.completed',
  response: { id: 'resp_1', status: 'completed', output: [], usage: null },
}

function read(events: readonly Json[], context: TestContext = contextFor()): ChatChunk[] {
  const state = protocol.start(context)
  const chunks = events.flatMap((event) => protocol.step(state, { data: JSON.stringify(event) }))
  return [...chunks, ...protocol.end(state)]
}

const textDelta = (delta: unknown, extra: Json = {}): Json => ({
  type: 'response.output_text.delta',
  output_index: 0,
  content_index: 0,
  delta,
  ...extra,
})
const added = (item: Json, output_index = 0): Json => ({
  type: 'response.output_item.added',
  output_index,
  item,
})
const done = (item: Json, output_index = 0): Json => ({
  type: 'response.output_item.done',
  output_index,
  item,
})
const callDelta = (delta: string, at: Json): Json => ({
  type: 'response.function_call_arguments.delta',
  delta,
  ...at,
})
const callItem = (args: string, extra: Json = {}): Json => ({
  type: 'function_call',
  id: 'fc_1',
  call_id: 'call_a',
  name: 'f',
  arguments: args,
  ...extra,
})
const foldedCalls = (events: readonly Json[], context?: TestContext) =>
  fold(read([created, ...events, completed], context)).choices[0]?.message.tool_calls?.map(
    ({ id, function: f }) => [id, f.name, f.arguments],
  )

describe('a stream', () => {
  it('hands text on as it comes, the role with the first', () => {
    const chunks = read([created, textDelta('Hel'), textDelta('lo'), completed])
    expect(chunks.map(({ choices }) => choices[0]?.delta)).toEqual([
      { role: 'assistant', content: 'Hel' },
      { content: 'lo' },
      {},
    ])
    expect(chunks[0]).toMatchObject({ id: 'resp_1', created: 5, model: 'm-1' })
  })

  it('gives no chunk without meaning', () => {
    const state = protocol.start(contextFor())
    const silent = [
      created,
      textDelta(''),
      added(message('m', '')),
      { type: 'response.web_search_call.searching', output_index: 0 },
      { type: 'response.something.new', output_index: 0, delta: 'x' },
      { type: 'keepalive' },
      {},
    ]
    for (const event of silent) expect(protocol.step(state, { data: JSON.stringify(event) })).toEqual([])
    for (const data of ['[DONE]', '[]', '5', 'null']) expect(protocol.step(state, { data })).toEqual([])
  })

  it('fills in what the deltas left out from the finished item', () => {
    const [choice] = fold(read([created, textDelta('Hel'), done(message('m', 'Hello')), completed])).choices
    expect(choice?.message.content).toBe('Hello')
  })

  it('believes deltas and finished items, not the last snapshot', () => {
    const snapshot = responseOf({
      id: 'resp_1',
      model: 'm-1',
      usage: [1, 2, 0, 0],
      output: [message('m', 'Something else')],
    })
    const [choice] = fold(
      read([created, textDelta('Hello'), { type: 'response.completed', response: snapshot }]),
    ).choices
    expect(choice?.message.content).toBe('Hello')
  })

  it('takes the type from the event line when the data has none', () => {
    const state = protocol.start(contextFor())
    expect(protocol.step(state, { event: 'response.output_text.delta', data: '{"delta":"x"}' })).toHaveLength(
      1,
    )
  })

  it('takes an item that ends twice once', () => {
    const events = [
      added(callItem('')),
      done(callItem('')),
      done(callItem('')),
      done(message('m', 'Hi'), 1),
      done(message('m', 'Hi'), 1),
    ]
    const [choice] = fold(read([created, ...events, completed])).choices
    expect(choice?.message).toMatchObject({ content: 'Hi', tool_calls: [{ function: { arguments: '{}' } }] })
  })

  it('keeps no state of an item whose end never came', () => {
    const remark = { ...message('m', 'Hm.'), phase: 'commentary' }
    const events = [created, done(remark), added(message('n', ''), 1), textDelta('Hi', { output_index: 1 })]
    const stateOf = (more: readonly Json[]) =>
      fold(read([...events, ...more, completed])).choices[0]?.message.provider_state
    expect(stateOf([])).toBeUndefined()
    expect(stateOf([done(message('n', 'Hi'), 1)])?.blocks).toHaveLength(2)
  })

  it('reads nothing after the end', () => {
    const chunks = read([created, textDelta('a'), completed, textDelta('b'), completed])
    expect(fold(chunks).choices[0]?.message.content).toBe('a')
    expect(chunks).toHaveLength(2)
  })

  it('reports the tier that was used, and the usage last', () => {
    const answer = { id: 'resp_1', model: 'm', usage: [3, 4, 1, 2] as const, output: [message('m', 'Hi')] }
    const chunks = read(eventsOf(answer))
    expect(fold(chunks).service_tier).toBe('default')
    expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 })
  })

  it('has no usage chunk when the provider counted nothing', () => {
    expect(read([created, textDelta('a'), completed]).at(-1)?.choices).toHaveLength(1)
  })

  it('reads xAI’s cost', () => {
    const usage = { input_tokens: 1, output_tokens: 2, cost_in_usd_ticks: 4_852_500 }
    const last = read([created, { ...completed, response: { ...completed.response, usage } }]).at(-1)
    expect(last?.usage?.provider_cost_usd).toBeCloseTo(0.00048525, 12)
  })
})

describe('calls in a stream', () => {
  it('keeps parallel calls apart by output index, whatever their order', () => {
    const other = callItem('', { call_id: 'call_b', name: 'g', id: 'fc_2' })
    expect(
      foldedCalls([
        added(callItem(''), 3),
        added(other, 5),
        callDelta('{"b":', { output_index: 5 }),
        callDelta('{"a":', { output_index: 3 }),
        callDelta('2}', { output_index: 5 }),
        callDelta('1}', { output_index: 3 }),
      ]),
    ).toEqual([
      ['call_a', 'f', '{"a":1}'],
      ['call_b', 'g', '{"b":2}'],
    ])
  })

  it('goes by item id where there is no index', () => {
    const at = { item_id: 'fc_1' }
    const begun = { type: 'response.output_item.added', item: callItem('') }
    const ended = { type: 'response.output_item.done', item: callItem('{"a":1}') }
    expect(foldedCalls([begun, callDelta('{"a"', at), callDelta(':1}', at), ended])).toEqual([
      ['call_a', 'f', '{"a":1}'],
    ])
  })

  it.each([
    ['told at the end', [added(callItem('')), done(callItem('{"a":1}'))], '{"a":1}'],
    ['none at all', [added(callItem('')), done(callItem(''))], '{}'],
    ['none, and no end either', [added(callItem(''))], '{}'],
    [
      'partly told at the end',
      [added(callItem('')), callDelta('{"a"', { output_index: 0 }), done(callItem('{"a":1}'))],
      '{"a":1}',
    ],
    ['before the item', [callDelta('{"a":1}', { output_index: 0 }), done(callItem('{"a":1}'))], '{"a":1}'],
  ] as const)('has the arguments: %s', (_what, events, args) => {
    expect(foldedCalls(events)).toEqual([['call_a', 'f', args]])
  })

  it('hands on a call that was cut as it stands', () => {
    const incomplete = {
      type: 'response.incomplete',
      response: { incomplete_details: { reason: 'max_output_tokens' } },
    }
    const [choice] = fold(
      read([created, added(callItem('')), done(callItem('', { status: 'incomplete' })), incomplete]),
    ).choices
    expect(choice).toMatchObject({
      finish_reason: 'length',
      message: { tool_calls: [{ function: { arguments: '' } }] },
    })
  })

  it('makes up the same id for a call without one, streamed or whole', () => {
    const item = callItem('{"a":1}', { call_id: undefined })
    const [id] = foldedCalls([added(callItem('', { call_id: undefined })), done(item)])?.[0] ?? []
    const body = responseOf({ id: 'resp_1', model: 'm-1', usage: [1, 1, 0, 0], output: [item] })
    expect(id).toMatch(/^call_/)
    expect(fold(protocol.decode(body, contextFor())).choices[0]?.message.tool_calls?.[0]?.id).toBe(id)
  })

  it('gives calls the caller’s own names', () => {
    const tools = [{ type: 'function', function: { name: 'files.read' } }] as const
    expect(foldedCalls([done(callItem('{}', { name: 'files_read' }))], contextFor({ tools }))).toEqual([
      ['call_a', 'files.read', '{}'],
    ])
  })

  it('takes no other tool’s call for a function call, and warns of those that the caller should have run', () => {
    const context = contextFor()
    const items = ['web_search_call', 'code_interpreter_call', 'mcp_call', 'image_generation_call'].map(
      (type, i) => ({ type, id: `x_${i}` }),
    )
    const foreign = { type: 'custom_tool_call', call_id: 'call_z', name: 'shell', input: 'ls' }
    const events = [...items, foreign, { type: 'shell_call_output', call_id: 'call_z' }].flatMap(
      (item, i) => [added(item, i), done(item, i)],
    )
    const [choice] = fold(
      read([created, ...events, textDelta('Done', { output_index: 9 }), completed], context),
    ).choices
    expect(choice).toMatchObject({ finish_reason: 'stop', message: { content: 'Done' } })
    expect(choice?.message.tool_calls).toBeUndefined()
    expect(context.warnings.map(({ code }) => code)).toEqual(['event_skipped'])
  })
})

describe('text around a stream', () => {
  const commentary = { ...message('m1', 'Looking.'), phase: 'commentary' }
  const answer = { ...message('m2', '{"a":1}'), phase: 'final_answer' }
  const both = eventsOf({ id: 'resp_1', model: 'm', usage: [1, 1, 0, 0], output: [commentary, answer] })
  const format = (type: string): Partial<ChatRequest> => ({
    response_format: { type } as ChatRequest['response_format'],
  })

  it('keeps commentary out of an answer that must be JSON', () => {
    const [choice] = fold(read(both, contextFor(format('json_object')))).choices
    expect(choice?.message).toMatchObject({ content: '{"a":1}', reasoning_content: 'Looking.' })
    expect(fold(read(both, contextFor(format('text')))).choices[0]?.message.content).toBe(
      'Looking.\n\n{"a":1}',
    )
  })

  it('shifts citations to where their message stands', () => {
    const cited = (text: string, start_index: number): Json => ({
      ...message('m', ''),
      content: [
        {
          type: 'output_text',
          text,
          annotations: [{ type: 'url_citation', start_index, end_index: start_index + 2, url: 'u' }],
        },
      ],
    })
    const output = [cited('ab [1]', 3), cited('cd [2]', 3)]
    for (const events of [
      eventsOf({ id: 'r', model: 'm', usage: [1, 1, 0, 0], output }),
      [done(output[0]!), done(output[1]!, 1), completed],
    ]) {
      const { content, annotations } = fold(read([created, ...events])).choices[0]!.message
      const marks = annotations?.map(
        ({ url_citation: at }) => at as { start_index: number; end_index: number },
      )
      expect(marks?.map(({ start_index, end_index }) => content?.slice(start_index, end_index))).toEqual([
        '[1',
        '[2',
      ])
    }
  })

  it('keeps the fields of other annotations', () => {
    const annotation = { type: 'file_citation', file_id: 'f', filename: 'a.pdf', index: 4 }
    const chunks = read([
      created,
      textDelta('abcd'),
      { type: 'response.output_text.annotation.added', output_index: 0, content_index: 0, annotation },
      completed,
    ])
    expect(chunks[1]?.choices[0]?.delta).toEqual({ annotations: [annotation] })
  })
})

/** What a server might send in place of anything. */
const ODD: readonly unknown[] = [null, 5, 'x', [], {}, [null], { length: 3 }, true, -1, 4_294_967_294]
const ITEM_FIELDS = 'type content summary arguments call_id name phase encrypted_content status'.split(' ')
const ANSWER_FIELDS = 'output status error usage incomplete_details id model created_at service_tier'.split(
  ' ',
)
const EVENT_FIELDS =
  'item response delta output_index content_index summary_index annotation logprobs item_id error'.split(' ')
const EVENTS = [
  'created',
  'completed',
  'failed',
  'output_item.added',
  'output_item.done',
  'output_text.delta',
  'refusal.delta',
  'reasoning_summary_text.delta',
  'reasoning_text.delta',
  'function_call_arguments.delta',
  'output_text.annotation.added',
]
const responseOfNothing = { id: 'r', status: 'completed', output: [] }

/** Errors other than ours that come of it when each field in turn holds each odd value. */
function surprises(fields: readonly string[], run: (odd: Json) => unknown): readonly unknown[] {
  return fields.flatMap((field) =>
    ODD.flatMap((value) => {
      try {
        run({ [field]: value })
      } catch (error) {
        if (!isGatewayError(error)) return [[field, value, error]]
      }
      return []
    }),
  )
}

describe('nonsense', () => {
  it.each(EVENTS)('in response.%s ends in chunks or a GatewayError, never in another', (name) => {
    const found = [[], [added(callItem(''))], [textDelta('a')]].flatMap((start) =>
      surprises(EVENT_FIELDS, (odd) => {
        const state = protocol.start(contextFor())
        const events = [
          created,
          ...start,
          { type: `response.${name}`, delta: 'd', item: message('m', 'x'), ...odd },
        ]
        for (const event of events) protocol.step(state, { data: JSON.stringify(event) })
      }),
    )
    expect(found).toEqual([])
  })

  it.each([
    ['message', message('m', 'x')],
    ['function_call', callItem('{}')],
    ['reasoning', { type: 'reasoning', summary: [{ text: 'a' }], encrypted_content: 'E' }],
  ])('in a finished %s does neither', (_type, item) => {
    const found = surprises(ITEM_FIELDS, (odd) =>
      protocol.decode({ ...responseOfNothing, output: [{ ...item, ...odd }] }, contextFor()),
    )
    expect(found).toEqual([])
  })

  it('in a whole answer does neither', () => {
    expect(
      surprises(ANSWER_FIELDS, (odd) => protocol.decode({ ...responseOfNothing, ...odd }, contextFor())),
    ).toEqual([])
  })

  it.each([[null], ['text'], [[]], [{}], [{ output: 5 }]])('refuses %j as an answer', (body) => {
    expect(() => protocol.decode(body, contextFor())).toThrowError(
      expect.objectContaining({ code: 'bad_response' }),
    )
  })

  it.each([
    ['failed', 'upstream_error', true],
    ['cancelled', 'upstream_error', true],
    ['queued', 'bad_response', false],
    ['in_progress', 'bad_response', false],
  ])('does not take a response that is %s for an answer', (status, code, retryable) => {
    expect(() => protocol.decode({ ...responseOfNothing, status }, contextFor())).toThrowError(
      expect.objectContaining({ code, retryable }),
    )
  })

  it('finds an error inside a 200', () => {
    const body = { error: { code: 'rate_limit_exceeded', message: 'Slower' } }
    expect(() => protocol.decode(body, contextFor())).toThrowError(
      expect.objectContaining({ code: 'rate_limited', status: 200 }),
    )
  })
})
