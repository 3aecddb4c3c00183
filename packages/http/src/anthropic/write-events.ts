/** Chat chunks as Anthropic's named events. */
import {
  isGatewayError,
  type ChatChunk,
  type ChatDelta,
  type FinishReason,
  type ReasoningDetail,
  type ToolCallDelta,
} from '@turnout/core'
import { restartRefused } from '../call-options.js'
import type { FrameWriter } from '../event-frames.js'
import { describeFailure } from '../failure.js'
import { shownMeta } from '../shown-meta.js'
import type { SurfaceOptions } from '../surface-options.js'
import { anthropicErrorBody } from './anthropic-error.js'
import { isSigned, ownBlocks, thinkingText, wholeCalls, type ContentBlock } from './content-blocks.js'
import { stopFields } from './stop-reason.js'
import type { ReadRequest } from './to-chat-request.js'
import { messageHead } from './to-message.js'
import { writeUsage } from './write-usage.js'

const event = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`

/** Written by hand: there is one of them for every piece of an answer. */
const delta = (index: number, type: string, field: string, text: string): string =>
  `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${field}":${JSON.stringify(text)}}}\n\n`

/** Kinds of blocks that chunks have deltas for. */
const SHOWN: ReadonlySet<string> = new Set(['text', 'thinking', 'redacted_thinking', 'tool_use'])

