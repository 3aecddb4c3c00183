import type { AssistantMessage, ChatMessage, ProtocolContext } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { answers, message } from '../../test/responses-answers.js'
import { eventsOf, responseOf, type Json } from '../../test/responses-events.js'
import { contextFor, encode, fold, plainRules, reasoningRules } from '../../test/responses-support.js'
import { responsesProtocol } from './protocol.js'

const protocol = responsesProtocol(() => reasoningRules)
const user: ChatMessage = { role: 'user', content: 'Hi' }

function messageOf(output: readonly Json[]): AssistantMessage {
  const body = responseOf({ id: 'resp_1', model: 'gpt-test', usage: [1, 1, 0, 0], output })
  return fold(protocol.decode(body, contextFor())).choices[0]!.message
}

function sentBack(answer: AssistantMessage, facts: Partial<ProtocolContext> = {}, rules = reasoningRules) {
  const { body, warnings } = encode({ messages: [user, answer, user] }, rules, facts)
  return { items: (body.input as unknown[]).slice(1, -1), warned: warnings.map(({ code }) => code) }
}

const named = (name: string): readonly Json[] => answers.find((one) => one.name === name)!.answer.output
const reasoning = {
  type: 'reasoning',
  id: 'rs_1',
  status: 'completed',
  summary: [],
  encrypted_content: 'ENC',
  content: [],
}
const call = {
  type: 'function_call',
  id: 'fc_1',
  status: 'completed',
  call_id: 'call_a',
  name: 'f',
  arguments: '{"a":1}',
}

describe('the next turn', () => {
  it('sends encrypted reasoning before the calls it led to, without ids', () => {
    expect(sentBack(messageOf(named('reasoning and parallel calls'))).items).toEqual([
      {
        type: 'reasoning',
        summary: [
          { type: 'summary_text', text: '**Planning**\nTwo lookups.' },
          { type: 'summary_text', text: 'Both at once.' },
        ],
        encrypted_content: 'ENC-1',
      },
      {
        type: 'function_call',
        call_id: 'call_a',
        name: 'weather',
        arguments: '{"city":"Oslo","days":[1,2]}',
      },
      { type: 'function_call', call_id: 'call_b', name: 'clock', arguments: '{}' },
    ])
  })

  it('keeps messages and their phases apart, and leaves hosted tools out with the reasoning before them', () => {
    const { items } = sentBack(messageOf(named('commentary and final answer')))
    expect(items).toMatchObject([
      { type: 'reasoning', encrypted_content: 'ENC-1' },
      { type: 'message', phase: 'commentary', content: [{ text: 'Let me look that up.' }] },
      { type: 'reasoning', encrypted_content: 'ENC-2' },
      { type: 'message', phase: 'final_answer', content: [{ text: 'The tram opened in 1894.' }] },
    ])
    expect(JSON.stringify(items)).not.toMatch(/"id"|"status"|logprobs|web_search/)
  })

  it('leaves out reasoning that would stand before nothing of its own', () => {
    const search = { type: 'web_search_call', id: 'ws_1', status: 'completed' }
    expect(
      sentBack(messageOf([reasoning, search, { ...message('m', 'Hi'), phase: 'final_answer' }])).items,
    ).toMatchObject([{ type: 'message' }])
    expect(sentBack(messageOf([message('m', 'Hi'), call, reasoning])).items).toMatchObject([
      { type: 'message' },
      { type: 'function_call' },
    ])
  })

  it('sends no reasoning in the clear, and none that is not encrypted', () => {
    const open = { ...reasoning, content: [{ type: 'reasoning_text', text: 'Hm.' }] }
    expect(sentBack(messageOf([open, call])).items[0]).toEqual({
      type: 'reasoning',
      summary: [],
      encrypted_content: 'ENC',
    })
    expect(sentBack(messageOf([{ ...open, encrypted_content: null }, call])).items).toEqual([
      { type: 'function_call', call_id: 'call_a', name: 'f', arguments: '{"a":1}' },
    ])
  })

  it.each([
    ['one message', [message('m', 'Hi')], false],
    ['a message and calls', [message('m', 'Hi'), call], false],
    ['reasoning without encryption', [{ ...reasoning, encrypted_content: null }, message('m', 'Hi')], false],
    ['two messages', [message('m', 'Hi'), message('n', 'Ho')], true],
    ['a message after a call', [call, message('m', 'Hi')], true],
    ['a phase', [{ ...message('m', 'Hi'), phase: 'final_answer' }], true],
    ['encrypted reasoning', [reasoning, message('m', 'Hi')], true],
  ])('has state only where something would be lost: %s', (_what, output, isNeeded) => {
    expect(messageOf(output).provider_state !== undefined).toBe(isNeeded)
  })

  it.each(answers.map(({ name, answer }) => [name, answer] as const))(
    'brings the same state as a stream: %s',
    (_name, answer) => {
      const state = protocol.start(contextFor())
      const chunks = eventsOf(answer).flatMap((event) =>
        protocol.step(state, { data: JSON.stringify(event) }),
      )
      expect(fold(chunks).choices[0]?.message.provider_state).toEqual(messageOf(answer.output).provider_state)
    },
  )

  it('survives the message’s way through JSON, and empty fields taken for absent ones', () => {
    const answer = JSON.parse(JSON.stringify(messageOf([reasoning, call]))) as AssistantMessage
    expect(sentBack({ ...answer, content: '', refusal: undefined })).toMatchObject({
      items: [{ type: 'reasoning' }, { type: 'function_call' }],
      warned: [],
    })
  })

  it.each([
    ['another server', {}, { origin: 'https://eu.api.openai.com' }],
    ['another adapter', {}, { adapter: 'azure' }],
    ['an edited text', { content: 'Changed' }, {}],
  ] as const)('rebuilds the message for %s', (_what, edit, facts) => {
    const { items, warned } = sentBack(
      { ...messageOf([reasoning, message('m', 'Hi'), call]), ...edit },
      facts,
    )
    expect(items).toMatchObject([{ type: 'message' }, { type: 'function_call' }])
    expect(warned).toEqual(['state_dropped'])
  })

  it('sends no reasoning to a model that has none', () => {
    const answer = messageOf([reasoning, call])
    expect(sentBack(answer, {}, plainRules).items).toMatchObject([{ type: 'function_call' }])
  })

  it('shortens the id of a replayed call as it shortens its result’s', () => {
    const id = 'c'.repeat(80)
    const answer = messageOf([reasoning, { ...call, call_id: id }])
    const messages: ChatMessage[] = [user, answer, { role: 'tool', tool_call_id: id, content: 'ok' }]
    const ids = (encode({ messages }, reasoningRules).body.input as { call_id?: string }[]).map(
      ({ call_id }) => call_id,
    )
    expect(ids[3]).toHaveLength(24)
    expect(ids[2]).toBe(ids[3])
  })

  it('does not trust blocks that are no items', () => {
    const answer = messageOf([reasoning, call])
    const tampered = {
      ...answer,
      provider_state: { ...answer.provider_state!, blocks: [null, 'x', [1], { type: 'message' }] },
    }
    expect(sentBack(tampered).items).toEqual([{ type: 'message' }])
  })
})
