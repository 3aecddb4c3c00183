import { describe, expect, it } from 'vitest'
import type { ChatChunk, ChatDelta, FinishReason, Usage } from './chat-response.js'
import { checkChunkInvariants, type ChunkInvariantOptions } from './chunk-invariants.js'
import type { GatewayMeta } from './gateway-meta.js'

const head = { id: 'a', object: 'chat.completion.chunk' as const, created: 1, model: 'm' }
const chunk = (delta: ChatDelta, finish: FinishReason | null = null, index = 0): ChatChunk => ({
  ...head,
  choices: [{ index, delta, finish_reason: finish }],
})
const call = (index: number, id?: string, name?: string, text?: string): ChatChunk =>
  chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: text } }] })
const usage: Usage = { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 }
const meta = { requestId: 'r' } as GatewayMeta
const first = chunk({ role: 'assistant', content: '' })
const stop = chunk({}, 'stop')
const last: ChatChunk = { ...head, choices: [], usage, gateway: meta }
const counted: ChatChunk = { ...head, choices: [], usage }
const restart: ChatChunk = { ...head, choices: [], gateway: { event: 'restart' } }
const adapter: ChunkInvariantOptions = { from: 'adapter' }

const rules = (chunks: readonly ChatChunk[], options?: ChunkInvariantOptions) =>
  checkChunkInvariants(chunks, options).map(({ rule, at }) => `${rule}@${at}`)

describe('checkChunkInvariants', () => {
  it.each<[string, readonly ChatChunk[], ChunkInvariantOptions?]>([
    ['a gateway stream', [first, chunk({ content: 'x' }), stop, last]],
    ['an adapter stream', [first, stop, counted], adapter],
    ['an adapter stream without usage', [first, stop], adapter],
    [
      'one chunk per choice',
      [chunk({ role: 'assistant' }, 'stop'), chunk({ role: 'assistant' }, 'length', 1), last],
    ],
    [
      'interleaved tool calls',
      [
        first,
        call(0, 'c1', 'f'),
        call(1, 'c2', 'g'),
        call(0, undefined, undefined, '{}'),
        chunk({}, 'tool_calls'),
        last,
      ],
    ],
    ['a stream that ended in an error', [first, chunk({ content: 'x' })], { complete: false }],
    ['a restart', [first, chunk({ content: 'x' }), restart, first, stop, last]],
    [
      'a restart with another head',
      [first, { ...restart, id: 'b' }, { ...first, id: 'b' }, { ...stop, id: 'b' }, { ...last, id: 'b' }],
    ],
  ])('takes %s', (_name, chunks, options) => {
    expect(checkChunkInvariants(chunks, options)).toEqual([])
  })

  it.each<[string, readonly ChatChunk[], readonly string[], ChunkInvariantOptions?]>([
    ['another id', [first, { ...stop, id: 'b' }, last], ['1@1']],
    ['another creation time', [first, { ...stop, created: 2 }, last], ['1@1']],
    ['another model', [first, stop, { ...last, model: 'n' }], ['1@2']],
    ['another object', [first, stop, { ...last, object: 'chat.completion' as never }], ['1@2']],
    ['no role', [chunk({ content: 'x' }), stop, last], ['2@0']],
    ['no role on a second choice', [first, stop, chunk({}, 'stop', 1), last], ['2@2']],
    ['two finish reasons', [first, stop, stop, last], ['2@2']],
    ['a delta after the finish reason', [first, stop, chunk({ content: 'x' }), last], ['2@2']],
    ['no finish reason', [first, last], ['2@2']],
    ['nothing at all', [], ['2@0', '4@0']],
    ['nothing but usage', [last], ['2@1']],
    ['a tool call that begins at 1', [first, call(1, 'c', 'f'), stop, last], ['3@1']],
    ['a tool call without an id', [first, call(0, undefined, 'f'), stop, last], ['3@1']],
    ['a tool call without a name', [first, call(0, 'c'), stop, last], ['3@1']],
    ['a changed id', [first, call(0, 'c', 'f'), call(0, 'd'), stop, last], ['3@2']],
    ['a changed name', [first, call(0, 'c', 'f'), call(0, undefined, ''), stop, last], ['3@2']],
    ['an id used twice', [first, call(0, 'c', 'f'), call(1, 'c', 'f'), stop, last], ['3@2']],
    ['no last chunk', [first, stop], ['4@2']],
    ['two last chunks', [first, stop, last, last], ['4@2', '4@2']],
    ['usage on the finish chunk', [first, { ...stop, usage }, last], ['4@1']],
    ['a wrong total', [first, stop, { ...last, usage: { ...usage, total_tokens: 6 } }], ['4@2']],
    ['a last chunk without gateway', [first, stop, counted], ['4@2']],
    ['an adapter that writes gateway', [first, stop, last], ['4@2'], adapter],
    ['an error as a chunk', [first, { ...stop, error: {} } as ChatChunk, last], ['5@1']],
    ['an adapter that restarts', [first, restart, first, stop, counted], ['6@1'], adapter],
    ['an unknown event', [{ ...restart, gateway: { event: 'pause' as never } }, first, stop, last], ['6@0']],
  ])('reports %s', (_name, chunks, expected, options) => {
    expect(rules(chunks, options)).toEqual(expected)
  })
})
