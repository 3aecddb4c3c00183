/** A whole answer as a message of the Messages API. */
import type { ChatResponse, ResponseMessage } from '@turnout/core'
import { shownMeta } from '../shown-meta.js'
import type { SurfaceOptions } from '../surface-options.js'
import { carriedBlock } from './carried.js'
import { contentBlocks, type ContentBlock } from './content-blocks.js'
import { stopFields, type StopFields } from './stop-reason.js'
import type { ReadRequest } from './to-chat-request.js'
import { writeUsage, type WrittenUsage } from './write-usage.js'

export function toMessage(
  answer: ChatResponse,
  { showsThinking, stopSequences }: Pick<ReadRequest, 'showsThinking' | 'stopSequences'>,
  options: SurfaceOptions,
): object {
  const choice = answer.choices[0]
  const { stop_reason, stop_sequence, stop_details } = stopFields({
    finish: choice?.finish_reason ?? 'stop',
    native: choice?.native_finish_reason,
    refusal: choice?.message.refusal,
    stopSequences,
  })
  return messageOf(answer.id, answer.model, {
    content: choice
      ? [...contentBlocks(choice.message, showsThinking), ...carriedBlocks(choice.message)]
      : [],
    stop_reason,
    stop_sequence,
    stop_details,
    usage: writeUsage(answer.usage, answer.service_tier),
    gateway: shownMeta(answer.gateway, options),
  })
}

function carriedBlocks(message: ResponseMessage): readonly ContentBlock[] {
  const block = carriedBlock(message)
  return block ? [block] : []
}

interface MessageFields extends Omit<StopFields, 'stop_reason'> {
  readonly content: readonly ContentBlock[]
  readonly stop_reason: string | null
  readonly usage: WrittenUsage
  /** What the gateway tells; not known at the beginning of a stream. */
  readonly gateway?: object
}

/** As whole answers and the beginnings of streams have it. Field by field: spreads in front make slow objects. */
export const messageOf = (id: string, model: string, fields: MessageFields): object => ({
  id,
  type: 'message',
  role: 'assistant',
  model,
  content: fields.content,
  stop_reason: fields.stop_reason,
  stop_sequence: fields.stop_sequence,
  stop_details: fields.stop_details,
  usage: fields.usage,
  container: null,
  diagnostics: null,
  gateway: fields.gateway,
})
