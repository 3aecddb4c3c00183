/** An answer as an Anthropic message: whole, and as a stream of named events. */
import type { Answer, AnsweredCall } from '../../script/resolve-answer.js'
import { isRecord, type JsonRecord } from '../read-json.js'
import type { StreamWire } from '../vendor.js'
import { anthropicErrorBody } from './anthropic-errors.js'
import { signThinking } from './thinking-signature.js'

export interface MessageFacts {
  readonly id: string
  /** Thinking blocks come with a signature and no text. */
  readonly thinkingOmitted: boolean
}

export function writeMessage(answer: Answer, facts: MessageFacts): JsonRecord {
  const content = [
    ...(answer.reasoning
      ? [
          {
            type: 'thinking',
            thinking: facts.thinkingOmitted ? '' : answer.reasoning,
            signature: signThinking(answer.reasoning),
          },
        ]
      : []),
    ...(answer.text || answer.refusal
      ? [{ type: 'text', text: answer.text + answer.refusal, citations: null }]
      : []),
    ...answer.toolCalls.map((call) => ({
      type: 'tool_use',
      id: call.id,
      name: call.name,
      input: inputOf(call),
      caller: { type: 'direct' },
    })),
  ]
  return {
    ...head(answer, facts),
    content,
    ...stopOf(answer),
    ...(answer.usage ? { usage: usageOf(answer, false) } : {}),
  }
}

export function writeMessageStream(answer: Answer, facts: MessageFacts): StreamWire {
  let index = -1
  let open: 'thinking' | 'text' | 'tool_use' | undefined
  const delta = (body: object): string => event('content_block_delta', { index, delta: body })
  const closeBlock = (): string => {
    if (open === undefined) return ''
    const signature =
      open === 'thinking' ? delta({ type: 'signature_delta', signature: signThinking(answer.reasoning) }) : ''
    open = undefined
    return signature + event('content_block_stop', { index })
  }
  const openBlock = (type: 'thinking' | 'text' | 'tool_use', block: object): string => {
    if (open === type && type !== 'tool_use') return ''
    const before = closeBlock()
    index++
    open = type
    const start = event('content_block_start', { index, content_block: { type, ...block } })
    // The vendor's first keep-alive follows the start of the first block.
    return before + start + (index === 0 ? event('ping', {}) : '')
  }

  const pieces = answer.pieces.map((piece) => {
    switch (piece.type) {
      case 'reasoning':
        return (
          openBlock('thinking', { thinking: '', signature: '' }) +
          (facts.thinkingOmitted ? '' : delta({ type: 'thinking_delta', thinking: piece.text }))
        )
      case 'text':
      case 'refusal':
        return openBlock('text', { text: '' }) + delta({ type: 'text_delta', text: piece.text })
      case 'tool-start':
      case 'tool-call': {
        const call = answer.toolCalls[piece.call] as AnsweredCall
        const start = openBlock('tool_use', {
          id: call.id,
          name: call.name,
          input: {},
          caller: { type: 'direct' },
        })
        return start + delta({ type: 'input_json_delta', partial_json: '' })
      }
      case 'tool-arguments':
        // A call without arguments streams no JSON at all.
        return answer.toolCalls[piece.call]?.arguments === '{}'
          ? ''
          : delta({ type: 'input_json_delta', partial_json: piece.text })
    }
  })
  const message = {
    ...head(answer, facts),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
  }
  return {
    contentType: 'text/event-stream; charset=utf-8',
    head: event('message_start', {
      message: answer.usage ? { ...message, usage: usageOf(answer, true) } : message,
    }),
    pieces,
    tail:
      closeBlock() +
      event('message_delta', {
        delta: stopOf(answer),
        ...(answer.usage ? { usage: deltaUsageOf(answer) } : {}),
      }),
    endMark: event('message_stop', {}),
    ping: event('ping', {}),
    errorEvent: (error) => event('error', anthropicErrorBody(error)),
    headBeforeError: false,
  }
}

function event(type: string, body: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`
}

function head(answer: Answer, facts: MessageFacts): JsonRecord {
  return { model: answer.model, id: facts.id, type: 'message', role: 'assistant', container: null }
}

const STOP_REASONS = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
} as const

function stopOf(answer: Answer): JsonRecord {
  const refused = answer.finishReason === 'content_filter'
  return {
    stop_reason: STOP_REASONS[answer.finishReason],
    stop_sequence: null,
    stop_details: refused ? { type: 'refusal', category: null, explanation: answer.refusal || null } : null,
  }
}

function usageOf(answer: Answer, atStart: boolean): JsonRecord | null {
  const { usage } = answer
  return (
    usage && {
      input_tokens: usage.inputTokens - usage.cachedTokens - usage.cacheWriteTokens,
      cache_creation_input_tokens: usage.cacheWriteTokens,
      cache_read_input_tokens: usage.cachedTokens,
      cache_creation: { ephemeral_5m_input_tokens: usage.cacheWriteTokens, ephemeral_1h_input_tokens: 0 },
      output_tokens: atStart ? 1 : usage.outputTokens,
      ...(atStart ? {} : thinkingTokens(answer)),
      service_tier: 'standard',
      inference_geo: 'not_available',
    }
  )
}

function deltaUsageOf(answer: Answer): JsonRecord | null {
  const { usage } = answer
  return (
    usage && {
      input_tokens: usage.inputTokens - usage.cachedTokens - usage.cacheWriteTokens,
      cache_creation_input_tokens: usage.cacheWriteTokens,
      cache_read_input_tokens: usage.cachedTokens,
      output_tokens: usage.outputTokens,
      ...thinkingTokens(answer),
    }
  )
}

function thinkingTokens({ usage }: Answer): JsonRecord {
  return usage && usage.reasoningTokens > 0
    ? { output_tokens_details: { thinking_tokens: usage.reasoningTokens } }
    : {}
}

/** The wire wants an object: a script's argument string that is none becomes an empty one. */
function inputOf(call: AnsweredCall): JsonRecord {
  try {
    const input: unknown = JSON.parse(call.arguments)
    return isRecord(input) ? input : {}
  } catch {
    return {}
  }
}
