/** Chat chunks as Anthropic's named events. */
import {
  createChunkCollector,
  isGatewayError,
  type ChatChunk,
  type ChatDelta,
  type FinishReason,
} from '@turnout/core'
import { restartRefused } from '../call-options.js'
import type { FrameWriter } from '../event-frames.js'
import { describeFailure } from '../failure.js'
import { shownMeta } from '../shown-meta.js'
import type { SurfaceOptions } from '../surface-options.js'
import { anthropicErrorBody } from './anthropic-error.js'
import { carriedBlock } from './carried.js'
import { stopFields } from './stop-reason.js'
import type { ReadRequest } from './to-chat-request.js'
import { messageOf } from './to-message.js'
import { createBlockWriter } from './write-blocks.js'
import { event } from './write-event.js'
import { writeUsage } from './write-usage.js'

const PING = event('ping', {})

/** Text is not carried: a stream of nothing else is not gathered. */
const isCarried = (delta: ChatDelta): boolean =>
  delta.tool_calls !== undefined ||
  delta.reasoning_details !== undefined ||
  delta.provider_state !== undefined ||
  Boolean(delta.reasoning_content)

/** One writer a stream. */
export function eventWriter(
  { showsThinking, stopSequences }: Pick<ReadRequest, 'showsThinking' | 'stopSequences'>,
  options: SurfaceOptions,
): FrameWriter {
  const blocks = createBlockWriter(showsThinking)
  const gathered = createChunkCollector()
  let isStarted = false
  let isEnded = false
  let finish: FinishReason = 'stop'
  let native: string | undefined
  let refusal = ''
  let tier: string | undefined

  const start = ({ id, model, service_tier }: ChatChunk): string => {
    isStarted = true
    const message = messageOf(id, model, {
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage: writeUsage(null, service_tier),
    })
    return event('message_start', { message })
  }

  const writeCarried = (chunk: ChatChunk | undefined): string => {
    const { usage, gateway } = chunk ?? {}
    if (!usage || !gateway || 'event' in gateway) return ''
    const message = gathered.partial(usage, gateway).choices[0]?.message
    const block = message && carriedBlock(message)
    return block ? blocks.whole(block) : ''
  }

  /** Usage is known only here, the input's too. */
  const end = (chunk: ChatChunk | undefined): string => {
    isEnded = true
    const meta = chunk?.gateway
    return (
      writeCarried(chunk) +
      event('message_delta', {
        delta: { ...stopFields({ finish, native, refusal, stopSequences }), container: null },
        usage: writeUsage(chunk?.usage, tier),
        ...(meta && !('event' in meta) && { gateway: shownMeta(meta, options) }),
      })
    )
  }

  return {
    keepAlive: PING,
    chunk(chunk) {
      if (chunk.gateway && 'event' in chunk.gateway) throw restartRefused()
      const head = isStarted ? '' : start(chunk)
      if (chunk.service_tier !== undefined) tier = chunk.service_tier
      const choice = chunk.choices[0]
      if (!choice) return chunk.usage || chunk.gateway ? head + end(chunk) : head
      if (isCarried(choice.delta)) gathered.push(chunk)
      if (choice.delta.refusal) refusal += choice.delta.refusal
      if (choice.finish_reason === null) return head + blocks.piece(choice.delta)
      finish = choice.finish_reason
      native = choice.native_finish_reason
      return head + blocks.last(choice.delta)
    },
    end: () => (isEnded ? '' : end(undefined)) + event('message_stop', {}),
    error(error) {
      const cause = isGatewayError(error, 'stream_interrupted') ? error.cause : undefined
      const reason = isGatewayError(cause) ? describeFailure(cause, options) : undefined
      return event('error', anthropicErrorBody(describeFailure(error, options), reason))
    },
  }
}
