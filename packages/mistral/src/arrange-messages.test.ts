import type { WireMessage } from '@turnout/openai-compatible'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contextFor } from '../../openai-compatible/test/chat-support.js'
import { arrangeMessages } from './arrange-messages.js'

const user: WireMessage = { role: 'user', content: 'Hi' }
const system: WireMessage = { role: 'system', content: 'Be brief.' }
const says: WireMessage = { role: 'assistant', content: 'Hello' }
const calls: WireMessage = {
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'abcdefghi', type: 'function', function: { name: 'look', arguments: '{}' } }],
}
const result: WireMessage = { role: 'tool', tool_call_id: 'abcdefghi', content: 'rain' }
const nothing: WireMessage = { role: 'assistant', content: '' }

function arrange(...messages: readonly WireMessage[]) {
  const context = contextFor()
  const arranged = arrangeMessages(messages, context)
  const notes = context.warnings.map(({ message }) => message.replace(/^.*: /, ''))
  return { arranged, notes, roles: arranged.map(({ role }) => role).join(' ') }
}

describe('arrangeMessages', () => {
  it('leaves an ordinary conversation as it is', () => {
    const { arranged, notes } = arrange(system, user, says, user)
    expect(arranged).toEqual([system, user, says, user])
    expect(notes).toEqual([])
  })

  it('puts the name of the tool on its result', () => {
    const { arranged } = arrange(user, calls, result, { ...result, tool_call_id: 'unheard12' })
    expect(arranged.slice(2)).toEqual([
      { ...result, name: 'look' },
      { ...result, tool_call_id: 'unheard12', name: undefined },
    ])
  })

  it.each<[string, readonly WireMessage[], string]>([
    ['between result and user', [user, calls, result, user], 'user assistant tool assistant user'],
    [
      'once for several results',
      [user, calls, result, result, user],
      'user assistant tool tool assistant user',
    ],
    [
      'nothing between result and answer',
      [user, calls, result, says, user],
      'user assistant tool assistant user',
    ],
    [
      'again for each',
      [user, calls, result, user, calls, result, user],
      'user assistant tool assistant user assistant tool assistant user',
    ],
  ])('puts an answer %s', (_name, messages, roles) => {
    expect(arrange(...messages).roles).toBe(roles)
  })

  it('tells of that once', () => {
    const { arranged, notes } = arrange(user, calls, result, user, calls, result, user)
    expect(arranged.filter(({ content }) => content === 'OK.')).toHaveLength(2)
    expect(notes).toEqual(['"OK." of the assistant was put between the result of a tool and the user'])
  })

  it.each<[string, readonly WireMessage[], string]>([
    ['behind an answer', [user, says, system, user], 'user assistant user user'],
    ['behind a result', [user, calls, result, system, user], 'user assistant tool assistant user user'],
    ['at the end', [user, system], 'user user'],
    ['alone', [system], 'user'],
    ['alone before an empty answer', [system, nothing], 'user'],
  ])('sends instructions %s as the user', (_name, messages, roles) => {
    const { roles: arranged, notes } = arrange(...messages)
    expect(arranged).toBe(roles)
    expect(notes).toContain('instructions behind an answer or at the end were sent as a user message')
  })

  it('keeps instructions where they are taken', () => {
    expect(arrange(system, system, user, system, user)).toMatchObject({
      roles: 'system system user system user',
      notes: [],
    })
  })

  it('asks for the last answer to be continued, for no other and not for calls', () => {
    expect(arrange(user, says, user, says).arranged.map((message) => message.prefix)).toEqual([
      undefined,
      undefined,
      undefined,
      true,
    ])
    expect(arrange(user, calls).arranged[1]).toEqual(calls)
  })

  it('leaves out answers without content, and what follows is in order', () => {
    const { roles, notes } = arrange(user, calls, result, nothing, user, { role: 'assistant', content: [] })
    expect(roles).toBe('user assistant tool assistant user')
    expect(notes).toContain('assistant messages without content were left out')
  })

  it.each<[WireMessage, readonly object[]]>([
    [{ ...says, reasoning_content: 'why' }, [{ type: 'text', text: 'Hello' }]],
    [{ ...calls, reasoning_content: 'why' }, []],
    [{ ...nothing, reasoning_content: 'why' }, []],
    [
      { ...says, content: [{ type: 'text', text: 'A' }], reasoning_content: 'why' },
      [{ type: 'text', text: 'A' }],
    ],
  ])('puts reasoning in front of the content: %j', (message, rest) => {
    const sent = arrange(user, message, user).arranged[1]
    expect(sent?.content).toEqual([
      { type: 'thinking', thinking: [{ type: 'text', text: 'why' }], closed: true },
      ...rest,
    ])
    expect(sent).not.toHaveProperty('reasoning_content')
  })

  it('changes nothing that it was given', () => {
    const given = [user, { ...says, reasoning_content: 'why' }, system, calls, result, user, says]
    const before = structuredClone(given)
    arrange(...given)
    expect(given).toEqual(before)
  })

  it('always gives an order that is taken', () => {
    const step = fc.constantFrom(
      [user],
      [system],
      [says],
      [nothing],
      [calls, result],
      [calls, result, result],
    )
    const follows: Readonly<Record<string, readonly string[]>> = {
      system: ['user', 'assistant', 'system'],
      user: ['assistant', 'system', 'user'],
      assistant: ['assistant', 'user', 'tool'],
      tool: ['assistant', 'tool'],
    }
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        const { arranged } = arrange(...steps.flat())
        const wrong = arranged.findIndex(
          ({ role }, i) => i > 0 && !follows[arranged[i - 1]?.role ?? '']?.includes(role),
        )
        expect(wrong).toBe(-1)
        const last = arranged.at(-1)
        expect(last?.role === 'system' || (last?.role === 'assistant' && !last.prefix)).toBe(false)
      }),
    )
  })
})
