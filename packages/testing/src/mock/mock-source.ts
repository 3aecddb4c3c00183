/** One attempt at the mock: the script's reply as a source of chunks. */
import {
  GatewayError,
  isGatewayError,
  type AttemptContext,
  type ChatChunk,
  type ChunkSource,
} from '@turnout/core/adapter'
import { kindOf, type AnswerReply, type Reply } from '../script/reply.js'
import { resolveAnswer } from '../script/resolve-answer.js'
import { timeline, type Step } from '../script/timeline.js'
import { endChunks, pieceChunk, roleChunk, wholeChunks, type MockHead } from './mock-chunks.js'
import { faultError, mockError, type Asked } from './mock-errors.js'

/** What the mock knows of the attempt once it is sent. */
export interface MockAttemptRun {
  readonly id: string
  readonly promptTokens: number
  readonly reply: Promise<Reply | GatewayError>
  chunkSent(): void
  /** The first outcome counts. */
  settle(outcome: 'ok' | 'error' | 'aborted'): void
}

type Batch = readonly ChatChunk[]

/** @param hooks `start` is called with the first `next()`: that is when a real adapter would send. */
export function createMockSource(attempt: AttemptContext, hooks: { start(): MockAttemptRun }): ChunkSource {
  let run: MockAttemptRun | undefined
  let batches: AsyncGenerator<Batch, void, undefined> | undefined
  let failure: GatewayError | undefined
  let ended = false
  let stopTimer = (): void => {}
  let wakeReader = (): void => {}

  const give = (error: GatewayError): void => {
    if (ended) return
    ended = true
    failure = error
    run?.settle(error.code === 'aborted' ? 'aborted' : 'error')
    attempt.signal.removeEventListener('abort', onAbort)
    stopTimer()
    wakeReader()
  }
  /** Given up by the engine, whatever its reason was. */
  const giveUp = (reason: unknown): void => {
    if (ended) return
    run?.settle('aborted')
    give(
      isGatewayError(reason)
        ? reason
        : new GatewayError({ code: 'aborted', message: 'the call was aborted', cause: reason }),
    )
  }
  const onAbort = (): void => giveUp(attempt.signal.reason)
  /** Never resolves once the attempt is over: what comes after it must not happen. */
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (ended || ms === Infinity) return
      const timer = setTimeout(resolve, ms)
      stopTimer = () => clearTimeout(timer)
    })

  const begin = (): AsyncGenerator<Batch, void, undefined> => {
    if (attempt.signal.aborted) {
      giveUp(attempt.signal.reason)
      throw failure ?? new Error('aborted')
    }
    attempt.signal.addEventListener('abort', onAbort, { once: true })
    run = hooks.start()
    return play(run, attempt, pause)
  }

  const advance = async (): Promise<Batch | undefined> => {
    batches ??= begin()
    const pending = batches.next()
    // A pending `next()` settles at once when the attempt is given up.
    const given = new Promise<undefined>((resolve) => {
      wakeReader = () => resolve(undefined)
    })
    pending.catch(() => {})
    const result = await Promise.race([pending, given])
    if (failure) throw failure
    if (!result?.done) return result?.value
    ended = true
    attempt.signal.removeEventListener('abort', onAbort)
    return undefined
  }

  return {
    async next() {
      if (failure) throw failure
      if (ended) return undefined
      try {
        return await advance()
      } catch (error) {
        give(isGatewayError(error) ? error : scriptError(error, attempt))
        throw failure ?? error
      }
    },
    cancel: giveUp,
  }
}

/** A script that throws is the test's own fault: no retry, no failover. */
function scriptError(cause: unknown, { provider, model }: AttemptContext): GatewayError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new GatewayError({
    code: 'invalid_request',
    message: `the mock's script failed: ${why}`,
    provider,
    model,
    cause,
  })
}

