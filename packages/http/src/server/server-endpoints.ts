/** What a server tells of itself. */
import type { Gateway } from '@turnout/core'
import type { Endpoint, SurfaceAnswer } from '../exchange.js'
import type { Metrics } from './create-metrics.js'

export interface ServerState {
  isDraining(): boolean
  readonly metrics: Metrics | undefined
}

/** Load balancers and Prometheus ask without a content type of their own, and read the status first. */
export function serverEndpoints(gateway: Gateway, { isDraining, metrics }: ServerState): readonly Endpoint[] {
  const health: Endpoint = {
    method: 'GET',
    path: '/health',
    dialect: 'openai',
    isOpen: true,
    handle: () => Promise.resolve(jsonAnswer(200, { status: 'ok' })),
  }
  const ready: Endpoint = {
    method: 'GET',
    path: '/ready',
    dialect: 'openai',
    isOpen: true,
    handle() {
      if (isDraining()) return Promise.resolve(jsonAnswer(503, { status: 'draining' }))
      return Promise.resolve(
        canServe(gateway)
          ? jsonAnswer(200, { status: 'ready' })
          : jsonAnswer(503, { status: 'no target is within reach' }),
      )
    },
  }
  if (!metrics) return [health, ready]
  const text: Endpoint = {
    method: 'GET',
    path: '/metrics',
    dialect: 'openai',
    handle: async () => ({
      status: 200,
      headers: { 'content-type': metrics.contentType },
      body: await metrics.text(),
    }),
  }
  return [health, ready, text]
}

/** Whether any target may be asked now. One that nobody has asked yet is taken to be well. */
function canServe(gateway: Gateway): boolean {
  const targets = gateway.health()
  return (
    targets.length === 0 ||
    targets.some(({ state }) => state !== 'open' && state !== 'cooling' && state !== 'unreachable')
  )
}

const jsonAnswer = (status: number, body: object): SurfaceAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
