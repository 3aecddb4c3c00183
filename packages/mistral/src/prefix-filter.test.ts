import {
  finishChunk,
  deltaChunk,
  type ChatChunk,
  type ChatDelta,
  type ChatMessage,
} from '@turnout/core/adapter'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPrefixFilter } from './prefix-filter.js'

const head = { id: 'a', created: 1, model: 'm' }
const answer = (content: string): ChatMessage => ({ role: 'assistant', content })

/** The pieces of an answer, the last one with the reason, through the filter for `prefix`. */
function filtered(prefix: string, pieces: readonly string[], rest: ChatDelta = {}): readonly ChatChunk[] {
  const filter = createPrefixFilter(answer(prefix))
  const chunks = [
    ...pieces.map((content, i) =>
      deltaChunk(head, 0, { ...(i === 0 && { role: 'assistant' as const }), content, ...(i === 0 && rest) }),
    ),
    finishChunk(head, 0, 'stop', 'stop'),
  ]
  return chunks.flatMap((chunk) => filter?.([chunk]) ?? [chunk])
}

const textOf = (chunks: readonly ChatChunk[]): string =>
  chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')

describe('createPrefixFilter', () => {
  it.each<[string, ChatMessage | undefined]>([
    ['no message', undefined],
    ['a user', { role: 'user', content: 'Hi' }],
    ['an empty answer', answer('')],
    [
      'calls',
      {
        role: 'assistant',
        content: 'A',
        tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
    ],
  ])('has nothing to do after %s', (_name, last) => {
    expect(createPrefixFilter(last)).toBeUndefined()
  })

  it.each([
    ['Once', ['Once upon', ' a time'], ' upon a time'],
    ['Once', ['On', 'ce', ' upon'], ' upon'],
    ['Once', ['Once'], ''],
    ['Once', [' upon', ' a time'], ' upon a time'],
    ['Once', ['Only', ' here'], 'Only here'],
    ['Once', ['On'], 'On'],
    ['Once', ['OnceOnce'], 'Once'],
    ['Ünï🌧', ['Ünï', '🌧!'], '!'],
  ])('behind %j %j reads %j', (prefix, pieces, text) => {
    expect(textOf(filtered(prefix, pieces))).toBe(text)
  })

  it('gives the same wherever the text is cut, with the role once and in front, and nothing empty', () => {
    const texts = fc.constantFrom('Once upon a time', ' upon a time', 'Only', 'Once', 'On', 'once')
    fc.assert(
      fc.property(texts, fc.array(fc.nat(16), { maxLength: 5 }), (text, cuts) => {
        const at = [0, ...cuts.filter((cut) => cut < text.length).toSorted((a, b) => a - b), text.length]
        const pieces = at.slice(1).map((end, i) => text.slice(at[i], end))
        const chunks = filtered('Once', pieces)
        expect(textOf(chunks)).toBe(textOf(filtered('Once', [text])))
        expect(chunks.map(({ choices }) => choices[0]?.delta.role)).toEqual(
          chunks.map((_chunk, i) => (i === 0 ? 'assistant' : undefined)),
        )
        expect(
          chunks.slice(0, -1).every(({ choices }) => Object.keys(choices[0]?.delta ?? {}).length > 0),
        ).toBe(true)
      }),
    )
  })

  it('lets reasoning through at once', () => {
    const [first] = filtered('Once', ['On', 'ly'], { reasoning_content: 'hm' })
    expect(first?.choices[0]?.delta).toEqual({ role: 'assistant', reasoning_content: 'hm' })
  })

  it('looks at each choice alone, and passes what has none', () => {
    const filter = createPrefixFilter(answer('Once'))
    const usage: ChatChunk = { ...finishChunk(head, 0, 'stop', 'stop'), choices: [] }
    const chunks = filter?.([
      deltaChunk(head, 0, { role: 'assistant', content: 'Once upon' }),
      deltaChunk(head, 1, { role: 'assistant', content: 'Never' }),
      usage,
    ])
    expect(chunks?.map(({ choices }) => choices[0]?.delta.content)).toEqual([' upon', 'Never', undefined])
    expect(chunks?.at(-1)).toBe(usage)
  })
})