async function* play(
  run: MockAttemptRun,
  attempt: AttemptContext,
  pause: (ms: number) => Promise<void>,
): AsyncGenerator<Batch, void, undefined> {
  const given = await run.reply
  if (isGatewayError(given)) throw given
  const asked: Asked = { provider: attempt.provider, model: attempt.model }
  attempt.mark('connected')
  const { kind, reply } = kindOf(given)
  if (reply.headersDelayMs) await pause(reply.headersDelayMs)
  if (kind === 'fault') {
    if (reply.fault !== 'reset' && reply.fault !== 'silence') answered(attempt, reply.status ?? 200)
    if (reply.fault === 'silence' || reply.fault === 'headers-only') await pause(Infinity)
    throw faultError(reply, asked)
  }
  if (kind === 'error') {
    const error = mockError(reply, asked)
    answered(attempt, error.status ?? 500, reply.headers)
    throw error
  }
  yield* attempt.stream ? stream(reply, run, attempt, pause) : whole(reply, run, attempt, pause)
}

function answered(
  attempt: AttemptContext,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  attempt.mark('headers')
  attempt.response({ status, headers })
}

async function* stream(
  reply: AnswerReply,
  run: MockAttemptRun,
  attempt: AttemptContext,
  pause: (ms: number) => Promise<void>,
): AsyncGenerator<Batch, void, undefined> {
  const asked: Asked = { provider: attempt.provider, model: attempt.model }
  const answer = answerOf(reply, run, attempt)
  const head: MockHead = headOf(run, answer.model)
  answered(attempt, 200, reply.headers)
  if (reply.errorEvent?.afterChunks !== 0) yield [roleChunk(head)]
  for (const step of timeline(reply, answer.pieces.length)) {
    if (step.type === 'wait') {
      await pause(step.ms)
      continue
    }
    attempt.mark('alive')
    if (step.type === 'ping') continue
    const failure = failureOf(step, asked)
    if (failure) throw failure
    if (step.type === 'piece') {
      run.chunkSent()
      yield [pieceChunk(head, answer, step.index)]
    }
    if (step.type === 'end') {
      if (!step.mark) {
        attempt.warn({
          code: 'stream_end_unmarked',
          message: 'the stream ended without its end mark',
          provider: attempt.provider,
        })
      }
      run.settle('ok')
      yield endChunks(head, answer)
    }
  }
}

/** A whole answer takes as long as its stream would; faults in the middle make it unreadable. */
async function* whole(
  reply: AnswerReply,
  run: MockAttemptRun,
  attempt: AttemptContext,
  pause: (ms: number) => Promise<void>,
): AsyncGenerator<Batch, void, undefined> {
  const asked: Asked = { provider: attempt.provider, model: attempt.model }
  const answer = answerOf(reply, run, attempt)
  let broken = false
  for (const step of timeline(reply, answer.pieces.length)) {
    if (step.type === 'wait') await pause(step.ms)
    if (step.type === 'piece') broken ||= step.broken
    if (step.type === 'error') throw mockError(step.error, asked)
    if (step.type === 'cut') throw faultError({ fault: step.how === 'end' ? 'truncated' : 'reset' }, asked)
  }
  answered(attempt, 200, reply.headers)
  if (broken) throw faultError({ fault: 'truncated' }, asked)
  for (let count = 0; count < answer.pieces.length; count++) run.chunkSent()
  run.settle('ok')
  yield wholeChunks(headOf(run, answer.model), answer)
}

function failureOf(step: Step, { provider, model }: Asked): GatewayError | undefined {
  if (step.type === 'error') return mockError({ ...step.error, status: 200 }, { provider, model })
  if (step.type === 'cut') {
    return new GatewayError({
      code: 'stream_interrupted',
      message: `the stream of ${provider} ended before its end mark`,
      provider,
      model,
    })
  }
  if (step.type === 'piece' && step.broken) return faultError({ fault: 'truncated' }, { provider, model })
  return undefined
}

function answerOf(reply: AnswerReply, run: MockAttemptRun, attempt: AttemptContext) {
  let calls = 0
  const makeToolCallId = (): string => `call_${run.id}_${calls++}`
  return resolveAnswer(reply, { model: attempt.model, promptTokens: run.promptTokens, makeToolCallId })
}

function headOf(run: MockAttemptRun, model: string): MockHead {
  return { id: run.id, created: Math.floor(Date.now() / 1_000), model }
}
