import type { CommittedAttempt } from '../attempts/commit-one.js'
import { abortError } from '../attempts/abort-error.js'
import type { CallContext } from '../contract/call-context.js'
import type { ChatRequest } from '../contract/chat-request.js'
import type { ChatChunk, ChatResponse, PartialResponse, Usage } from '../contract/chat-response.js'
import { createChunkCollector } from '../contract/collect-chunks.js'
import { guardOutput } from '../guardrails/guard-output.js'
import { GatewayError, isGatewayError } from '../errors/gateway-error.js'
import { costUsd, usageOf, type CallRecord } from './record.js'
import type { Runtime } from './runtime.js'

/** A committed answer on its way to the caller, pull by pull. */
export interface Delivery {
  /** The next batch; the last one holds the chunk with usage and `gateway`; then `undefined`. */
  next(): Promise<readonly ChatChunk[] | undefined>
  /** The whole answer, after `next()` has given `undefined`. */
  response(): ChatResponse
  /** Text of the first choice so far. */
  text(): string
}

/** Stages 8 to 10: hands out, folds, meters, and accounts for the end, whichever it is. */
export function deliver(
  runtime: Runtime,
  call: CallContext,
  request: ChatRequest,
  committed: CommittedAttempt,
  record: CallRecord,
): Delivery {
  const { attempt } = committed
  const upstream = guardOutput(committed.next)
  const collector = createChunkCollector()
  const held = [...committed.held]
  let reported: Usage | undefined
  let head: ChatChunk | undefined
  let answer: ChatResponse | undefined
  let failure: GatewayError | undefined
  let settled = false

  /** Folds a batch; chunks that only carry usage are taken out, ours comes at the end. */
  const take = (batch: readonly ChatChunk[]): readonly ChatChunk[] => {
    let bare = false
    for (const chunk of batch) {
      head ??= chunk
      if (chunk.usage) reported = chunk.usage
      if (chunk.choices.length === 0) bare = true
      collector.push(chunk)
    }
    return bare ? batch.filter((chunk) => chunk.choices.length > 0) : batch
  }
  const finish = (): readonly ChatChunk[] => {
    if (!collector.isComplete()) {
      throw new GatewayError({
        code: 'stream_interrupted',
        message: 'the adapter ended the answer without a finish reason',
      })
    }
    settled = true
    const { usage, estimated } = usageOf(request, reported, collector.text)
    if (estimated)
      call.warn({
        code: 'usage_estimated',
        provider: attempt.candidate.provider,
        message: 'the provider sent no usage; the token counts are an estimate',
      })
    attempt.settle('ok', costUsd(runtime, attempt.candidate, usage))
    const meta = record.meta(attempt.candidate, estimated, 'ok')
    answer = collector.response(usage, meta)
    record.succeed(usage, estimated)
    const { id, created, model } = answer
    return [{ id, object: 'chat.completion.chunk', created, model, choices: [], usage, gateway: meta }]
  }
  const fail = (cause: unknown): GatewayError => {
    settled = true
    const reason = call.scope.aborted ? abortError(call) : (cause as GatewayError)
    attempt.stop(reason)
    const { usage, estimated } = usageOf(request, reported, collector.text)
    attempt.settle(
      isGatewayError(reason, 'aborted', 'closed') ? 'aborted' : 'error',
      costUsd(runtime, attempt.candidate, usage),
      reason,
    )
    const meta = record.meta(attempt.candidate, estimated, call.scope.aborted ? 'aborted' : 'error')
    return record.fail(interrupted(reason, collector.partial(usage, meta)), usage, estimated)
  }
  // A clock or an abort may strike while nobody pulls: the call ends then, not at the next pull.
  attempt.onStop((reason) => {
    if (!settled) failure = fail(reason)
  })

  // A reader that is never seen pulling stays under the idle clock; from the first pull on its pauses are its own.
  let seenReader = false
  return {
    async next() {
      if (failure) throw failure
      if (answer) return undefined
      if (!seenReader) {
        seenReader = true
        attempt.clocks.waiting(false)
      }
      try {
        for (;;) {
          if (call.scope.aborted) throw abortError(call)
          const batch = held.length > 0 ? held.shift() : await pull()
          if (!batch) return finish()
          const shown = take(batch)
          if (shown.length > 0) return shown
        }
      } catch (error) {
        failure ??= settled ? (error as GatewayError) : fail(error)
        throw failure
      }
    },
    response() {
      if (!answer) throw failure ?? new TypeError('the answer is not complete yet')
      return answer
    },
    text: collector.text,
  }

  async function pull(): Promise<readonly ChatChunk[] | undefined> {
    attempt.clocks.waiting(true)
    const batch = await upstream()
    attempt.clocks.waiting(false)
    return batch
  }
}

/** After the commit the code says that the stream broke; why is the cause. An abort stays an abort. */
function interrupted(reason: GatewayError, partial: PartialResponse): GatewayError {
  const { provider, model, status, retryable, retryAfterMs } = reason
  if (isGatewayError(reason, 'aborted', 'closed')) {
    return new GatewayError({
      code: reason.code,
      message: reason.message,
      provider,
      model,
      partial,
      cause: reason.cause,
    })
  }
  if (reason.code === 'stream_interrupted') {
    return new GatewayError({
      code: 'stream_interrupted',
      message: reason.message,
      provider,
      model,
      status,
      retryable,
      partial,
      cause: reason.cause,
    })
  }
  return new GatewayError({
    code: 'stream_interrupted',
    provider,
    model,
    status,
    retryable,
    retryAfterMs,
    partial,
    cause: reason,
    message: `the stream broke off after it had begun: ${reason.message}`,
  })
}
