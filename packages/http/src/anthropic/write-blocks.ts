/** What a model says, piece by piece, as events of content blocks. */
import type { ChatDelta, ReasoningDetail, ToolCallDelta } from '@turnout/core'
import { isRecord } from '@turnout/core/adapter'
import { isSigned, ownBlocks, thinkingText, wholeCalls, type ContentBlock } from './content-blocks.js'
import { ADAPTER } from './read-content.js'
import { event, pieceEvent } from './write-event.js'

/** One a stream. */
export interface BlockWriter {
  piece(delta: ChatDelta): string
  /** The delta that ends the answer; it may hold all of it. */
  last(delta: ChatDelta): string
  /** A block that is complete. */
  whole(block: ContentBlock): string
}

/** Kinds of blocks that chunks have deltas for. */
const SHOWN: ReadonlySet<string> = new Set(['text', 'thinking', 'redacted_thinking', 'tool_use'])

export function createBlockWriter(showsThinking: boolean): BlockWriter {
  /** What the open block is: text, a piece of thinking or a call, each by its own number. */
  let open = ''
  /** Of the block that was opened last. */
  let index = -1
  const calls = new Map<number, number>()

  const close = (): string => {
    if (open === '') return ''
    open = ''
    return event('content_block_stop', { index })
  }
  const begin = (name: string, block: object): string => {
    const before = close()
    open = name
    index++
    return before + event('content_block_start', { index, content_block: block })
  }
  const into = (name: string, block: object): string => (open === name ? '' : begin(name, block))

  const writeText = (text: string): string =>
    into('text', { type: 'text', text: '', citations: null }) + pieceEvent(index, 'text_delta', 'text', text)

  const writeThinking = (name: string, text: string, signature: string): string =>
    into(name, { type: 'thinking', thinking: '', signature: '' }) +
    (text === '' ? '' : pieceEvent(index, 'thinking_delta', 'thinking', text)) +
    (signature === '' ? '' : pieceEvent(index, 'signature_delta', 'signature', signature))

  const writeDetail = (detail: ReasoningDetail): string => {
    const signed = isSigned(detail)
    if (detail.type === 'reasoning.encrypted')
      return signed ? writeWhole({ type: 'redacted_thinking', data: detail.data ?? '' }) : ''
    const text = thinkingText(detail)
    const signature = signed ? (detail.signature ?? '') : ''
    if ((!signed && !showsThinking) || (text === '' && signature === '')) return ''
    return writeThinking(`thinking ${detail.index ?? 0}`, text, signature)
  }

  const writeReasoning = ({ reasoning_details: details, reasoning_content: text }: ChatDelta): string => {
    if (!details?.length) return text && showsThinking ? writeThinking('thinking', text, '') : ''
    let written = ''
    for (const detail of details) written += writeDetail(detail)
    return written
  }

  const writeCall = ({ index: number, id = '', function: call }: ToolCallDelta): string => {
    let text = ''
    if (!calls.has(number)) {
      const block = { type: 'tool_use', id, name: call?.name ?? '', input: {}, caller: { type: 'direct' } }
      text = begin(`call ${number}`, block)
      calls.set(number, index)
    }
    const json = call?.arguments ?? ''
    if (json === '') return text
    return text + pieceEvent(calls.get(number) ?? index, 'input_json_delta', 'partial_json', json)
  }

  const writeCitations = ({ citations }: ContentBlock): string => {
    let text = ''
    if (!Array.isArray(citations)) return text
    for (const citation of citations)
      text += event('content_block_delta', { index, delta: { type: 'citations_delta', citation } })
    return text
  }

  /** A block that is complete, in pieces where clients expect pieces. */
  const writeWhole = (block: ContentBlock): string => {
    switch (block.type) {
      case 'text':
        return (
          begin('whole', { ...block, text: '', citations: null }) +
          pieceEvent(index, 'text_delta', 'text', textIn(block, 'text')) +
          writeCitations(block) +
          close()
        )
      case 'thinking':
        return (
          begin('whole', { ...block, thinking: '', signature: '' }) +
          writeThinking('whole', textIn(block, 'thinking'), textIn(block, 'signature')) +
          close()
        )
      case 'tool_use':
        return (
          begin('whole', { ...block, input: {} }) +
          pieceEvent(index, 'input_json_delta', 'partial_json', JSON.stringify(block['input'] ?? {})) +
          close()
        )
      default:
        return begin('whole', block) + close()
    }
  }

  const piece = (delta: ChatDelta): string => {
    let text = writeReasoning(delta)
    if (delta.content) text += writeText(delta.content)
    if (delta.tool_calls) for (const call of delta.tool_calls) text += writeCall(call)
    return text
  }

  /** What Anthropic said beyond what chunks have fields for: it is known only now. */
  const writeRest = ({ provider_state: state }: ChatDelta): string => {
    if (state?.adapter !== ADAPTER) return ''
    const blocks = state.blocks.filter((block): block is ContentBlock => isRecord(block))
    let text = ''
    if (open === 'text') for (const block of blocks) text += writeCitations(block)
    for (const block of blocks) if (!SHOWN.has(block.type)) text += writeWhole(block)
    return text
  }

  return {
    piece,
    whole: writeWhole,
    last(delta) {
      // An answer in one chunk, as from a cache, keeps the order of its blocks.
      const own = index === -1 ? ownBlocks({ ...delta, tool_calls: wholeCalls(delta) }) : undefined
      if (own) return own.map(writeWhole).join('')
      return piece(delta) + writeRest(delta) + close()
    },
  }
}

const textIn = (block: ContentBlock, field: string): string => {
  const text = block[field]
  return typeof text === 'string' ? text : ''
}
