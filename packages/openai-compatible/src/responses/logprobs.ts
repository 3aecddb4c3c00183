import type { ChoiceLogprobs } from '@turnout/core/adapter'
import type { WireLogprob } from './wire-types.js'
import { recordsIn } from './wire-values.js'

/** What OpenAI writes for a token that is as good as impossible. */
const UNLIKELY = -9999

/** Log probabilities in the shape of Chat Completions; `undefined` when there are none. */
export function readLogprobs(
  logprobs: readonly WireLogprob[] | null | undefined,
): ChoiceLogprobs | undefined {
  if (!logprobs || logprobs.length === 0) return undefined
  const content = recordsIn(logprobs).map(({ token, logprob, bytes, top_logprobs }) => ({
    token,
    logprob,
    bytes: bytes ?? null,
    top_logprobs: recordsIn(top_logprobs).map((top) => ({
      token: top.token ?? '',
      logprob: top.logprob ?? UNLIKELY,
      bytes: top.bytes ?? null,
    })),
  }))
  return content.length > 0 ? { content } : undefined
}
