/** The object a host holds. */
import type { AnyListener, GatewayListener } from '../events/event-bus.js'
import type { Adapter, ModelCapabilities } from '../contract/adapter.js'
import type { CallOptions } from '../contract/call-options.js'
import type { ChatRequest } from '../contract/chat-request.js'
import type { ChatResponse } from '../contract/chat-response.js'
import type { EmbeddingRequest, EmbeddingResponse } from '../contract/embedding.js'
import type {
  ObjectOf,
  ObjectOptions,
  ObjectRequest,
  ObjectResponse,
  ObjectSchema,
} from '../contract/object.js'
import type { Feedback, GatewayHealth } from '../contract/target-health.js'
import type { GatewayEventName } from '../contract/gateway-event.js'
import type { Price } from '../contract/price.js'
import type { BudgetStatus } from '../contract/budget.js'
import type { ExperimentResult } from '../contract/experiment.js'
import type { Explanation } from '../contract/explanation.js'
import type { UsageQuery, UsageRow } from '../contract/ledger.js'
import type { ReloadOptions } from './reload-options.js'
import type { TargetEstimate } from '../contract/estimate.js'
import type { EstimateOptions, ExplainOptions } from './explain.js'
import type { DeadLetters } from './dead-letters.js'
import type { LimitStatus, QueueStatus } from '../contract/limit.js'
import type { ChatStream } from './chat-stream.js'
import type { ProviderConfig, Providers, Routes, TargetName } from './gateway-options.js'

declare const CHECKED: unique symbol
/** A model name that was checked at run time by `gateway.model(name)`. */
export type CheckedModel = string & { readonly [CHECKED]: true }

type AdapterIn<C extends ProviderConfig> = C extends { readonly adapter: infer A } ? A : C
type KnownModel<P extends Providers> = {
  [Name in keyof P]: AdapterIn<P[Name]> extends Adapter<infer Model> ? Model : never
}[keyof P]

/** Ids that stand alone. One with a slash (an aggregator's) needs its provider's prefix, or it would name another provider. */
type BareModel<Model> = Model extends `${string}/${string}` ? never : string extends Model ? never : Model

/**
 * The names that a configuration makes valid: its routes, `provider/…` of its providers, and the model ids that
 * its adapters list. A misspelt route or prefix does not compile; for a name known only at run time there is
 * `gateway.model(name)`.
 */
export type ModelName<P extends Providers, R extends Routes> =
  (keyof R & string) | TargetName<P> | BareModel<KnownModel<P>> | CheckedModel

/** A route or model that this gateway can be asked for. */
export type ListedName =
  | { readonly id: string; readonly kind: 'route'; readonly targets: readonly string[] }
  | {
      /** `provider/model`. */
      readonly id: string
      readonly kind: 'model'
      readonly provider: string
      readonly model: string
      readonly capabilities: ModelCapabilities
      /** `null` when the catalog does not know the model. */
      readonly price: Price | null
    }

