import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AssistantMessage, ChatMessage } from '../contract/chat-request.js'
import type { ChatResponse, ResponseMessage } from '../contract/chat-response.js'
import { createReplayMemory } from './replay-memory.js'

const state = {
  v: 1,
  adapter: 'a',
  model: 'm',
  origin: 'o',
  blocks: [{ signature: 's' }],
  digest: 'd',
} as const
const answer = (message: Partial<ResponseMessage>): ChatResponse =>
  ({
    choices: [{ index: 0, message: { role: 'assistant', content: null, refusal: null, ...message } }],
  }) as unknown as ChatResponse
const calls = (...ids: string[]) =>
  ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } }) as const)
const request = (...messages: ChatMessage[]) => ({ model: 'r', messages })

describe('replay memory', () => {
  it('puts back what a client stripped, by the ids of the calls or by the text', () => {
    const memory = createReplayMemory()
    const details = [{ type: 'reasoning.text', text: 'x', signature: 's' }] as const
    memory.remember('t', answer({ tool_calls: calls('c1', 'c2'), provider_state: state }))
    memory.remember('t', answer({ content: 'Hello', reasoning_content: 'hm', reasoning_details: details }))
    const asked = request(
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: null, tool_calls: calls('c1', 'c2') },
      { role: 'assistant', content: [{ type: 'text', text: 'Hello' }] },
      { role: 'assistant', content: 'Another' },
    )
    const before = structuredClone(asked)
    const { messages } = memory.restore('t', asked)
    expect(messages[1]).toEqual({ ...asked.messages[1], provider_state: state })
    expect(messages[2]).toEqual({ ...asked.messages[2], reasoning_content: 'hm', reasoning_details: details })
    expect(messages[3]).toBe(asked.messages[3])
    expect(asked).toEqual(before)
  })

  it("keeps to the client's word where it has one", () => {
    const memory = createReplayMemory()
    memory.remember(undefined, answer({ content: 'A', provider_state: state, reasoning_content: 'mine' }))
    const own: AssistantMessage = { role: 'assistant', content: 'A', reasoning_content: 'edited' }
    expect(memory.restore(undefined, request(own)).messages[0]).toEqual({ ...own, provider_state: state })
    const kept: AssistantMessage = {
      role: 'assistant',
      content: 'A',
      provider_state: { ...state, digest: 'other' },
    }
    const untouched = request(kept)
    expect(memory.restore(undefined, untouched)).toBe(untouched)
  })

  it('never tells one tenant what another one heard', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        fc.pre(one !== other)
        const memory = createReplayMemory()
        memory.remember(one, answer({ content: 'A', provider_state: state }))
        const asked = request({ role: 'assistant', content: 'A' })
        expect(memory.restore(other, asked)).toBe(asked)
        expect(memory.restore(one, asked)).not.toBe(asked)
      }),
    )
  })

  it('keeps within its bounds, whatever comes, and forgets what was used longest ago', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(30), fc.string({ maxLength: 50 })), { maxLength: 100 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 400 }),
        (answers, maxEntries, maxChars) => {
          const memory = createReplayMemory({ maxEntries, maxChars })
          for (const [id, reasoning] of answers) {
            memory.remember(undefined, answer({ content: `answer ${id}`, reasoning_content: reasoning }))
            const { entries, chars } = memory.size()
            expect(entries).toBeLessThanOrEqual(maxEntries)
            expect(chars).toBeLessThanOrEqual(maxChars)
          }
        },
      ),
    )
    const memory = createReplayMemory({ maxEntries: 2 })
    const heard = (text: string) =>
      memory.restore(undefined, request({ role: 'assistant', content: text })).messages[0]
    for (const text of ['A', 'B'])
      memory.remember(undefined, answer({ content: text, provider_state: state }))
    expect(heard('A')).toHaveProperty('provider_state')
    memory.remember(undefined, answer({ content: 'C', provider_state: state }))
    expect(heard('B')).not.toHaveProperty('provider_state')
    expect(heard('A')).toHaveProperty('provider_state')
  })

  it('keeps nothing of an answer with nothing to strip', () => {
    const memory = createReplayMemory()
    memory.remember(undefined, answer({ content: 'A' }))
    expect(memory.size()).toEqual({ entries: 0, chars: 0 })
  })
})
