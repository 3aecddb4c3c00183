import type { Usage } from '../contract/chat-response.js'

/** What two attempts used together. A part that either of them reports is in the sum. */
export function addUsage(one: Usage, other: Usage): Usage {
  return {
    prompt_tokens: one.prompt_tokens + other.prompt_tokens,
    completion_tokens: one.completion_tokens + other.completion_tokens,
    total_tokens: one.total_tokens + other.total_tokens,
    ...addDetails('prompt_tokens_details', one, other),
    ...addDetails('completion_tokens_details', one, other),
    // Known only when both say what they cost.
    ...(one.provider_cost_usd !== undefined &&
      other.provider_cost_usd !== undefined && {
        provider_cost_usd: one.provider_cost_usd + other.provider_cost_usd,
      }),
  }
}

function addDetails(
  field: 'prompt_tokens_details' | 'completion_tokens_details',
  one: Usage,
  other: Usage,
): Partial<Usage> {
  const first: Readonly<Record<string, number | undefined>> = { ...one[field] }
  const second: Readonly<Record<string, number | undefined>> = { ...other[field] }
  const names = new Set([...Object.keys(first), ...Object.keys(second)])
  if (names.size === 0) return {}
  return {
    [field]: Object.fromEntries([...names].map((name) => [name, (first[name] ?? 0) + (second[name] ?? 0)])),
  }
}
