import { LEARNED } from '../attempts/target-key.js'
import type { LearnedRate } from '../attempts/target-gate.js'
import type { LimitStatus } from '../contract/limit.js'

/** What was learned of providers' own limits, as counters beside those of the host's. */
export function learnedStatus(rates: readonly LearnedRate[]): readonly LimitStatus[] {
  return rates.flatMap(({ provider, model, key, stated, perSecond }): readonly LimitStatus[] => {
    const scope = [`${provider}/${model}`, ...(key === undefined ? [] : [key])]
    const counters = stated.map(({ what, used, max, windowMs }): LimitStatus => ({
      limit: LEARNED,
      scope,
      windowMs,
      used: { [what]: used },
      max: { [what]: max },
      learned: 'stated',
    }))
    if (perSecond === undefined) return counters
    const requests = Math.max(1, Math.round(perSecond * 60))
    return [
      ...counters,
      { limit: LEARNED, scope, windowMs: 60_000, used: {}, max: { requests }, learned: 'found' },
    ]
  })
}
