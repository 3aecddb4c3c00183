import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ToolCallDelta } from '../contract/chat-response.js'
import { isGatewayError } from '../errors/gateway-error.js'
import {
  createToolCallAssembler,
  madeUpToolCallId,
  mapToolCallId,
  type ToolCallPiece,
} from './tool-call-assembler.js'

/** What a reader of the deltas puts together, with the rules it may rely on checked on the way. */
function fold(
  deltas: readonly (ToolCallDelta | undefined)[],
): { id: string; name: string; arguments: string }[] {
  const calls: { id: string; name: string; arguments: string }[] = []
  for (const delta of deltas) {
    if (!delta) continue
    const known = calls[delta.index]
    if (known) {
      expect(delta.id).toBeUndefined()
      known.arguments += delta.function?.arguments ?? ''
    } else {
      expect(delta.index).toBe(calls.length)
      expect(delta.id).toMatch(/./)
      expect(delta.function?.name).toMatch(/./)
      calls.push({ id: delta.id!, name: delta.function!.name!, arguments: delta.function?.arguments ?? '' })
    }
  }
  return calls
}

function run(pieces: readonly (readonly [string | number, ToolCallPiece])[], seed?: string) {
  const assembler = createToolCallAssembler(seed)
  const deltas = pieces.map(([key, piece]) => assembler.push(key, piece))
  return { deltas, calls: fold([...deltas, ...assembler.flush()]), count: assembler.count() }
}

describe('createToolCallAssembler', () => {
  it('passes on the usual fragments as they come', () => {
    const { deltas } = run([
      [0, { id: 'call_1', name: 'weather', arguments: '' }],
      [0, { arguments: '{"city":' }],
      [0, { arguments: '"Riga"}' }],
    ])
    expect(deltas).toEqual([
      { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } },
      { index: 0, function: { arguments: '{"city":' } },
      { index: 0, function: { arguments: '"Riga"}' } },
    ])
  })

  it.each<[string, [string | number, ToolCallPiece][], { name: string; arguments: string }[]]>([
    [
      'indexes that begin at 1',
      [[1, { id: 'a', name: 'f', arguments: '{}' }]],
      [{ name: 'f', arguments: '{}' }],
    ],
    [
      'keys with gaps',
      [
        [0, { id: 'a', name: 'f' }],
        [7, { id: 'b', name: 'g' }],
      ],
      [
        { name: 'f', arguments: '' },
        { name: 'g', arguments: '' },
      ],
    ],
    [
      'item ids as keys',
      [
        ['item_9', { id: 'a', name: 'f' }],
        ['item_9', { arguments: '{}' }],
      ],
      [{ name: 'f', arguments: '{}' }],
    ],
    [
      'arguments before the name',
      [
        [0, { id: 'a', arguments: '{"x"' }],
        [0, { name: 'f' }],
        [0, { arguments: ':1}' }],
      ],
      [{ name: 'f', arguments: '{"x":1}' }],
    ],
    [
      'empty and null ids and names later on',
      [
        [0, { id: 'a', name: 'f' }],
        [0, { id: '', name: '', arguments: '{' }],
        [0, { id: null, name: null, arguments: '}' }],
      ],
      [{ name: 'f', arguments: '{}' }],
    ],
    [
      'interleaved calls',
      [
        [0, { id: 'a', name: 'f' }],
        [1, { id: 'b', name: 'g' }],
        [0, { arguments: '1' }],
        [1, { arguments: '2' }],
        [0, { arguments: '3' }],
      ],
      [
        { name: 'f', arguments: '13' },
        { name: 'g', arguments: '2' },
      ],
    ],
    [
      'every parallel call with index 0',
      [
        [0, { id: 'a', name: 'f', arguments: '{}' }],
        [0, { id: 'b', name: 'g', arguments: '{' }],
        [0, { arguments: '}' }],
      ],
      [
        { name: 'f', arguments: '{}' },
        { name: 'g', arguments: '{}' },
      ],
    ],
    [
      'a call without an id, in one piece',
      [[0, { name: 'f', arguments: '{}' }]],
      [{ name: 'f', arguments: '{}' }],
    ],
    [
      'a call without an id, in fragments',
      [
        [0, { name: 'f' }],
        [0, { arguments: '{' }],
        [0, { arguments: '}' }],
      ],
      [{ name: 'f', arguments: '{}' }],
    ],
  ])('reads %s', (_what, pieces, expected) => {
    const { calls, count } = run(pieces)
    expect(calls.map(({ name, arguments: text }) => ({ name, arguments: text }))).toEqual(expected)
    expect(count).toBe(expected.length)
  })

  it('streams a call without an id from its second fragment on', () => {
    const { deltas } = run([
      [0, { name: 'f' }],
      [0, { arguments: '{' }],
    ])
    expect(deltas[0]).toBeUndefined()
    expect(deltas[1]).toMatchObject({ index: 0, function: { name: 'f', arguments: '{' } })
  })

  it('makes up the same id for the same answer, another for another', () => {
    const id = (seed: string) => run([[0, { name: 'f', arguments: '{}' }]], seed).calls[0]?.id
    expect(id('answer-1')).toBe(id('answer-1'))
    expect(id('answer-1')).toBe(madeUpToolCallId('answer-1', 0))
    expect(id('answer-1')).not.toBe(id('answer-2'))
    expect(madeUpToolCallId(undefined, 0)).not.toBe(madeUpToolCallId(undefined, 0))
  })

  it('says nothing for a fragment that brings nothing', () => {
    expect(
      run([
        [0, { id: 'a', name: 'f' }],
        [0, { arguments: '' }],
        [0, {}],
      ]).deltas.slice(1),
    ).toEqual([undefined, undefined])
  })

  it('refuses a call whose name never came', () => {
    const assembler = createToolCallAssembler()
    assembler.push(0, { id: 'a', arguments: '{}' })
    expect(() => assembler.flush()).toThrow(expect.objectContaining({ code: 'bad_response' }))
  })

  it('stops arguments beyond a mebibyte', () => {
    const assembler = createToolCallAssembler()
    assembler.push(0, { id: 'a', name: 'f', arguments: 'x'.repeat(1_048_576) })
    const tooMuch = (): unknown => assembler.push(0, { arguments: 'x' })
    expect(tooMuch).toThrow(expect.objectContaining({ code: 'bad_response' }))
  })

  it('joins to the exact arguments however calls are cut and interleaved', () => {
    const call = fc.record({
      name: fc.string({ minLength: 1 }),
      id: fc.option(fc.string(), { nil: undefined }),
      pieces: fc.array(fc.string()),
    })
    fc.assert(
      fc.property(fc.array(call, { maxLength: 5 }), fc.infiniteStream(fc.nat()), (given, picks) => {
        const queues = given.map(({ id, name, pieces }, key) => [
          [key, { id: id === undefined ? undefined : `${key}-${id}`, name }] as const,
          ...pieces.map((text) => [key, { arguments: text }] as const),
        ])
        const order: (readonly [number, ToolCallPiece])[] = []
        while (queues.some((queue) => queue.length > 0)) {
          const open = queues.filter((queue) => queue.length > 0)
          order.push(open[picks.next().value % open.length]!.shift()!)
        }
        const byName = (a: { name: string; arguments: string }, b: { name: string; arguments: string }) =>
          `${a.name}\n${a.arguments}` < `${b.name}\n${b.arguments}` ? -1 : 1
        const { calls } = run(order)
        const read = calls.map(({ name, arguments: text }) => ({ name, arguments: text }))
        expect(read.sort(byName)).toEqual(
          given.map(({ name, pieces }) => ({ name, arguments: pieces.join('') })).sort(byName),
        )
        expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length)
      }),
    )
  })
})

