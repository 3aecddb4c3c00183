import type { CommittedAttempt } from '../attempts/commit-one.js'
import { abortError } from '../attempts/abort-error.js'
import type { StartedAttempt } from '../attempts/start-attempt.js'
import { addUsage } from '../accounting/add-usage.js'
import type { CallContext } from '../contract/call-context.js'
import type { ChatRequest } from '../contract/chat-request.js'
import type { ChatChunk, ChatResponse, PartialResponse, Usage } from '../contract/chat-response.js'
import { createChunkCollector } from '../contract/collect-chunks.js'
import { guardOutput } from '../guardrails/guard-output.js'
import { GatewayError, isGatewayError } from '../errors/gateway-error.js'
import { billFor, usageOf, type CallRecord } from './record.js'
import type { Resume } from './resume.js'
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
  first: CommittedAttempt,
  record: CallRecord,
  resume: Resume | undefined,
): Delivery {
  const collector = createChunkCollector()
  let { attempt } = first
  let held = [...first.held]
  let upstream = guardOutput(first.next)
  /** What broken attempts used of the answer that is being delivered. */
  let spent: { readonly usage: Usage; readonly estimated: boolean } | undefined
  /** What came from the attempt that is delivering: everything, until a rescue carries the answer on. */
  let delivering = collector
  let reported: Usage | undefined
  let head: ChatChunk | undefined
  let answer: ChatResponse | undefined
  let failure: GatewayError | undefined
  let pulling = false
  let settled = false

  /** Folds a batch; chunks that only carry usage are taken out, ours comes at the end. */
  const take = (batch: readonly ChatChunk[]): readonly ChatChunk[] => {
    let bare = false
    for (const chunk of batch) {
      head ??= chunk
      if (chunk.usage) reported = chunk.usage
      if (chunk.choices.length === 0 && !chunk.gateway) bare = true
      collector.push(chunk)
      if (delivering !== collector) delivering.push(chunk)
    }
    return bare ? batch.filter((chunk) => chunk.choices.length > 0 || chunk.gateway) : batch
  }
  /** What the attempt that is delivering has used, by itself. */
  const ownUsage = () => usageOf(request, reported, delivering.written)
  const allUsage = (own: ReturnType<typeof ownUsage>) =>
    spent ? { usage: addUsage(spent.usage, own.usage), estimated: spent.estimated || own.estimated } : own

  const finish = (): readonly ChatChunk[] => {
    if (!collector.isComplete()) throw noFinishReason()
    settled = true
    const own = ownUsage()
    const { usage, estimated } = allUsage(own)
    if (estimated)
      call.warn({
        code: 'usage_estimated',
        provider: attempt.candidate.provider,
        message: 'the provider sent no usage; the token counts are an estimate',
      })
    attempt.settle('ok', billFor(runtime, attempt.candidate, own))
    const meta = record.meta(attempt.candidate, estimated, 'ok')
    answer = collector.response(usage, meta)
    const worth = runtime.noteAnswer(call, attempt.candidate, request, answer)
    runtime.replay?.remember(call.options.tenant, answer)
    record.succeed(usage, estimated, worth)
    const { id, created, model } = answer
    return [{ id, object: 'chat.completion.chunk', created, model, choices: [], usage, gateway: meta }]
  }
  /** Ends the attempt with what it cost. */
  const settleBroken = (reason: GatewayError) => {
    attempt.stop(reason)
    const own = ownUsage()
    const outcome = isGatewayError(reason, 'aborted', 'closed') ? 'aborted' : 'error'
    attempt.settle(outcome, billFor(runtime, attempt.candidate, own), reason)
    return allUsage(own)
  }
  const failWith = (
    reason: GatewayError,
    { usage, estimated }: ReturnType<typeof ownUsage>,
  ): GatewayError => {
    settled = true
    const meta = record.meta(attempt.candidate, estimated, call.scope.aborted ? 'aborted' : 'error')
    return record.fail(interrupted(reason, collector.partial(usage, meta)), usage, estimated)
  }
  const reasonOf = (cause: unknown): GatewayError =>
    call.scope.aborted ? abortError(call) : (cause as GatewayError)
  const fail = (cause: unknown): GatewayError => {
    settled = true
    const reason = reasonOf(cause)
    return failWith(reason, settleBroken(reason))
  }
  const watch = (watched: StartedAttempt): void => {
    // A clock or an abort may strike while nobody pulls: the call ends then, not at the next pull.
    watched.onStop((reason) => {
      if (!settled && !pulling && watched === attempt) failure = fail(reason)
    })
  }
  watch(attempt)

  // A reader that is never seen pulling stays under the idle clock; from the first pull on its pauses are its own.
  let seenReader = false
  return {
    async next() {
      if (failure) throw failure
      if (answer) return undefined
      if (!seenReader) {
        seenReader = true
        attempt.clocks.progress() // what went by before it came was not the provider's silence
        attempt.clocks.waiting(false)
      }
      try {
        for (;;) {
          if (call.scope.aborted) throw abortError(call)
          let batch = held.shift()
          if (!batch) {
            attempt.clocks.waiting(true)
            pulling = true
            // In here, not in a function of its own: one more async frame would be kept with every pause of the provider.
            try {
              batch = await upstream()
              if (!batch && !collector.isComplete()) throw noFinishReason()
            } catch (error) {
              if (!resume || call.scope.aborted) throw error
              batch = await rescue(error as GatewayError)
            } finally {
              pulling = false
              attempt.clocks.waiting(false)
            }
          }
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

  /** Goes on with another attempt, or throws the break as the caller's error. */
  async function rescue(reason: GatewayError): Promise<readonly ChatChunk[]> {
    const broken = attempt.candidate
    const used = settleBroken(reason)
    settled = true
    const resumed = await resume?.({
      candidate: broken,
      error: reason,
      head: head as ChatChunk,
      text: collector.text(),
      isTextOnly: collector.isTextOnly(),
    }).catch(() => undefined) // the break is the caller's error, not what came of the rescue
    if (!resumed) throw failWith(reasonOf(reason), used)
    settled = false
    attempt = resumed.committed.attempt
    watch(attempt)
    held = [...resumed.committed.held]
    upstream = guardOutput(resumed.committed.next)
    reported = undefined
    if (resumed.isRestart) {
      const mark = restartMark(held[0]?.[0] ?? (head as ChatChunk))
      head = undefined
      spent = undefined
      delivering = collector
      return [mark]
    }
    spent = used
    delivering = createChunkCollector()
    return []
  }
}

/** The chunk after which the answer begins anew, under the ids of the new one. */
const restartMark = ({ id, created, model }: ChatChunk): ChatChunk => ({
  id,
  object: 'chat.completion.chunk',
  created,
  model,
  choices: [],
  gateway: { event: 'restart' },
})

const noFinishReason = (): GatewayError =>
  new GatewayError({
    code: 'stream_interrupted',
    message: 'the adapter ended the answer without a finish reason',
  })

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
