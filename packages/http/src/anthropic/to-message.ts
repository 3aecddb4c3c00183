/** A whole answer as a message of the Messages API. */
import type { ChatResponse, ResponseMessage } from '@turnout/core'
import { shownMeta } from '../shown-meta.js'
import type { SurfaceOptions } from '../surface-options.js'
import { carriedBlock } from './carried.js'
import { contentBlocks, type ContentBlock } from './content-blocks.js'
import { stopFields } from './stop-reason.js'
import type { ReadRequest } from './to-chat-request.js'
import { writeUsage } from './write-usage.js'

export function toMessage(
  answer: ChatResponse,
  { showsThinking, stopSequences }: Pick<ReadRequest, 'showsThinking' | 'stopSequences'>,
  options: SurfaceOptions,
): object {
  const choice = answer.choices[0]
  return {
    ...messageHead(answer.id, answer.model),
    content: choice
      ? [...contentBlocks(choice.message, showsThinking), ...carriedBlocks(choice.message)]
      : [],
    ...stopFields({
      finish: choice?.finish_reason ?? 'stop',
      native: choice?.native_finish_reason,
      refusal: choice?.message.refusal,
      stopSequences,
    }),
    usage: writeUsage(answer.usage, answer.service_tier),
    gateway: shownMeta(answer.gateway, options),
  }
}

function carriedBlocks(message: ResponseMessage): readonly ContentBlock[] {
  const block = carriedBlock(message)
  return block ? [block] : []
}

/** What whole answers and streams begin with. */
export const messageHead = (id: string, model: string) => ({
  id,
  type: 'message',
  role: 'assistant',
  model,
  container: null,
  diagnostics: null,
})
