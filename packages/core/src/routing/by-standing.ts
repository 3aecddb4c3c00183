import type { Standing } from '../contract/target-health.js'

export interface Ranked<T> {
  readonly one: T
  readonly standing: Standing
  /** Next to nothing is left of what its provider takes. */
  readonly isFull: boolean
}

const STANDINGS = ['healthy', 'degraded', 'unreachable'] as const

/**
 * The healthy ones first, then the degraded, then the unreachable; in each group those that have room first, else in the
 * order they were in.
 */
export function byStanding<T>(
  ordered: readonly T[],
  standingOf: (one: T) => Standing,
  isFullAt: (one: T) => boolean = () => false,
): readonly Ranked<T>[] {
  const hasChoice = ordered.length > 1
  const ranked = ordered.map((one): Ranked<T> => ({
    one,
    standing: standingOf(one),
    isFull: hasChoice && isFullAt(one),
  }))
  if (ranked.every(({ standing, isFull }) => standing === 'healthy' && !isFull)) return ranked
  return STANDINGS.flatMap((wanted) => {
    const group = ranked.filter(({ standing }) => standing === wanted)
    return [...group.filter(({ isFull }) => !isFull), ...group.filter(({ isFull }) => isFull)]
  })
}
