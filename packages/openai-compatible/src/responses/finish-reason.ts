import type { FinishReason } from '@turnout/core/adapter'
import type { WireResponse } from './wire-types.js'

export interface FinishFacts {
  readonly calls: boolean
  readonly refused: boolean
}

/** The unified reason, and the provider's own word beside it. */
export function finishReason(
  response: WireResponse,
  facts: FinishFacts,
): { finish: FinishReason; native: string } {
  if (response.status === 'incomplete') {
    // A cut answer stays cut, also with a call in it: the call's arguments may be the part that is missing.
    const native = response.incomplete_details?.reason ?? 'incomplete'
    return { finish: native === 'content_filter' ? 'content_filter' : 'length', native }
  }
  const native = response.status ?? 'completed'
  if (facts.calls) return { finish: 'tool_calls', native }
  return { finish: facts.refused ? 'content_filter' : 'stop', native }
}
