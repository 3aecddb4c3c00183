/**
 * What a provider needs back on the next turn (signed thinking, thought signatures, encrypted reasoning) travels through the
 * clients of the Responses API as the `encrypted_content` of a reasoning item: they hand it back untouched.
 */
import type { AssistantMessage, ProviderState, ReasoningDetail } from '@turnout/core'

type Carried = Pick<AssistantMessage, 'provider_state' | 'reasoning_details'>

/** Tells ours from a provider's own. */
const MARK = 'turnout1.'
const MAX_CHARS = 16 * 1024 * 1024

/** @returns `undefined` when the standard fields say all there is */
export function sealReasoning({
  provider_state: state,
  reasoning_details: details,
}: Carried): string | undefined {
  const keeps = details?.some(({ signature, data }) => signature !== undefined || data !== undefined) ?? false
  if (!state && !keeps) return undefined
  const carried = { ...(state && { s: state }), ...(keeps && { d: details }) }
  return MARK + Buffer.from(JSON.stringify(carried)).toString('base64url')
}

/** What `sealReasoning` wrote; nothing for what is not ours or was damaged: reasoning may be missing, calls go on. */
export function openReasoning(sealed: unknown): Carried {
  if (typeof sealed !== 'string' || !sealed.startsWith(MARK) || sealed.length > MAX_CHARS) return {}
  try {
    const carried: unknown = JSON.parse(Buffer.from(sealed.slice(MARK.length), 'base64url').toString())
    if (typeof carried !== 'object' || carried === null) return {}
    const { s, d } = carried as { s?: ProviderState; d?: readonly ReasoningDetail[] }
    return { ...(s && { provider_state: s }), ...(Array.isArray(d) && { reasoning_details: d }) }
  } catch {
    return {}
  }
}
