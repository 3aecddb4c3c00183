import type { Standing } from '../contract/target-health.js'

export interface Ranked<T> {
  readonly one: T
  readonly standing: Standing
}

const STANDINGS = ['healthy', 'degraded', 'unreachable'] as const

/** The healthy ones first, then the degraded, then the unreachable; each group in the order it was in. */
export function byStanding<T>(ordered: readonly T[], standingOf: (one: T) => Standing): readonly Ranked<T>[] {
  const ranked = ordered.map((one): Ranked<T> => ({ one, standing: standingOf(one) }))
  if (ranked.every(({ standing }) => standing === 'healthy')) return ranked
  return STANDINGS.flatMap((wanted) => ranked.filter(({ standing }) => standing === wanted))
}
