import { describe, expect, it } from 'vitest'
import type { AssistantMessage } from '../contract/chat-request.js'
import type { Warning } from '../contract/gateway-meta.js'
import { makeProviderState, readProviderState } from './provider-state.js'

const owner = { adapter: 'acme', provider: 'mine', model: 'm-1', origin: 'https://api.acme.example' }
const blocks = [{ type: 'thinking', thinking: 'hm', signature: 's' }]
const calls = [{ id: 'c1', type: 'function' as const, function: { name: 'f', arguments: '{}' } }]
const said: AssistantMessage = {
  role: 'assistant',
  content: 'Hello',
  tool_calls: calls,
  reasoning_content: 'hm',
}
const message: AssistantMessage = { ...said, provider_state: makeProviderState(owner, blocks, said) }

function read(given: AssistantMessage, reader: Partial<typeof owner> = {}) {
  const warnings: Warning[] = []
  const found = readProviderState(given, { ...owner, ...reader, warn: (warning) => warnings.push(warning) })
  return { found, warnings }
}

describe('provider state', () => {
  it('comes back to the same adapter and origin, also after a trip through JSON', () => {
    expect(read(message)).toEqual({ found: blocks, warnings: [] })
    expect(read(JSON.parse(JSON.stringify(message)) as AssistantMessage).found).toEqual(blocks)
    expect(read(message, { model: 'm-2' }).found).toEqual(blocks)
  })

  it('comes back to any origin when it does not say its own', () => {
    const state = makeProviderState({ ...owner, model: '*', origin: '*' }, blocks, said)
    expect(read({ ...said, provider_state: state }, { origin: 'https://other.example' }).found).toEqual(
      blocks,
    )
    expect(read({ ...said, provider_state: state }, { adapter: 'other' }).found).toBeUndefined()
  })

  it('is silent about messages without any', () => {
    expect(read(said)).toEqual({ found: undefined, warnings: [] })
  })

  it.each<[string, AssistantMessage]>([
    ['parts in place of the string', { ...message, content: [{ type: 'text', text: 'Hello' }] }],
    ['an explicit null refusal', { ...message, refusal: null }],
    ['a name', { ...message, name: 'bot' }],
  ])('survives %s', (_what, changed) => {
    expect(read(changed).found).toEqual(blocks)
  })

  it.each<[string, AssistantMessage]>([
    ['edited text', { ...message, content: 'Hello!' }],
    ['a dropped call', { ...message, tool_calls: [] }],
    [
      'edited arguments',
      { ...message, tool_calls: [{ ...calls[0]!, function: { name: 'f', arguments: '{"a":1}' } }] },
    ],
    ['edited reasoning', { ...message, reasoning_content: 'other' }],
    ['an unknown version', { ...message, provider_state: { ...message.provider_state!, v: 2 as 1 } }],
    [
      'blocks that are no list',
      { ...message, provider_state: { ...message.provider_state!, blocks: 'x' as never } },
    ],
  ])('is dropped with a warning after %s', (_what, changed) => {
    const { found, warnings } = read(changed)
    expect(found).toBeUndefined()
    expect(warnings).toEqual([expect.objectContaining({ code: 'state_dropped', provider: 'mine' })])
  })

  it('is dropped elsewhere', () => {
    expect(read(message, { adapter: 'other' })).toMatchObject({
      found: undefined,
      warnings: [{ code: 'state_dropped' }],
    })
    expect(read(message, { origin: 'https://proxy.example' })).toMatchObject({
      found: undefined,
      warnings: [{ code: 'state_dropped' }],
    })
  })
})
