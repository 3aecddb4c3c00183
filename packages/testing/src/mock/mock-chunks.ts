/** Chunks of a scripted answer in the gateway's own shape. */
import {
  deltaChunk,
  finishChunk,
  makeUsage,
  usageChunk,
  type ChatChunk,
  type ChatDelta,
  type ChunkHead,
} from '@turnout/core/adapter'
import type { Answer } from '../script/resolve-answer.js'

export type MockHead = ChunkHead

export function roleChunk(head: MockHead): ChatChunk {
  return deltaChunk(head, 0, { role: 'assistant', content: '' })
}

export function pieceChunk(head: MockHead, answer: Answer, index: number): ChatChunk {
  return deltaChunk(head, 0, deltaOf(answer, index))
}

export function endChunks(head: MockHead, answer: Answer): readonly ChatChunk[] {
  const end = finishChunk(head, 0, answer.finishReason, answer.finishReason)
  return answer.usage ? [end, usageChunk(head, makeUsage(answer.usage))] : [end]
}

/** A whole answer is one chunk, then the one with usage. */
export function wholeChunks(head: MockHead, answer: Answer): readonly ChatChunk[] {
  const delta: ChatDelta = {
    role: 'assistant',
    content:
      answer.text === '' && (answer.toolCalls.length > 0 || answer.refusal !== '') ? null : answer.text,
    ...(answer.reasoning && { reasoning_content: answer.reasoning }),
    ...(answer.refusal && { refusal: answer.refusal }),
    ...(answer.toolCalls.length > 0 && {
      tool_calls: answer.toolCalls.map((call, index) => ({
        index,
        id: call.id,
        type: 'function' as const,
        function: { name: call.name, arguments: call.arguments },
      })),
    }),
  }
  const end = finishChunk(head, 0, answer.finishReason, answer.finishReason, delta)
  return answer.usage ? [end, usageChunk(head, makeUsage(answer.usage))] : [end]
}

function deltaOf(answer: Answer, index: number): ChatDelta {
  const piece = answer.pieces[index]
  switch (piece?.type) {
    case 'text':
      return { content: piece.text }
    case 'reasoning':
      return { reasoning_content: piece.text }
    case 'refusal':
      return { refusal: piece.text }
    case 'tool-start':
    case 'tool-call': {
      const call = answer.toolCalls[piece.call]
      return {
        tool_calls: [
          {
            index: piece.call,
            id: call?.id,
            type: 'function',
            function: { name: call?.name, arguments: '' },
          },
        ],
      }
    }
    case 'tool-arguments':
      return { tool_calls: [{ index: piece.call, function: { arguments: piece.text } }] }
    case undefined:
      return {}
  }
}
