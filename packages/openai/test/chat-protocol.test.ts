import { chatProtocol } from '@turnout/openai-compatible'
import { describe, expect, it } from 'vitest'
import { contextFor, fold } from '../../openai-compatible/test/chat-support.js'
import { modelRules } from '../src/models.js'
import { openaiChatDialect } from '../src/openai-chat-dialect.js'
import { fixtures } from './fixtures.js'

const protocol = chatProtocol(openaiChatDialect(modelRules))

describe('a whole answer', () => {
  const answerOf = (name: string) => {
    const fixture = fixtures.find((known) => known.name === name)
    return fold(protocol.decode(JSON.parse(fixture?.body ?? ''), contextFor()))
  }

  it('keeps service tier, fingerprint and time', () => {
    expect(answerOf('text, whole')).toMatchObject({
      id: 'chatcmpl-T1',
      created: 1_790_000_000,
      service_tier: 'default',
      system_fingerprint: 'fp_1',
    })
  })

  it('keeps every choice', () => {
    const { choices } = answerOf('two choices, whole')
    expect(choices.map(({ message, finish_reason }) => [message.content, finish_reason])).toEqual([
      ['Yes!', 'stop'],
      ['Ja', 'length'],
    ])
  })

  it('keeps logprobs and annotations', () => {
    expect(answerOf('logprobs, whole').choices[0]?.logprobs?.content?.map(({ token }) => token)).toEqual([
      'Hé',
      '!',
      '',
    ])
    expect(answerOf('text, whole').choices[0]?.logprobs).toBeNull()
    expect(answerOf('annotations').choices[0]?.message.annotations).toMatchObject([{ type: 'url_citation' }])
    expect(answerOf('text, whole').choices[0]?.message).not.toHaveProperty('annotations')
  })

  it('keeps the exact arguments and ids of tool calls', () => {
    expect(answerOf('parallel tools behind a text, whole').choices[0]?.message.tool_calls).toEqual([
      { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
      { id: 'call_2', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
    ])
  })
})
