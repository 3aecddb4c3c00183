import { describe, expect, it } from 'vitest'
import type { Choice, ResponseMessage } from '../contract/chat-response.js'
import type { ErrorCode } from '../errors/error-code.js'
import { answerFaults, worthOf, type AnswerFault } from './answer-worth.js'

const choice = (
  message: Partial<ResponseMessage>,
  finish_reason: Choice['finish_reason'] = 'stop',
): Choice => ({
  index: 0,
  message: { role: 'assistant', content: null, refusal: null, ...message },
  finish_reason,
  logprobs: null,
})
const calling = (...args: string[]): Partial<ResponseMessage> => ({
  tool_calls: args.map((text, at) => ({
    id: `call_${at}`,
    type: 'function',
    function: { name: 'f', arguments: text },
  })),
})

describe('answerFaults', () => {
  it.each<[string, Choice, readonly AnswerFault[] | undefined]>([
    ['text', choice({ content: 'Hi' }), []],
    ['no text', choice({ content: null }), ['empty']],
    ['nothing but blanks', choice({ content: ' \n' }), ['empty']],
    ['a call without text', choice(calling('{"a":1}'), 'tool_calls'), []],
    ['a call without arguments', choice(calling(''), 'tool_calls'), []],
    ['a call with half its arguments', choice(calling('{"a":'), 'tool_calls'), ['invalid_tool_arguments']],
    ['one bad call of two', choice(calling('{}', 'a: 1'), 'tool_calls'), ['invalid_tool_arguments']],
    ['a bad call that calls itself a stop', choice(calling('{'), 'stop'), ['invalid_tool_arguments']],
    ['cut off', choice({ content: 'Once upon' }, 'length'), ['truncated']],
    ['cut off in a call', choice(calling('{"a":'), 'length'), ['truncated']],
    ['cut off before the first word', choice({}, 'length'), ['truncated']],
    ['filtered', choice({}, 'content_filter'), undefined],
    ['declined', choice({ refusal: 'No.' }), undefined],
  ])('of %s', (_name, given, faults) => {
    expect(answerFaults({ choices: [given] }, {})).toEqual(faults)
  })

  it('makes nothing of a cut at the length that the caller set', () => {
    const cut = { choices: [choice(calling('{"a":'), 'length')] }
    expect(answerFaults(cut, { max_tokens: 5 })).toBeUndefined()
    expect(answerFaults(cut, { max_completion_tokens: 5 })).toBeUndefined()
    expect(answerFaults(cut, { max_completion_tokens: 5 }, 'schema_mismatch')).toBeUndefined()
    expect(answerFaults(cut, { max_tokens: null })).toEqual(['truncated'])
    expect(answerFaults({ choices: [choice({})] }, { max_tokens: 5 })).toEqual(['empty'])
  })

  it.each<[string, Choice, ErrorCode, readonly AnswerFault[] | undefined]>([
    ['by its schema', choice({ content: '{}' }), 'schema_mismatch', ['schema_mismatch']],
    ['by the caller', choice({ content: 'Hm' }), 'bad_response', ['not_accepted']],
    ['for being empty', choice({}), 'bad_response', ['empty']],
    ['for being cut off', choice({ content: 'H' }, 'length'), 'bad_response', ['truncated']],
    ['for a filter', choice({}, 'content_filter'), 'content_filtered', undefined],
    ['for declining', choice({ refusal: 'No.' }), 'content_filtered', undefined],
    ['by its schema, filtered', choice({}, 'content_filter'), 'schema_mismatch', undefined],
  ])('of an answer refused %s', (_name, given, code, faults) => {
    expect(answerFaults({ choices: [given] }, {}, code)).toEqual(faults)
  })

  it('looks at every choice', () => {
    expect(
      answerFaults({ choices: [choice({ content: 'x' }), choice({}), choice({}, 'length')] }, {}),
    ).toEqual(['empty', 'truncated'])
    const declined = choice({ refusal: 'No.' })
    expect(answerFaults({ choices: [declined, choice({ content: 'x' })] }, {})).toEqual([])
    expect(answerFaults({ choices: [declined, choice({})] }, {})).toEqual(['empty'])
  })

  it('has nothing against an answer of no choices', () => {
    expect(answerFaults({ choices: [] }, {})).toEqual([])
  })
})

it.each<[readonly AnswerFault[], number]>([
  [[], 1],
  [['truncated'], 0.5],
  [['truncated', 'empty'], 0],
  [['not_accepted'], 0],
  [['schema_mismatch', 'invalid_tool_arguments'], 0],
])('an answer with %j is worth %d', (faults, worth) => {
  expect(worthOf(faults)).toBe(worth)
})
