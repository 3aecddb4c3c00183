import type { LatencyQuantiles } from '../contract/target-health.js'
import { HEALTH_WINDOW_MS } from './health-window.js'

/** Streaming quantiles of durations in milliseconds, over the last half to whole window. 4 kB, whatever the load. */
export interface LatencyWindow {
  note(durationMs: number, nowMs: number): void
  /**
   * @param q 0 to 1
   * @returns the exact quantile (nearest rank) or up to 3 % more, never less: who waits for a p95 before asking another
   *   target must not do so a moment too early, every time. `undefined` when the window is empty.
   */
  quantile(q: number, nowMs: number): number | undefined
  quantiles(nowMs: number): LatencyQuantiles | null
  count(nowMs: number): number
}

/** Each bucket reaches 3 % further than the one before. */
const GROWTH = 1.03
const PER_BUCKET = 1 / Math.log(GROWTH)
/** From 1 ms, which stands for all that is shorter too, to an hour. */
const BUCKETS = 512

/**
 * Two histograms with buckets that grow by 3 %: the younger one fills, the elder one is dropped when the younger is half
 * a window old. Noting costs a logarithm and an increment.
 */
export function createLatencyWindow(windowMs: number = HEALTH_WINDOW_MS): LatencyWindow {
  const halfMs = windowMs / 2
  let younger = { buckets: new Uint32Array(BUCKETS), count: 0 }
  let elder = { buckets: new Uint32Array(BUCKETS), count: 0 }
  let youngerSince: number | undefined

  const turn = (nowMs: number): void => {
    youngerSince ??= nowMs
    const halves = Math.floor((nowMs - youngerSince) / halfMs)
    if (halves < 1) return
    youngerSince += halves * halfMs
    ;[younger, elder] = [elder, younger]
    clear(younger)
    if (halves > 1) clear(elder)
  }
  const count = (): number => younger.count + elder.count
  /** One walk for all; the quantiles in rising order. */
  const valuesAt = (...quantiles: readonly number[]): readonly number[] => {
    let at = -1
    let seen = 0
    return quantiles.map((q) => {
      const rank = Math.max(1, Math.ceil(q * count()))
      while (seen < rank) {
        at++
        seen += (younger.buckets[at] as number) + (elder.buckets[at] as number)
      }
      return valueOf(at)
    })
  }

  return {
    note(durationMs, nowMs) {
      if (!(durationMs >= 0)) return
      turn(nowMs)
      const at = bucketOf(durationMs)
      younger.buckets[at] = (younger.buckets[at] as number) + 1
      younger.count++
    },
    quantile(q, nowMs) {
      turn(nowMs)
      return count() === 0 ? undefined : valuesAt(q)[0]
    },
    quantiles(nowMs) {
      turn(nowMs)
      if (count() === 0) return null
      const [p50, p95] = valuesAt(0.5, 0.95) as [number, number]
      return { p50, p95, samples: count() }
    },
    count(nowMs) {
      turn(nowMs)
      return count()
    },
  }
}

function clear(histogram: { readonly buckets: Uint32Array; count: number }): void {
  histogram.buckets.fill(0)
  histogram.count = 0
}

function bucketOf(durationMs: number): number {
  if (durationMs <= 1) return 0
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(durationMs) * PER_BUCKET))
}

const valueOf = (at: number): number => GROWTH ** at
