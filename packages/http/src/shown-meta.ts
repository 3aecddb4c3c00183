import type { GatewayMeta } from '@turnout/core'
import type { SurfaceOptions } from './surface-options.js'

/** What an answer tells under `gateway`; the brief form names no target that was tried in vain. */
export function shownMeta(meta: GatewayMeta, { detail = 'full' }: SurfaceOptions): object {
  if (detail === 'full') return meta
  const { requestId, route, provider, model, costUsd, estimated, cache, warnings } = meta
  return { requestId, route, provider, model, costUsd, estimated, cache, warnings }
}
