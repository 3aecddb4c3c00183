/** What a figure is held to. Timing is judged too, but only the long form fails for it: machines are noisy. */
export interface Gate {
  readonly what: string
  readonly ok: boolean
  readonly isTiming: boolean
  /** The figure and its bound, for people. */
  readonly figure: string
}

export const equals = (what: string, value: number, wanted: number): Gate => ({
  what,
  ok: value === wanted,
  isTiming: false,
  figure: `${value}, has to be ${wanted}`,
})

export const atMost = (what: string, value: number, most: number, unit = ''): Gate => ({
  what,
  ok: value <= most,
  isTiming: false,
  figure: `${round(value)}${unit}, at most ${round(most)}${unit}`,
})

export const atLeast = (what: string, value: number, least: number): Gate => ({
  what,
  ok: value >= least,
  isTiming: false,
  figure: `${value.toFixed(4)}, at least ${round(least)}`,
})

export const inTime = (what: string, value: number, most: number, unit: string): Gate => ({
  ...atMost(what, value, most, unit),
  isTiming: true,
})

export const round = (value: number): string =>
  Number.isInteger(value) ? String(value) : Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(0)

/** Prints every gate; gives whether all that count hold. */
export function judge(gates: readonly Gate[], timingCounts: boolean): boolean {
  for (const { what, ok, figure, isTiming } of gates) {
    const mark = ok ? 'ok        ' : 'FELL SHORT'
    const note = !ok && isTiming && !timingCounts ? ' (timing: does not fail this run)' : ''
    console.log(`  ${mark}  ${what}: ${figure}${note}`)
  }
  return gates.every(({ ok, isTiming }) => ok || (isTiming && !timingCounts))
}
