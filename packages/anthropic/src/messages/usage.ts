import { makeUsage, type Usage } from '@turnout/core/adapter'
import type { WireUsage } from './wire-types.js'

/** Later counts replace earlier ones field by field: a stream's are cumulative and may be corrected. */
export function mergeUsage(
  known: WireUsage | undefined,
  next: WireUsage | null | undefined,
): WireUsage | undefined {
  if (!next) return known
  if (!known) return next
  const merged: Record<string, unknown> = { ...known }
  for (const field of Object.keys(next)) {
    const value = next[field as keyof WireUsage]
    if (value !== null && value !== undefined) merged[field] = value
  }
  return merged
}

/** Input holds what was read from and written to the cache; the wire keeps the three apart. */
export function readUsage(wire: WireUsage): Usage {
  const calls = [wire, ...(wire.iterations ?? []).filter(isExtra)]
  const sum = (read: (usage: WireUsage) => number | null | undefined): number | undefined => {
    let total: number | undefined
    for (const usage of calls) {
      const count = read(usage)
      if (typeof count === 'number') total = (total ?? 0) + count
    }
    return total
  }
  const cached = sum((usage) => usage.cache_read_input_tokens)
  const written = sum(cacheWrites)
  return makeUsage({
    inputTokens: (sum((usage) => usage.input_tokens) ?? 0) + (cached ?? 0) + (written ?? 0),
    outputTokens: sum((usage) => usage.output_tokens),
    cachedTokens: cached,
    cacheWriteTokens: written,
    cacheWrite1hTokens: sum((usage) => usage.cache_creation?.ephemeral_1h_input_tokens),
    reasoningTokens: sum((usage) => usage.output_tokens_details?.thinking_tokens),
  })
}

function cacheWrites({
  cache_creation_input_tokens: total,
  cache_creation: split,
}: WireUsage): number | null | undefined {
  if (typeof total === 'number' || !split) return total
  return (split.ephemeral_5m_input_tokens ?? 0) + (split.ephemeral_1h_input_tokens ?? 0)
}

/** Billed, and not part of the counts above: a compaction's own call, an adviser's. */
const isExtra = ({ type }: { readonly type?: string }): boolean =>
  type === 'compaction' || type === 'advisor_message'
