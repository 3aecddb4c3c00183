import { describe, expect, it } from 'vitest'
import { kindOf, type AnswerReply, type Reply } from './reply.js'
import { chunksOf, resolveAnswer } from './resolve-answer.js'
import { runScript, type ScriptedRequest } from './script.js'
import { timeline, type Step } from './timeline.js'

const request = (model = 'm'): ScriptedRequest => ({
  index: 0,
  model,
  stream: true,
  lastUserText: 'Hi',
  body: {},
})

describe('runScript', () => {
  it('refuses a list that can answer nothing', () => {
    expect(() => runScript([])).toThrow('at least one')
    expect(() => runScript({ byModel: { a: [] } })).toThrow('at least one')
  })

  it('counts what is left over all models', async () => {
    const run = runScript<Reply>({ byModel: { a: ['1', '2'], b: ['3'] } })
    expect(run.remaining()).toBe(3)
    await run.next(request('a'))
    expect(run.remaining()).toBe(2)
    await expect(run.next(request('c'))).rejects.toThrow('"c"')
  })

  it('awaits a function that fails', async () => {
    await expect(runScript<Reply>(() => Promise.reject(new Error('mine'))).next(request())).rejects.toThrow(
      'mine',
    )
    await expect(
      runScript<Reply>(() => {
        throw new Error('sync')
      }).next(request()),
    ).rejects.toThrow('sync')
  })
})

describe('kindOf', () => {
  it.each<[Reply, string]>([
    ['text', 'answer'],
    [{}, 'answer'],
    [{ error: 'timeout' }, 'error'],
    [{ fault: 'reset' }, 'fault'],
  ])('%j is an %s', (reply, kind) => {
    expect(kindOf(reply).kind).toBe(kind)
  })
})

describe('chunksOf', () => {
  it.each([
    ['', undefined, []],
    ['one', undefined, ['one']],
    [' one  two\n', undefined, [' one', '  two', '\n']],
    ['abcde', 2, ['ab', 'cd', 'e']],
    ['a🌧b', 2, ['a🌧', 'b']],
    ['ab', 0, ['a', 'b']],
  ])('%j by %s', (text, size, chunks) => {
    expect(chunksOf(text, size)).toEqual(chunks)
  })

  it('loses nothing', () => {
    const text = '  Lots\tof  white\n\n space, ünïcödé 🌧🌧 and 漢字.  '
    for (const size of [undefined, 1, 2, 3, 7]) expect(chunksOf(text, size).join('')).toBe(text)
  })
})

describe('resolveAnswer', () => {
  const facts = { model: 'm', promptTokens: 10, makeToolCallId: () => 'made' }

  it('orders pieces and joins them', () => {
    const answer = resolveAnswer(
      { reasoning: 'a b', text: ['c', 'd'], toolCalls: [{ name: 'f', arguments: { x: 1 } }] },
      facts,
    )
    expect(answer.pieces.map((piece) => ('text' in piece ? piece.text : piece.type))).toEqual([
      'a',
      ' b',
      'c',
      'd',
      'tool-start',
      '{"x":1}',
    ])
    expect(answer).toMatchObject({
      reasoning: 'a b',
      text: 'cd',
      finishReason: 'tool_calls',
      toolCalls: [{ id: 'made', name: 'f', arguments: '{"x":1}' }],
    })
  })

  it('keeps an argument string as it is, and whole calls whole', () => {
    const reply: AnswerReply = { toolCalls: [{ id: 'mine', name: 'f', arguments: '{"cut' }] }
    expect(resolveAnswer(reply, { ...facts, wholeToolCalls: true })).toMatchObject({
      pieces: [{ type: 'tool-call', call: 0 }],
      toolCalls: [{ id: 'mine', arguments: '{"cut' }],
    })
  })

  it.each<[AnswerReply, string]>([
    [{}, 'stop'],
    [{ text: 'x' }, 'stop'],
    [{ refusal: 'no' }, 'content_filter'],
    [{ toolCalls: [{ name: 'f' }] }, 'tool_calls'],
    [{ text: 'x', finishReason: 'length' }, 'length'],
  ])('%j finishes with %s', (reply, reason) => {
    expect(resolveAnswer(reply, facts).finishReason).toBe(reason)
  })

  it('estimates the counts that are left out', () => {
    expect(resolveAnswer({ text: 'x'.repeat(8), reasoning: 'y'.repeat(12) }, facts).usage).toEqual({
      inputTokens: 10,
      outputTokens: 5,
      cachedTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 3,
    })
    expect(resolveAnswer({ usage: { cachedTokens: 50, outputTokens: 1 } }, facts).usage).toMatchObject({
      inputTokens: 50,
      outputTokens: 1,
    })
    expect(resolveAnswer({ usage: null }, facts).usage).toBeNull()
  })
})

