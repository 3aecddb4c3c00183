import type { CallContext } from '../contract/call-context.js'
import type { AttemptVerdict } from '../contract/gateway-meta.js'
import type { Target } from '../contract/target.js'

/** The last attempt at this target is told what the engine made of its failure. */
export function noteVerdict(call: CallContext, { provider, model }: Target, verdict: AttemptVerdict): void {
  const at = call.attempts.findLastIndex((entry) => entry.provider === provider && entry.model === model)
  const record = call.attempts[at]
  if (record) call.attempts[at] = { ...record, verdict }
}
