/** One answer while it is read: blocks become deltas, the same for a stream and for a whole answer. */
import {
  createToolCallAssembler,
  type Annotation,
  type ChatDelta,
  type ChunkHead,
  type ProtocolContext,
  type ReasoningDetail,
  type ToolCallAssembler,
  type ToolCallDelta,
} from '@turnout/core/adapter'
import { joinDeltas } from './join-deltas.js'
import type {
  AnswerBlock,
  BlockDelta,
  StopDetails,
  WireAnswer,
  WireCitation,
  WireUsage,
} from './wire-types.js'

/** The shape's own name for these reasoning blocks, as OpenRouter established it. */
const REASONING_FORMAT = 'anthropic-claude-v1'

export interface Answer {
  readonly context: ProtocolContext
  /** The tool whose input is the answer's text, when the request was planned so. */
  readonly answerTool: string | undefined
  readonly callerName: (wireName: string) => string
  readonly blocks: Map<number, OpenBlock>
  calls: ToolCallAssembler
  head: ChunkHead
  content: string
  reasoning: string
  reasoningBlocks: number
  /** The first answer-tool block; later ones would make two documents of one. */
  answerBlock: OpenBlock | undefined
  stopReason: string | null | undefined
  stopDetails: StopDetails | null | undefined
  usage: WireUsage | undefined
}

export interface OpenBlock {
  readonly wire: AnswerBlock
  /** Where the block's text begins in the answer's. */
  readonly startsAt: number
  readonly reasoningIndex: number
  text: string
  json: string
  signature: string
  callId: string
  citations: WireCitation[]
  closed: boolean
}

export function createAnswer(
  context: ProtocolContext,
  created: number,
  answerTool: string | undefined,
  callerName: (wireName: string) => string,
): Answer {
  return {
    context,
    answerTool,
    callerName,
    blocks: new Map(),
    calls: createToolCallAssembler(undefined, context.bounds?.maxToolArgumentChars),
    head: { id: '', created, model: context.model },
    content: '',
    reasoning: '',
    reasoningBlocks: 0,
    answerBlock: undefined,
    stopReason: undefined,
    stopDetails: undefined,
    usage: undefined,
  }
}

export function beginAnswer(answer: Answer, message: WireAnswer): void {
  answer.calls = createToolCallAssembler(message.id, answer.context.bounds?.maxToolArgumentChars)
  answer.head = {
    id: message.id ?? '',
    created: answer.head.created,
    model: message.model ?? answer.context.model,
  }
}

/** @param whole the block is complete; in a stream a call's `input` is empty here and comes in pieces */
export function openBlock(
  answer: Answer,
  index: number,
  wire: AnswerBlock,
  whole: boolean,
): ChatDelta | undefined {
  const isReasoning = wire.type === 'thinking' || wire.type === 'redacted_thinking'
  const block: OpenBlock = {
    wire,
    startsAt: answer.content.length,
    reasoningIndex: isReasoning ? answer.reasoningBlocks++ : -1,
    text: '',
    json: '',
    signature: '',
    callId: '',
    citations: [...(wire.citations ?? [])],
    closed: false,
  }
  answer.blocks.set(index, block)
  switch (wire.type) {
    case 'text':
      return wire.text ? addText(answer, block, wire.text) : undefined
    case 'thinking':
      return joinDeltas([
        wire.thinking ? addThinking(answer, block, wire.thinking) : undefined,
        wire.signature ? addSignature(block, wire.signature) : undefined,
      ])
    case 'redacted_thinking':
      return {
        reasoning_details: [
          {
            type: 'reasoning.encrypted',
            data: wire.data ?? '',
            index: block.reasoningIndex,
            format: REASONING_FORMAT,
          },
        ],
      }
    case 'tool_use': {
      if (isAnswerTool(answer, wire)) {
        answer.answerBlock ??= block
        return whole ? addInput(answer, index, block, inputText(wire.input)) : undefined
      }
      const name = answer.callerName(wire.name ?? '')
      if (whole) block.json = inputText(wire.input)
      return callDelta(block, answer.calls.push(index, { id: wire.id, name, arguments: block.json }))
    }
    default:
      return undefined
  }
}