describe('timeline', () => {
  const short = (step: Step): string =>
    step.type === 'wait'
      ? `wait ${step.ms}`
      : step.type === 'piece'
        ? `${step.broken ? 'broken' : 'piece'} ${step.index}`
        : step.type === 'cut'
          ? `cut ${step.how}${step.insideEvent ? ' inside' : ''} ${step.next}`
          : step.type === 'error'
            ? `error ${step.error.error}`
            : step.type === 'end'
              ? `end ${step.mark}`
              : step.type
  const steps = (reply: AnswerReply, limit = 20): string[] => {
    const list: string[] = []
    for (const step of timeline(reply, 3)) {
      list.push(short(step))
      if (list.length === limit) break
    }
    return list
  }

  it.each<[AnswerReply, string[]]>([
    [{}, ['piece 0', 'piece 1', 'piece 2', 'end true']],
    [
      { firstTokenDelayMs: 5, chunkDelayMs: 2 },
      ['wait 5', 'piece 0', 'wait 2', 'piece 1', 'wait 2', 'piece 2', 'end true'],
    ],
    [
      { firstTokenDelayMs: 5, pingEveryMs: 2 },
      ['wait 2', 'ping', 'wait 2', 'ping', 'wait 1', 'piece 0', 'piece 1', 'piece 2', 'end true'],
    ],
    [
      { firstTokenDelayMs: 4, pingEveryMs: 2 },
      ['wait 2', 'ping', 'wait 2', 'piece 0', 'piece 1', 'piece 2', 'end true'],
    ],
    [{ firstTokenDelayMs: 4, pingEveryMs: 0 }, ['wait 4', 'piece 0', 'piece 1', 'piece 2', 'end true']],
    [{ endMark: false }, ['piece 0', 'piece 1', 'piece 2', 'end false']],
    [{ brokenChunk: 2 }, ['piece 0', 'broken 1', 'piece 2', 'end true']],
    [{ cut: { afterChunks: 0, how: 'reset' } }, ['cut reset 0']],
    [{ cut: { afterChunks: 2, insideEvent: true } }, ['piece 0', 'piece 1', 'cut end inside 2']],
    [{ cut: { afterChunks: 99 } }, ['piece 0', 'piece 1', 'piece 2', 'cut end 3']],
    [{ errorEvent: { afterChunks: 1, error: 'overloaded' } }, ['piece 0', 'error overloaded']],
    [{ stall: { afterChunks: 1, forMs: 7 } }, ['piece 0', 'wait 7', 'piece 1', 'piece 2', 'end true']],
    [{ stall: { afterChunks: 1, forMs: 7 }, cut: { afterChunks: 1 } }, ['piece 0', 'wait 7', 'cut end 1']],
    [{ stall: { afterChunks: 3 } }, ['piece 0', 'piece 1', 'piece 2', 'wait Infinity', 'end true']],
  ])('%j', (reply, expected) => {
    expect(steps(reply)).toEqual(expected)
  })

  it('pings for ever during a stall without an end', () => {
    expect(steps({ stall: { afterChunks: 0 }, pingEveryMs: 9 }, 5)).toEqual([
      'wait 9',
      'ping',
      'wait 9',
      'ping',
      'wait 9',
    ])
  })
})
