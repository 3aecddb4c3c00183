import { COUNT_WAIT_MS, type CountedTokens } from '../accounting/count-tokens.js'
import {
  estimateCostUsd,
  estimateOutputTokens,
  pricedFeatures,
  type PricedFeatures,
} from '../accounting/estimate-cost.js'
import type { CallContext } from '../contract/call-context.js'
import type { ChatRequest } from '../contract/chat-request.js'
import type { EmbeddingRequest } from '../contract/embedding.js'
import type { Range, TokenEstimate } from '../contract/estimate.js'
import type { Candidate } from '../contract/plan.js'
import type { TaskGuess } from '../contract/routing.js'
import type { CountableRequest, CountedModel } from '../contract/token-counter.js'
import { classifyTask } from '../routing/classify-task.js'
import { withDefaults } from './attempt-settings.js'
import type { Runtime } from './runtime.js'

/** What a request takes, as far as the request itself can tell. Computed when it is asked for. */
export interface RequestWeight {
  /** Of one attempt at this target. */
  tokens(target: Candidate): TokenEstimate
  /** What is expected of the answer alone: nothing of the prompt is read for it. */
  answerTokens(target: Candidate): number
  /** One attempt; `null` when the price is unknown. */
  costUsd(target: Candidate): Range | null
  /** Both, if the prompt turned out as short as it may be. */
  least(target: Candidate): { readonly tokens: TokenEstimate; readonly costUsd: Range | null }
  task(): TaskGuess
  /**
   * Counts the prompt as these targets would; from then on `tokens` and `costUsd` say so. Where the call's deadline comes
   * before the count, the estimate stays.
   */
  count(targets: readonly Candidate[], call: Pick<CallContext, 'scope' | 'deadlineAt'>): Promise<void>
  /** How the prompt's tokens at this target are known. */
  method(target: Candidate): CountedTokens['method']
}

type Weighing = Pick<Runtime, 'catalog' | 'counter' | 'providerDefaults'>
const NOTHING: Range = { lower: 0, expected: 0, upper: 0 }

/** How requests of a kind are weighed: of all calls the same functions, so that a call that waits holds few of its own. */
interface Scale<R extends CountableRequest> {
  readonly sentTo: (runtime: Weighing, target: Candidate, request: R) => R
  readonly outputOf: (sent: R, target: Candidate, input: Range) => Range
  readonly featuresOf: (sent: R) => PricedFeatures
  readonly taskOf: (request: R) => TaskGuess
}

const CHAT: Scale<ChatRequest> = {
  sentTo: withDefaults,
  outputOf: (sent, { adapter, capabilities }, input) =>
    estimateOutputTokens(sent, { ...capabilities, adapter: adapter.name }, input),
  featuresOf: pricedFeatures,
  taskOf: classifyTask,
}

const EMBEDDING: Scale<CountableRequest> = {
  sentTo: (_runtime, _target, request) => request,
  outputOf: () => NOTHING,
  featuresOf: () => ({ audioInput: false, audioOutput: false, hourCache: false }),
  taskOf: () => ({ task: 'chat', complexity: 'simple', confidence: 0 }),
}

/**
 * Of the request as each target gets it, its provider's defaults included.
 * @param task what is known of it already
 */
export const chatWeight = (runtime: Weighing, request: ChatRequest, task?: TaskGuess): RequestWeight =>
  weigh(runtime, CHAT, request, task)

export function embeddingWeight(runtime: Weighing, { input }: EmbeddingRequest): RequestWeight {
  const texts = typeof input === 'string' ? [input] : input
  return weigh(runtime, EMBEDDING, { messages: texts.map((content) => ({ role: 'user', content })) })
}

/** What is known of one target. */
interface Weighed<R> {
  readonly target: Candidate
  readonly sent: R
  counted: CountedTokens | undefined
  tokens: TokenEstimate | undefined
  features: PricedFeatures | undefined
}

function weigh<R extends CountableRequest>(
  runtime: Weighing,
  scale: Scale<R>,
  request: R,
  task?: TaskGuess,
): RequestWeight {
  const { catalog, counter } = runtime
  /** A list and no map: there are few, and most calls ask about one. */
  let known: Weighed<R>[] = []
  const at = (target: Candidate): Weighed<R> => {
    for (const one of known) if (one.target === target) return one
    const sent = scale.sentTo(runtime, target, request)
    const one: Weighed<R> = { target, sent, counted: undefined, tokens: undefined, features: undefined }
    known = [...known, one]
    return one
  }
  const tokens = (target: Candidate): TokenEstimate => {
    const one = at(target)
    if (one.tokens) return one.tokens
    const input = one.counted?.tokens ?? counter.bound(one.sent, modelOf(catalog, target))
    one.tokens = { input, output: scale.outputOf(one.sent, target, input) }
    return one.tokens
  }
  const cost = (target: Candidate, estimate: TokenEstimate): Range | null => {
    const one = at(target)
    one.features ??= known.find(({ sent, features }) => features && sent === one.sent)?.features
    one.features ??= scale.featuresOf(one.sent)
    return estimateCostUsd(estimate, catalog.find(target.adapter.name, target.model)?.price, one.features)
  }
  return {
    tokens,
    answerTokens(target) {
      const one = at(target)
      return (one.tokens?.output ?? scale.outputOf(one.sent, target, NOTHING)).expected
    },
    costUsd: (target) => cost(target, tokens(target)),
    least(target) {
      const { input, output } = tokens(target)
      const { lower } = input
      const shortest = { input: { lower, expected: lower, upper: lower }, output }
      return { tokens: shortest, costUsd: cost(target, shortest) }
    },
    task: () => task ?? scale.taskOf(request),
    async count(targets, { scope, deadlineAt }) {
      const maxWaitMs = Math.min(COUNT_WAIT_MS, Math.max(0, deadlineAt - performance.now()))
      await Promise.all(
        targets.map(async (target) => {
          const one = at(target)
          one.counted = await counter.count(one.sent, modelOf(catalog, target), { scope, maxWaitMs })
          one.tokens = undefined
        }),
      )
    },
    method: (target) => at(target).counted?.method ?? 'estimate',
  }
}

const modelOf = (catalog: Weighing['catalog'], { adapter, model }: Candidate): CountedModel => {
  const tokenizer = catalog.find(adapter.name, model)?.tokenizer
  return { model, adapter: adapter.name, ...(tokenizer && { tokenizer }) }
}
