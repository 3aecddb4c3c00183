/** The only place that constructs parts. */
import { restoreBudgets } from '../admission/restore-budgets.js'
import type { Adapter } from '../contract/adapter.js'
import type { CallOptions } from '../contract/call-options.js'
import type { ChatResponse } from '../contract/chat-response.js'
import { invalidRequest } from '../contract/describe-issue.js'
import type { Target } from '../contract/target.js'
import { GatewayError } from '../errors/gateway-error.js'
import type { Manner } from '../pipeline/attempt-rules.js'
import { openCall, type OpenCall } from '../pipeline/begin-call.js'
import { execute } from '../pipeline/execute.js'
import { executeEmbedding } from '../pipeline/execute-embedding.js'
import type { Runtime } from '../pipeline/runtime.js'
import { openRecord, type CallRecord } from '../pipeline/record.js'
import { createTurns } from '../platform/turns.js'
import { resolveName } from '../routing/resolve-name.js'
import type { RoutingTable } from '../routing/routing-table.js'
import { answerObject } from './answer-object.js'
import { createChatStream } from './chat-stream.js'
import { checkGatewayOptions } from './check-options.js'
import { closeWithin } from './close-within.js'
import { createParts } from './create-parts.js'
import { createDeadLetters } from './dead-letters.js'
import { createRuntime } from './create-runtime.js'
import { experimentResults } from './experiments-of.js'
import { estimateRequest, explainRequest } from './explain.js'
import type { CheckedModel, Gateway, ModelName } from './gateway.js'
import {
  CLOSE_MS,
  DEFAULT_DRAIN_MS,
  type GatewayOptions,
  type Providers,
  type Routes,
  type TargetName,
} from './gateway-options.js'
import { createGeneration, type Generation } from './generation.js'
import { listModels } from './list-models.js'
import { changedOptions } from './reload-options.js'
import { gatewayHealth, limitStatus } from './gateway-health.js'
import { startChecks } from './watch-health.js'

/**
 * Makes a gateway: an object, not a server. It holds no timer and no socket until it is called,
 * unless active health checks are configured.
 *
 * @throws GatewayError `invalid_request` that names the place in the configuration.
 * @example
 * const gateway = createGateway({
 *   providers: { openai: openai(), anthropic: anthropic() },
 *   routes: { review: ['anthropic/claude-opus-4-1', 'openai/gpt-5'] },
 * })
 * const answer = await gateway.chat({ model: 'review', messages: [{ role: 'user', content: diff }] })
 * await gateway.close()
 */
export function createGateway<
  const P extends Providers,
  const R extends Routes<TargetName<P> | (keyof R & string)> = {},
