/** Chunks as LangChain's, which it joins: text as strings, blocks by their index, tool calls by theirs. */
import type { AIMessageChunkFields } from '@langchain/core/messages'
import { createChunkCollector, GatewayError, type ChatChunk, type ChunkChoice } from '@turnout/core'
import { readKwargs } from './read-answer.js'
import { readResponseMetadata, readUsage } from './read-metadata.js'

/** `undefined` for a chunk with nothing to show. */
export type ChunkReader = (chunk: ChatChunk) => AIMessageChunkFields | undefined

export function createChunkReader(): ChunkReader {
  const collector = createChunkCollector()
  let finish: ChunkChoice | undefined
  let open: 'text' | 'reasoning' | undefined
  let block = -1
  /** Once there was reasoning, text comes as a block too: LangChain joins no strings to blocks. */
  let inBlocks = false

  const indexOf = (kind: 'text' | 'reasoning'): number => {
    if (open !== kind) {
      open = kind
      block++
    }
    return block
  }
  const last = (chunk: ChatChunk): AIMessageChunkFields | undefined => {
    if (!chunk.gateway || 'event' in chunk.gateway || !chunk.usage) return undefined
    const { gateway, usage, model, id } = chunk
    const { message } = collector.partial(usage, gateway).choices[0] ?? {}
    return {
      id,
      content: '',
      ...(message && { additional_kwargs: readKwargs(message) }),
      usage_metadata: readUsage(usage),
      response_metadata: readResponseMetadata({
        model,
        usage,
        gateway,
        finish: finish?.finish_reason ?? 'stop',
        native: finish?.native_finish_reason,
      }),
    }
  }

  return (chunk) => {
    if (chunk.gateway && 'event' in chunk.gateway) throw restarted()
    collector.push(chunk)
    const choice = chunk.choices[0]
    if (!choice) return last(chunk)
    if (choice.finish_reason) finish = choice
    const { content, reasoning_content: reasoning, tool_calls: calls } = choice.delta
    if (!content && !reasoning && !calls) return undefined
    if (reasoning) inBlocks = true
    const blocks = [
      ...(reasoning ? [{ type: 'reasoning', reasoning, index: indexOf('reasoning') }] : []),
      ...(content && inBlocks ? [{ type: 'text', text: content, index: indexOf('text') }] : []),
    ]
    return {
      id: chunk.id,
      content: blocks.length > 0 ? blocks : inBlocks ? [] : (content ?? ''),
      ...(calls && {
        tool_call_chunks: calls.map(({ index, id, function: called }) => ({
          type: 'tool_call_chunk' as const,
          index,
          ...(id !== undefined && { id }),
          ...(called?.name !== undefined && { name: called.name }),
          args: called?.arguments ?? '',
        })),
      }),
    }
  }
}

/** `rescue: 'restart'`: nobody here can take back what was shown, and LangChain would join the two answers. */
const restarted = (): GatewayError =>
  new GatewayError({
    code: 'stream_interrupted',
    message: "the answer began anew, which LangChain cannot show; use rescue: 'continue' or 'hold' here",
  })
