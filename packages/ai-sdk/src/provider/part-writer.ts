/** Chunks as the AI SDK's stream parts: one block open at a time, tool calls beside it. */
import type { LanguageModelV3StreamPart } from '@ai-sdk/provider'
import type {
  ChatChunk,
  ChatDelta,
  ChunkChoice,
  ProviderState,
  ReasoningDetail,
  ToolCallDelta,
  Usage,
} from '@turnout/core'
import { createDetailJoiner } from './join-details.js'
import { exactArguments, metadataOf, type PartNotes } from './part-notes.js'
import { readSource } from './read-answer.js'
import { readMeta } from './read-meta.js'
import { readFinish, readUsage } from './read-usage.js'

export interface PartWriter {
  write(chunk: ChatChunk): void
  /** Ends what is open, of an answer that breaks off. */
  close(): void
}

type Kind = 'text' | 'reasoning'
interface Call {
  readonly id: string
  readonly name: string
  arguments: string
}

export function createPartWriter(write: (part: LanguageModelV3StreamPart) => void): PartWriter {
  let begun = false
  let open: Kind | undefined
  let isRefusal = false
  let id = ''
  let blocks = 0
  let sources = 0
  const details = createDetailJoiner()
  const calls: Call[] = []
  let state: ProviderState | undefined
  let finish: ChunkChoice | undefined
  let usage: Usage | undefined | null

  const openBlock = (kind: Kind, refusal = false): void => {
    if (open === kind && isRefusal === refusal) return
    closeBlock({})
    open = kind
    isRefusal = refusal
    id = String(blocks++)
    write({ type: `${kind}-start`, id })
  }
  const closeBlock = (last: PartNotes): void => {
    if (open === undefined) return
    const reasoningDetails: readonly ReasoningDetail[] | undefined =
      open === 'reasoning' ? details.take() : undefined
    const providerMetadata = metadataOf({ ...last, reasoningDetails, ...(isRefusal && { refusal: true }) })
    write({ type: `${open}-end`, id, ...(providerMetadata && { providerMetadata }) })
    open = undefined
    isRefusal = false
  }
  const addCall = (piece: ToolCallDelta): void => {
    const text = piece.function?.arguments ?? ''
    let call = calls[piece.index]
    if (!call) {
      call = calls[piece.index] = { id: piece.id ?? '', name: piece.function?.name ?? '', arguments: '' }
      closeBlock({})
      write({ type: 'tool-input-start', id: call.id, toolName: call.name })
    }
    if (text === '') return
    call.arguments += text
    write({ type: 'tool-input-delta', id: call.id, delta: text })
  }
  const addDelta = (delta: ChatDelta): void => {
    const { content, reasoning_content: reasoning, refusal } = delta
    if (delta.provider_state) state = delta.provider_state
    if (reasoning || delta.reasoning_details) openBlock('reasoning')
    if (delta.reasoning_details) details.add(delta.reasoning_details)
    if (reasoning) write({ type: 'reasoning-delta', id, delta: reasoning })
    if (content) {
      if (open !== 'text' || isRefusal) openBlock('text')
      write({ type: 'text-delta', id, delta: content })
    }
    if (refusal) {
      openBlock('text', true)
      write({ type: 'text-delta', id, delta: refusal })
    }
    if (delta.tool_calls) for (const piece of delta.tool_calls) addCall(piece)
    for (const annotation of delta.annotations ?? []) {
      const source = readSource(annotation, `source-${sources++}`)
      if (source) write(source)
    }
  }
  /** The state comes last and goes with the last part; where there is none, with reasoning that shows nothing. */
  const closeAll = (): void => {
    const lastCall = calls.at(-1)
    if (state && !open && !lastCall) openBlock('reasoning')
    closeBlock(lastCall ? {} : { providerState: state })
    for (const call of calls) {
      const { id: toolCallId, name: toolName, arguments: text } = call
      const providerState = call === lastCall ? state : undefined
      const providerMetadata = metadataOf({ arguments: exactArguments(text), providerState })
      write({ type: 'tool-input-end', id: toolCallId })
      write({
        type: 'tool-call',
        toolCallId,
        toolName,
        input: text === '' ? '{}' : text,
        ...(providerMetadata && { providerMetadata }),
      })
    }
  }

  return {
    write(chunk) {
      if (!begun) {
        begun = true
        const timestamp = new Date(chunk.created * 1_000)
        write({ type: 'response-metadata', id: chunk.id, timestamp, modelId: chunk.model })
      }
      usage = chunk.usage ?? usage
      const choice = chunk.choices[0]
      if (choice) {
        addDelta(choice.delta)
        if (choice.finish_reason) finish = choice
      }
      if (!chunk.gateway || 'event' in chunk.gateway) return
      closeAll()
      write({
        type: 'finish',
        finishReason: readFinish(finish?.finish_reason ?? 'stop', finish?.native_finish_reason),
        usage: readUsage(usage),
        providerMetadata: readMeta(chunk.gateway, true),
      })
    },
    close: () => closeBlock({}),
  }
}