describe('mapToolCallId', () => {
  it.each([
    ['call_abc', { maxLength: 40 }],
    ['toolu_01-x', { maxLength: 64, pattern: 'word' as const }],
    ['abcDEF123', { maxLength: 9, exactLength: 9, pattern: 'alnum' as const }],
    ['functions.x:0', { maxLength: 40 }],
  ])('leaves %s alone', (id, rule) => {
    expect(mapToolCallId(id, rule)).toBe(id)
  })

  it('gives every id a form that fits, always the same', () => {
    const rule = fc.record({
      maxLength: fc.integer({ min: 9, max: 64 }),
      pattern: fc.constantFrom(undefined, 'alnum' as const, 'word' as const),
      exactLength: fc.constantFrom(undefined, 9),
    })
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), rule, (id, rules) => {
        const mapped = mapToolCallId(id, rules)
        expect(mapped).toBe(mapToolCallId(id, rules))
        expect(mapped.length).toBeGreaterThan(0)
        expect(mapped.length).toBeLessThanOrEqual(rules.maxLength)
        expect(mapped).toHaveLength(rules.exactLength ?? mapped.length)
        const patterns = { any: /^[^]+$/, alnum: /^[A-Za-z0-9]+$/, word: /^[\w-]+$/ }
        expect(mapped).toMatch(patterns[rules.pattern ?? 'any'])
      }),
    )
  })

  it('keeps different ids apart', () => {
    const rule = { maxLength: 9, exactLength: 9, pattern: 'alnum' as const }
    const ids = Array.from({ length: 1_000 }, (_, i) => mapToolCallId(`call_${i}`, rule))
    expect(new Set(ids).size).toBe(1_000)
  })

  it('throws errors of ours', () => {
    const assembler = createToolCallAssembler()
    assembler.push(0, { id: 'x' })
    let caught: unknown
    try {
      assembler.flush()
    } catch (error) {
      caught = error
    }
    expect(isGatewayError(caught, 'bad_response')).toBe(true)
  })
})
