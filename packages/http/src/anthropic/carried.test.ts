import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { AssistantMessage } from '@turnout/core'
import { makeProviderState, readProviderState } from '@turnout/core/adapter'
import { carriedBlock, readCarried } from './carried.js'
import { contentBlocks, type Said } from './content-blocks.js'
import { readAssistant } from './read-assistant.js'

const owner = { adapter: 'gemini', model: 'gemini-3-pro', origin: 'https://example.com' }
const words = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.trim() !== '')
const said = fc.record({
  content: fc.option(words),
  reasoning_content: words,
  tool_calls: fc.array(
    fc.record({
      id: words,
      type: fc.constant('function' as const),
      function: fc.record({
        name: words,
        arguments: fc.dictionary(words, fc.integer()).map((input) => JSON.stringify(input, null, 2)),
      }),
    }),
  ),
})

/** As a client hands it back. */
function returned(message: Said): AssistantMessage {
  const block = carriedBlock(message)
  const content = [...contentBlocks(message, false), ...(block ? [block] : [])]
  return readAssistant(JSON.parse(JSON.stringify(content)) as unknown[], 'content')
}
const stateOf = (message: AssistantMessage): unknown =>
  readProviderState(message, { ...owner, provider: 'p', warn: () => {} })

it("brings another vendor's state back, its digest intact", () => {
  fc.assert(
    fc.property(said, (message) => {
      const blocks = [{ thoughtSignature: 's' }]
      const given = { ...message, provider_state: makeProviderState(owner, blocks, message) }
      expect(stateOf(returned(given))).toEqual(blocks)
    }),
  )
})

it('tells when the client has changed the message', () => {
  const message = { content: 'Yes.', reasoning_content: 'Hm.' }
  const block = carriedBlock({ ...message, provider_state: makeProviderState(owner, [{}], message) })
  const changed = readAssistant([{ type: 'text', text: 'No.' }, block], 'content')
  expect(changed).toMatchObject({ content: 'No.', provider_state: { adapter: 'gemini' } })
  expect(stateOf(changed)).toBeUndefined()
})

it('carries reasoning where a tool loop may want it back, and nowhere else', () => {
  const call = { id: 'c', type: 'function' as const, function: { name: 'f', arguments: '{"a": 1}' } }
  expect(carriedBlock({ content: 'Yes.', reasoning_content: 'Hm.' })).toBeUndefined()
  expect(carriedBlock({ content: null, tool_calls: [call] })).toBeUndefined()
  expect(returned({ content: null, reasoning_content: 'Hm.', tool_calls: [call] })).toEqual({
    role: 'assistant',
    content: null,
    reasoning_content: 'Hm.',
    tool_calls: [call],
  })
  const anthropic = makeProviderState({ ...owner, adapter: 'anthropic' }, [], {})
  expect(carriedBlock({ content: 'x', tool_calls: [call], provider_state: anthropic })).toBeUndefined()
})

it.each(['turnout-1.', 'turnout-1.%%%', `turnout-1.${Buffer.from('[1]').toString('base64url')}`])(
  'makes nothing of %s',
  (data) => {
    expect(readCarried({ type: 'redacted_thinking', data })).toEqual({})
    expect(readAssistant([{ type: 'redacted_thinking', data }], 'content')).toEqual({
      role: 'assistant',
      content: null,
    })
  },
)

it("leaves Anthropic's own data alone", () => {
  expect(readCarried({ type: 'redacted_thinking', data: 'EmwKAhgBEgy3va3pzix' })).toBeUndefined()
})
