import type { ChatChunk } from '../contract/chat-response.js'
import type { ChatRequest } from '../contract/chat-request.js'
import { isGatewayError } from '../errors/gateway-error.js'
import { adapterError } from './adapter-error.js'
import type { StartedAttempt } from './start-attempt.js'

/** An attempt whose answer may be shown: from here on nothing is retried in silence. */
export interface CommittedAttempt {
  readonly attempt: StartedAttempt
  /** What had come up to the commit, in batches. */
  readonly held: readonly (readonly ChatChunk[])[]
  /** The next batch after those; `undefined` at the proven end. */
  next(): Promise<readonly ChatChunk[] | undefined>
}

/** When an attempt counts as committed: at its first content, or when the answer is complete. */
export type CommitPoint = 'content' | 'complete'

/**
 * Sends the request and waits for the commit. A failure before it settles the attempt and rejects.
 * @param costOf the price of what a failed attempt had produced, `null` when unknown.
 */
export async function commitOne(
  attempt: StartedAttempt,
  request: ChatRequest,
  commitAt: CommitPoint,
  costOf: (received: readonly (readonly ChatChunk[])[]) => number | null,
): Promise<CommittedAttempt> {
  const held: (readonly ChatChunk[])[] = []
  try {
    const source = attempt.candidate.adapter.chat(request, attempt.context)
    attempt.onStop((reason) => { source.cancel(reason) })
    const next = async (): Promise<readonly ChatChunk[] | undefined> => {
      const batch = await attempt.race(source.next())
      if (batch) attempt.content()
      return batch
    }
    for (;;) {
      const batch = await attempt.race(source.next())
      if (!batch) return { attempt, held, next: () => Promise.resolve(undefined) }
      held.push(batch)
      if (!batch.some(hasContent)) continue
      attempt.content()
      if (commitAt === 'content') return { attempt, held, next }
    }
  } catch (thrown) {
    const error = adapterError(thrown, attempt.candidate)
    // Also closes the socket after an error that the adapter met itself.
    attempt.stop(error)
    attempt.settle(isGatewayError(error, 'aborted', 'closed') ? 'aborted' : 'error', costOf(held), error)
    throw error
  }
}

/** True for what a caller can see: text, reasoning, a refusal, the start of a tool call, an end. */
function hasContent(chunk: ChatChunk): boolean {
  for (const { delta, finish_reason } of chunk.choices) {
    if (finish_reason !== null || delta.content || delta.reasoning_content || delta.refusal || delta.tool_calls?.length) return true
    if (delta.reasoning_details?.length || delta.annotations?.length) return true
  }
  return false
}
