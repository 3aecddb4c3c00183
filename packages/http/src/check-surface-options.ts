import { GatewayError } from '@turnout/core'
import type { SurfaceOptions } from './surface-options.js'

/** What a timer takes: about 24 days. A longer one would fire at once, and a shorter one than 1 all the time. */
const MAX_MS = 2_147_483_647

/** @throws GatewayError `invalid_request` that names the option */
export function checkSurfaceOptions({
  detail,
  keepAliveMs,
  rememberedResponses,
  anthropicBetas,
}: SurfaceOptions): void {
  if (detail !== undefined && detail !== 'full' && detail !== 'brief')
    throw badOption('detail', 'must be "full" or "brief"')
  if (keepAliveMs !== undefined && !(keepAliveMs >= 1 && keepAliveMs <= MAX_MS))
    throw badOption('keepAliveMs', `must be a number of milliseconds from 1 to ${MAX_MS}`)
  if (
    rememberedResponses !== undefined &&
    !(Number.isSafeInteger(rememberedResponses) && rememberedResponses >= 0)
  )
    throw badOption('rememberedResponses', 'must be a whole number, 0 for none')
  if (anthropicBetas !== undefined && !isNames(anthropicBetas))
    throw badOption('anthropicBetas', 'must be a list of names, as in ["context-management-2025-06-27"]')
}

const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.every((name) => typeof name === 'string')

export const badOption = (path: string, what: string): GatewayError =>
  new GatewayError({ code: 'invalid_request', path, message: `${path}: ${what}` })