/** One writer a stream. */
export function eventWriter(
  { showsThinking, stopSequences }: Pick<ReadRequest, 'showsThinking' | 'stopSequences'>,
  options: SurfaceOptions,
): FrameWriter {
  let isStarted = false
  let isEnded = false
  /** What the open block is: `text`, a piece of thinking or a call, each by its own number. */
  let open = ''
  /** Of the open block; -1 before the first. */
  let index = -1
  const calls = new Map<number, number>()
  let finish: FinishReason | undefined
  let native: string | undefined
  let refusal = ''
  let tier: string | undefined

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
    into('text', { type: 'text', text: '', citations: null }) + delta(index, 'text_delta', 'text', text)

  const writeThinking = (name: string, text: string, signature: string): string =>
    into(name, { type: 'thinking', thinking: '', signature: '' }) +
    (text === '' ? '' : delta(index, 'thinking_delta', 'thinking', text)) +
    (signature === '' ? '' : delta(index, 'signature_delta', 'signature', signature))

  const writeDetail = (detail: ReasoningDetail): string => {
    const signed = isSigned(detail)
    if (detail.type === 'reasoning.encrypted') {
      return signed ? writeWhole({ type: 'redacted_thinking', data: detail.data ?? '' }) : ''
    }
    const text = thinkingText(detail)
    const signature = signed ? (detail.signature ?? '') : ''
    if (!signed && !showsThinking) return ''
    if (text === '' && signature === '') return ''
    return writeThinking(`thinking ${detail.index ?? 0}`, text, signature)
  }

  const writeCall = ({ index: number, id, function: call }: ToolCallDelta): string => {
    let text = ''
    if (!calls.has(number)) {
      const block = {
        type: 'tool_use',
        id: id ?? '',
        name: call?.name ?? '',
        input: {},
        caller: { type: 'direct' },
      }
      text = begin(`call ${number}`, block)
      calls.set(number, index)
    }
    const json = call?.arguments ?? ''
    return json === ''
      ? text
      : text + delta(calls.get(number) ?? index, 'input_json_delta', 'partial_json', json)
  }

  /** A block that is complete, piece by piece where clients expect pieces. */
  const writeWhole = (block: ContentBlock): string => {
    let text: string
    if (block.type === 'text') {
      text =
        begin('text', { ...block, text: '', citations: null }) +
        delta(index, 'text_delta', 'text', textIn(block, 'text'))
      text += writeCitations(block['citations'])
    } else if (block.type === 'thinking') {
      text = begin('thinking', { ...block, thinking: '', signature: '' })
      text += writeThinking('thinking', textIn(block, 'thinking'), textIn(block, 'signature'))
    } else if (block.type === 'tool_use') {
      text = begin('call', { ...block, input: {} })
      text += delta(index, 'input_json_delta', 'partial_json', JSON.stringify(block['input'] ?? {}))
    } else text = begin('whole', block)
    return text + close()
  }

  const writeCitations = (citations: unknown): string =>
    Array.isArray(citations)
      ? citations
          .map((citation) =>
            event('content_block_delta', { index, delta: { type: 'citations_delta', citation } }),
          )
          .join('')
      : ''

  const writeReasoning = ({ reasoning_details: details, reasoning_content: text }: ChatDelta): string => {
    let written = ''
    if (details?.length) for (const detail of details) written += writeDetail(detail)
    else if (text && showsThinking) written = writeThinking('thinking', text, '')
    return written
  }

  const writeDelta = (piece: ChatDelta): string => {
    let text = writeReasoning(piece)
    if (piece.content) text += writeText(piece.content)
    if (piece.tool_calls) for (const call of piece.tool_calls) text += writeCall(call)
    if (piece.refusal) refusal += piece.refusal
    return text
  }

  /** What Anthropic said beyond what chunks have fields for: known only now, and told at the end. */
  const writeRest = (piece: ChatDelta): string => {
    if (!piece.provider_state || piece.provider_state.adapter !== 'anthropic') return ''
    let text = ''
    for (const value of piece.provider_state.blocks) {
      const block = value as ContentBlock
      if (block.type === 'text' && open === 'text') text += writeCitations(block['citations'])
    }
    for (const value of piece.provider_state.blocks) {
      const block = value as ContentBlock
      if (!SHOWN.has(block.type)) text += writeWhole(block)
    }
    return text
  }

  /** The blocks of an answer that comes as one chunk keep their order. */
  const writeLast = (piece: ChatDelta): string => {
    if (index === -1) {
      const { tool_calls: _calls, ...said } = piece
      const own = ownBlocks({ ...said, tool_calls: wholeCalls(piece) })
      if (own) {
        if (piece.refusal) refusal += piece.refusal
        return own.map(writeWhole).join('')
      }
    }
    return writeDelta(piece) + writeRest(piece) + close()
  }

  const start = ({ id, model, service_tier }: ChatChunk): string => {
    isStarted = true
    const message = {
      ...messageHead(id, model),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage: writeUsage(null, service_tier),
    }
    return event('message_start', { message })
  }

  const end = (chunk: ChatChunk | undefined): string => {
    isEnded = true
    const meta = chunk?.gateway
    return event('message_delta', {
      delta: { ...stopFields({ finish: finish ?? 'stop', native, refusal, stopSequences }), container: null },
      usage: writeUsage(chunk?.usage, tier),
      ...(meta && !('event' in meta) && { gateway: shownMeta(meta, options) }),
    })
  }

  return {
    keepAlive: event('ping', {}),
    chunk(chunk) {
      if (chunk.gateway && 'event' in chunk.gateway) throw restartRefused()
      let text = isStarted ? '' : start(chunk)
      if (chunk.service_tier !== undefined) tier = chunk.service_tier
      const choice = chunk.choices[0]
      if (!choice) return chunk.usage || chunk.gateway ? text + end(chunk) : text
      if (choice.finish_reason === null) return text + writeDelta(choice.delta)
      finish = choice.finish_reason
      native = choice.native_finish_reason
      text += writeLast(choice.delta)
      return text
    },
    end: () => (isEnded ? '' : end(undefined)) + event('message_stop', {}),
    error(error) {
      const cause = isGatewayError(error, 'stream_interrupted') ? error.cause : undefined
      const reason = isGatewayError(cause) ? describeFailure(cause, options) : undefined
      return event('error', anthropicErrorBody(describeFailure(error, options), reason))
    },
  }
}

const textIn = (block: ContentBlock, field: string): string => {
  const text = block[field]
  return typeof text === 'string' ? text : ''
}
