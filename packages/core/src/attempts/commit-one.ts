import type { ChatChunk } from '../contract/chat-response.js'
import type { ChatRequest } from '../contract/chat-request.js'
import type { AttemptBill } from '../contract/gateway-meta.js'
import { GatewayError, isGatewayError } from '../errors/gateway-error.js'
import { adapterError } from './adapter-error.js'
import type { StartedAttempt } from './start-attempt.js'
import { createThroughputGuard } from './throughput-guard.js'

/** What came of an attempt so far, in batches. */
export type Received = readonly (readonly ChatChunk[])[]

/** An attempt whose answer may be shown: from here on nothing is retried in silence. */
export interface CommittedAttempt {
  readonly attempt: StartedAttempt
  /** What had come up to the commit, in batches. */
  readonly held: Received
  /** The next batch after those; `undefined` at the proven end. */
  next(): Promise<readonly ChatChunk[] | undefined>
}

/** When an attempt counts as committed: at its first content, or when the answer is complete. */
export type CommitPoint = 'content' | 'complete'

export interface CommitRules {
  readonly commitAt: CommitPoint
  /**
   * What an attempt without an answer had used.
   * @param gaveUp we ended it ourselves: the provider bills at least the prompt
   */
  readonly billOf: (received: Received, gaveUp: boolean) => AttemptBill
  /** Throws when a complete answer is not good enough to be shown. */
  readonly accept?: (received: Received) => void | Promise<void>
}

/** Sends the request and waits for the commit. A failure before it settles the attempt and rejects. */
export async function commitOne(
  attempt: StartedAttempt,
  request: ChatRequest,
  { commitAt, billOf, accept }: CommitRules,
): Promise<CommittedAttempt> {
  const held: (readonly ChatChunk[])[] = []
  const { minTokensPerSecond } = attempt
  const guard = minTokensPerSecond === undefined ? undefined : createThroughputGuard(minTokensPerSecond)
  try {
    const source = attempt.candidate.adapter.chat(request, attempt.context)
    attempt.onStop((reason) => {
      try {
        source.cancel(reason)
      } catch {
        // A foreign adapter's bug must not escape into the host's timers; the attempt is over either way.
      }
    })
    /** @param note told of the batch, before it is handed on */
    const pull = (
      note?: (batch: Received[number] | undefined) => void,
    ): Promise<Received[number] | undefined> => {
      if (!guard || !attempt.hasContent()) return attempt.race(source.next(), note)
      const askedAt = performance.now()
      return attempt.race(source.next(), (batch) => {
        if (batch && guard.note(performance.now() - askedAt, tokensOf(batch)))
          throw tooSlow(attempt, minTokensPerSecond)
        note?.(batch)
      })
    }
    const noteLife = (batch: Received[number] | undefined): void => {
      if (batch?.some(hasContent)) attempt.content()
      else attempt.clocks.mark('alive') // some keep alive with empty deltas
    }
    const next = () => pull(noteLife)
    for (;;) {
      const batch = await pull()
      if (!batch) {
        if (accept) {
          // The provider has done its part: its silence is no fault while the answer is judged.
          attempt.clocks.waiting(false)
          await attempt.race(Promise.resolve(accept(held)))
          attempt.clocks.waiting(true)
        }
        return { attempt, held, next: () => Promise.resolve(undefined) }
      }
      held.push(batch)
      if (!batch.some(hasContent)) continue
      attempt.content()
      if (commitAt === 'content') return { attempt, held, next }
    }
  } catch (thrown) {
    const error = adapterError(thrown, attempt.candidate)
    // Also closes the socket after an error that the adapter met itself.
    attempt.stop(error)
    const isAborted = isGatewayError(error, 'aborted', 'closed')
    attempt.settle(isAborted ? 'aborted' : 'error', billOf(held, weGaveUp(error) && attempt.wasSent()), error)
    throw error
  }
}

/** We ended it ourselves. A clock of ours is not the provider's: it goes on reading, and bills what it has read. */
export const weGaveUp = (error: GatewayError): boolean =>
  isGatewayError(error, 'aborted', 'closed') || (error.code === 'timeout' && error.phase !== undefined)

/** A rough count: four characters are a token. */
function tokensOf(batch: readonly ChatChunk[]): number {
  let characters = 0
  for (const { choices } of batch) {
    for (const { delta } of choices) {
      characters += (delta.content?.length ?? 0) + (delta.reasoning_content?.length ?? 0)
      for (const call of delta.tool_calls ?? []) characters += call.function?.arguments?.length ?? 0
    }
  }
  return characters / 4
}

function tooSlow({ candidate: { provider, model } }: StartedAttempt, minTokensPerSecond = 0): GatewayError {
  return new GatewayError({
    code: 'timeout',
    phase: 'idle',
    provider,
    model,
    message: `${provider}/${model}: the stream brought fewer than ${minTokensPerSecond} tokens a second (timeout.minTokensPerSecond)`,
  })
}

/** True for what a caller can see: text, reasoning, a refusal, the start of a tool call, an end. */
function hasContent(chunk: ChatChunk): boolean {
  for (const { delta, finish_reason } of chunk.choices) {
    if (
      finish_reason !== null ||
      delta.content ||
      delta.reasoning_content ||
      delta.refusal ||
      delta.tool_calls?.length
    )
      return true
    if (delta.reasoning_details?.length || delta.annotations?.length) return true
  }
  return false
}