export interface Gateway<Model extends string = string> extends AsyncDisposable {
  /**
   * Asks for a whole answer. Failed attempts are retried and failed over before it settles.
   * @throws GatewayError with the attempts that were made.
   * @example
   * const answer = await gateway.chat({ model: 'fast-summary', messages: [{ role: 'user', content: 'Hello' }] })
   * answer.choices[0]?.message.content
   */
  chat(request: ChatRequest<Model>, options?: CallOptions): Promise<ChatResponse>
  /**
   * Asks for a stream. Returns at once and never throws here; errors come where the stream is read.
   * @example
   * for await (const chunk of gateway.stream({ model: 'fast-summary', messages })) {
   *   process.stdout.write(chunk.choices[0]?.delta.content ?? '')
   * }
   */
  stream(request: ChatRequest<Model>, options?: CallOptions): ChatStream
  /**
   * Asks for a value that matches a schema, by each provider's own mechanism for structured output. An answer that
   * does not match is repaired once if asked for, then the next target is tried.
   * @throws GatewayError `schema_mismatch`, with the last answer and its usage as `partial`.
   * @example
   * const { object } = await gateway.object({ model: 'fast-summary', messages, schema: z.object({ title: z.string() }) })
   * object.title
   */
  object<const Schema extends ObjectSchema>(
    request: ObjectRequest<Schema, Model>,
    options?: ObjectOptions,
  ): Promise<ObjectResponse<ObjectOf<Schema>>>
  /** Turns texts into vectors. */
  embed(request: EmbeddingRequest<Model>, options?: CallOptions): Promise<EmbeddingResponse>
  /**
   * Checks a model name that is known only at run time.
   * @throws GatewayError `no_route` with the name that was probably meant.
   */
  model(name: string): CheckedModel
  /**
   * Routes and models that can be asked for.
   * @param options `refresh: true` asks the providers instead of the adapters' own lists; a provider that fails
   *   to answer is listed from its adapter.
   */
  models(options?: {
    readonly refresh?: boolean
    readonly signal?: AbortSignal
  }): Promise<readonly ListedName[]>
  /**
   * How the gateway is doing, as of now: a list of its targets, configured ones first, then others that were asked; beside
   * it `limits`, `queue` and `pressure`.
   * @example
   * const health = gateway.health()
   * for (const { provider, model, state, errorRate } of health) console.log(provider, model, state, errorRate)
   * console.log(health.queue.waiting, health.queue.shed, health.limits)
   */
  health(): GatewayHealth
  /**
   * Tells what a user thought of an answer. It counts into the quality of the target that gave it.
   * @param requestId `answer.gateway.requestId`
   * @returns whether it counted: once a request, for the last 10,000 that were answered
   * @throws GatewayError `invalid_request` for feedback that is neither a word nor a score from 0 to 1
   * @example
   * gateway.feedback(answer.gateway.requestId, 'bad')
   */
  feedback(requestId: string, feedback: Feedback): boolean
  /**
   * What one attempt at each target would use and cost, before anything is sent: lower bound, expectation and upper
   * bound, in the order planned. Costs nothing upstream.
   * @throws GatewayError as a call would before it sends anything
   * @example
   * const [first] = await gateway.estimate({ model: 'fast-summary', messages, max_tokens: 500 })
   * first?.costUsd?.upper // no answer costs more
   */
  estimate(
    request: ChatRequest<Model> | EmbeddingRequest<Model> | ObjectRequest<ObjectSchema, Model>,
    options?: EstimateOptions,
  ): Promise<readonly TargetEstimate[]>
  /**
   * What a call with this request would do at this moment, and why: every target once with its verdict, price, health
   * and limits. Costs nothing upstream; `explanationText()` makes it readable.
   * @param options those of the call; `call: 'stream'` explains `stream()`
   * @throws GatewayError `invalid_request` for a request that is none, `no_route` for a name that stands for nothing. A
   *   request that no target can take is explained, with `error`.
   * @example
   * gateway.explain({ model: 'fast-summary', messages }).candidates[0]?.reason
   */
  explain(
    request: ChatRequest<Model> | EmbeddingRequest<Model> | ObjectRequest<ObjectSchema, Model>,
    options?: ExplainOptions,
  ): Explanation
  /**
   * Sums over what was spent, one row a group; a single row without `groupBy`. Kept by the ledger of the options, by
   * default the last 100,000 attempts in memory.
   * @example
   * await gateway.usage({ groupBy: 'model', from: new Date('2026-11-01') })
   * // [{ group: { model: 'gpt-4.1' }, requests: 120, attempts: 124, costUsd: 1.83, … }]
   */
  usage(query?: UsageQuery): Promise<readonly UsageRow[]>
  /** Calls that failed for good on routes with `deadLetter: true`: to look at, to send again, to drop. */
  readonly deadLetters: DeadLetters
  /** Who waits for room under the limits, by class, and who was sent away. */
  queue(): QueueStatus
  /** Every counter of the limits as it stands; after them what was learned of the providers' own, marked `learned`. */
  limits(): readonly LimitStatus[]
  /** Every purse of the budgets as it stands. */
  budgets(): readonly BudgetStatus[]
  /**
   * The experiments of the routes with strategy `split`, as they stand: what each arm got and did, and how sure one can
   * be that it differs from the control. Look as often as you like. `experimentText()` makes one readable.
   * @example
   * const [canary] = gateway.experiments()
   * canary?.arms[1]?.metrics.errorRate.difference // { estimate: 0.012, lower: 0.003, upper: 0.024, isDifferent: true }
   */
  experiments(): readonly ExperimentResult[]
  /** Listens to one kind of event, or to all with `*`. Returns the removal. */
  on<Name extends GatewayEventName>(event: Name, listener: GatewayListener<Name>): () => void
  on(event: '*', listener: AnyListener): () => void
  /**
   * Changes providers, routes, defaults, prices or budgets at once for the calls that begin from now on; what is left
   * out stays. Calls that run end on the configuration they began with. Breakers, health, the account, and the purses
   * of budgets that stay the same go on; adapters that are no longer in use are closed when their last call has ended.
   * Names of new routes are not known to the types: use `gateway.model(name)`.
   * @throws GatewayError `invalid_request` that names the place; then nothing has changed
   * @example
   * gateway.reload({ routes: { 'fast-summary': ['openai/gpt-4.1-mini'] } })
   */
  reload(changes: ReloadOptions): void
  /**
   * Refuses new calls, lets running ones finish for `drainMs` (default 5,000), ends the rest with code `closed`,
   * and closes every socket. Adapters and stores have a second to close; what has not by then is left behind, with an
   * error in the log. Safe to call twice; never rejects.
   */
  close(options?: { readonly drainMs?: number }): Promise<void>
}
