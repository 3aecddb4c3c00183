import type { SharedV3ProviderOptions } from '@ai-sdk/provider'
import type { CacheControl } from '@turnout/core'

/** The mark of a cacheable prefix; also under the name that users of Anthropic's own provider know. */
export function cacheControlOf(marked: {
  readonly providerOptions?: SharedV3ProviderOptions
}): CacheControl | undefined {
  const { turnout, anthropic } = marked.providerOptions ?? {}
  const mark = turnout?.cacheControl ?? anthropic?.cacheControl ?? anthropic?.cache_control
  return mark === undefined || mark === null ? undefined : (mark as unknown as CacheControl)
}
