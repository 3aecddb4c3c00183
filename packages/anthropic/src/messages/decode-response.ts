import { GatewayError, isRecord, type ChatChunk, type ProtocolContext } from '@turnout/core/adapter'
import { beginAnswer, closeBlock, openBlock, type Answer } from './answer.js'
import { streamError } from './decode-error.js'
import { lastContentChunk, usageChunks } from './finish-answer.js'
import { joinDeltas } from './join-deltas.js'
import type { AnswerBlock, WireAnswer } from './wire-types.js'

/** A whole answer: one chunk with everything, then usage. Its blocks are read as a stream's are. */
export function readAnswer(body: unknown, answer: Answer): readonly ChatChunk[] {
  const { context } = answer
  if (!isRecord(body)) throw notAnAnswer(context)
  if (body['type'] === 'error') throw streamError(body, context)
  if (!Array.isArray(body['content'])) throw notAnAnswer(context)
  const message = body as WireAnswer
  beginAnswer(answer, message)
  answer.usage = message.usage ?? undefined
  answer.stopReason = message.stop_reason
  answer.stopDetails = message.stop_details
  const deltas = (body['content'] as readonly unknown[])
    .filter(isAnswerBlock)
    .flatMap((block, index) => [openBlock(answer, index, block, true), closeBlock(answer, index)])
  return [lastContentChunk(answer, { role: 'assistant', ...joinDeltas(deltas) }), ...usageChunks(answer)]
}

const isAnswerBlock = (block: unknown): block is AnswerBlock =>
  isRecord(block) && typeof block['type'] === 'string'

function notAnAnswer({ provider, model }: ProtocolContext): GatewayError {
  return new GatewayError({
    code: 'bad_response',
    message: `${provider} (${model}) answered with something that is no message. Check the adapter's baseURL`,
    provider,
    model,
  })
}
