/** Parts of a model's answer as chunks; a whole answer's content is read as the stream it could have been. */
import type {
  LanguageModelV3Content,
  LanguageModelV3StreamPart,
  SharedV3ProviderMetadata,
} from '@ai-sdk/provider'
import {
  deltaChunk,
  finishChunk,
  GatewayError,
  makeProviderState,
  usageChunk,
  type ChatChunk,
  type ChatDelta,
  type ChunkHead,
  type ToolCall,
} from '@turnout/core/adapter'
import { inputOf } from './encode-messages.js'
import type { ModelCall } from './model-call.js'
import { readModelFinish, readModelUsage } from './read-model-usage.js'

export interface PartReader {
  /** What one part stands for; often nothing. @throws GatewayError for an answer that failed */
  read(part: LanguageModelV3StreamPart): readonly ChatChunk[]
  /** One piece of a whole answer. */
  readContent(part: LanguageModelV3Content): readonly ChatChunk[]
  /** The provider has begun to answer, if only with its head. */
  hasBegun(): boolean
}

/** One part as the model's package wants it back. */
interface Block {
  readonly type: 'text' | 'reasoning' | 'tool-call'
  text?: string
  providerOptions?: SharedV3ProviderMetadata
}
interface OpenCall {
  readonly id: string
  readonly name: string
  arguments: string
}

const NONE: readonly ChatChunk[] = []