/** One piece of an open block; kinds that are not known are skipped. */
export function addPiece(answer: Answer, index: number, piece: BlockDelta): ChatDelta | undefined {
  // Text whose block was never opened is text all the same.
  if (piece.type === 'text_delta' && !answer.blocks.has(index))
    openBlock(answer, index, { type: 'text', text: '' }, false)
  const block = answer.blocks.get(index)
  if (!block) return undefined
  switch (piece.type) {
    case 'text_delta':
      return piece.text ? addText(answer, block, piece.text) : undefined
    case 'thinking_delta':
      return piece.thinking ? addThinking(answer, block, piece.thinking) : undefined
    case 'signature_delta':
      return piece.signature ? addSignature(block, piece.signature) : undefined
    case 'input_json_delta':
      return piece.partial_json ? addInput(answer, index, block, piece.partial_json) : undefined
    case 'citations_delta':
      if (piece.citation) block.citations.push(piece.citation)
      return undefined
    default:
      return undefined
  }
}

/** The end of a block: its citations, now that the cited text is known, and arguments that never came. */
export function closeBlock(answer: Answer, index: number): ChatDelta | undefined {
  const block = answer.blocks.get(index)
  if (!block || block.closed) return undefined
  block.closed = true
  if (block.citations.length > 0) {
    const end = answer.content.length
    return { annotations: block.citations.map((citation) => annotation(citation, block.startsAt, end)) }
  }
  if (block.wire.type !== 'tool_use' || block.json !== '') return undefined
  return addInput(answer, index, block, inputText(block.wire.input))
}

export function closeAll(answer: Answer): ChatDelta | undefined {
  return joinDeltas([...answer.blocks.keys()].map((index) => closeBlock(answer, index)))
}

function addText(answer: Answer, block: OpenBlock, text: string): ChatDelta {
  block.text += text
  answer.content += text
  return { content: text }
}

function addThinking(answer: Answer, block: OpenBlock, text: string): ChatDelta {
  block.text += text
  answer.reasoning += text
  return { reasoning_content: text, reasoning_details: [reasoning(block, text, undefined)] }
}

function addSignature(block: OpenBlock, signature: string): ChatDelta {
  block.signature += signature
  return { reasoning_details: [reasoning(block, undefined, signature)] }
}

/** Spelled out: there is one of them for every piece of thinking. */
function reasoning(
  block: OpenBlock,
  text: string | undefined,
  signature: string | undefined,
): ReasoningDetail {
  const index = block.reasoningIndex
  if (signature === undefined) return { type: 'reasoning.text', text, index, format: REASONING_FORMAT }
  return { type: 'reasoning.text', signature, index, format: REASONING_FORMAT }
}

function addInput(answer: Answer, index: number, block: OpenBlock, json: string): ChatDelta | undefined {
  block.json += json
  if (block.wire.type !== 'tool_use') return undefined
  if (isAnswerTool(answer, block.wire)) {
    if (block !== answer.answerBlock) return undefined
    answer.content += json
    return { content: json }
  }
  return callDelta(block, answer.calls.push(index, { arguments: json }))
}

export const isAnswerTool = ({ answerTool }: Answer, { name }: AnswerBlock): boolean =>
  answerTool !== undefined && name === answerTool

function callDelta(block: OpenBlock, delta: ToolCallDelta | undefined): ChatDelta | undefined {
  if (!delta) return undefined
  if (delta.id !== undefined) block.callId = delta.id
  return { tool_calls: [delta] }
}

const inputText = (input: unknown): string =>
  input === undefined || input === null ? '{}' : JSON.stringify(input)

/** Web pages in OpenAI's shape; other places keep Anthropic's fields. Both tell which part of the text they support. */
function annotation(citation: WireCitation, start_index: number, end_index: number): Annotation {
  if (typeof citation.url !== 'string') return { ...citation, start_index, end_index }
  const { url, title, cited_text } = citation
  return {
    type: 'url_citation',
    url_citation: {
      url,
      title: title ?? '',
      start_index,
      end_index,
      ...(cited_text !== undefined && { cited_text }),
    },
  }
}
