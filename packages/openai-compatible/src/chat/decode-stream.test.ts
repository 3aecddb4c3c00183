import { checkChunkInvariants } from '@turnout/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contextFor, errorOf, fold, readStream, sse } from '../../test/chat-support.js'
import { GENERIC_DIALECT } from '../chat-dialect.js'
import { chatProtocol } from './protocol.js'

const protocol = chatProtocol(GENERIC_DIALECT)
const piece = (delta: object, finish_reason: string | null = null): object => ({
  id: 'a',
  choices: [{ index: 0, delta, finish_reason }],
})

function read(...events: readonly (object | string)[]) {
  const context = contextFor()
  return { ...readStream(protocol, [Buffer.from(sse(...events))], context), warnings: context.warnings }
}

describe('stepChat', () => {
  it('hands on nothing that says nothing', () => {
    const state = protocol.start(contextFor())
    const silent = [
      piece({ role: 'assistant', content: '' }),
      piece({ content: null, refusal: null, tool_calls: [], reasoning_content: '', annotations: [] }),
      piece({}, 'stop'),
      { choices: [] },
      { usage: { prompt_tokens: 1 } },
      { choices: [null] },
      {},
    ]
    for (const event of silent) expect(protocol.step(state, { data: JSON.stringify(event) })).toEqual([])
    expect(protocol.step(state, { data: ' [DONE] ' })).toEqual([])
    expect(state.done).toBe(true)
  })

  it('brings the role with the first content of a choice', () => {
    const { chunks } = read(
      piece({ content: 'a' }),
      piece({ role: 'assistant', content: 'b' }),
      piece({}, 'stop'),
      '[DONE]',
    )
    expect(chunks.map(({ choices }) => choices[0]?.delta)).toEqual([
      { role: 'assistant', content: 'a' },
      { content: 'b' },
      {},
    ])
  })

  it('hands on logprobs, without a delta too', () => {
    const logprobs = { content: [{ token: 'a', logprob: -1, bytes: null, top_logprobs: [] }], refusal: null }
    const state = protocol.start(contextFor())
    const event = { id: 'a', choices: [{ index: 0, delta: {}, logprobs }] }
    expect(protocol.step(state, { data: JSON.stringify(event) })).toMatchObject([{ choices: [{ logprobs }] }])
  })

  it('brings the role with the end of an empty answer', () => {
    const { chunks } = read(piece({}, 'stop'), '[DONE]')
    expect(chunks).toMatchObject([{ choices: [{ delta: { role: 'assistant' }, finish_reason: 'stop' }] }])
  })

  it('warns of what it skips and of an end without its mark', () => {
    expect(read(piece({ content: 'a' }, 'stop'), '[DONE]').warnings).toEqual([])
    expect(read(piece({ content: 'a' }, 'stop')).warnings).toMatchObject([
      { code: 'stream_end_unmarked', provider: 'main' },
    ])
    expect(read('7', piece({ content: 'a' }, 'stop'), '[DONE]').warnings).toMatchObject([
      { code: 'event_skipped' },
    ])
  })

  it('throws an error at once, unless usage has to be told first', () => {
    const state = protocol.start(contextFor())
    const error = { error: { message: 'no', code: 503 } }
    expect(errorOf(() => protocol.step(state, { data: JSON.stringify(error) })).code).toBe('overloaded')
    protocol.step(state, { data: JSON.stringify(piece({ content: 'a' })) })
    const paid = protocol.step(state, {
      data: JSON.stringify({ ...error, usage: { prompt_tokens: 3, completion_tokens: 1 } }),
    })
    expect(paid).toMatchObject([{ choices: [], usage: { total_tokens: 4 } }])
    expect(state.done).toBe(true)
    expect(errorOf(() => protocol.end(state)).code).toBe('overloaded')
  })

  it('takes an error that comes as a list', () => {
    expect(read([{ error: { message: 'no', code: 401 } }]).error?.code).toBe('authentication')
  })

  it('makes ids that are the same every time, and differ between answers', () => {
    const whole = (id: string) => ({
      id,
      choices: [
        { delta: { tool_calls: [{ function: { name: 'f', arguments: '{}' } }] }, finish_reason: 'stop' },
      ],
    })
    const idOf = (id: string) =>
      fold(read(whole(id), '[DONE]').chunks).choices[0]?.message.tool_calls?.[0]?.id
    expect(idOf('a')).toBe(idOf('a'))
    expect(idOf('a')).not.toBe(idOf('b'))
    expect(idOf('')).not.toBe(idOf(''))
  })

  it('does not let an absurd index eat memory', () => {
    const far = (index: unknown): object => ({
      id: 'a',
      choices: [{ index, delta: { content: 'x' }, finish_reason: 'stop' }],
    })
    for (const index of [1e9, -1, 0.5, '0', null]) {
      const state = protocol.start(contextFor())
      protocol.step(state, { data: JSON.stringify(far(index)) })
      expect(state.choices).toHaveLength(1)
    }
  })
})

describe('tool calls in any pieces', () => {
  const scripted = fc.record({
    name: fc.constantFrom('weather', 'search', '__proto__', 'constructor'),
    args: fc.json(),
    cuts: fc.array(fc.nat(40), { maxLength: 5 }),
  })

  it('join to the exact arguments, however they are cut and mixed', () => {
    fc.assert(
      fc.property(
        fc.array(scripted, { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.nat(3)),
        (calls, order) => {
          const queues = calls.map(({ name, args, cuts }, index) => {
            const ends = [...cuts.filter((at) => at < args.length).toSorted((a, b) => a - b), args.length]
            const pieces = ends.map((end, i) => ({
              index,
              function: { arguments: args.slice(ends[i - 1] ?? 0, end) },
            }))
            return [{ index, id: `call-${index}`, function: { name, arguments: '' } }, ...pieces]
          })
          const events: object[] = []
          // Calls begin in order; their pieces come in any.
          for (const queue of queues) events.push(piece({ tool_calls: [queue.shift()] }))
          while (queues.some((queue) => queue.length > 0)) {
            const next = queues[(order.next().value ?? 0) % queues.length]?.shift()
            if (next) events.push(piece({ tool_calls: [next] }))
          }
          const { chunks, error } = read(...events, piece({}, 'tool_calls'), '[DONE]')
          expect(error).toBeUndefined()
          expect(checkChunkInvariants(chunks, { from: 'adapter' })).toEqual([])
          const made = fold(chunks).choices[0]?.message.tool_calls?.map((call) => call.function)
          expect(made).toEqual(
            calls.map(({ name, args }) => ({ name, arguments: args === '' ? '{}' : args })),
          )
        },
      ),
      { numRuns: 60 },
    )
  })
})