>(options: GatewayOptions<P, R>): Gateway<ModelName<P, R>> {
  checkGatewayOptions(options)
  let config: GatewayOptions = options
  const { parts, board, openKeepers, closeShared } = createParts(options, {
    targets: () => routedTargets(current.runtime.table),
    limits: () => current.runtime.limits,
  })
  let current = createGeneration(createRuntime(config, parts, openKeepers(config, undefined), board))
  const retired = new Set<Generation>()
  /** What was spent before a restart counts from the first call on. */
  const restored = restoreSpent(config, current.runtime)
  const turns = createTurns()
  const ready = (): Promise<void> | undefined => (restored ? restored.then(turns) : turns())
  let stopChecks = startChecks(current.runtime, config.health ?? {}, board)
  let closing: Promise<void> | undefined

  const open = (
    call: OpenCall['call'],
    request: unknown,
    callOptions: CallOptions | undefined,
    letterId?: string,
  ) => {
    const generation = current
    const { runtime } = generation
    const opened = openCall(runtime, call, request, callOptions, letterId)
    // From here on, not from its first step: a reload in between must not close what it is about to use.
    generation.begin(opened)
    parts.pressure.begin()
    const begin = (): CallRecord => {
      const record = openRecord(runtime, opened, () => {
        generation.end(opened)
        parts.pressure.end()
      })
      if (closing) throw record.fail(closedError())
      return record
    }
    return { runtime, opened, begin }
  }
  const whole = async (
    call: 'chat' | 'object',
    request: unknown,
    callOptions: CallOptions | undefined,
    manner: Partial<Manner> = {},
    letterId?: string,
  ): Promise<ChatResponse> => {
    const { runtime, opened, begin } = open(call, request, callOptions, letterId)
    const wait = ready()
    if (wait) await wait
    const delivery = await execute(runtime, opened, begin(), { commitAt: 'complete', ...manner })
    while (await delivery.next()) {
      /* folded by the delivery */
    }
    return delivery.response()
  }
  const tellUnclosed = (name: string, error?: unknown): void => {
    const what = error === undefined ? 'did not close in time and was left behind' : 'failed to close'
    parts.logger.error?.({ ...(error !== undefined && { error }) }, `turnout: ${name} ${what}`)
  }
  const shutDown = async (drainMs: number): Promise<void> => {
    stopChecks()
    parts.queue.close()
    const generations = [...retired, current]
    await Promise.all(generations.map(async (generation) => generation.drained(drainMs)))
    for (const generation of generations) generation.abort(closedError())
    parts.gate.close()
    parts.pressure.close()
    board.close()
    const endsAt = performance.now() + CLOSE_MS
    const adapters = [...adaptersIn(generations)].map((adapter) => ({
      name: `the adapter ${adapter.name}`,
      close: () => adapter.close?.(),
    }))
    await closeWithin(CLOSE_MS / 2, adapters, tellUnclosed)
    // After the adapters: what their calls ended with has to be written down.
    const stores = [
      { name: 'the ledger', close: () => parts.ledger?.close?.() },
      { name: 'the dead letters', close: () => parts.deadLetters.store.close?.() },
      { name: 'the traffic recorder', close: () => parts.traffic?.close() },
      { name: 'the shared limits', close: closeShared },
      { name: 'the token counter', close: () => parts.counter.close() },
    ]
    await closeWithin(endsAt - performance.now(), stores, tellUnclosed)
  }
  const retire = async (generation: Generation): Promise<void> => {
    retired.add(generation)
    await generation.drained(Infinity)
    retired.delete(generation)
    if (!closing) await generation.closeAdapters(adaptersIn([current, ...retired]))
  }

  return {
    chat: (request, callOptions) => whole('chat', request, callOptions),
    stream(request, callOptions) {
      const { runtime, opened, begin } = open('stream', request, callOptions)
      return createChatStream(async () => {
        const wait = ready()
        if (wait) await wait
        return execute(runtime, opened, begin(), { commitAt: 'content' })
      }, opened.scope)
    },
    async embed(request, callOptions) {
      const { runtime, opened, begin } = open('embed', request, callOptions)
      const wait = ready()
      if (wait) await wait
      return executeEmbedding(runtime, opened, begin())
    },
    object: async (request, objectOptions) =>
      answerObject(request, objectOptions, async (chatRequest, callOptions, manner) =>
        whole('object', chatRequest, callOptions, manner),
      ),
    estimate: async (request, estimateOptions = {}) =>
      estimateRequest(current.runtime, request, estimateOptions),
    explain: (request, callOptions) =>
      explainRequest(current.runtime, (target) => board.of(target, performance.now()), request, callOptions),
    async usage(query) {
      if (parts.ledger) return parts.ledger.usage(query)
      throw invalidRequest(
        'ledger',
        'is switched off in the options of this gateway; leave it out, or give a store',
      )
    },
    deadLetters: createDeadLetters(parts.deadLetters, async (request, callOptions, letterId) =>
      whole('chat', request, callOptions, {}, letterId),
    ),
    budgets: () => current.runtime.budgets?.status() ?? [],
    queue: () => parts.queue.status(),
    limits: () => limitStatus(current.runtime),
    model(name) {
      resolveName(name, current.runtime.table)
      return name as CheckedModel
    },
    models: async (listOptions) => listModels(current.runtime, listOptions),
    health: () => gatewayHealth(board.all(performance.now()), current.runtime),
    feedback(requestId, feedback) {
      const worth = board.feedback(requestId, feedback, performance.now())
      if (worth === undefined) return false
      parts.experiments.feedback(requestId, worth)
      return true
    },
    experiments: () => experimentResults(parts.experiments, config, Date.now()),
    on: parts.bus.on,
    reload(changes) {
      if (closing) throw closedError()
      const next = changedOptions(config, changes)
      const { runtime: before } = current
      const opened = openKeepers(next, before)
      const keepers = {
        budgets: next.budgets === config.budgets ? before.budgets : opened.budgets,
        limits: next.limits === config.limits ? before.limits : opened.limits,
      }
      const old = current
      const isOtherQueue = next.queue !== config.queue || keepers.limits !== before.limits
      current = createGeneration(createRuntime(next, parts, keepers, board))
      config = next
      const { shedUnderPressure = false, ...queueOptions } = config.queue ?? {}
      if (shedUnderPressure !== parts.pressure.isOn()) parts.pressure.turn(shedUnderPressure)
      if (isOtherQueue) parts.queue.change(queueOptions)
      stopChecks()
      stopChecks = startChecks(current.runtime, config.health ?? {}, board)
      void retire(old)
    },
    close({ drainMs = DEFAULT_DRAIN_MS } = {}) {
      closing ??= shutDown(drainMs)
      return closing
    },
    [Symbol.asyncDispose]() {
      return this.close()
    },
  }
}

/** @returns `undefined` where there is nothing to wait for */
function restoreSpent(
  { budgets, ledger }: GatewayOptions,
  { budgets: keeper, logger }: Runtime,
): Promise<void> | undefined {
  if (!budgets || !ledger || !keeper) return undefined
  return restoreBudgets(budgets, keeper, ledger, Date.now()).catch((error: unknown) => {
    logger.error?.({ error }, 'turnout: the ledger could not be read; budgets begin at nothing spent')
  })
}

const routedTargets = ({ routes }: RoutingTable): readonly Target[] =>
  [...routes.values()].flatMap(({ items }) =>
    items.flatMap((item) => (item.kind === 'target' ? [item.candidate] : [])),
  )

const adaptersIn = (generations: readonly Generation[]): ReadonlySet<Adapter> =>
  new Set(generations.flatMap(({ runtime }) => [...runtime.table.adapters.values()]))

const closedError = (): GatewayError =>
  new GatewayError({ code: 'closed', message: 'the gateway has been closed; create a new one' })
