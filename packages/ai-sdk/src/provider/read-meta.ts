/** What the gateway tells about a call, in the AI SDK's places. */
import type { JSONObject, SharedV3Headers, SharedV3ProviderMetadata, SharedV3Warning } from '@ai-sdk/provider'
import type { GatewayMeta, Warning } from '@turnout/core'
import { KEY } from './call-settings.js'

/** `providerMetadata.turnout` of an answer. The whole account, trace included, is in the gateway's events. */
export interface TurnoutMetadata {
  readonly requestId: string
  readonly route: string | null
  /** Who answered. */
  readonly provider: string
  readonly model: string
  /** Attempts that were made. */
  readonly attempts: number
  /** `null`: the price of a model is unknown. */
  readonly costUsd: number | null
  readonly estimated: boolean
  readonly cache: 'hit' | 'miss' | 'off'
  /** Of streams, whose own `warnings` the SDK wants before the first word. */
  readonly warnings?: readonly Warning[]
}

export function readMeta(meta: GatewayMeta, withWarnings: boolean): SharedV3ProviderMetadata {
  const { requestId, route, provider, model, attempts, costUsd, estimated, cache, warnings } = meta
  const told: TurnoutMetadata = {
    requestId,
    route,
    provider,
    model,
    attempts: attempts.length,
    costUsd,
    estimated,
    cache,
    ...(withWarnings && warnings.length > 0 && { warnings }),
  }
  return { [KEY]: told as unknown as JSONObject }
}

/** Headers of the answer that was taken. */
export const readHeaders = (meta: GatewayMeta): SharedV3Headers | undefined =>
  meta.attempts.findLast(({ outcome }) => outcome === 'ok')?.headers

export function readWarnings(warnings: readonly Warning[]): SharedV3Warning[] {
  return warnings.map(({ code, path, message }): SharedV3Warning => {
    if (code === 'setting_dropped' && path !== undefined)
      return { type: 'unsupported', feature: path, details: message }
    if (code === 'setting_changed' && path !== undefined)
      return { type: 'compatibility', feature: path, details: message }
    return { type: 'other', message }
  })
}
