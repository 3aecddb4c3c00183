import { isRecord, providerError, usageChunk } from '@turnout/core/adapter'
import type {
  Annotation,
  ChatChunk,
  ChatDelta,
  ProtocolContext,
  TokenLogprob,
  ToolCallDelta,
} from '@turnout/core/adapter'
import { nameAnswer, startAnswer } from './answer-state.js'
import { checkStatus } from './check-status.js'
import { finishAnswer } from './finish-answer.js'
import { finishItem } from './finish-item.js'
import type { WireResponse } from './wire-types.js'

/** A whole answer: read item by item as a stream of finished items would be, then folded into one chunk. */
export function decodeResponse(body: unknown, context: ProtocolContext): readonly ChatChunk[] {
  if (!isRecord(body)) throw unreadable(context)
  const response: WireResponse = body
  checkStatus(response, context)
  if (!Array.isArray(response.output)) throw unreadable(context)
  const state = startAnswer(context)
  nameAnswer(state, response)
  const pieces: ChatChunk[] = []
  response.output.forEach((item, i) => isRecord(item) && finishItem(state, i, item, pieces))
  const ending = finishAnswer(state, response, pieces)
  const answer = pieces.length === 0 ? ending : joinChunks(pieces, ending)
  return state.usage === undefined ? [answer] : [answer, usageChunk(state.head, state.usage)]
}

function unreadable({ provider, model }: ProtocolContext): Error {
  return providerError(
    { status: 200, headers: {}, body: undefined, provider, model },
    { code: 'bad_response', message: 'the body is no response object with an output' },
  )
}

/** All chunks of one answer as its last one: texts and lists are joined. */
function joinChunks(pieces: readonly ChatChunk[], ending: ChatChunk): ChatChunk {
  const texts: { content?: string; refusal?: string; reasoning_content?: string } = {}
  const tool_calls: ToolCallDelta[] = []
  const annotations: Annotation[] = []
  const logprobs: TokenLogprob[] = []
  for (const { delta, logprobs: probabilities } of pieces.flatMap((piece) => piece.choices)) {
    for (const field of ['content', 'refusal', 'reasoning_content'] as const) {
      const text = delta[field]
      if (text) texts[field] = (texts[field] ?? '') + text
    }
    if (delta.tool_calls) tool_calls.push(...delta.tool_calls)
    if (delta.annotations) annotations.push(...delta.annotations)
    if (probabilities?.content) logprobs.push(...probabilities.content)
  }
  const whole: ChatDelta = {
    role: 'assistant',
    ...texts,
    ...(tool_calls.length > 0 && { tool_calls }),
    ...(annotations.length > 0 && { annotations }),
  }
  const extra = logprobs.length > 0 && { logprobs: { content: logprobs } }
  return {
    ...ending,
    choices: ending.choices.map((choice) => ({ ...choice, delta: { ...whole, ...choice.delta }, ...extra })),
  }
}
