import type {
  Adapter,
  AttemptContext,
  ChatRequest,
  EmbeddingRequest,
  EmbeddingResult,
  GatewayError,
  ModelCapabilities,
} from '@turnout/core/adapter'
import type { Reply } from '../script/reply.js'
import { estimateTokens } from '../script/resolve-answer.js'
import { runScript, type Script } from '../script/script.js'
import { madeUpVector } from '../made-up-vector.js'
import { createMockSource } from './mock-source.js'

/** A reply of the script, or the very error to throw. */
export type MockReply = Reply | GatewayError

/** The attempt as the mock saw it. */
export type MockAttempt = Pick<
  AttemptContext,
  'requestId' | 'idempotencyKey' | 'provider' | 'model' | 'stream' | 'headers' | 'unsupported'
>

/** One attempt that was sent to the mock. */
export interface MockCall {
  /** Counts from 0 over the mock's life. */
  readonly index: number
  readonly request: ChatRequest
  readonly attempt: MockAttempt
  readonly outcome: 'pending' | 'ok' | 'error' | 'aborted'
  /** The gateway gave the attempt up: the caller's abort, a clock, a lost hedge. */
  readonly aborted: boolean
  /** Chunks of content handed out so far. */
  readonly chunksSent: number
}

export interface MockAdapterOptions<Model extends string = string> {
  /** Default `mock`. */
  readonly name?: string
  /** Model ids that can be asked without the provider's prefix. Default `mock-model`. */
  readonly models?: readonly Model[]
  readonly capabilities?: (model: string) => ModelCapabilities
}

export interface MockAdapter<Model extends string = string> extends Adapter<Model> {
  /** Every attempt that was sent, in order. An attempt counts when its answer is first asked for. */
  readonly calls: readonly MockCall[]
  /** Starts another script from its beginning. */
  setReplies(script: Script<MockReply>): void
  /** Replies of lists that no attempt has used yet. */
  remainingReplies(): number
  /** @throws Error naming how many replies of the script were never used. */
  assertScriptDone(): void
}

/**
 * A provider without a network, for unit tests. It answers along a script: the same one serves `chat` and `stream`,
 * and the emulators take it too. Delays are ordinary timers, so `virtualTime()` runs them in no time.
 *
 * @param script a reply, a list of replies (the last one repeats), a function of the request, or `{ byModel }`.
 * Default: one friendly sentence.
 * @example
 * const mock = mockAdapter([{ error: 'overloaded' }, 'Hello!'])
 * const gateway = createGateway({ providers: { mock } })
 * const answer = await gateway.chat({ model: 'mock/any', messages: [{ role: 'user', content: 'Hi' }] })
 * answer.choices[0].message.content // 'Hello!'
 * mock.calls.length // 2
 */
export function mockAdapter<const Model extends string = 'mock-model'>(
  script: Script<MockReply> = 'Hello from the mock.',
  options: MockAdapterOptions<Model> = {},
): MockAdapter<Model> {
  const calls: Writable<MockCall>[] = []
  let running = runScript<MockReply>(script)
  let scriptIndex = 0
  const { capabilities } = options

  return {
    name: options.name ?? 'mock',
    models: options.models ?? ['mock-model' as Model],
    ...(capabilities ? { capabilities } : {}),
    calls,
    chat(request, attempt) {
      const { requestId, idempotencyKey, provider, model, stream, headers, unsupported } = attempt
      return createMockSource(attempt, {
        start() {
          calls.push({
            index: calls.length,
            request,
            attempt: { requestId, idempotencyKey, provider, model, stream, headers, unsupported },
            outcome: 'pending',
            aborted: false,
            chunksSent: 0,
          })
          const call = calls.at(-1) as Writable<MockCall>
          return {
            id: `mock-${calls.length}`,
            promptTokens: estimateTokens(JSON.stringify([request.messages, request.tools]) ?? ''),
            reply: running.next({
              index: scriptIndex++,
              model,
              stream,
              lastUserText: lastUserText(request),
              body: request,
            }),
            chunkSent: () => call.chunksSent++,
            settle(outcome) {
              if (call.outcome !== 'pending') return
              call.outcome = outcome
              call.aborted = outcome === 'aborted'
            },
          }
        },
      })
    },
    embed: (request, attempt) => Promise.resolve(embed(request, attempt)),
    listModels: () => Promise.resolve((options.models ?? ['mock-model']).map((id) => ({ id }))),
    setReplies(replies) {
      running = runScript<MockReply>(replies)
      scriptIndex = 0
    },
    remainingReplies: () => running.remaining(),
    assertScriptDone() {
      const left = running.remaining()
      if (left > 0) throw new Error(`${left} of the script's replies were never asked for`)
    },
  }
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

function lastUserText({ messages }: ChatRequest): string {
  const last = messages.findLast((message) => message.role === 'user')
  if (!last?.content) return ''
  if (typeof last.content === 'string') return last.content
  return last.content.map((part) => ('text' in part ? part.text : '')).join('')
}

function embed(request: EmbeddingRequest, attempt: AttemptContext): EmbeddingResult {
  const inputs = typeof request.input === 'string' ? [request.input] : request.input
  const tokens = inputs.reduce((sum, text) => sum + estimateTokens(text), 0)
  return {
    model: attempt.model,
    vectors: inputs.map((text) => madeUpVector(text, request.dimensions ?? 8)),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  }
}
