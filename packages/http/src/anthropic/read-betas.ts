import type { SurfaceRequest } from '../exchange.js'
import type { SurfaceOptions } from '../surface-options.js'

/** The features of `anthropic-beta` that may reach Anthropic: they change what a request means and costs. */
export function readBetas(
  request: SurfaceRequest,
  { anthropicBetas = [] }: SurfaceOptions,
): readonly string[] {
  const header = request.header('anthropic-beta')
  if (header === undefined || anthropicBetas.length === 0) return []
  const isAny = anthropicBetas.includes('*')
  return header
    .split(',')
    .map((beta) => beta.trim())
    .filter((beta) => beta !== '' && (isAny || anthropicBetas.includes(beta)))
}
