import type { AssistantMessage, ChatMessage, ProtocolContext } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { fixtures } from '../../test/fixtures.js'
import {
  chatRequest,
  encode,
  fold,
  protocol,
  protocolContext,
  readStream,
} from '../../test/protocol-support.js'

/** The message that a fixture's answer leaves in the conversation. */
function messageOf(name: string, given: Partial<ProtocolContext> = {}): AssistantMessage {
  const fixture = fixtures.find((other) => other.name === name)
  if (!fixture) throw new Error(`no fixture ${name}`)
  const context = protocolContext({
    stream: fixture.kind === 'stream',
    request: chatRequest(fixture.request),
    ...(fixture.model && { model: fixture.model }),
    ...given,
  })
  const chunks =
    fixture.kind === 'stream'
      ? readStream([new TextEncoder().encode(fixture.body)], context).chunks
      : protocol.decode(JSON.parse(fixture.body), context)
  // Clients keep messages as JSON.
  return JSON.parse(JSON.stringify(fold(chunks).choices[0]?.message)) as AssistantMessage
}

const THINKING = 'thinking, redacted thinking and a tool call'
const results = (message: AssistantMessage): ChatMessage[] =>
  (message.tool_calls ?? []).map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'done' }))
const sent = (message: AssistantMessage, given: Partial<ProtocolContext> = {}, fields = {}) =>
  encode(
    chatRequest(fields, [
      { role: 'user', content: 'x' },
      message,
      ...results(message),
      { role: 'user', content: 'y' },
    ]),
    given,
  )
const blocksOf = (name: string) =>
  (JSON.parse(fixtures.find((other) => other.name === name)?.body ?? '') as { content: object[] }).content

describe('provider_state', () => {
  it.each([THINKING, `${THINKING}, streamed`])('sends signed thinking back as it came: %s', (name) => {
    const { body, warnings } = sent(messageOf(name), {}, { reasoning_effort: 'low' })
    expect(body.messages[1]).toEqual({ role: 'assistant', content: blocksOf(THINKING) })
    expect(body['thinking']).toEqual({ type: 'enabled', budget_tokens: 2_048 })
    expect(warnings).toEqual([])
  })

  it('keeps thinking whose text was left out', () => {
    const { body } = sent(messageOf('thinking without its text, streamed'), { model: 'claude-opus-4-8' })
    expect(body.messages[1]?.content).toEqual(blocksOf('thinking without its text'))
  })

  it('keeps searches and citations', () => {
    const { body } = sent(messageOf('web search with citations, streamed'))
    expect(body.messages[1]?.content).toEqual(blocksOf('web search with citations'))
  })

  it('goes on with a paused turn, also where nothing else may stand at the end', () => {
    const message = messageOf('a turn paused for a server tool, streamed')
    const { body, warnings } = encode(chatRequest({}, [{ role: 'user', content: 'x' }, message]), {
      model: 'claude-sonnet-4-5',
    })
    expect(body.messages.at(-1)).toEqual({
      role: 'assistant',
      content: blocksOf('a turn paused for a server tool'),
    })
    expect(warnings).toEqual([])
    const newer = messageOf('a turn paused for a server tool', { model: 'claude-opus-4-8' })
    expect(
      encode(chatRequest({}, [{ role: 'user', content: 'x' }, newer]), { model: 'claude-opus-4-8' }).body
        .messages,
    ).toHaveLength(2)
  })

  it.each([
    'text',
    'text and parallel tools, one without arguments',
    'structured output through a tool',
    'arguments cut off by the length limit',
  ])('is not made for what the standard fields can carry: %s', (name) =>
    expect(messageOf(name).provider_state).toBeUndefined(),
  )

  it.each([
    ['an edited text', (message: AssistantMessage) => ({ ...message, content: 'Something else.' }), {}],
    ['another server', (message: AssistantMessage) => message, { origin: 'https://proxy.example' }],
    ['another adapter', (message: AssistantMessage) => message, { adapter: 'other' }],
  ])('is dropped with a warning for %s', (_what, edit, given) => {
    const { body, codes } = sent(edit(messageOf(THINKING)), given)
    expect(JSON.stringify(body)).not.toMatch(/thinking|signature/)
    expect(body.messages[1]?.content).toMatchObject([{ type: 'text' }, { type: 'tool_use', id: 'toolu_07' }])
    expect(codes).toEqual(['state_dropped'])
  })

  it('gives another model the answer without the thinking', () => {
    const { body, codes } = sent(
      messageOf(THINKING),
      { model: 'claude-opus-4-1' },
      { reasoning_effort: 'low' },
    )
    expect(body.messages[1]?.content).toEqual(blocksOf(THINKING).slice(2))
    expect(body).not.toHaveProperty('thinking')
    expect(codes).toEqual(['state_dropped', 'setting_dropped'])
  })

  it('counts a dated id as the same model', () => {
    const { codes } = sent(messageOf(THINKING), { model: 'claude-sonnet-4-5-20250929' })
    expect(codes).toEqual([])
  })

  it('marks a copy for the cache, never a thinking block', () => {
    const message = { ...messageOf(THINKING), cache_control: { type: 'ephemeral' } as const }
    const before = JSON.stringify(message)
    const { body } = sent(message)
    expect(
      (body.messages[1]!.content as { cache_control?: object }[]).map((block) => block.cache_control),
    ).toEqual([undefined, undefined, undefined, { type: 'ephemeral' }])
    expect(JSON.stringify(message)).toBe(before)
  })

  it('is rebuilt from the message when its blocks are no blocks', () => {
    const message = messageOf(THINKING)
    const { body } = sent({
      ...message,
      provider_state: { ...message.provider_state, blocks: [null, 'x'] } as never,
    })
    expect(body.messages[1]?.content).toMatchObject([{ type: 'text' }, { type: 'tool_use' }])
  })

  it('leaves thinking without a signature out', () => {
    const chunks = protocol.decode(
      {
        id: 'm',
        type: 'message',
        model: 'c',
        content: [
          { type: 'thinking', thinking: 'Hm' },
          { type: 'text', text: 'x' },
        ],
        stop_reason: 'end_turn',
      },
      protocolContext(),
    )
    expect(fold(chunks).choices[0]?.message).toMatchObject({ reasoning_content: 'Hm', content: 'x' })
    expect(fold(chunks).choices[0]?.message.provider_state).toBeUndefined()
  })
})
