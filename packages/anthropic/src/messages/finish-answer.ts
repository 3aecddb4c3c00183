import {
  finishChunk,
  usageChunk,
  type ChatChunk,
  type ChatDelta,
  type ChunkHead,
} from '@turnout/core/adapter'
import type { Answer } from './answer.js'
import { finishReason } from './finish-reason.js'
import { stateOf, toolCalls } from './replay-state.js'
import { readUsage } from './usage.js'

/** The chunk with the finish reason, and with what is known only at the end. */
export function lastContentChunk(answer: Answer, delta: ChatDelta): ChatChunk {
  const { stopReason, stopDetails } = answer
  const calls = toolCalls(answer)
  const refusal = stopReason === 'refusal' ? (stopDetails?.explanation ?? undefined) : undefined
  const provider_state = stateOf(answer, refusal, calls)
  return finishChunk(
    headWithTier(answer),
    0,
    finishReason(stopReason, calls.length > 0),
    stopReason ?? undefined,
    {
      ...delta,
      ...(refusal !== undefined && { refusal }),
      ...(provider_state && { provider_state }),
    },
  )
}

/** Told once: every chunk that carries it costs, and this one is never missing. */
function headWithTier({ head, usage }: Answer): ChunkHead {
  const tier = usage?.service_tier
  return typeof tier === 'string' ? { ...head, service_tier: tier } : head
}

/** The last chunk of all; none when the provider counted nothing. */
export function usageChunks(answer: Answer): readonly ChatChunk[] {
  return answer.usage === undefined ? [] : [usageChunk(answer.head, readUsage(answer.usage))]
}
