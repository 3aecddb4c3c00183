/** The targets as they are now, seen for one request. What nobody asks is not computed. */
import type { CallContext } from '../contract/call-context.js'
import type { Candidate } from '../contract/plan.js'
import type { RoutingState, TaskGuess } from '../contract/routing.js'
import type { Target } from '../contract/target.js'
import type { RequestWeight } from './request-weight.js'
import type { Runtime } from './runtime.js'

export function routingState(
  runtime: Runtime,
  call: Pick<CallContext, 'call' | 'options'>,
  weight: RequestWeight,
): RoutingState {
  const until = call.call === 'stream' ? 'content' : 'complete'
  let task: TaskGuess | undefined
  let nowMs: number | undefined
  /** Strategies of the host's may ask about targets they have made up. */
  const resolve = (target: Target): Candidate | undefined =>
    'adapter' in target ? (target as Candidate) : runtime.table.candidate(target)
  const taskOf = (): TaskGuess => (task ??= weight.task())
  return {
    standing: runtime.standing,
    latencyMs(target) {
      const observed = runtime.observed(target)
      return (until === 'content' ? observed?.firstContentMs : observed?.totalMs)?.p50
    },
    errorRate: (target) => runtime.observed(target)?.errorRate ?? undefined,
    quality: (target) => runtime.qualityOf(target, taskOf().task),
    inFlight: runtime.inFlight.of,
    roomShare: runtime.gate.roomShare,
    costUsd(target) {
      const candidate = resolve(target)
      return candidate ? weight.costUsd(candidate) : null
    },
    inputTokens(target) {
      const candidate = resolve(target)
      return candidate ? weight.tokens(candidate).input : { lower: 0, expected: 0, upper: null }
    },
    task: taskOf,
    sessionTarget() {
      const { session, tenant } = call.options
      const last =
        session === undefined ? undefined : runtime.sessions.last({ session, tenant }, performance.now())
      return last && { ...last, cacheSavesUsd: cacheSavesUsd(runtime, last) }
    },
    nowMs: () => (nowMs ??= Date.now()),
    isArmStopped: runtime.experiments.isStopped,
  }
}

/** What reading the last prompt from the cache saves against paying for it anew; 0 when the prices are unknown. */
function cacheSavesUsd(
  { catalog, table }: Runtime,
  last: Target & { readonly promptTokens: number },
): number {
  const adapter = table.adapters.get(last.provider)
  const price = adapter && catalog.find(adapter.name, last.model)?.price
  if (price?.cacheReadUsd === undefined) return 0
  return (last.promptTokens * (price.inputUsd - price.cacheReadUsd)) / 1e6
}
