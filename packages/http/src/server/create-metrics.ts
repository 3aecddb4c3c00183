/** What Prometheus reads. Loaded only where it is asked for. */
import type { Gateway, GatewayEvents } from '@turnout/core'
import { Counter, Histogram, Registry } from 'prom-client'
import { createKnownModels } from './known-models.js'
import { stateGauges } from './state-gauges.js'

export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  onAnswer(status: number): void
  /** Ends the listening to the gateway. */
  close(): void
}

type RequestEnd = GatewayEvents['request-end']

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600]
/** No route was asked for. */
const NO_ROUTE = ''

/**
 * Counts what the gateway tells of its calls. Labels are names of the configuration and of models that answered: never
 * tenants, keys, or what else a client may make up.
 */
export function createMetrics(gateway: Gateway, openRequests: () => number): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const models = createKnownModels()

  const requests = new Counter({
    name: 'turnout_requests_total',
    help: 'Calls that have ended, by the target that came last.',
    labelNames: ['route', 'provider', 'model', 'outcome', 'code'],
    registers,
  })
  const attempts = new Counter({
    name: 'turnout_attempts_total',
    help: 'Attempts at providers: first ones, retries, failovers and hedges.',
    labelNames: ['provider', 'model', 'kind', 'outcome'],
    registers,
  })
  const tokens = new Counter({
    name: 'turnout_tokens_total',
    help: 'Tokens of the calls that have ended; input has those read from a cache in it, output those of reasoning.',
    labelNames: ['route', 'provider', 'model', 'type'],
    registers,
  })
  const cost = new Counter({
    name: 'turnout_cost_usd_total',
    help: 'What the calls that have ended cost, all attempts together, where the price is known.',
    labelNames: ['route', 'provider', 'model'],
    registers,
  })
  const unpriced = new Counter({
    name: 'turnout_unpriced_requests_total',
    help: 'Calls whose cost is not known.',
    labelNames: ['route', 'provider', 'model'],
    registers,
  })
  const duration = new Histogram({
    name: 'turnout_request_duration_seconds',
    help: 'From a call to its end, a stream to its last chunk.',
    labelNames: ['route', 'outcome'],
    buckets: SECONDS,
    registers,
  })
  const firstContent = new Histogram({
    name: 'turnout_first_content_seconds',
    help: 'From a streamed call to its first content.',
    labelNames: ['route'],
    buckets: SECONDS,
    registers,
  })
  const answers = new Counter({
    name: 'turnout_http_answers_total',
    help: 'Answers to HTTP requests.',
    labelNames: ['status'],
    registers,
  })
  for (const gauge of stateGauges(gateway, openRequests, models.labelOf)) registry.registerMetric(gauge)

  const count = ({ trace, outcome, usage, costUsd, error }: RequestEnd): void => {
    const route = trace.route ?? NO_ROUTE
    for (const attempt of trace.attempts) {
      if (attempt.outcome === 'ok' || trace.route !== null) models.learn(attempt)
      const { provider, kind, outcome: end } = attempt
      attempts.inc({ provider, model: models.labelOf(attempt), kind, outcome: end })
    }
    const last = trace.attempts.at(-1)
    const target = { provider: last?.provider ?? '', model: last ? models.labelOf(last) : '' }
    requests.inc({ route, ...target, outcome, code: error?.code ?? '' })
    duration.observe({ route, outcome }, trace.durationMs / 1_000)
    if (last?.firstContentMs !== undefined)
      firstContent.observe({ route }, (last.startedAfterMs + last.firstContentMs) / 1_000)
    if (usage) {
      tokens.inc({ route, ...target, type: 'input' }, usage.prompt_tokens)
      tokens.inc({ route, ...target, type: 'output' }, usage.completion_tokens)
    }
    if (costUsd === null) unpriced.inc({ route, ...target })
    else cost.inc({ route, ...target }, costUsd)
  }

  /** Also those of routes that nobody has asked yet; asked for each time, since the configuration may be another one. */
  const learnRoutes = async (): Promise<void> => {
    for (const name of await gateway.models()) {
      if (name.kind !== 'route') continue
      for (const target of name.targets) {
        const slash = target.indexOf('/')
        // Else it is another route, which is on the list too.
        if (slash > 0) models.learn({ provider: target.slice(0, slash), model: target.slice(slash + 1) })
      }
    }
  }

  const stop = gateway.on('request-end', count)
  return {
    contentType: registry.contentType,
    async text() {
      await learnRoutes()
      return registry.metrics()
    },
    onAnswer: (status) => answers.inc({ status }),
    close: stop,
  }
}