export function createPartReader({ adapter, model, attempt }: ModelCall): PartReader {
  let head: ChunkHead = {
    id: `ai-sdk-${attempt.requestId}`,
    created: Math.floor(Date.now() / 1_000),
    model: attempt.model,
  }
  let answering = false
  let begun = false
  let hasNotes = false
  let content = ''
  let reasoning = ''
  const calls: OpenCall[] = []
  const blocks: Block[] = []
  const open = new Map<string, Block>()

  const chunk = (delta: ChatDelta): readonly ChatChunk[] => {
    if (begun) return [deltaChunk(head, 0, delta)]
    begun = true
    return [deltaChunk(head, 0, { role: 'assistant', ...delta })]
  }
  const openBlock = (type: 'text' | 'reasoning', key: string): Block => {
    const block: Block = { type, text: '' }
    blocks.push(block)
    open.set(`${type} ${key}`, block)
    return block
  }
  const note = (block: Block, notes: SharedV3ProviderMetadata | undefined): void => {
    if (!notes) return
    block.providerOptions = notes
    // Some packages note that there is nothing to note.
    if (Object.values(notes).some((fields) => Object.keys(fields).length > 0)) hasNotes = true
  }
  const addText = (
    type: 'text' | 'reasoning',
    key: string,
    text: string,
    notes: SharedV3ProviderMetadata | undefined,
  ): readonly ChatChunk[] => {
    const block = open.get(`${type} ${key}`) ?? openBlock(type, key)
    note(block, notes)
    if (text === '') return NONE
    block.text += text
    if (type === 'reasoning') {
      reasoning += text
      return chunk({ reasoning_content: text })
    }
    content += text
    return chunk({ content: text })
  }
  const beginCall = (id: string, name: string, text: string): readonly ChatChunk[] => {
    const index = calls.push({ id, name, arguments: text }) - 1
    return chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: text } }] })
  }
  const addArguments = (id: string, text: string): readonly ChatChunk[] => {
    const index = calls.findIndex((call) => call.id === id)
    const call = calls[index]
    if (!call || text === '') return NONE
    call.arguments += text
    return chunk({ tool_calls: [{ index, function: { arguments: text } }] })
  }
  const endCall = (part: Extract<LanguageModelV3Content, { type: 'tool-call' }>): readonly ChatChunk[] => {
    const { toolCallId: id, toolName: name, input, providerMetadata } = part
    const known = calls.find((call) => call.id === id)
    const chunks = known
      ? known.arguments === ''
        ? addArguments(id, input)
        : NONE
      : beginCall(id, name, input)
    const block = { type: 'tool-call', toolCallId: id, toolName: name, input: inputOf(input) } as const
    blocks.push(block)
    note(block, providerMetadata)
    return chunks
  }
  const skip = (what: string): readonly ChatChunk[] => {
    attempt.warn({
      code: 'event_skipped',
      message: `${attempt.provider} sent ${what}, for which an answer has no place`,
      provider: attempt.provider,
    })
    return NONE
  }
  const state = (): ChatDelta => {
    if (!hasNotes) return {}
    const toolCalls: ToolCall[] = calls.map(({ id, name, arguments: text }) => ({
      id,
      type: 'function',
      function: { name, arguments: text },
    }))
    return {
      provider_state: makeProviderState(
        { adapter, model: attempt.model, origin: model.provider },
        blocks.filter(({ text, providerOptions }) => text !== '' || providerOptions),
        { content, tool_calls: toolCalls, reasoning_content: reasoning },
      ),
    }
  }
  const readSource = (part: Extract<LanguageModelV3Content, { type: 'source' }>): readonly ChatChunk[] => {
    if (part.sourceType !== 'url') return skip('a source that is no page')
    const { url, title } = part
    return chunk({ annotations: [{ type: 'url_citation', url_citation: { url, ...(title && { title }) } }] })
  }
  const finish = (part: Extract<LanguageModelV3StreamPart, { type: 'finish' }>): readonly ChatChunk[] => {
    const { reason, native } = readModelFinish(part.finishReason, calls.length > 0)
    const { provider, model: modelId } = attempt
    if (reason === undefined) {
      const message = `${provider} (${modelId}) ended its answer with an error`
      throw new GatewayError({ code: 'upstream_error', message, provider, model: modelId })
    }
    const first = begun ? NONE : chunk({ content: '' })
    return [
      ...first,
      finishChunk(head, 0, reason, native, state()),
      usageChunk(head, readModelUsage(part.usage)),
    ]
  }

  const readContent = (part: LanguageModelV3Content): readonly ChatChunk[] => {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        return addText(part.type, `whole ${blocks.length}`, part.text, part.providerMetadata)
      case 'tool-call':
        return part.providerExecuted ? skip('a call of a tool of its own') : endCall(part)
      case 'source':
        return readSource(part)
      case 'file':
        return skip('a file')
      case 'tool-result':
      case 'tool-approval-request':
        return skip('an event of a tool of its own')
      default:
        return NONE // of a newer specification
    }
  }

  return {
    hasBegun: () => answering,
    readContent,
    read(part) {
      answering ||= part.type !== 'stream-start' && part.type !== 'error'
      switch (part.type) {
        case 'text-delta':
          return addText('text', part.id, part.delta, part.providerMetadata)
        case 'reasoning-delta':
          return addText('reasoning', part.id, part.delta, part.providerMetadata)
        case 'text-start':
          note(openBlock('text', part.id), part.providerMetadata)
          return NONE
        case 'reasoning-start':
          note(openBlock('reasoning', part.id), part.providerMetadata)
          return NONE
        case 'text-end':
          return addText('text', part.id, '', part.providerMetadata)
        case 'reasoning-end':
          return addText('reasoning', part.id, '', part.providerMetadata)
        case 'tool-input-start':
          return part.providerExecuted ? NONE : beginCall(part.id, part.toolName, '')
        case 'tool-input-delta':
          return addArguments(part.id, part.delta)
        case 'response-metadata': {
          if (begun) return NONE // the head of an answer does not change half-way
          const { id = head.id, timestamp, modelId = head.model } = part
          const created = timestamp ? Math.floor(timestamp.getTime() / 1_000) : head.created
          head = { id, created, model: modelId }
          return NONE
        }
        case 'finish':
          return finish(part)
        case 'error':
          throw part.error
        case 'stream-start':
        case 'tool-input-end':
        case 'raw':
          return NONE
        case 'tool-call':
        case 'tool-result':
        case 'tool-approval-request':
        case 'source':
        case 'file':
          return readContent(part)
        default:
          return NONE // of a newer specification
      }
    },
  }
}
